"""Carries a task out on this machine: claims it, gets its picture, runs the engine, stores what was made, ends it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog

from enlarger.catalog import get_model
from enlarger.errors import (
    DatabaseUnavailable,
    EngineError,
    EnlargerError,
    NoRoomBesideLong,
    StaleClaim,
    StorageError,
    StorageUnavailable,
)
from enlarger.infra import tracing
from enlarger.infra.storage import Storage
from enlarger.monitoring.instruments import note_engine, note_success
from enlarger.protocol.records import Made
from enlarger.providers import LocalOrder, LocalOutcome, LocalRunner
from enlarger.retry import Backoff, Failure, retry
from enlarger.tasks.entrypoints import LONG_SECONDS
from enlarger.tasks.records import NewFile, ResultFile, Task, TaskResult
from enlarger.tasks.store import TaskStore
from enlarger.worker.costs import cost_of
from enlarger.worker.outage import StorageWait, until_written
from enlarger.worker.result_files import keep
from enlarger.worker.sharing import Sharing
from enlarger.worker.sources import Sources
from enlarger.worker.workspace import workspace

_REPORT_SECONDS = 0.5
"""How often progress is written down, at most."""
_SIGN_OF_LIFE_SECONDS = 2.0
"""How often it is written although it has not changed: a cancelled task is noticed this fast."""
_STORE_TRIES = 5
"""For a file that cannot be stored although the storage works."""
_STORE_PAUSES = Backoff(first=1.0, longest=15.0)

_log = structlog.get_logger("enlarger.worker")


class _Long(Exception):
    """A task in the short lane belongs in the long one."""


class Engine:
    """The duty behind the queue's entrypoint `engine`."""

    def __init__(
        self,
        *,
        tasks: TaskStore,
        sources: Sources,
        storage: Storage,
        runner: LocalRunner,
        work: Path,
        results_days: float,
        stopping: asyncio.Event,
        storage_wait: StorageWait,
        sharing: Sharing | None = None,
        observe: Callable[[Made], None] | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Without `sharing` this worker leaves no tasks to others; `observe` is called with each result."""
        self._tasks = tasks
        self._sources = sources
        self._storage = storage
        self._runner = runner
        self._work = work
        self._results_days = results_days
        self._stopping = stopping
        self._storage_wait = storage_wait
        self._sharing = sharing
        self._observe = observe
        self._pause = pause

    async def __call__(self, task_id: str) -> timedelta | None:
        """Run a task, or move it to the long lane.

        Returns when to try again, if the storage is away; immediately, if this worker is stopping and another one is
        to run it.
        """
        return await self.carry_out(task_id, long=False)

    async def carry_out(self, task_id: str, *, long: bool) -> timedelta | None:
        """The same in either lane; the long one runs every task."""
        if self._sharing is not None and await self._sharing.leave(task_id):
            return None
        claim = await self._tasks.claim(task_id, self._runner.name)
        if claim is None:
            return None
        with tracing.task_span("engine", claim.trace_parent, task_id=claim.id, model=claim.model):
            return await self._until_stopped(claim, long)

    async def _until_stopped(self, claim: Task, long: bool) -> timedelta | None:
        log = _log.bind(task_id=claim.id, model=claim.model, epoch=claim.epoch)
        work = asyncio.create_task(self._carry_out(claim, long))
        stop = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait((work, stop), return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return await work
            await _abandon(work)
            await self._tasks.release(claim)
            log.info("task_released")
            return timedelta(0)
        except StaleClaim:
            log.info("claim_lost")
            return None
        finally:
            stop.cancel()
            await _abandon(work)

    async def _carry_out(self, claim: Task, long: bool) -> timedelta | None:
        """Everything between claim and end. What goes wrong ends the task; only a lost claim is passed on.

        While the storage is away the claim is given back, and the time until the next try is returned.
        """
        log = _log.bind(task_id=claim.id, model=claim.model, epoch=claim.epoch)
        try:
            async with workspace(claim.id, self._work) as folder:
                outcome = await self._make(claim, folder, long)
                file = await self._store(outcome.path, claim)
                await self._succeed(claim, outcome.made, file)
                note_success(claim.model, self._runner.name, self._tasks.now() - claim.created_at)
                log.info("task_succeeded", seconds=outcome.made.seconds, size=file.size)
        except (_Long, NoRoomBesideLong) as reason:
            await self._tasks.move_to_long_lane(claim)
            log.info("task_is_long", reason=str(reason))
        except (StaleClaim, DatabaseUnavailable):
            raise  # not for us to end, or not to be written down now: the task will be claimed again
        except StorageUnavailable as error:
            again = self._storage_wait.again(claim)
            if again is not None:
                await self._tasks.release(claim, str(error))
                log.warning("task_waits_for_storage", seconds=round(again.total_seconds()), reason=str(error))
                return again
            await self._tasks.fail(claim, str(error.code), self._storage_wait.verdict(error))
            log.error("task_failed", code=error.code, reason=str(error))  # noqa: TRY400 - the reason says all
        except EngineError as error:
            if self._sharing is None or not await self._sharing.decline(claim, error):
                await self._tasks.pass_on(claim, str(error.code), str(error))
                log.warning("engine_failed", code=error.code, reason=str(error))
        except EnlargerError as error:
            await self._tasks.fail(claim, str(error.code), str(error))
            log.warning("task_failed", code=error.code, reason=str(error))
        except Exception:
            await self._tasks.fail(
                claim, "500", "The task failed because of a fault of this service; its log has more."
            )
            log.exception("task_failed_unexpectedly")
        return None

    async def _make(self, claim: Task, folder: Path, long: bool) -> LocalOutcome:
        model = get_model(claim.model)
        picture = folder / "source"
        await self._sources.get(claim, model, picture)
        order = LocalOrder(model=model, input=claim.input, picture=picture, workspace=folder, long=long)
        if not long and (seconds := await self._runner.expected_seconds(order)) > LONG_SECONDS:
            raise _Long(f"It is expected to take {seconds:.0f} seconds.")
        await self._tasks.start_generating(claim)
        outcome = await self._runner.run(order, _Reporter(self._tasks, claim))
        note_engine(outcome.made)
        if self._observe is not None:
            self._observe(outcome.made)
        return outcome

    async def _store(self, path: Path, claim: Task) -> NewFile:
        """Storage that is away must not cost a finished picture: it is kept until it can be stored.

        No other picture could be stored meanwhile. One that cannot, although others can, is given up after some tries.
        """
        tries = 0

        async def store() -> NewFile:
            nonlocal tries
            try:
                return await keep(path, claim, self._storage, days=self._results_days, now=self._tasks.now())
            except StorageError:
                tries = tries + 1 if await self._works() else 0
                await self._tasks.report_progress(claim, 99)
                raise

        def pauses(failure: Failure) -> float | None:
            over = tries == _STORE_TRIES or self._storage_wait.again(claim) is None
            return None if over else _STORE_PAUSES(failure)

        def note(failure: Failure) -> None:
            _log.warning("storage_retry", task_id=claim.id, reason=str(failure.error))

        return await retry(store, on=StorageError, pauses=pauses, note=note, sleep=self._pause)

    async def _works(self) -> bool:
        """Whether the storage takes files."""
        try:
            await self._storage.check()
        except StorageError:
            return False
        return True

    async def _succeed(self, claim: Task, made: Made, file: NewFile) -> None:
        """A finished picture waits for a database that is away, as long as this worker lives."""
        source = (made.source_width, made.source_height) if made.source_width and made.source_height else None
        cost = cost_of(claim, provider=self._runner.name, source=source)
        result = TaskResult(files=(ResultFile(id=file.id, name=file.name, expires_at=file.expires_at),), made=made)
        await until_written(
            lambda: self._tasks.succeed(claim, result, [file], cost=cost),
            lambda failure: _log.warning("success_not_written_yet", task_id=claim.id, reason=str(failure.error)),
        )


class LongEngine:
    """The duty behind the queue's entrypoint `engine_long`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def __call__(self, task_id: str) -> timedelta | None:
        """Run a task; returns what `Engine` returns."""
        return await self._engine.carry_out(task_id, long=True)


class _Reporter:
    """Writes progress down, not more often than it is worth."""

    def __init__(self, tasks: TaskStore, claim: Task) -> None:
        self._tasks = tasks
        self._claim = claim
        self._percent = 0
        self._at = 0.0

    async def __call__(self, fraction: float) -> None:
        percent = min(99, int(fraction * 100))  # 100 is for what is stored and can be fetched
        silent = time.monotonic() - self._at
        if silent < _REPORT_SECONDS or (percent == self._percent and silent < _SIGN_OF_LIFE_SECONDS):
            return
        with contextlib.suppress(DatabaseUnavailable):  # a picture is not given up because its progress cannot be told
            await self._tasks.report_progress(self._claim, percent)
        self._percent, self._at = percent, time.monotonic()


async def _abandon(work: asyncio.Task[Any]) -> None:
    """Cancel a piece of work and wait until it has put everything away."""
    if not work.done():
        work.cancel()
        await asyncio.wait((work,))
