"""Puts right what time and accidents leave behind: what is kept too long, tasks that nothing would wake."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

import structlog

from enlarger.errors import EnlargerError
from enlarger.infra.storage import Storage
from enlarger.tasks.events import EventStore
from enlarger.tasks.files import FileStore
from enlarger.tasks.store import TaskStore

_BATCH = 100
_EVENTS_BATCH = 10_000
_QUEUE_LOG_DAYS = 7

_log = structlog.get_logger("enlarger.worker")


class Sweep:
    """A round every little while; any number of workers may do this at once."""

    def __init__(
        self,
        *,
        tasks: TaskStore,
        events: EventStore,
        files: FileStore,
        storage: Storage,
        lease: float,
        result_days: float,
    ) -> None:
        self._tasks = tasks
        self._events = events
        self._files = files
        self._storage = storage
        self._lease = lease
        self._result_days = result_days

    async def run(self, stopping: asyncio.Event) -> None:
        """Sweep now and then until `stopping` is set."""
        while not stopping.is_set():
            try:
                await self.once()
            except EnlargerError as error:
                _log.warning("sweep_failed", reason=str(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), self._lease)

    async def once(self) -> None:
        """One round."""
        woken = await self._tasks.wake_forgotten(older_than=timedelta(seconds=2 * self._lease))
        if woken:
            _log.warning("forgotten_tasks_woken", task_ids=woken)
        for file in await self._files.expired(most=_BATCH):
            await self._storage.delete(file.key)
            await self._files.forget(file.id)
        await self._events.trim(older_than=timedelta(days=self._result_days), most=_EVENTS_BATCH)
        await self._tasks.trim_queue_log(days=_QUEUE_LOG_DAYS)
