"""How long an open task will still take, by the tasks ahead of it and the durations of recent ones.

The queue is read once for all tasks and kept for two seconds, so the record of an open task needs no statement of its
own. Estimates are not exact: tasks of other accounts may get turns in between, and pictures differ.
"""

from __future__ import annotations

import asyncio
import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from enlarger.catalog.model import LOCAL
from enlarger.infra.database import Connection, Database
from enlarger.protocol.records import Estimate
from enlarger.settings import Limits
from enlarger.tasks.entrypoints import DISPATCH, ENGINE, ENGINE_LONG, LONG_SECONDS
from enlarger.tasks.provider_states import WORKER_PREFIX, read_worker_name
from enlarger.tasks.records import Task
from enlarger.tasks.sql import sql

MOST_IN_LINE = 1000
"""How many waiting tasks are read; those behind them have no estimate."""
_MOST_RUNNING = 2000
_MOST_ATTEMPTS = 1000
"""The latest attempts, from which durations are taken."""
_LINE_SECONDS = 2.0
_DURATION_SECONDS = 30.0
"""How long these are kept."""
_CLOSED = ("open", "suspended")
UNKNOWN = Estimate(starts_in=None, ends_in=None)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """The first tasks of a queue."""

    places: Mapping[str, int] = {}
    """How many tasks are ahead of each, by its id."""
    turns: list[int] = []
    """Their turns, in the same order."""
    whole: bool = True
    """Whether no others follow."""

    @classmethod
    def of(cls, tasks: list[tuple[str, int]], most: int) -> Line:
        """From ids and turns, of which at most `most` were read."""
        return cls(
            places={task_id: place for place, (task_id, _) in enumerate(tasks)},
            turns=[turn for _, turn in tasks],
            whole=len(tasks) < most,
        )

    def before(self, task: Task) -> int | None:
        """How many tasks are ahead of this one, which may be newer than the line; None beyond its end."""
        if (place := self.places.get(task.id)) is not None:
            return place
        place = bisect_right(self.turns, task.turn)
        return place if place < len(self.turns) or self.whole else None


class Running(msgspec.Struct, frozen=True):
    """A task that a provider has."""

    provider: str
    since: datetime


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """What waits and runs, and what tasks took lately, in seconds."""

    engine: Line = Line()
    """Tasks in the short lane, some of which will move to the long one."""
    engine_long: Line = Line()
    dispatch: Line = Line()
    running: Mapping[str, Running] = {}
    busy: Mapping[str, int] = {}
    """How many of the running tasks each provider has."""
    busy_long: int = 0
    """How many of the running tasks are in an engine's long lane."""
    engines: int = 0
    """Workers with an engine, each of which runs one task at a time in each lane."""
    closed: frozenset[str] = frozenset()
    """Providers that get no tasks at the moment."""
    usual: Mapping[tuple[str, str], float] = {}
    """The median by provider and model."""
    short_mean: float | None = None
    """The mean over all models of engine tasks that were short enough for the short lane."""
    long_mean: float | None = None
    """The mean of longer ones. If only one of the two is known, it is used for both."""

    def estimate(self, task: Task, *, provider: str | None, limits: Limits, usual: float, now: datetime) -> Estimate:
        """What is known of an open task.

        `provider` is the one that it will go to, and `limits` are that one's. `usual` is the catalogue's duration of
        the model, which counts at hosted providers until tasks of it have ended there.
        """
        running = self.running.get(task.id)
        if running is None and (task.id in self.engine.places or task.id in self.engine_long.places):
            provider = LOCAL
        elif running is None and task.state == "generating":
            running = Running(provider or "", task.updated_at)
        if running is not None:
            duration = self._duration(running.provider, task.model, usual)
            return Estimate(starts_in=0, ends_in=_left(task, running, duration, now))
        if provider is None or provider in self.closed:
            return UNKNOWN
        duration = self._duration(provider, task.model, usual)
        if task.id in self.engine_long.places and (duration is None or duration <= LONG_SECONDS):
            duration = self.long_mean  # its picture must be larger than most
        wait = (
            self._engine_wait(task, duration)
            if provider == LOCAL
            else self._hosted_wait(task, provider, limits, duration)
        )
        if wait is None:
            return UNKNOWN
        return Estimate(starts_in=math.ceil(wait), ends_in=None if duration is None else math.ceil(wait + duration))

    def _duration(self, provider: str, model: str, usual: float) -> float | None:
        return self.usual.get((provider, model), self.short_mean if provider == LOCAL else usual)

    def _engine_wait(self, task: Task, duration: float | None) -> float | None:
        """Seconds until a lane of an engine is free for a task.

        A task whose model usually takes long will move to the long lane, so it waits for both.
        """
        busy_short = max(self.busy.get(LOCAL, 0) - self.busy_long, 0)
        short = self._lane_wait(self.engine.before(task), busy_short, self.short_mean)
        long = self._lane_wait(self.engine_long.before(task), self.busy_long, self.long_mean)
        if task.id in self.engine_long.places:
            return long
        if duration is None or duration <= LONG_SECONDS:
            return short
        return None if short is None or long is None else short + long

    def _lane_wait(self, before: int | None, busy: int, mean: float | None) -> float | None:
        """Seconds until so many tasks are done in a lane; on average, running ones are halfway through."""
        if before is None or not self.engines:
            return None
        busy = min(busy, self.engines)
        if before < self.engines - busy:
            return 0.0
        return None if mean is None else (before + busy / 2) * mean / self.engines

    def _hosted_wait(self, task: Task, provider: str, limits: Limits, duration: float | None) -> float | None:
        """Seconds until a provider has room for a task, by how many it may have and how fast it may get them."""
        before = self.dispatch.before(task)
        if before is None:
            return None
        rate = limits.creates
        wait = before // rate.times * rate.seconds if rate else 0.0
        free = max(limits.concurrency - self.busy.get(provider, 0), 0)
        if before < free:
            return wait
        return None if duration is None else max(wait, (before - free + 1) * duration / limits.concurrency)


