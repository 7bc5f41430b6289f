"""The copies of pictures that a service on this machine keeps in its data directory, removed when no longer needed."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from functools import partial

from enlarger.cli.session import Session
from enlarger.client import KieApiClient, TaskStatus
from enlarger.errors import EnlargerError


class Copies:
    """Removes a batch's own inputs and results from a service on this machine; elsewhere they are left alone.

    Tasks stay, so a batch that is run again knows what was done. What a killed run leaves goes when its time is over.
    """

    def __init__(self, session: Session, *, keep: bool) -> None:
        self._session = session
        self._keep = keep or not session.local
        self._users: Counter[str] = Counter()

    @contextlib.contextmanager
    def using(self, task_id: str) -> Iterator[None]:
        """The result of the task is needed in this block; pictures that are the same share a task."""
        self._users[task_id] += 1
        try:
            yield
        finally:
            self._users[task_id] -= 1

    async def remove(self, status: TaskStatus, inputs: list[str]) -> None:
        """Remove `inputs`, and the task's result if no other task of the batch needs it.

        Only to be called once the result is in its place and in the ledger, and after the block of `using`: of two that
        end at the same time the later one has to see that it is the last. What cannot be removed is left.
        """
        results = status.urls if not self._users[status.task_id] else ()
        await self.drop([*results, *inputs])

    async def drop(self, links: list[str]) -> None:
        """Remove uploads or results that are no longer needed. What cannot be removed is left."""
        for link in dict.fromkeys(links) if not self._keep else ():
            with contextlib.suppress(EnlargerError):
                await self._session.call(partial(KieApiClient.delete_file, file=link))
