"""Memory, open files and connections of Postgres over time, and whether they stay flat."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from statistics import median

import asyncpg
import msgspec
import psutil

from bench.soak.fleet import Fleet

_EVERY_SECONDS = 2.0
_YOUNG_SECONDS = 30.0
"""A process that has just been started is not measured."""
_FEWEST = 5
_MEGABYTE = 1 << 20

SHARE = 0.2
"""How much more the last third may have than the first."""
SPARE = {"MB of serve": 12.0, "MB of worker": 12.0, "files of serve": 20.0, "files of worker": 20.0,
         "connections": 6.0}  # fmt: skip
"""What it may have in addition."""


class Sample(msgspec.Struct, frozen=True):
    """One measurement."""

    at: float
    """Seconds since the first sample."""
    values: list[tuple[str, float]]
    """Names and values: memory and files once per process, connections once."""


class Flatness(msgspec.Struct, frozen=True):
    """The medians of the first and the last third."""

    name: str
    first: float
    last: float

    @property
    def most(self) -> float:
        """The most that the last may be."""
        return self.first * (1 + SHARE) + SPARE[self.name]

    @property
    def flat(self) -> bool:
        """Whether it has not grown beyond that."""
        return self.last <= self.most

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.first:.0f} in the first third, {self.last:.0f} in the last (at most {self.most:.0f})"
        )


class Meter:
    """Takes samples until it is cancelled."""

    def __init__(self, fleet: Fleet, database_url: str) -> None:
        self.samples: list[Sample] = []
        self.state: dict[str, int] = {}
        """The service's state at the last sample: open tasks, rows in the queue."""
        self._fleet = fleet
        self._url = database_url
        self._connection: asyncpg.Connection | None = None

    async def run(self) -> None:
        """Take samples."""
        began = time.monotonic()
        while True:
            values = list(self._processes())
            try:
                values += await self._postgres()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                if self._connection is not None:
                    self._connection.terminate()
                self._connection = None  # it is being restarted
            self.samples.append(Sample(time.monotonic() - began, values))
            await asyncio.sleep(_EVERY_SECONDS)

    def flatness(self) -> list[Flatness]:
        """The verdict on everything of which there are enough samples."""
        if not self.samples:
            return []
        end = self.samples[-1].at
        found = []
        for name in SPARE:
            first = [value for sample in self.samples if sample.at < end / 3 for value in _of(sample, name)]
            last = [value for sample in self.samples if sample.at > end * 2 / 3 for value in _of(sample, name)]
            if len(first) >= _FEWEST and len(last) >= _FEWEST:
                found.append(Flatness(name, median(first), median(last)))
        return found

    def _processes(self) -> Iterator[tuple[str, float]]:
        for member in self._fleet.members.values():
            if member.pid is None or time.monotonic() - member.started_at < _YOUNG_SECONDS:
                continue
            role = member.name.partition("-")[0]
            try:
                process = psutil.Process(member.pid)
                family = [process, *process.children(recursive=True)]
                yield f"MB of {role}", sum(one.memory_info().rss for one in family) / _MEGABYTE
                yield f"files of {role}", float(sum(one.num_fds() for one in family))
            except psutil.NoSuchProcess:
                continue

    async def _postgres(self) -> list[tuple[str, float]]:
        if self._connection is None:
            self._connection = await asyncpg.connect(self._url, timeout=2, command_timeout=5)
        row = await self._connection.fetchrow(_STATE)
        assert row is not None
        self.state = dict(row)
        return [("connections", float(row["connections"]))]


_STATE = """
SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
       (SELECT count(*) FROM open_tasks) AS open, (SELECT count(*) FROM pgqueuer) AS queue,
       (SELECT count(*) FROM deliveries WHERE state = 'pending') AS owed
"""


def _of(sample: Sample, name: str) -> Sequence[float]:
    return [value for named, value in sample.values if named == name]
