"""Time that stands still until a test moves it."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], float]
"""A function that returns the time in Unix seconds."""


class HandClock:
    """A clock for `StandIn(clock=…)` that starts at the present and only moves by `advance`."""

    def __init__(self, now: float | None = None) -> None:
        self._now = time.time() if now is None else now

    def __call__(self) -> float:
        """Unix seconds."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock forward by this many seconds."""
        self._now += seconds
