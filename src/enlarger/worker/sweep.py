"""Puts right what time and accidents leave behind: what is kept too long, tasks that nothing would wake."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

import msgspec
import structlog

from enlarger.errors import EnlargerError
from enlarger.infra.storage import Storage
from enlarger.tasks.attempts import AttemptStore
from enlarger.tasks.deliveries import DeliveryStore
from enlarger.tasks.events import EventStore
from enlarger.tasks.files import FileStore
from enlarger.tasks.ledger import Ledger
from enlarger.tasks.sessions import SessionStore
from enlarger.tasks.store import TaskStore
from enlarger.tasks.usage import UsageStore
from enlarger.tasks.workers import WorkerStore

_BATCH = 100
_EVENTS_BATCH = 10_000
_TASKS_BATCH = 1000
_QUEUE_LOG_DAYS = 7
KEY_DAYS = 30
"""How long an idempotency key brings its task back."""
_WORKER_SECONDS = 86_400.0
"""How long a worker that has gone without saying so is shown."""

_log = structlog.get_logger("enlarger.worker")


class SweepConfig(msgspec.Struct, frozen=True, kw_only=True):
    """When a sweeper gives up on something, in seconds."""

    lost: float = 300.0
    """After which a submission of a task that was cancelled will not be answered any more."""


class Sweeper:
    """A round every little while; any number of workers may do this at once."""

    def __init__(
        self,
        *,
        tasks: TaskStore,
        attempts: AttemptStore,
        deliveries: DeliveryStore,
        events: EventStore,
        files: FileStore,
        ledger: Ledger,
        sessions: SessionStore,
        usage: UsageStore,
        workers: WorkerStore,
        storage: Storage,
        lease: float,
        results_days: float,
        tasks_days: float,
        config: SweepConfig | None = None,
    ) -> None:
        self._tasks = tasks
        self._attempts = attempts
        self._deliveries = deliveries
        self._events = events
        self._files = files
        self._ledger = ledger
        self._sessions = sessions
        self._usage = usage
        self._workers = workers
        self._storage = storage
        self._lease = lease
        self._results_days = results_days
        self._tasks_days = tasks_days
        self._lost = timedelta(seconds=(config or SweepConfig()).lost)

    async def run(self, stopping: asyncio.Event) -> None:
        """Sweep now and then until `stopping` is set."""
        while not stopping.is_set():
            await self.once()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), self._lease)

    async def once(self) -> None:
        """One round; what cannot be done now keeps nothing else from being done."""
        for duty in (
            self._wake,
            self._remove_files,
            self._trim_events,
            self._trim_tries,
            self._sum_usage,
            self._trim_tasks,
            self._trim_queue_log,
            self._trim_keys,
            self._trim_sessions,
            self._trim_workers,
        ):
            try:
                await duty()
            except EnlargerError as error:
                _log.warning("sweep_failed", duty=duty.__name__.strip("_"), reason=str(error))
            except Exception:  # noqa: BLE001 - its end would leave what it is sending unanswered
                _log.exception("sweep_failed", duty=duty.__name__.strip("_"))

    async def _wake(self) -> None:
        woken = await self._tasks.wake_forgotten(older_than=timedelta(seconds=2 * self._lease))
        if woken:
            _log.warning("forgotten_tasks_woken", task_ids=woken)
        await self._attempts.note_lost(older_than=self._lost)
        await self._attempts.wake_uncollected(older_than=timedelta(seconds=2 * self._lease), most=_BATCH)
        await self._deliveries.call_delayed(older_than=timedelta(seconds=2 * self._lease), most=_BATCH)

    async def _remove_files(self) -> None:
        """First a file, then its row: who is stopped in between leaves a row, and the next round does both again."""
        gone: dict[str, list[int]] = {"results": [], "uploads": []}
        try:
            for file in await self._files.expired(most=_BATCH):
                await self._storage.delete(file.key)
                await self._storage.delete(file.thumbnail_key)
                if await self._files.forget(file.id):
                    gone["results" if file.task_id else "uploads"].append(file.size)
        finally:
            for kind, sizes in gone.items():
                if sizes:
                    _log.info("swept", kind=kind, files=len(sizes), bytes=sum(sizes))

    async def _trim_events(self) -> None:
        _say("events", await self._events.trim(older_than=timedelta(days=self._results_days), most=_EVENTS_BATCH))

    async def _trim_tries(self) -> None:
        _say("tries", await self._deliveries.trim(older_than=timedelta(days=self._results_days), most=_EVENTS_BATCH))

    async def _sum_usage(self) -> None:
        """Before tasks are removed."""
        await self._usage.roll_up()

    async def _trim_tasks(self) -> None:
        if self._tasks_days:
            _say("tasks", await self._tasks.trim(older_than=timedelta(days=self._tasks_days), most=_TASKS_BATCH))

    async def _trim_keys(self) -> None:
        await self._ledger.trim(key_days=KEY_DAYS)

    async def _trim_sessions(self) -> None:
        await self._sessions.trim()

    async def _trim_workers(self) -> None:
        await self._workers.trim(seconds=_WORKER_SECONDS)

    async def _trim_queue_log(self) -> None:
        await self._tasks.trim_queue_log(days=_QUEUE_LOG_DAYS)


def _say(kind: str, rows: int) -> None:
    if rows:
        _log.info("swept", kind=kind, rows=rows)
