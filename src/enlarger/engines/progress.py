"""How far an engine is, also in the middle of a tile.

A tile can take half a minute. How long is known from how fast the same network was before, so inside a tile the
progress is an estimate; it never reaches the tile's end before the tile does. Pauses before a tile do not count.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from enlarger.engines.gate import Gate
from enlarger.engines.networks import Network

_PROBE_SIDE = 64
"""Input pixels a side of a network's first, timed run."""
_NEARLY = 0.95


class Progress:
    """The progress of one order after the other; written by the engine's thread, read by another."""

    def __init__(self, gate: Gate | None = None) -> None:
        """`gate` can pause an order between two tiles."""
        self._gate = gate or Gate()
        self._pace: dict[str, float] = {}
        """Seconds an input pixel, by network, as last measured."""
        self._shares: dict[str, float] = {}
        """What one input pixel counts in this order, by network."""
        self._done = 0.0
        self._current = 0.0
        self._began = 0.0
        self._expected = 1.0
        self.spent: float = 0.0
        """Seconds that the tiles of this order have taken so far; 0 if no network is used."""

    def begin(self, work: Sequence[tuple[Network, int]]) -> None:
        """Start on `work`: networks, and how many input pixels each will be given; none where no network is used."""
        self._done = self._current = self.spent = 0.0
        for network, _ in work:
            if network.spec.name not in self._pace:
                self._pace[network.spec.name] = _measure(network)
        total = sum(self._pace[network.spec.name] * area for network, area in work)
        self._shares = {network.spec.name: self._pace[network.spec.name] / total for network, _ in work}

    @contextmanager
    def tile(self, network: Network, area: int) -> Iterator[None]:
        """Around the run of a tile of `area` input pixels."""
        self._gate.go_through()
        name = network.spec.name
        self._began, self._expected = time.monotonic(), self._pace[name] * area
        self._current = self._shares[name] * area
        yield
        seconds = time.monotonic() - self._began
        self.spent += seconds
        self._pace[name] = seconds / area
        self._done, self._current = self._done + self._current, 0.0

    def advance(self, share: float) -> None:
        """So much is done of an order that uses no network, 0 to 1."""
        self._done = share
        self._gate.go_through()

    def finish(self) -> None:
        """The order is done."""
        self._done, self._current = 1.0, 0.0

    @property
    def fraction(self) -> float:
        """How much of the order is done, 0 to 1."""
        inside = min(_NEARLY, (time.monotonic() - self._began) / self._expected)
        return min(1.0, self._done + self._current * inside)


def _measure(network: Network) -> float:
    probe = np.zeros((_PROBE_SIDE, _PROBE_SIDE, 3), np.float32)
    network(probe)  # the first run also compiles
    began = time.monotonic()
    network(probe)
    return (time.monotonic() - began) / _PROBE_SIDE**2
