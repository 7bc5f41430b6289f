"""Brings a coarse mask to a picture's size, along the picture's own edges, and takes the background out of them.

A mask is refined by a guided filter (He, Sun and Tang 2010): near every pixel it is made a linear function of the
picture's colours, so that its edges are the picture's. Near an edge a pixel's colour is a mixture; the foreground's
part is estimated from blurred colours of foreground and background (Forte and Pitié 2021).

Both are found in a reduced picture, as in the fast guided filter (He and Sun 2015), and applied to the whole one as a
stream, so the memory needed does not grow with the picture.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyvips
from numpy.typing import NDArray

from enlarger.engines.networks import Pixels

Plane = NDArray[np.float32]
"""Height x width, 0 to 1."""

_WORKING_SIDE = 640
"""Pixels on the longest side of the reduced picture."""
_RADIUS = 16
"""Reduced pixels: how far the colours around a pixel count."""
_SMOOTHNESS = 1e-4
"""Added to the colours' variance: smaller differences of colours are no edges."""
_REACH = 12
"""Reduced pixels: how far an edge of the mask may move."""
_CONTRAST = 2.0
"""By how much the refined mask is steeper: texture leaves it neither quite 0 nor quite 1 where it should be."""
_PAIRS = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
_TINY = 1e-5


def reduced(image: pyvips.Image) -> pyvips.Image:
    """A picture in the size in which its edges are looked for; it is read now, and not again."""
    scale = min(1.0, _WORKING_SIDE / max(image.width, image.height))
    return _resized(image, *(max(1, round(side * scale)) for side in (image.width, image.height))).copy_memory()


def separate(colours: pyvips.Image, small: pyvips.Image, mask: Plane) -> pyvips.Image:
    """The foreground of RGB `colours` with its alpha, all from 0 to 1, made as it is read.

    `small` are the same colours as `reduced` gives them; `mask` says where the foreground is, in any size. Where
    nothing is visible the colours are arbitrary.
    """
    width, height = small.width, small.height
    guide: Pixels = small.numpy().reshape(height, width, 3)
    coarse: Plane = np.clip(_resized(_image(mask), width, height).numpy().reshape(height, width), 0, 1)

    function = _blurred(_linear_function(guide, coarse))
    # Where one colour is on both sides the function cannot tell them apart: it stays within what the mask has near by.
    lowest, highest = _extremes(coarse)
    alpha = np.clip(_steeper((guide * function[..., :3]).sum(axis=2) + function[..., 3]), lowest, highest)
    front, behind = _blurred_within(guide, alpha), _blurred_within(guide, 1 - alpha)

    parts = _resized(_image(np.dstack([function, lowest, highest, front, behind])), colours.width, colours.height)
    function_there, lowest_there, highest_there = parts[:4], parts[4], parts[5]
    front_there, behind_there = parts[6:9], parts[9:12]
    refined = _steeper((colours * function_there[:3]).bandmean() * 3 + function_there[3])
    visible = refined.maxpair(lowest_there).minpair(highest_there)
    expected = front_there * visible + behind_there * (1 - visible)
    foreground = front_there + (colours - expected) * visible
    return foreground.maxpair(0).minpair(1).bandjoin(visible)


def _linear_function(guide: Pixels, mask: Plane) -> Pixels:
    """Around each pixel: what the colours have to be multiplied by, and what is to be added, to get the mask."""
    colour, level = _blurred(guide), _blurred(mask)
    together = _blurred(guide * mask[..., None]) - colour * level[..., None]
    products = _blurred(np.stack([guide[..., one] * guide[..., other] for one, other in _PAIRS], axis=2))
    covariance = np.empty((*mask.shape, 3, 3), np.float32)
    for number, (one, other) in enumerate(_PAIRS):
        varies = products[..., number] - colour[..., one] * colour[..., other]
        covariance[..., one, other] = covariance[..., other, one] = varies
    covariance += _SMOOTHNESS * np.eye(3, dtype=np.float32)
    slopes = np.linalg.solve(covariance, together[..., None])[..., 0]
    return np.dstack([slopes, level - (slopes * colour).sum(axis=2)])


def _steeper(mask: Any) -> Any:
    return (mask - 0.5) * _CONTRAST + 0.5


def _blurred_within(colours: Pixels, weights: Plane) -> Pixels:
    """The mean colour around each pixel, of those that have weight."""
    total = _blurred(weights)[..., None]
    return _blurred(colours * weights[..., None]) / (total + _TINY)


def _blurred(values: Pixels) -> Pixels:
    """The mean of the square around each pixel; beyond the picture's sides its last pixels are repeated."""
    for axis in (0, 1):
        length, width = values.shape[axis], 2 * _RADIUS + 1
        sums = np.cumsum(_extended(values, axis, _RADIUS + 1, _RADIUS), axis=axis, dtype=np.float64)
        first, last = (np.take(sums, range(start, start + length), axis=axis) for start in (0, width))
        values = ((last - first) / width).astype(np.float32)
    return values


def _extremes(mask: Plane) -> tuple[Plane, Plane]:
    """The least and the greatest value in the square around each pixel."""
    lowest = highest = mask
    for axis in (0, 1):
        windows = (
            np.lib.stride_tricks.sliding_window_view(_extended(one, axis, _REACH, _REACH), 2 * _REACH + 1, axis=axis)
            for one in (lowest, highest)
        )
        lowest, highest = next(windows).min(axis=-1), next(windows).max(axis=-1)
    return lowest, highest


def _extended(values: Pixels, axis: int, before: int, after: int) -> Pixels:
    return np.pad(values, [(before, after) if one == axis else (0, 0) for one in range(values.ndim)], mode="edge")


def _image(values: Pixels) -> pyvips.Image:
    return pyvips.Image.new_from_array(np.ascontiguousarray(values, np.float32))


def _resized(image: pyvips.Image, width: int, height: int) -> pyvips.Image:
    kernel = "lanczos3" if width < image.width or height < image.height else "linear"
    return image.resize(width / image.width, vscale=height / image.height, kernel=kernel)
