"""When to poll a hosted provider about a task: close to its usual end, and then less and less often.

If the provider's webhooks arrive, only tasks that take longer than usual are polled.
"""

from __future__ import annotations

import random
from collections import defaultdict, deque
from datetime import timedelta

import msgspec

from enlarger.catalog import Model

_REMEMBERED = 20
"""Durations of a model at a provider, from which its usual one is learnt."""
_EARLY = 0.2
"""Before the quickest fifth of them has ended there is nothing to ask."""
_FIRST = 0.95
"""The first look comes a little earlier than that: who is late to ask is late to tell the app."""
_ENDINGS, _ANNOUNCED = 5, 3
"""Of a provider's latest successes, how many a webhook must have announced for its webhooks to be relied on."""
_SLOW, _AFTER = 0.8, 1.25
"""A provider whose webhooks arrive is first polled when a task takes a quarter longer than four fifths of earlier tasks
did, because the webhook may be lost."""
_JITTER = (0.9, 1.1)


class ScheduleConfig(msgspec.Struct, frozen=True, kw_only=True):
    """When a task is polled; in seconds, or as a share of its duration."""

    first_guess: float = 0.8
    """The share of a model's usual duration after which a task is first polled, until real durations are known: the
    catalogue's figure is an estimate, and a poll costs little."""
    earliest: float = 0.0
    """The first poll never comes sooner."""
    shortest: float = 2.0
    """The shortest pause between two polls."""
    longest: float = 60.0
    """The longest."""
    growth: float = 0.09
    """The pause is this share of the time that the task has taken so far."""
    late: float = 600.0
    """The shortest pause between two polls of a task that nobody waits for any more."""
    late_growth: float = 0.5
    """As `growth`, for such a task."""


class Schedule:
    """Plans looks, and learns from what tasks took."""

    def __init__(self, config: ScheduleConfig | None = None) -> None:
        self._config = config or ScheduleConfig()
        self._durations: defaultdict[tuple[str, str], deque[float]] = defaultdict(lambda: deque(maxlen=_REMEMBERED))
        self._announced: defaultdict[str, deque[bool]] = defaultdict(lambda: deque(maxlen=_ENDINGS))

    def learn(self, provider: str, model: Model, seconds: float, *, announced: bool = False) -> None:
        """Learn how long a task took, and whether a webhook announced its end."""
        self._durations[provider, model.id].append(seconds)
        self._announced[provider].append(announced)

    def first(self, provider: str, model: Model) -> timedelta:
        """From the moment that a provider has a task to the first look at it."""
        known = sorted(self._durations[provider, model.id])
        if not known:
            return self._not_before(model.duration.usual * self._config.first_guess)
        if sum(self._announced[provider]) >= _ANNOUNCED:
            return self._not_before(known[int(len(known) * _SLOW)] * _AFTER + self._config.shortest)
        return self._not_before(known[int(len(known) * _EARLY)] * _FIRST)

    def again(self, age: float) -> timedelta:
        """From one look to the next, at a task of this age in seconds."""
        pause = min(max(age * self._config.growth, self._config.shortest), self._config.longest)
        return timedelta(seconds=pause * random.uniform(*_JITTER))

    def late(self, age: float = 0.0) -> timedelta:
        """From one look to the next, at what nobody waits for any more."""
        return timedelta(seconds=max(self._config.late, age * self._config.late_growth))

    def _not_before(self, seconds: float) -> timedelta:
        return timedelta(seconds=max(self._config.earliest, seconds))
