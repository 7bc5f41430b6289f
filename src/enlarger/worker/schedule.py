"""When to ask a hosted provider what has become of a task: close to its usual end, and then ever less often."""

from __future__ import annotations

import random
from collections import defaultdict, deque
from datetime import timedelta

from enlarger.catalog import Model

_REMEMBERED = 20
"""Durations of a model at a provider, from which its usual one is learnt."""
_EARLY = 0.2
"""Before the quickest fifth of them has ended there is nothing to ask."""
_FIRST = 0.95
"""The first look comes a little earlier than that: who is late to ask is late to tell the app."""
_FIRST_GUESS = 0.8
"""While nothing has been learnt: what the catalogue calls usual is an estimate, and a look costs little."""
_SHORTEST = 2.0
_LONGEST = 60.0
_LATE = 600.0
_GROWTH = 0.09
"""A task that has taken so long is looked at again after this share of it."""
_JITTER = (0.9, 1.1)


class Schedule:
    """Plans looks, and learns from what tasks took."""

    def __init__(self, *, scale: float = 1.0) -> None:
        """`scale` shortens every pause, for those who test."""
        self._scale = scale
        self._durations: defaultdict[tuple[str, str], deque[float]] = defaultdict(lambda: deque(maxlen=_REMEMBERED))

    def learn(self, provider: str, model: Model, seconds: float) -> None:
        """A task has taken so long."""
        self._durations[provider, model.id].append(seconds)

    def first(self, provider: str, model: Model) -> timedelta:
        """From the moment that a provider has a task to the first look at it."""
        known = sorted(self._durations[provider, model.id])
        if not known:
            return timedelta(seconds=model.duration.usual * _FIRST_GUESS * self._scale)
        return timedelta(seconds=known[int(len(known) * _EARLY)] * _FIRST)

    def again(self, age: float) -> timedelta:
        """From one look to the next, at a task of this age in seconds."""
        pause = min(max(age / self._scale * _GROWTH, _SHORTEST), _LONGEST)
        return timedelta(seconds=pause * self._scale * random.uniform(*_JITTER))

    def late(self, age: float = 0.0) -> timedelta:
        """From one look to the next, at what nobody waits for any more."""
        return timedelta(seconds=max(_LATE, age / self._scale / 2) * self._scale)
