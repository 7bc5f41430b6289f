"""A worker: the queue's entrypoints and the duties that go by the clock, in one process."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from pathlib import Path

import asyncpg
import structlog
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job

from enlarger.infra.database import Database
from enlarger.infra.links import Links
from enlarger.infra.queue import Lane, lane
from enlarger.infra.safe_http import Allowed, Fetcher
from enlarger.infra.storage import Storage
from enlarger.providers.local import LocalProvider
from enlarger.settings import Settings
from enlarger.tasks.accounts import AccountStore
from enlarger.tasks.files import FileStore
from enlarger.tasks.store import DISPATCH, TaskStore
from enlarger.worker.dispatch import Dispatch, Stopping
from enlarger.worker.sources import Sources
from enlarger.worker.sweep import Sweep

_PICTURES_AT_ONCE = 1
"""The engine uses every core for one picture."""
_RESTART_SECONDS = 0.5

_log = structlog.get_logger("enlarger.worker")


class Worker:
    """Takes tasks from the queue until it is stopped; what it is doing then goes back to the queue."""

    def __init__(self, database: Database, storage: Storage, settings: Settings, *, work: Path, cache: Path) -> None:
        self._database = database
        self._storage = storage
        self._settings = settings
        self._work = work
        self._cache = cache
        self._stopping = asyncio.Event()
        self._lane: Lane | None = None

    def stop(self) -> None:
        """Give back what is being done, and return from `run`."""
        self._stopping.set()
        if self._lane is not None:
            self._lane.shutdown.set()

    async def run(self) -> None:
        """Work until `stop`; a Postgres that goes away is waited for."""
        provider = LocalProvider(self._settings, self._cache)
        fetcher = Fetcher(Allowed.parse(self._settings.fetch_allow))
        try:
            dispatch, sweep = await self._duties(provider, fetcher)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._consume(dispatch))
                group.create_task(sweep.run(self._stopping))
        finally:
            await provider.close()
            await fetcher.aclose()

    async def _duties(self, provider: LocalProvider, fetcher: Fetcher) -> tuple[Dispatch, Sweep]:
        tasks, files = TaskStore(self._database), FileStore(self._database)
        links = Links(await AccountStore(self._database).shared_secret("links"))
        dispatch = Dispatch(
            tasks=tasks,
            sources=Sources(tasks, files, self._storage, links, fetcher),
            storage=self._storage,
            provider=provider,
            work=self._work,
            result_days=self._settings.result_days,
            stopping=self._stopping,
        )
        return dispatch, Sweep(tasks=tasks, files=files, storage=self._storage, lease=self._settings.worker_lease)

    async def _consume(self, dispatch: Dispatch) -> None:
        """Run the queue's consumer, anew whenever it loses its connection."""
        while not self._stopping.is_set():
            consumer = self._lane = self._build_lane(dispatch)
            if self._stopping.is_set():
                return
            try:
                await consumer.run(
                    batch_size=1,
                    dequeue_timeout=timedelta(seconds=min(10.0, self._settings.worker_lease / 2)),
                    heartbeat_timeout=timedelta(seconds=self._settings.worker_lease),
                    shutdown_on_listener_failure=True,
                )
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, RuntimeError) as error:
                _log.warning("queue_lost", reason=f"{type(error).__name__}: {error}")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _RESTART_SECONDS)

    def _build_lane(self, dispatch: Dispatch) -> Lane:
        consumer = lane(self._database.pool, places=_PICTURES_AT_ONCE)

        @consumer.entrypoint(DISPATCH)
        async def _dispatch(job: Job) -> None:
            assert job.payload is not None
            try:
                await dispatch(job.payload.decode())
            except Stopping:
                raise RetryRequested(delay=timedelta(0), reason="the worker stops") from None

        return consumer
