"""When to ask, how often, and for how long. Pure arithmetic, so that both clients wait alike."""

from __future__ import annotations

import math
import random
import threading
from collections import deque
from datetime import timedelta

from enlarger.catalog import get_model
from enlarger.catalog.model import Duration
from enlarger.client.options import DEFAULT_MAX_POLLS, DEFAULT_POLL_INTERVAL, Options, change_options
from enlarger.errors import InvalidInput, UnknownModel
from enlarger.retry import Backoff

BACKOFF = Backoff(first=0.5, longest=20.0)
"""Between the tries of a request."""
_JITTER = (0.75, 1.25)

_FIRST_LOOK = (0.6, 0.8)
"""Shares of the usual duration: half of all tasks take less than that, and a look costs little."""
_SHORTEST_PAUSE = 2.0
_LONGEST_PAUSE = 30.0
_GROWTH = 0.12
"""A wait that has taken so long is looked at again after this share of it: nobody waits much longer than needed."""
_ANY_MODEL = Duration(usual=20, most=900)
"""For models that the catalogue does not know; in seconds."""

Seconds = float | timedelta
"""A length of time: a number of seconds, or a timedelta."""


def to_seconds(value: Seconds) -> float:
    """A length of time as a number. Raises InvalidInput for what is none."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        raise InvalidInput(
            "deadline", f"The deadline is {str(value)[:40]!r}: give a number of seconds, or a timedelta."
        )
    return float(value)


def backoff(attempt: int, retry_after: float | None = None) -> float:
    """Seconds before the next try after the failed `attempt` (1, 2, …); never less than the service asks for."""
    return BACKOFF.pause(attempt, retry_after)


def usual_duration(model: str | None) -> Duration:
    """How long a task of the model takes, by the catalogue."""
    try:
        return get_model(model).duration if model else _ANY_MODEL
    except UnknownModel:
        return _ANY_MODEL


def poll_options(options: Options, max_polls: int | None, poll_interval: float | None) -> Options:
    """Options for looking so often at a task, every so many seconds; what is None comes from the options or defaults.

    Raises ConfigurationError.
    """
    return change_options(
        options,
        {
            "max_polls": max_polls if max_polls is not None else options.max_polls or DEFAULT_MAX_POLLS,
            "poll_interval": (
                poll_interval if poll_interval is not None else options.poll_interval or DEFAULT_POLL_INTERVAL
            ),
        },
    )


class Plan:
    """When to look at one task, how often, and for how long. Times are seconds since the wait began."""

    def __init__(self, options: Options, model: str | None, deadline: Seconds | None = None) -> None:
        duration = usual_duration(model)
        self._usual = duration.usual
        self._interval = options.poll_interval or (DEFAULT_POLL_INTERVAL if options.max_polls else None)
        self.most_looks: float = options.max_polls or math.inf
        if deadline is not None:
            self.deadline: float = to_seconds(deadline)
        else:
            self.deadline = math.inf if options.max_polls else duration.most

    def first(self) -> float:
        """Seconds to the first look at a task that was made just now."""
        return max(min(self._interval or self._usual * random.uniform(*_FIRST_LOOK), self.deadline), 0.0)

    def next(self, age: float) -> float:
        """Seconds to the next look at a task that is `age` seconds old."""
        if self._interval:
            return self._interval
        growing = min(max(age * _GROWTH, _SHORTEST_PAUSE), _LONGEST_PAUSE) * random.uniform(*_JITTER)
        return max(growing, self._usual * _FIRST_LOOK[0] - age)


class Pace:
    """At most so many requests in so many seconds; whoever comes later is told how long to wait."""

    def __init__(self, most: int, seconds: float) -> None:
        self._seconds = seconds
        self._taken: deque[float] = deque(maxlen=most)
        self._turn = threading.Lock()

    def reserve(self, now: float) -> float:
        """Take the next place; returns the seconds until it comes."""
        with self._turn:
            full = len(self._taken) == self._taken.maxlen
            place = max(now, self._taken[0] + self._seconds) if full else now
            self._taken.append(place)
            return place - now
