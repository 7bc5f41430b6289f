"""Pictures for tests, made here: they have edges, gradients and fine texture, as photos do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[np.uint8]


def photo(width: int, height: int, *, seed: int = 1) -> Array:
    """height x width x 3: soft light, a few shapes with sharp edges, and some weave."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    light = 0.35 + 0.4 * x / max(width, 1) + 0.15 * y / max(height, 1)
    weave = 0.06 * np.sin(x * 1.3 + 0.4 * y) * np.sin(y * 1.1)
    picture = np.stack([light + weave, light * 0.85 + weave, 0.7 - 0.3 * light + weave], axis=2)
    for _ in range(6):
        cx, cy = rng.uniform(0, width), rng.uniform(0, height)
        radius = rng.uniform(0.08, 0.25) * min(width, height)
        inside = ((x - cx) ** 2 + (y - cy) ** 2 < radius**2)[..., None]
        picture = np.where(inside, rng.uniform(0.05, 0.95, 3), picture)
    return np.asarray(np.clip(picture * 255, 0, 255).round(), np.uint8)


def save(array: Array, path: Path, **options: Any) -> Path:
    """Write a picture with Pillow, which shares no code with what is tested."""
    defaults: dict[str, Any] = {"quality": 95} if path.suffix in (".jpg", ".webp") else {}
    Image.fromarray(array).save(path, **{**defaults, **options})
    return path


def load(path: Path) -> Array:
    """A picture's pixels, read with Pillow."""
    with Image.open(path) as image:
        return np.asarray(image)


def psnr(first: NDArray[Any], second: NDArray[Any], *, full: float = 255.0) -> float:
    """Peak signal-to-noise ratio in decibels; 200 for equal pictures."""
    difference = float(np.mean((first.astype(np.float64) - second.astype(np.float64)) ** 2))
    return 200.0 if difference == 0 else 10 * float(np.log10(full**2 / difference))


def shrink(array: Array, factor: int) -> Array:
    """A picture reduced by a whole factor, by averaging."""
    height, width = array.shape[0] // factor, array.shape[1] // factor
    blocks = array[: height * factor, : width * factor].reshape(height, factor, width, factor, *array.shape[2:])
    return np.asarray(blocks.mean(axis=(1, 3)).round(), np.uint8)
