"""Pictures of an object in front of something, whose outline is known."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tests.pictures import Array

Plane = NDArray[np.float64]
"""Height x width, 0 to 1."""

_FINE = 4
"""How much larger an outline is drawn, so that its edges are soft when it is reduced."""


def outline(width: int, height: int, *, hairs: int = 0, seed: int = 1) -> Plane:
    """How much of each pixel an object in the middle covers: a disc, from which thin lines stick out."""
    rng = np.random.default_rng(seed)
    drawing = Image.new("L", (width * _FINE, height * _FINE))
    draw = ImageDraw.Draw(drawing)
    x, y, radius = width * _FINE / 2, height * _FINE / 2, min(width, height) * _FINE * 0.3
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    for angle in rng.uniform(0, 2 * np.pi, hairs):
        bent, length = angle + rng.uniform(-0.3, 0.3), rng.uniform(0.1, 0.25)
        begin = x + 0.95 * radius * np.cos(angle), y + 0.95 * radius * np.sin(angle)
        end = begin[0] + length * radius * np.cos(bent), begin[1] + length * radius * np.sin(bent)
        draw.line((*begin, *end), fill=255, width=round(2.5 * _FINE))
    return np.asarray(drawing.resize((width, height), Image.Resampling.BOX), np.float64) / 255


def in_front(covered: Plane, *, seed: int = 1) -> Array:
    """A picture with a warm object that covers so much of each pixel, and soft texture in front and behind."""
    rng = np.random.default_rng(seed)
    height, width = covered.shape
    rough = rng.normal(size=(height // 12 + 2, width // 12 + 2)).clip(-2, 2) * 24 + 128
    smooth = Image.fromarray(rough.astype(np.uint8)).resize((width, height), Image.Resampling.BICUBIC)
    texture = (np.asarray(smooth, np.float64)[..., None] - 128) / 255
    behind = np.array((0.30, 0.45, 0.35)) + 0.6 * texture
    front = np.array((0.80, 0.45, 0.25)) + 0.5 * texture[::-1, ::-1]
    mixed = covered[..., None] * front + (1 - covered[..., None]) * behind
    return np.asarray((mixed.clip(0, 1) * 255).round(), np.uint8)


def overlap(found: NDArray[Any], covered: Plane) -> float:
    """The intersection over the union of two masks from 0 to 1."""
    one, other = found > 0.5, covered > 0.5
    return float((one & other).sum() / (one | other).sum())
