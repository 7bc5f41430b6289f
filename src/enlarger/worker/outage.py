"""What a worker does while the storage or the database is away: how long it waits, and what a task's failure says."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from enlarger.errors import DatabaseUnavailable, StorageUnavailable
from enlarger.retry import Backoff, Failure, retry
from enlarger.tasks.records import Task

T = TypeVar("T")

_WRITING = Backoff(first=0.1, longest=2.0)
"""The database itself waits before it says that it is away."""
_SHORTEST, _LONGEST = 2.0, 60.0
_GROWTH = 0.1
"""The longer a task has waited, the longer it waits for its next try: by this share of its age."""


async def until_written(write: Callable[[], Awaitable[T]], note: Callable[[Failure], None]) -> T:
    """Write down what only this worker knows; while the database is away, retry for as long as this worker lives.

    `note` is called after each failed try.
    """
    return await retry(write, on=DatabaseUnavailable, pauses=_WRITING, note=note)


class StorageWait:
    """The time that tasks may spend on waiting for the storage, from when they were made."""

    def __init__(self, seconds: float, now: Callable[[], datetime]) -> None:
        """`now` is the database's clock, which gave the tasks their times."""
        self._seconds = seconds
        self._now = now

    def again(self, task: Task) -> timedelta | None:
        """From now to a task's next try; None when its time is over."""
        age = (self._now() - task.created_at).total_seconds()
        if age >= self._seconds:
            return None
        pause = min(max(age * _GROWTH, _SHORTEST), _LONGEST) * random.uniform(1.0, 1.2)
        return timedelta(seconds=min(pause, self._seconds - age))

    def verdict(self, error: StorageUnavailable) -> str:
        """Why a task fails whose time is over."""
        return f"The service's storage did not work for too long, and the task was given up. {error}"
