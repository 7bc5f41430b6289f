"""Is a finished file really the enlarged picture that was promised?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyvips
from numpy.typing import NDArray

from enlarger.engines.formats import SNIFF_BYTES, Format, sniff
from enlarger.errors import BadOutput, PictureError

_GRID = 8
"""Cells a side, of at least 8 source pixels each."""
_FARTHEST = 0.15
"""The mean difference of two likenesses, 0 to 1. Real-ESRGAN on photos stays below 0.02; a black result of an
ordinary photo is at 0.3 to 0.5, half a picture at 0.2."""


def verify(path: Path, format: Format, width: int, height: int, *, like: pyvips.Image) -> None:
    """Read the file back: its type, its size, that it decodes to its end, and that it looks like its source.

    Raises BadOutput, which says what is wrong.
    """
    try:
        with path.open("rb") as file:
            found = sniff(file.read(SNIFF_BYTES))
        image = pyvips.Image.new_from_file(str(path), access="sequential", fail_on="error")
        if found is not format or (image.width, image.height) != (width, height):
            raise BadOutput(
                f"The result is a {found.name} of {image.width}x{image.height} pixels;"
                f" a {format.name} of {width}x{height} was promised."
            )
        columns, rows = (min(_GRID, max(1, side // _GRID)) for side in (like.width, like.height))
        difference = float(np.abs(_likeness(image, columns, rows) - _likeness(like, columns, rows)).mean())
    except (OSError, PictureError, pyvips.Error) as error:
        raise BadOutput(f"The result cannot be read back: {error}.") from error
    if not difference <= _FARTHEST:
        raise BadOutput(
            f"The result does not look like its source (mean difference {difference:.2f}): it is not handed out."
        )


def _likeness(image: pyvips.Image, columns: int, rows: int) -> NDArray[np.float64]:
    """The picture's brightness on a grid of cells, 0 to 1; where it is transparent, as on white paper."""
    full = 65_535 if image.format == "ushort" else 255
    if image.hasalpha():
        image = image.flatten(background=[full], max_alpha=full)
    grey = image.bandmean() if image.bands > 1 else image
    cells = grey.resize(columns / image.width, vscale=rows / image.height, kernel="linear")
    return np.asarray(cells.numpy(), np.float64) / full
