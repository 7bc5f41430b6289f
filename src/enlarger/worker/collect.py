"""Brings what a hosted provider made into our own storage, before the provider deletes it, and ends the task."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import structlog

from enlarger.catalog import Model, get_model
from enlarger.engines.check import check_picture
from enlarger.engines.media import Media
from enlarger.errors import (
    BadOutput,
    EnlargerError,
    PictureError,
    PictureTooLarge,
    ProviderSilent,
    ResultGone,
    ResultTooLarge,
    ResultUnusable,
    StaleClaim,
    StorageError,
)
from enlarger.infra import tracing
from enlarger.infra.storage import Storage
from enlarger.infra.threads import DECODE_SECONDS, run_abandonable
from enlarger.monitoring.instruments import note_success, provider_request
from enlarger.protocol.records import Made
from enlarger.providers import Provider, Report, hosted
from enlarger.retry import Backoff, retry
from enlarger.tasks.attempts import AttemptStore
from enlarger.tasks.records import Attempt, NewFile, ResultFile, Task, TaskResult
from enlarger.worker.costs import cost_of
from enlarger.worker.guard import LOOK_SECONDS, NotNeeded, Stopping, guard
from enlarger.worker.places import Places, PlacesConfig
from enlarger.worker.result_files import keep, kind_of
from enlarger.worker.workspace import workspace

_REFETCHES = Backoff(first=0.0, longest=0.0, tries=3)
"""For a file that arrives broken or is reported as gone, before that is taken as final."""
_LATER = timedelta(seconds=1)
_LONGEST_WAIT = timedelta(days=1)
"""For a result that cannot be had now, of a provider that keeps results for ever."""
_FIRST_PAUSE, _PAUSE_GROWTH = 5.0, 3.0
"""Between the tries to fetch what most likely never comes."""
_CHECKS_AT_ONCE = 2
"""Pictures that are decoded at a time: some formats need all of one in memory."""
_ALARM_SHARE = 0.5
"""From when on a result that cannot be collected is an alarm: half of the time for which the provider keeps it."""

_log = structlog.get_logger("enlarger.worker")


class CollectConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The pauses of a collector, in seconds."""

    shortest: float = 1.0
    """The shortest pause before a failed fetch is tried again; it grows with the time since the provider finished."""
    longest: float = 60.0
    """The longest such pause."""
    settled: float = 120.0
    """How long after the provider finished a result may still appear at its address."""
    look: float = LOOK_SECONDS
    """How often, during a download, the collector checks whether the result is still needed."""
    check: float = DECODE_SECONDS
    """The longest that reading a picture may take."""


