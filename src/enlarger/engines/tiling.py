"""Cutting a picture into tiles that overlap, and putting their enlargements together without seams.

Beside a cut a network misses what lies beyond it, so tiles overlap by twice the network's context, and in the middle
of the overlap one tile is blended into the next. Along one side of a picture:

    tile 1   [=========|======>
    tile 2             <======|=========]        <...> is the feather: 2 goes from 0 to 1 while 1 still shows
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from enlarger.engines.networks import Samples
from enlarger.engines.spec import NetworkSpec
from enlarger.errors import EngineOutOfMemory

_MIB = 1 << 20
_SMALLEST_CORE = 32
"""A tile that yields fewer than this many pixels a side beyond its context is not worth running."""


@dataclass(frozen=True, slots=True)
class Span:
    """One tile's share of a side, in input pixels."""

    start: int
    stop: int
    keep_start: int
    """From here on its output is used; before it only the neighbour's is."""
    keep_stop: int
    feather: int
    """Pixels from `keep_start` on over which it is blended into the neighbour; 0 at the picture's border."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A rectangle of the picture that is enlarged at once."""

    x: Span
    y: Span

    @property
    def area(self) -> int:
        """Its input pixels."""
        return (self.x.stop - self.x.start) * (self.y.stop - self.y.start)


def smallest_tile(spec: NetworkSpec) -> int:
    """The side of the smallest tile that is worth running."""
    return 2 * spec.context + _SMALLEST_CORE


def useful_share(spec: NetworkSpec, memory: int) -> float:
    """How much of the largest tile that fits into `memory` bytes is used; the rest is context. 0 if none fits."""
    try:
        side = tile_side(spec, memory)
    except EngineOutOfMemory:
        return 0.0
    return ((side - 2 * spec.context) / side) ** 2


def tile_side(spec: NetworkSpec, memory: int, *, held: int = 0) -> int:
    """The side of the largest square tile that fits into `memory` bytes, of which `held` are in use for other things.

    Raises EngineOutOfMemory, with the amount that would do, when even the smallest sensible tile does not fit.
    """
    smallest = spec.memory(smallest_tile(spec))
    if memory - held < smallest:
        needed = math.ceil((smallest + held) / _MIB)
        raise EngineOutOfMemory(
            f"The engine needs {needed} MiB of memory for {spec.name} and this picture, and may use {memory // _MIB}:"
            f" set ENLARGER_ENGINE_MEMORY to {needed} or more, and free as much on this machine."
        )
    whole = math.isqrt((memory - held - spec.base_bytes) // spec.bytes_per_pixel)
    return min(spec.tile_limit, whole - 2 * spec.margin)


def tiles(width: int, height: int, side: int, spec: NetworkSpec) -> list[Tile]:
    """The tiles of a picture, row by row from its top left, each of at most `side` pixels a side."""
    columns = list(_spans(width, side, spec))
    return [Tile(x, y) for y in _spans(height, side, spec) for x in columns]


def _spans(length: int, side: int, spec: NetworkSpec) -> Iterator[Span]:
    """Spans of about equal length, so that no tile is a sliver; the last one ends where the picture does.

    Each starts at a multiple of `spec.multiple`: a network with strides sees the same pixels together in every tile.
    """
    overlap = 2 * spec.context
    side -= side % spec.multiple
    count = 1 if length <= side else math.ceil((length - overlap) / (side - overlap))
    size = min(length, _round_up(math.ceil((length - overlap) / count) + overlap, spec.multiple))
    margin = spec.context - spec.feather // 2
    for index in range(count):
        first, last = index == 0, index == count - 1
        start = _round_up(length - size, spec.multiple) if last else index * (size - overlap)
        stop = length if last else start + size
        yield Span(
            start=start,
            stop=stop,
            keep_start=start if first else start + margin,
            keep_stop=stop if last else stop - margin,
            feather=0 if first else spec.feather,
        )


def _round_up(number: int, multiple: int) -> int:
    return number + -number % multiple


def blend(canvas: Samples, tile: Tile, pixels: Samples, scale: int) -> None:
    """Put a tile's enlargement, `pixels`, onto the `canvas`, over the tiles left of it and above it.

    `canvas` holds the tile's rows of the enlarged picture, whole: its first row is row `tile.y.start * scale`.
    """
    x, y = tile.x, tile.y
    rows = slice((y.keep_start - y.start) * scale, (y.keep_stop - y.start) * scale)
    new = pixels[rows, (x.keep_start - x.start) * scale : (x.keep_stop - x.start) * scale]
    old = canvas[rows, x.keep_start * scale : x.keep_stop * scale]
    across, down = _ramp(x.feather * scale, new.shape[1]), _ramp(y.feather * scale, new.shape[0])
    left, top = x.feather * scale, y.feather * scale
    _mix(old[:top], new[:top], down[:top, None] * across[None, :])
    _mix(old[top:, :left], new[top:, :left], np.broadcast_to(across[None, :left], (new.shape[0] - top, left)))
    old[top:, left:] = new[top:, left:]


def _ramp(feather: int, length: int) -> NDArray[np.float32]:
    weights = np.ones(length, np.float32)
    weights[:feather] = (np.arange(feather, dtype=np.float32) + 0.5) / max(feather, 1)
    return weights


def _mix(old: Samples, new: Samples, weight: NDArray[np.float32]) -> None:
    if old.size:
        share = weight[..., None]
        old[...] = np.rint(old * (1 - share) + new * share).astype(old.dtype)
