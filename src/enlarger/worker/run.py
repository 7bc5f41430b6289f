"""A worker: the queue's entrypoints and the duties that go by the clock, in one process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import asyncpg
import structlog
from pgqueuer.domain.errors import PgqException, RetryRequested
from pgqueuer.domain.models import Job

from enlarger.infra.callback_hosts import CallbackHosts
from enlarger.infra.database import LOST, Database
from enlarger.infra.fetch import Fetcher
from enlarger.infra.links import Links
from enlarger.infra.queue import Lane, lane
from enlarger.infra.safe_http import Allowed
from enlarger.infra.storage import Storage
from enlarger.providers.local import LocalProvider
from enlarger.settings import Settings
from enlarger.tasks.accounts import AccountStore
from enlarger.tasks.deliveries import DeliveryStore
from enlarger.tasks.events import EventStore
from enlarger.tasks.files import FileStore
from enlarger.tasks.ledger import Ledger
from enlarger.tasks.store import DELIVER, DISPATCH, TaskStore
from enlarger.tasks.webhook_keys import webhook_keys
from enlarger.worker.callback import CallbackSender
from enlarger.worker.deliver import Deliver
from enlarger.worker.dispatch import Dispatch
from enlarger.worker.receivers import Receivers
from enlarger.worker.sources import Sources
from enlarger.worker.sweep import Sweep

_PICTURES_AT_ONCE = 1
"""The engine uses every core for one picture."""
_CALLBACKS_AT_ONCE = 100
_THREADS = 2 * _CALLBACKS_AT_ONCE
"""Of the event loop: a look-up of a host that no name server answers for keeps one, long after its try is over."""
_RESTART_SECONDS = 0.5

Duty = Callable[[str], Awaitable[timedelta | None]]
"""Does what is due for a task; returns when it wants to be called for it again, if it does."""

_log = structlog.get_logger("enlarger.worker")


class Worker:
    """Takes tasks from the queue until it is stopped; what it is doing then goes back to the queue."""

    def __init__(
        self, database: Database, storage: Storage, settings: Settings, *, allowed: Allowed, work: Path, cache: Path
    ) -> None:
        """`allowed` are the hosts beside public ones that pictures are fetched from and callbacks sent to."""
        self._database = database
        self._storage = storage
        self._settings = settings
        self._allowed = allowed
        self._work = work
        self._cache = cache
        self._stopping = asyncio.Event()
        self._lanes: dict[str, Lane] = {}

    def stop(self) -> None:
        """Give back what is being done, and return from `run`."""
        self._stopping.set()
        for consumer in self._lanes.values():
            consumer.shutdown.set()

    async def run(self) -> None:
        """Work until `stop`; a Postgres that goes away is waited for. Raises ConfigurationError."""
        threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="enlarger")
        asyncio.get_running_loop().set_default_executor(threads)
        tasks, files = TaskStore(self._database), FileStore(self._database)
        accounts = AccountStore(self._database)
        links = Links(await accounts.shared_secret("links"))
        keys = await webhook_keys(self._settings, accounts)
        hosts = CallbackHosts(self._settings.callback_allow, self._settings.callback_deny)
        provider = LocalProvider(self._settings, self._cache)
        fetcher = Fetcher(self._allowed)
        deliveries = DeliveryStore(self._database)
        sender = CallbackSender(links, keys, self._allowed)
        deliver = Deliver(deliveries, sender, hosts, Receivers(_CALLBACKS_AT_ONCE), self._stopping)
        dispatch = Dispatch(
            tasks=tasks,
            sources=Sources(tasks, files, self._storage, links, fetcher),
            storage=self._storage,
            provider=provider,
            work=self._work,
            results_days=self._settings.results_days,
            stopping=self._stopping,
        )
        sweep = Sweep(
            tasks=tasks,
            deliveries=deliveries,
            events=EventStore(self._database),
            files=files,
            ledger=Ledger(self._database),
            storage=self._storage,
            lease=self._settings.worker_lease,
            results_days=self._settings.results_days,
            tasks_days=self._settings.tasks_days,
        )
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._consume(DISPATCH, dispatch, places=_PICTURES_AT_ONCE))
                group.create_task(self._consume(DELIVER, deliver, places=_CALLBACKS_AT_ONCE))
                group.create_task(sweep.run(self._stopping))
        finally:
            await provider.close()
            await fetcher.aclose()
            await sender.aclose()

    async def _consume(self, entrypoint: str, duty: Duty, *, places: int) -> None:
        """Run an entrypoint's consumer, anew whenever it loses its connection."""
        while not self._stopping.is_set():
            consumer = self._lanes[entrypoint] = lane(self._database.pool, places=places)
            consumer.entrypoint(entrypoint)(handler(duty))
            try:
                await consumer.run(
                    batch_size=1,
                    dequeue_timeout=timedelta(seconds=min(10.0, self._settings.worker_lease / 2)),
                    heartbeat_timeout=timedelta(seconds=self._settings.worker_lease),
                    shutdown_on_listener_failure=True,
                )
            except (*LOST, asyncpg.PostgresError, PgqException) as error:
                _log.warning("queue_lost", entrypoint=entrypoint, reason=f"{type(error).__name__}: {error}")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _RESTART_SECONDS)


def handler(duty: Duty) -> Callable[[Job], Awaitable[None]]:
    """What the queue calls for a row: the duty, and the row again later when the duty asks for that."""

    async def handle(job: Job) -> None:
        assert job.payload is not None
        again = await duty(job.payload.decode())
        if again is not None:
            raise RetryRequested(delay=again)

    return handle
