"""Is a file that a provider has made a whole picture?"""

from __future__ import annotations

from pathlib import Path

import pyvips

from enlarger.engines.formats import SNIFF_BYTES, sniff
from enlarger.errors import BadOutput, PictureError, PictureTooLarge


def check_picture(path: Path, *, max_pixels: int) -> tuple[int, int]:
    """Read a picture to its end; returns its width and height in pixels.

    Raises BadOutput for one that is empty, broken, cut off, or entirely black; PictureTooLarge, by its header alone,
    for one of more than `max_pixels`.
    """
    try:
        with path.open("rb") as file:
            sniff(file.read(SNIFF_BYTES))
        image = pyvips.Image.new_from_file(str(path), access="sequential", fail_on="error")
        if image.width * image.height > max_pixels:
            raise PictureTooLarge(
                f"The result is {image.width}x{image.height} pixels, and {max_pixels / 1e6:g} megapixels are taken"
                " (ENLARGER_MAX_RESULT_MEGAPIXELS)."
            )
        colours = image.extract_band(0, n=image.bands - 1) if image.hasalpha() else image
        brightest = colours.max()
    except PictureTooLarge:
        raise
    except (OSError, PictureError, pyvips.Error) as error:
        raise BadOutput(f"The result cannot be read: {error}.") from error
    if not brightest:
        raise BadOutput("The result is entirely black: it is not handed out.")
    return image.width, image.height
