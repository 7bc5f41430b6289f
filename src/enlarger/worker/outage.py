"""How long a task waits for a storage that is away, and what is said when that was too long."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from enlarger.errors import StorageUnavailable
from enlarger.tasks.records import Task

_SHORTEST, _LONGEST = 2.0, 60.0
_GROWTH = 0.1
"""The longer a task has waited, the longer it waits for its next try: by this share of its age."""


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
