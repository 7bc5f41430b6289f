"""Textures: type and drawings by Pillow, and noise, wood and cloth by NumPy."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from .path_tracer import Array, Random, mix, smooth


def texel(image: Array, u: Array, v: Array) -> Array:
    """The elements of a repeating texture at (u, v), both counted in textures."""
    rows, columns = image.shape[:2]
    return image[(v * rows).astype(np.intp) % rows, (u * columns).astype(np.intp) % columns]


def cloud(rng: Random, size: int, slope: float, stretch: float = 1) -> Array:
    """Repeating noise of unit variance with a 1/f**slope spectrum, drawn out ``stretch`` times along x."""
    f = np.fft.fftfreq(size, 1 / size)
    radius = np.hypot(f[None, :] * stretch, f[:, None])
    radius[0, 0] = np.inf
    noise = np.fft.ifft2(np.fft.fft2(rng.standard_normal((size, size))) / radius**slope).real
    return (noise / noise.std()).astype(np.float32)


class Print:
    """A mask to draw and to set type on; as a texture, 1 is full ink."""

    def __init__(self, width: int, height: int, fill: int = 0) -> None:
        self.image = Image.new("L", (width, height), fill)
        self.draw = ImageDraw.Draw(self.image)

    def text(
        self,
        text: str,
        x: float,
        y: float,
        size: float,
        *,
        tracking: float = 0.08,
        weight: int = 1,
        ink: int = 255,
    ) -> None:
        """Set a line around (x, y), with ``tracking`` ems between the letters."""
        font = ImageFont.load_default(size)
        x -= (font.getlength(text) + tracking * size * (len(text) - 1)) / 2
        for letter in text:
            self.draw.text((x, y), letter, ink, font, anchor="lm", stroke_width=weight)
            x += font.getlength(letter) + tracking * size

    def texture(self, blur: float = 0, shift: tuple[int, int] = (0, 0)) -> Array:
        """The ink on each texel, perhaps out of focus and moved by some pixels."""
        moved = Image.new("L", self.image.size)
        moved.paste(self.image, shift)
        return np.asarray(moved.filter(ImageFilter.GaussianBlur(blur)), np.float32) / 255


def timber(rng: Random, light: ArrayLike, dark: ArrayLike, rings: float, size: int = 1024) -> Array:
    """Wood with its grain along x: bent year rings, fibres and pores."""
    across = np.arange(size, dtype=np.float32)[:, None] / size
    ring = np.abs((across * 2 + cloud(rng, size, 2.2, 5) * 0.22) * rings % 1 - 0.35) * 1.1
    pores = smooth(1.3, 2.2, cloud(rng, size, 0.5, 16))
    shade = 0.75 - ring + cloud(rng, size, 0.9, 24) * 0.13 + cloud(rng, size, 1.6, 4) * 0.1 - pores * 0.35
    return mix(dark, light, np.clip(shade, 0, 1))


def weave(rng: Random, threads: int, size: int) -> Array:
    """A repeating plain weave. Channels: slope along x and y, brightness, and 1 where the warp is on top."""
    y, x = np.mgrid[:size, :size].astype(np.float32) * (threads / size)
    x, y = x + cloud(rng, size, 1.3) * 0.09, y + cloud(rng, size, 1.3) * 0.09
    a, b = x % 1 - 0.5, y % 1 - 0.5
    over = np.where((np.floor(x) + np.floor(y)) % 2 == 0, 0.4, -0.4)
    thick = 0.9 + 0.1 * cloud(rng, size, 1.2)
    warp = 0.6 * np.sqrt(np.maximum(0, 1 - (2 * a / thick) ** 2)) + over * np.cos(math.pi * b)
    weft = 0.6 * np.sqrt(np.maximum(0, 1 - (2 * b / thick) ** 2)) - over * np.cos(math.pi * a)
    height, top = np.maximum(warp, weft), warp > weft
    column, row = np.floor(x).astype(int) % threads, np.floor(y).astype(int) % threads
    tone = rng.normal(1, 0.09, (2, threads))
    twist = np.sin(math.tau * np.where(top, 3.3 * b + 2 * a, 3.3 * a + 2 * b))
    shade = np.where(top, tone[0][column], tone[1][row]) * (0.24 + 0.76 * smooth(-0.15, 0.8, height))
    shade *= 1 + 0.07 * twist + 0.06 * cloud(rng, size, 0.6)
    slopes = [(np.roll(height, -2, k) - np.roll(height, 2, k)) * (size / threads / 4) for k in (1, 0)]
    return np.stack([*slopes, shade, top], -1).astype(np.float32)