class Estimates:
    """Reads the outlook for a process, and keeps it for a moment."""

    def __init__(self, database: Database, *, most: int = MOST_IN_LINE, seconds: float = _LINE_SECONDS) -> None:
        self._database = database
        self._most = most
        self._seconds = seconds
        self._reading = asyncio.Lock()
        self._outlook = Outlook()
        self._read_at = -math.inf
        self._durations_at = -math.inf

    async def outlook(self) -> Outlook:
        """What is known now; those who ask at the same time share one reading. Raises DatabaseUnavailable."""
        clock = asyncio.get_running_loop().time
        if clock() - self._read_at < self._seconds:
            return self._outlook
        async with self._reading:
            if clock() - self._read_at >= self._seconds:
                learns = clock() - self._durations_at >= _DURATION_SECONDS
                self._outlook = await self._database.read(lambda connection: self._read(connection, learns=learns))
                self._read_at = clock()
                self._durations_at = self._read_at if learns else self._durations_at
            return self._outlook

    async def _read(self, connection: Connection, *, learns: bool) -> Outlook:
        lines: dict[str, list[tuple[str, int]]] = {ENGINE: [], ENGINE_LONG: [], DISPATCH: []}
        async for row in sql.read_lines(connection, most=self._most):
            lines[row["entrypoint"]].append((row["task_id"], row["turn"]))
        running = {
            row["task_id"]: Running(row["provider"], row["started_at"])
            async for row in sql.list_running(connection, most=_MOST_RUNNING)
        }
        workers = [row["name"] async for row in sql.list_workers(connection, prefix=WORKER_PREFIX)]
        states = [row async for row in sql.read_provider_states(connection)]
        usual, short_mean, long_mean = self._outlook.usual, self._outlook.short_mean, self._outlook.long_mean
        if learns:
            usual, short_mean, long_mean = await _read_durations(connection)
        return Outlook(
            engine=Line.of(lines[ENGINE], self._most),
            engine_long=Line.of(lines[ENGINE_LONG], self._most),
            dispatch=Line.of(lines[DISPATCH], self._most),
            running=running,
            busy=Counter(one.provider for one in running.values()),
            busy_long=int(await sql.count_long_running(connection)),
            engines=sum(LOCAL in read_worker_name(name)[0] for name in workers),
            closed=frozenset(row["name"] for row in states if row["state"] in _CLOSED),
            usual=usual,
            short_mean=short_mean,
            long_mean=long_mean,
        )


async def _read_durations(
    connection: Connection,
) -> tuple[dict[tuple[str, str], float], float | None, float | None]:
    """The medians by provider and model, and the means of short and of long tasks on this machine's engine."""
    rows = [row async for row in sql.read_durations(connection, most=_MOST_ATTEMPTS, long=LONG_SECONDS)]
    local = [row for row in rows if row["provider"] == LOCAL]
    short, long = (_mean(local, lane) for lane in ("short", "long"))
    usual = {(row["provider"], row["model"]): row["median"] for row in rows}
    return usual, long if short is None else short, short if long is None else long


def _mean(rows: Sequence[Any], lane: str) -> float | None:
    tasks = sum(row[f"{lane}_tasks"] for row in rows)
    return sum((row[f"{lane}_mean"] or 0.0) * row[f"{lane}_tasks"] for row in rows) / tasks if tasks else None


def _left(task: Task, running: Running, duration: float | None, now: datetime) -> int | None:
    """Seconds until a running task ends, by its progress if there is any; None for one that takes longer than usual."""
    elapsed = max((now - running.since).total_seconds(), 0.0)
    if task.progress:
        return math.ceil(elapsed * (100 - task.progress) / task.progress)
    return None if duration is None or elapsed >= duration else math.ceil(duration - elapsed)