class Collector:
    """The duty behind the queue's entrypoint `collect`."""

    def __init__(
        self,
        *,
        attempts: AttemptStore,
        providers: Mapping[str, Provider],
        storage: Storage,
        work: Path,
        results_days: float,
        max_pixels: int,
        stopping: asyncio.Event,
        config: CollectConfig | None = None,
        places: PlacesConfig | None = None,
    ) -> None:
        """`max_pixels` is the largest picture that is accepted."""
        self._attempts = attempts
        self._providers = providers
        self._storage = storage
        self._work = work
        self._results_days = results_days
        self._max_pixels = max_pixels
        self._stopping = stopping
        self._config = config or CollectConfig()
        self._places = Places(places)
        self._checks = asyncio.Semaphore(_CHECKS_AT_ONCE)

    async def __call__(self, attempt_id: str) -> timedelta | None:
        """Collect one attempt's result; returns when to try again if it has to wait."""
        found = await self._attempts.to_collect(int(attempt_id))
        if found is None:
            return None
        attempt, task = found
        report = msgspec.convert(attempt.report, Report)
        log = _log.bind(task_id=task.id, attempt=attempt.id, provider=attempt.provider)
        orphan = attempt.abandoned_at is not None
        with self._places.take(attempt.id, attempt.provider, _host(report), orphan=orphan) as has_place:
            if not has_place:
                return timedelta(seconds=self._places.pause())
            try:
                with tracing.task_span("collect", task.trace_parent, task_id=task.id, provider=attempt.provider):
                    await self._collect(attempt, task, report)
            except Stopping:
                log.info("download_stopped")
                return timedelta(0)
            except NotNeeded:  # it may be paid for: it is fetched where nobody waits for the place
                log.info("result_not_needed")
                return _LATER
            except StorageError as error:
                return await self._later(attempt, error)
            except (ProviderSilent, ResultGone, ResultUnusable, BadOutput) as error:
                if self._may_come_yet(attempt, error):
                    return await self._later(attempt, error)
                dollars = attempt.dollars if report.cost is None else report.cost
                await self._attempts.failed(attempt, str(error), code=str(error.code), ends_task=True, dollars=dollars)
                log.error("result_lost", reason=str(error))  # noqa: TRY400 - the reason says all
            except StaleClaim:
                log.info("collected_by_another")
        return None

    async def _collect(self, attempt: Attempt, task: Task, report: Report) -> None:
        if not report.outputs and report.data is None:
            raise BadOutput(f"{attempt.provider} says that it has succeeded, and names no result.")
        model = get_model(task.model)
        needed = None if attempt.abandoned_at else partial(self._attempts.is_needed, attempt)
        work = self._bring(task, attempt.provider, report)
        files, size = await guard(work, self._stopping, needed, look_seconds=self._config.look)
        try:
            made = _made(report, attempt.provider, model, size)
            result = TaskResult(
                files=tuple(ResultFile(id=file.id, name=file.name, expires_at=file.expires_at) for file in files),
                made=made,
                data=report.data,
            )
            cost = cost_of(task, provider=attempt.provider, dollars=report.cost, result=size)
            if report.cost is not None and report.cost > attempt.dollars:
                _log.warning(
                    "charged_more",
                    task_id=task.id,
                    provider=attempt.provider,
                    reserved=str(attempt.dollars),
                    dollars=str(report.cost),
                )
            in_time = await self._attempts.collected(attempt, result, files, cost=cost, dollars=report.cost)
        except StaleClaim:
            # Surely nothing names them. After a failure of the database that is not sure, and they stay.
            await self._forget(files)
            raise
        if in_time:
            note_success(task.model, attempt.provider, self._attempts.now() - task.created_at)
        _log.info(
            "task_succeeded" if in_time else "orphan_kept",
            task_id=task.id,
            attempt=attempt.id,
            provider=attempt.provider,
            files=len(files),
        )

    async def _bring(self, task: Task, provider: str, report: Report) -> tuple[list[NewFile], tuple[int, int] | None]:
        """Copy the outputs into the storage, all or none; also returns the size of the last picture among them."""
        await self._storage.require()  # else a large file would come for nothing
        files: list[NewFile] = []
        size: tuple[int, int] | None = None
        try:
            async with workspace(task.id, self._work) as folder:
                for number, output in enumerate(report.outputs, 1):
                    path = folder / str(number)
                    size = await self._fetch(provider, output, path) or size
                    several = number if len(report.outputs) > 1 else None
                    files.append(await self._keep(path, task, several))
                    path.unlink()
        except BaseException:
            await self._forget(files)
            raise
        return files, size

    async def _fetch(self, provider: str, output: str, path: Path) -> tuple[int, int] | None:
        """Copy an output; returns a picture's size.

        Raises ProviderSilent, ResultUnusable, and ResultGone or BadOutput in the end.
        """

        async def fetch() -> tuple[int, int] | None:
            source = hosted(self._providers, provider)
            with provider_request(provider, "fetch"):
                await source.fetch(output, path)
            if isinstance(kind_of(path), Media):
                return None
            try:
                async with self._checks:
                    check = partial(check_picture, path, max_pixels=self._max_pixels)
                    return await run_abandonable(check, seconds=self._config.check)
            except PictureTooLarge as error:
                raise ResultTooLarge(f"What {provider} made cannot be used: {error}") from error

        try:
            return await retry(fetch, on=(ResultGone, PictureError, BadOutput), pauses=_REFETCHES)
        except TimeoutError:
            raise BadOutput(
                f"What {provider} made cannot be read: it took longer than {self._config.check:.0f} seconds."
            ) from None
        except (PictureError, BadOutput) as error:
            raise BadOutput(f"What {provider} made cannot be used: {error}") from error

    async def _keep(self, path: Path, task: Task, number: int | None) -> NewFile:
        days, now = self._results_days, self._attempts.now()
        return await keep(path, task, self._storage, days=days, now=now, number=number)

    async def _forget(self, files: Sequence[NewFile]) -> None:
        for file in files:
            try:
                await self._storage.delete(file.key)
            except StorageError as error:
                _log.warning("file_left_behind", key=file.key, reason=str(error))

    async def _later(self, attempt: Attempt, error: Exception) -> timedelta:
        """How long to wait for the storage or the provider; an alarm when that becomes dangerous."""
        counts = isinstance(error, ResultGone | ResultUnusable)
        failures = await self._attempts.uncollected(attempt, str(error), counts=counts)
        waited = self._age(attempt)
        assert attempt.finished_at is not None, "what has ended has a time"
        log = _log.bind(task_id=attempt.task_id, attempt=attempt.id, provider=attempt.provider, reason=str(error))
        if attempt.expires_at and waited > (attempt.expires_at - attempt.finished_at) * _ALARM_SHARE:
            log.error("result_at_risk", deleted_by_provider_at=attempt.expires_at.isoformat())
        else:
            log.warning("result_waits")
        if isinstance(error, ResultUnusable):
            return timedelta(seconds=_FIRST_PAUSE * _PAUSE_GROWTH ** max(failures - 1, 0))
        return timedelta(seconds=min(max(waited.total_seconds() / 4, self._config.shortest), self._config.longest))

    def _may_come_yet(self, attempt: Attempt, error: EnlargerError) -> bool:
        """Whether there is a point in fetching once more what could not be had."""
        match error:
            case ProviderSilent():
                assert attempt.finished_at is not None, "what has ended has a time"
                return self._attempts.now() < (attempt.expires_at or attempt.finished_at + _LONGEST_WAIT)
            case ResultGone():
                return self._age(attempt).total_seconds() < self._config.settled
            case ResultUnusable():
                return attempt.fetches + 1 < error.tries
            case _:
                return False

    def _age(self, attempt: Attempt) -> timedelta:
        """How long ago the provider ended."""
        assert attempt.finished_at is not None, "what has ended has a time"
        return self._attempts.now() - attempt.finished_at


def _host(report: Report) -> str:
    """Where a result lies; its first file, where there are several."""
    try:
        return urlsplit(report.outputs[0]).hostname or "" if report.outputs else ""
    except ValueError:
        return ""


def _made(report: Report, provider: str, model: Model, size: tuple[int, int] | None) -> Made:
    width, height = size or (None, None)
    if report.made is not None:
        return msgspec.structs.replace(report.made, width=width, height=height)
    return Made(provider=provider, engine=model.id, width=width, height=height, seconds=report.seconds)
