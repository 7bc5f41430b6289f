"""Retries operations that failed temporarily, with exponential backoff."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[object]]

_MOST_DOUBLINGS = 10


class Failure(msgspec.Struct, frozen=True):
    """A try that failed."""

    error: Exception
    attempt: int
    """1 for the first."""
    waited: float
    """Seconds of pauses before it, in total."""


class Backoff(msgspec.Struct, frozen=True, kw_only=True):
    """Pauses that double, each lengthened at random, so that callers that failed together do not retry together.

    By default there is no limit on the tries.
    """

    first: float
    """Seconds before the second try."""
    longest: float
    """The longest pause in seconds, before it is lengthened at random."""
    spread: float = 1.25
    """The factor by which a pause is lengthened is random, between 1 and this."""
    tries: int | None = None
    """The most tries, including the first."""
    patience: float | None = None
    """The most seconds of pauses, in total."""

    def pause(self, attempt: int, asked_for: float | None = None) -> float:
        """Seconds to wait after the failed `attempt` (1, 2, …); never less than `asked_for`."""
        seconds = min(self.first * 2 ** min(attempt - 1, _MOST_DOUBLINGS), self.longest)
        return float(max(seconds, asked_for or 0.0) * random.uniform(1.0, self.spread))

    def __call__(self, failure: Failure) -> float | None:
        """Seconds before the next try; None when there is to be no other."""
        pause = self.pause(failure.attempt)
        if self.tries is not None and failure.attempt >= self.tries:
            return None
        return None if self.patience is not None and failure.waited + pause > self.patience else pause


Pauses = Callable[[Failure], float | None]
"""Seconds before the next try; None when there is to be no other, and the error is raised."""


async def retry(
    call: Callable[[], Awaitable[T]],
    *,
    on: type[Exception] | tuple[type[Exception], ...],
    pauses: Pauses,
    note: Callable[[Failure], None] = lambda _: None,
    sleep: Sleep = asyncio.sleep,
) -> T:
    """Call `call` until it raises none of the errors `on`; returns what it returned.

    When `pauses` gives None instead of a pause, the last error is raised. `note` is called before each pause. Other
    errors are raised at once.
    """
    attempt, waited = 1, 0.0
    while True:
        try:
            return await call()
        except on as error:
            failure = Failure(error, attempt, waited)
            pause = pauses(failure)
            if pause is None:
                raise
            note(failure)
            del failure  # it would keep the error and its traceback alive during the next try
        # Outside the `except`, so that an error of the next try does not get this one as its context.
        attempt += 1
        waited += pause
        await sleep(pause)
