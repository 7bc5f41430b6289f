"""Bringing pictures to an exact size with a Lanczos filter of three lobes.

Reducing is libvips' work, as a stream. It enlarges with a bicubic filter at best, so enlarging is done here, a strip of
rows after the other, into a raw file on disk. Colours are weighted with their alpha, or what is under transparent
pixels would bleed into those beside them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyvips
from numpy.typing import NDArray

from enlarger.engines.networks import Pixels, Samples
from enlarger.engines.reducing import LOBES, lanczos

_Depth = np.dtype[np.uint8] | np.dtype[np.uint16]

_STRIP_SAMPLES = 4 << 20
"""Samples of the result that are in memory at once, as floats."""
_LEAST_ALPHA = 1e-6


def reduced(image: pyvips.Image, width: int, height: int) -> pyvips.Image:
    """The picture in a size that is no larger, made as it is read."""
    if (image.width, image.height) == (width, height):
        return image
    across, down = width / image.width, height / image.height

    def resize(part: pyvips.Image) -> pyvips.Image:
        return part.resize(across, vscale=down, kernel="lanczos3")

    if image.bands != 4:
        return resize(image)
    full = _full(image)
    straight = resize(image.cast("float"))
    weighted = resize(image.premultiply(max_alpha=full)).unpremultiply(max_alpha=full)
    # Where nothing is visible there is no weight, and hidden colours are the straight ones.
    return (straight[3] >= 0.5).ifthenelse(weighted, straight).rint().cast(image.format)


def enlarged(
    image: pyvips.Image, width: int, height: int, raw: Path, on_share: Callable[[float], None] = lambda _: None
) -> pyvips.Image:
    """The picture in a size that is no smaller, through the file `raw`; `on_share` is told how much is done, 0 to 1."""
    if (image.width, image.height) == (width, height):
        return image
    columns, column_taps = _taps(image.width, width)
    rows, row_taps = _taps(image.height, height)
    dtype: _Depth = np.dtype(np.uint16) if image.format == "ushort" else np.dtype(np.uint8)
    strip = max(1, _STRIP_SAMPLES // (width * image.bands))
    with raw.open("wb") as file:
        for top in range(0, height, strip):
            part = slice(top, min(height, top + strip))
            first, last = int(rows[part].min()), int(rows[part].max()) + 1
            source = _weighted(image.crop(0, first, image.width, last - first).numpy())
            across = _filter(source.swapaxes(0, 1), columns, column_taps).swapaxes(0, 1)
            _unweighted(_filter(across, rows[part] - first, row_taps[part]), dtype).tofile(file)
            on_share(part.stop / height)
    return pyvips.Image.rawload(str(raw), width, height, image.bands, format=image.format)


def mixed(detail: pyvips.Image, plain: pyvips.Image, share: float) -> pyvips.Image:
    """Two pictures of the same size as one, made as it is read: `share` of `detail`, and the rest of `plain`."""
    return (detail * share + plain * (1 - share)).rint().cast(detail.format)


def _full(image: pyvips.Image) -> int:
    return 65_535 if image.format == "ushort" else 255


def _taps(length: int, wanted: int) -> tuple[NDArray[np.int64], Pixels]:
    """For each of the `wanted` places along a line of `length` pixels: the pixels that it is made of, and their shares.

    Beyond the line's ends its last pixels are repeated.
    """
    centre = (np.arange(wanted) + 0.5) * (length / wanted) - 0.5
    places = np.floor(centre).astype(np.int64)[:, None] + np.arange(1 - LOBES, LOBES + 1)
    shares = lanczos(places - centre[:, None])
    shares /= shares.sum(axis=1, keepdims=True)
    return np.clip(places, 0, length - 1), shares.astype(np.float32)


def _filter(lines: Pixels, places: NDArray[np.int64], shares: Pixels) -> Pixels:
    """Filter along the first axis."""
    result = np.zeros((len(places), *lines.shape[1:]), np.float32)
    for tap in range(places.shape[1]):
        result += lines[places[:, tap]] * shares[:, tap, None, None]
    return result


def _weighted(samples: Samples) -> Pixels:
    """The samples as floats; those of RGBA as colours times alpha, alpha, and the colours themselves."""
    values = samples.astype(np.float32)
    if values.shape[2] != 4:
        return values
    alpha = values[..., 3:] / np.iinfo(samples.dtype).max
    return np.concatenate([values[..., :3] * alpha, values[..., 3:], values[..., :3]], axis=2)


def _unweighted(values: Pixels, dtype: _Depth) -> Samples:
    full = np.iinfo(dtype).max
    if values.shape[2] > 4:
        alpha = values[..., 3:4]
        colour = np.where(alpha >= 0.5, values[..., :3] * full / np.maximum(alpha, _LEAST_ALPHA), values[..., 4:])
        values = np.concatenate([colour, alpha], axis=2)
    samples: Samples = np.clip(np.rint(values), 0, full).astype(dtype)
    return samples
