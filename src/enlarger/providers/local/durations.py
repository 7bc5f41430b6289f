"""How long orders take on this machine, from earlier orders, or else from measurements of the engines."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from enlarger.catalog import HEADER_BYTES, measure
from enlarger.engines.messages import AnyOrder, CutOut, Order, Outcome
from enlarger.engines.spec import NetworkSpec
from enlarger.engines.weights.files import WeightsFolders

_MEGAPIXEL = 1_000_000
_UNMEASURED = 200.0
"""Seconds per megapixel of input for a network that was not measured here, as the slowest one takes on two cores."""
_WITHOUT_NETWORK = 1.0
"""Seconds per megapixel: of the source to cut out a foreground, of the result to enlarge by Lanczos."""
_KEEPS = 0.8
"""The weight of all earlier orders, relative to the latest one's of 1, by which they decay."""

_Size = tuple[int, int]
"""Width and height in pixels."""
_Kind = tuple[str, str | None, str | None, bool, int]
"""What the time per pixel depends on: network, engine, precision, whether noise is removed first, and how many networks
are run one after the other to reach the size."""


_HEIF_SIZE = re.compile(rb"ispe\0{4}(.{4})(.{4})", re.DOTALL)
"""HEIF's box with an image's size. A file has several images: tiles, a preview, and the whole picture."""


class _Sums(msgspec.Struct):
    seconds: float = 0.0
    pixels: float = 0.0


class Durations:
    """How many seconds orders take, by their kind and the size of their picture."""

    def __init__(self, cache: Path, weights: WeightsFolders, *, engine: str | None, memory: int) -> None:
        """`engine` is the backend for orders that name none; `memory` is the limit in bytes."""
        self._cache = cache
        self._weights = weights
        self._engine = engine
        self._memory = memory
        self._learned: dict[_Kind, _Sums] = {}

    def expect(self, order: AnyOrder, size: _Size) -> float:
        """How many seconds an order will take for a picture of this size. Reads files.

        Raises InvalidInput or EngineUnavailable if the order would.
        """
        pixels = size[0] * size[1]
        sums = self._learned.get(_kind(order, size))
        if sums is not None:
            return sums.seconds * pixels / sums.pixels
        return self._guess(order, size) / _MEGAPIXEL

    def learn(self, order: AnyOrder, outcome: Outcome) -> None:
        """Learn from an order that has finished."""
        size = outcome.source_width, outcome.source_height
        sums = self._learned.setdefault(_kind(order, size), _Sums())
        # Without the time to load networks, which does not depend on the size.
        sums.seconds = sums.seconds * _KEEPS + (outcome.tile_seconds or outcome.seconds)
        sums.pixels = sums.pixels * _KEEPS + size[0] * size[1]

    def _guess(self, order: AnyOrder, size: _Size) -> float:
        """The seconds that an order will take, times a million."""
        pixels = size[0] * size[1]
        if isinstance(order, CutOut):
            return pixels * _WITHOUT_NETWORK
        width, height = order.result(*size)
        if not order.strength:
            return width * height * _WITHOUT_NETWORK
        from enlarger.engines.auto import candidates  # they need libraries
        from enlarger.engines.enlarge import passes

        specs = [order.own] if order.own else candidates(order.network)
        times = max(width / size[0], height / size[1])
        guesses = []
        for spec in specs:
            area, seconds = pixels, 0.0
            for step in passes(spec, times):
                seconds += area * self._measured(step.spec, order)
                area *= step.scale**2
            guesses.append(seconds)
        return max(guesses)

    def _measured(self, spec: NetworkSpec, order: Order) -> float:
        """Seconds per megapixel of a network's input, as measured here."""
        from enlarger.engines.backends import BACKENDS
        from enlarger.engines.choosing import Choices
        from enlarger.engines.devices import are_known
        from enlarger.engines.tiling import useful_share

        if not are_known(self._cache, BACKENDS):  # finding the devices takes seconds
            return _UNMEASURED
        choices = Choices(self._cache, self._weights)
        engine = order.engine or (None if order.precision else self._engine)
        known = [
            one
            for one in choices.known(spec)
            if engine in (None, one.backend) and order.precision in (None, one.precision)
        ]
        best = next(iter(choices.order(known, spec, self._memory, drafts=bool(engine or order.precision))), None)
        if best is None or not best.megapixels:
            return _UNMEASURED
        share = useful_share(BACKENDS[best.backend].sized(spec), self._memory) or 1.0
        return float(spec.native_scale**2 / best.megapixels / share)


def _kind(order: AnyOrder, size: _Size) -> _Kind:
    if isinstance(order, CutOut):
        return "cut-out", None, None, False, 0
    if not order.strength:
        return "enlarge", None, None, False, max(order.result(*size)) // max(size)
    steps = _steps(order, size)
    return order.network, order.engine, order.precision, order.denoise != 0, steps


def _steps(order: Order, size: _Size) -> int:
    from enlarger.engines.auto import candidates
    from enlarger.engines.enlarge import passes

    spec = order.own or candidates(order.network)[0]
    width, height = order.result(*size)
    return len(passes(spec, max(width / size[0], height / size[1])))


def read_size(picture: Path) -> _Size | None:
    """The width and height of a picture, if they are in the first bytes of its file."""
    with picture.open("rb") as file:
        head = file.read(HEADER_BYTES)
    if (size := measure(head)) is not None:
        return size
    sizes = [(int.from_bytes(width), int.from_bytes(height)) for width, height in _HEIF_SIZE.findall(head)]
    return max(sizes, key=lambda one: one[0] * one[1], default=None)
