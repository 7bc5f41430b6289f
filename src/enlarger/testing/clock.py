"""Time that stands still until a test moves it."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], float]
"""Answers with unix seconds."""


class HandClock:
    """A clock for `StandIn(clock=…)`: it starts at the present and moves by `advance` alone."""

    def __init__(self, now: float | None = None) -> None:
        self._now = time.time() if now is None else now

    def __call__(self) -> float:
        """Unix seconds."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let so much time pass."""
        self._now += seconds
