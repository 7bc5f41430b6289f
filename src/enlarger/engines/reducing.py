"""Reducing what a network has enlarged: it knows one scale, and smaller ones are made from that."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from enlarger.engines.networks import Pixels

LOBES = 3


def lanczos(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """A windowed sinc of three lobes, at these distances from its middle; 0 beyond them."""
    return np.where(np.abs(distance) < LOBES, np.sinc(distance) * np.sinc(distance / LOBES), 0)


def lanczos_taps(factor: int) -> NDArray[np.float32]:
    """The Lanczos filter that reduces a line of pixels by `factor`, summing to 1."""
    length = 2 * LOBES * factor - factor % 2  # an odd number of pixels has a middle one
    taps = lanczos((np.arange(length) - (length - 1) / 2) / factor)
    return np.asarray(taps / taps.sum(), np.float32)


def reduce(pixels: Pixels, factor: int) -> Pixels:
    """A picture of height x width x 3, both multiples of `factor`, divided by it with a Lanczos filter."""
    return _reduce_rows(_reduce_rows(pixels, factor).swapaxes(0, 1), factor).swapaxes(0, 1)


def _reduce_rows(pixels: Pixels, factor: int) -> Pixels:
    taps = lanczos_taps(factor)
    before = (len(taps) - factor) // 2
    rows = pixels.shape[0] // factor
    padded = np.pad(pixels, ((before, before), (0, 0), (0, 0)), mode="edge")
    reduced = np.zeros((rows, *pixels.shape[1:]), np.float32)
    part = np.empty_like(reduced)
    for offset, tap in enumerate(taps):
        np.multiply(padded[offset : offset + rows * factor : factor][:rows], tap, out=part)
        reduced += part
    return reduced
