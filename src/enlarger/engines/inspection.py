"""What a picture looks like before it is enlarged: how it was compressed, its blocks, its noise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from enlarger.engines.formats import JPEG
from enlarger.engines.jpeg_quality import jpeg_quality
from enlarger.engines.pictures import Picture

Plane = NDArray[np.float32]
"""Height x width; brightness from 0 to 255, or the difference of two colours."""
Colours = NDArray[np.float32]
"""Height x width x 3, RGB from 0 to 255."""

_WINDOW = 2048
"""Pixels a side of what is looked at, in the middle of the picture."""
_BLOCK = 8
"""Pixels a side of JPEG's blocks."""
_EDGE = 8.0
"""Beyond this step a pixel is an edge of the picture's own, and not of a block."""
_PATCH = 16
_FEWEST = 4
"""Patches a side."""
_QUIETEST = 0.1
"""The share of patches in which noise is looked for: in the others the picture itself is busy."""
_BRIGHTNESS = (0.299, 0.587, 0.114)
"""The shares of red, green and blue, as in JPEG (ITU-R BT.601)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What is known of a picture."""

    jpeg_quality: int | None
    """1 to 100; None if the file is no JPEG."""
    blockiness: float
    """How much larger the steps on JPEG's grid are than those beside it: 0 without blocks."""
    colour_noise: float
    """The standard deviation of each colour's own noise where the picture is quietest, in 8-bit values.

    Film grain, which all colours share, is not in it, and neither is fine texture."""


def inspect(path: Path, picture: Picture) -> Findings:
    """Look at a picture, and at the file that it was read from."""
    quality = None
    if picture.format is JPEG:
        with path.open("rb") as file:
            quality = jpeg_quality(file)
    colours = _window(picture)
    grey = np.rint(colours @ np.array(_BRIGHTNESS, np.float32))
    return Findings(jpeg_quality=quality, blockiness=blockiness(grey), colour_noise=colour_noise(colours))


def blockiness(grey: Plane) -> float:
    """How much larger steps are on a grid of 8 pixels, wherever it begins, than beside it."""
    return (_grid(grey) + _grid(grey.T)) / 2


def colour_noise(colours: Colours) -> float:
    """The smaller standard deviation of red's and blue's noise against green's, which has as much of its own."""
    red, green, blue = np.moveaxis(colours, 2, 0)
    return min(_noise(red - green), _noise(blue - green)) / math.sqrt(2)


def _noise(values: Plane) -> float:
    """The noise's standard deviation, by the method of Immerkær (1996), in the quietest patches."""
    if min(values.shape) < _FEWEST * _PATCH:
        return 0.0  # too little to tell noise from the picture
    rows = values[:-2] - 2 * values[1:-1] + values[2:]
    laplacian = np.abs(rows[:, :-2] - 2 * rows[:, 1:-1] + rows[:, 2:])
    height, width = (side // _PATCH * _PATCH for side in laplacian.shape)
    patches = laplacian[:height, :width].reshape(height // _PATCH, _PATCH, width // _PATCH, _PATCH).mean(axis=(1, 3))
    return float(np.quantile(patches, _QUIETEST)) * math.sqrt(math.pi / 2) / 6


def _grid(grey: Plane) -> float:
    """The excess of steps between columns of the grid, in shares of the usual step."""
    if grey.shape[1] < 4 * _BLOCK:
        return 0.0
    steps = np.diff(grey, axis=1)
    excess = np.abs(steps[:, 1:-1] - (steps[:, :-2] + steps[:, 2:]) / 2)
    columns = np.minimum(excess, _EDGE).mean(axis=0)
    phases = np.array([columns[phase::_BLOCK].mean() for phase in range(_BLOCK)])
    usual = np.median(phases)
    return float(phases.max() / usual - 1) if usual else 0.0


def _window(picture: Picture) -> Colours:
    width, height = min(picture.width, _WINDOW), min(picture.height, _WINDOW)
    window = picture.pixels.crop((picture.width - width) // 2, (picture.height - height) // 2, width, height)
    colours: Colours = window.numpy()[..., :3].astype(np.float32)
    if picture.depth == 16:
        colours /= 257
    return colours
