"""What a camera makes of light: denoising, a soft lens, grain, a tone curve and sharpening."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .path_tracer import Array, Random, vec

EXPOSURE = vec(1.06, 1.09, 1.15)  # With a white balance that leaves the light a little warm.


def blur(picture: Array, radius: float) -> Array:
    """A Gaussian blur; the border is held."""
    reach = math.ceil(3 * radius)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / radius) ** 2)
    for _ in range(2):
        padded = np.pad(picture, ((reach, reach), (0, 0), (0, 0)), mode="edge")
        picture = sum(w * padded[k : k + len(picture)] for k, w in enumerate(kernel / kernel.sum()))
        picture = picture.swapaxes(0, 1)
    return picture


def denoise(light: Array) -> Array:
    """Average each pixel with those neighbours that look like it, as phones do."""
    guide = blur(light.mean(-1, keepdims=True), 0.8)
    total, weights = np.zeros_like(light), np.zeros_like(guide)
    for dy, dx in np.ndindex(5, 5):
        shift = (dy - 2, dx - 2)
        weight = np.exp(-(((np.roll(guide, shift, (0, 1)) - guide) / (0.1 * guide + 0.003)) ** 2))
        total += weight * np.roll(light, shift, (0, 1))
        weights += weight
    return total / weights


def develop(light: Array, shrink: int, rng: Random) -> NDArray[np.uint8]:
    """The picture in sRGB, at ``1 / shrink`` of the size at which its light was traced."""
    rows, columns = light.shape[:2]
    light = denoise(light)
    light = 0.965 * blur(light, 0.55) + 0.035 * blur(light, columns / 55)
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    light *= 1 - 0.16 * (x * x + 0.6 * y * y)[..., None]
    light = light.reshape(rows // shrink, shrink, columns // shrink, shrink, 3).mean((1, 3)) * EXPOSURE
    grain = rng.normal(0, 0.35, light.shape) + blur(rng.normal(0, 1.1, light.shape), 0.8)
    light = np.maximum(light + 0.0045 * grain * np.sqrt(light + 0.002), 1e-4)
    light = 0.86 * light + 0.14 * light.mean(-1, keepdims=True)
    coded = 1.06 / (1 + (0.205 / light) ** 1.2)  # An S-curve over the exposure, straight to display values.
    coded += 0.35 * (coded - blur(coded, 0.9))
    return (coded * 255 + rng.random(coded.shape)).clip(0, 255).astype(np.uint8)
