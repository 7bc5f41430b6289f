"""The text that Prometheus reads from a process, or from several that are one service."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from enlarger._version import __version__
from enlarger.errors import DatabaseUnavailable
from enlarger.infra.database import Connections, Database
from enlarger.monitoring.figures import Figures, describe_figures, read_figures
from enlarger.monitoring.instruments import INSTRUMENTS
from enlarger.monitoring.siblings import Siblings, merge
from enlarger.tasks.deliveries import Backlog
from enlarger.tasks.usage import DatabaseFacts

_FRESH_SECONDS = 5.0
"""For how long a reading counts, however often it is asked for."""
_REST = 10.0
"""And for how many times what it took, so that reading is at most a tenth of a connection's time."""
_PATIENCE_SECONDS = 5.0
"""The longest that a scrape waits for the database: half of what Prometheus waits for a scrape."""
_SILENCE_SECONDS = 2.0
"""How long a Postgres that does not answer is waited for."""
_DISK_SECONDS = 1.0
"""The same for a disk."""
_SIBLING_SECONDS = 2.0
"""The same for another process's own metrics."""
_OWN, _SERVICE = "own", "service"
"""What siblings ask each other."""

_log = structlog.get_logger("enlarger.monitoring")


@dataclass(frozen=True, slots=True)
class _Reading:
    figures: Figures
    seconds: float
    until: float
    """When it is to be read anew, by the event loop's clock."""


@dataclass(frozen=True, slots=True)
class Description:
    """A metric without its values."""

    name: str
    type: str
    labels: tuple[str, ...]
    meaning: str


class Exposition:
    """The metrics of this process, and of the service as its database knows it."""

    def __init__(
        self,
        database: Database,
        folders: Mapping[str, Path],
        *,
        siblings: Siblings | None = None,
        fresh: float = _FRESH_SECONDS,
        patience: float = _PATIENCE_SECONDS,
    ) -> None:
        """`folders` are those whose disks are watched, by what they are called.

        With `siblings` the metrics are those of all processes, of which this is one. A reading of the database counts
        for `fresh` seconds, and is given up after `patience` seconds.
        """
        self._siblings = siblings
        self._database = database.for_requests(read_seconds=_SILENCE_SECONDS)
        self._folders = folders
        self._fresh = fresh
        self._patience = patience
        self._turn = asyncio.Lock()
        self._reading: _Reading | None = None

    async def write(self, accept: str) -> tuple[bytes, str]:
        """The metrics in the form that the header Accept asks for, and its Content-Type."""
        families, disks = await asyncio.gather(self._gather(), self._look_at_disks())
        encode, content_type = choose_encoder(accept)
        return encode(_Metrics([*families, *_describe_disks(disks), _describe_build()])), content_type

    @asynccontextmanager
    async def answering(self) -> AsyncIterator[None]:
        """Tell this process's metrics to its siblings, if it has any, around a block."""
        if self._siblings is None:
            yield
            return
        async with self._siblings.answering({_OWN: self._own, _SERVICE: self._service}):
            yield

    async def _gather(self) -> list[Metric]:
        """What this process and its siblings measure, and what the database knows of the service.

        The first process reads the database, whichever is asked. The readings of several processes would differ in age,
        and Prometheus takes a counter that decreases for one that was reset.
        """
        if self._siblings is None:
            return [*await self._own(), *await self._service()]
        answers = await asyncio.gather(*(self._ask(one, _OWN, _SIBLING_SECONDS) for one in self._siblings.numbers))
        own = {number: found for number, found in zip(self._siblings.numbers, answers, strict=True) if found}
        service = await self._ask(min(own), _SERVICE, self._patience + 1)
        return [*merge(own), *(await self._service() if service is None else service)]

    async def _ask(self, number: int, question: str, seconds: float) -> list[Metric] | None:
        assert self._siblings is not None
        if number == self._siblings.number:
            return await (self._own if question == _OWN else self._service)()
        return await self._siblings.ask(number, question, seconds=seconds)

    async def _own(self) -> list[Metric]:
        """What this process measures."""
        return [*REGISTRY.collect(), *_describe_connections(self._database.connections)]

    async def _service(self) -> list[Metric]:
        """What the database knows of the service."""
        reading = await self._read()
        if reading is None:
            return [_describe_up(False)]
        return [_describe_up(True), *_describe_reading(reading)]

    async def _read(self) -> _Reading | None:
        """What the database knows; None when it does not say so in time."""
        clock = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout(self._patience), self._turn:
                if self._reading is None or clock() >= self._reading.until:
                    self._reading, began = None, clock()
                    figures = await read_figures(self._database)
                    took = clock() - began
                    self._reading = _Reading(figures, took, clock() + max(self._fresh, _REST * took))
                return self._reading
        except DatabaseUnavailable:
            return None
        except TimeoutError:
            _log.warning("metrics_not_read", seconds=self._patience)
            return None

    async def _look_at_disks(self) -> dict[str, tuple[int, int]]:
        """The free and all bytes of the folders' disks, as far as they can be told."""
        found = {}
        for name, folder in self._folders.items():
            try:
                async with asyncio.timeout(_DISK_SECONDS):
                    disk = await asyncio.to_thread(shutil.disk_usage, folder)
            except OSError:  # a TimeoutError is one
                continue
            found[name] = (disk.free, disk.total)
        return found


def list_metrics() -> tuple[list[Description], list[Description]]:
    """What Prometheus can read: the metrics of a process, and those of the service."""
    nothing = Figures(
        facts=DatabaseFacts(version="", bytes=0),
        totals={},
        open_tasks=(),
        queue=(),
        workers=(),
        announced=(),
        unfinished=(),
        uncollected=(),
        providers=(),
        callbacks=Backlog(due=0, later=0, oldest=0.0),
        budgets=(),
    )
    own = [
        _describe_build(),
        *INSTRUMENTS,
        *_describe_connections(Connections(open=0, used=0, most=0, waiting=0)),
        *_describe_disks({}),
    ]
    service = [_describe_up(True), *_describe_reading(_Reading(nothing, 0.0, 0.0))]
    return [_read_description(one) for one in own], [_read_description(one) for one in service]


def _read_description(metric: Any) -> Description:
    [family] = metric.describe() if isinstance(metric, MetricWrapperBase) else [metric]
    name = f"{family.name}_total" if family.type == "counter" else family.name
    return Description(name, family.type, tuple(metric._labelnames), family.documentation)


def _describe_up(up: bool) -> Metric:
    return GaugeMetricFamily("enlarger_database_up", "1 if the database answered this scrape, otherwise 0.", float(up))


def _describe_reading(reading: _Reading) -> Iterator[Metric]:
    took = "Seconds that reading the service's metrics took."
    yield GaugeMetricFamily("enlarger_database_read_seconds", took, reading.seconds)
    yield from describe_figures(reading.figures)


def _describe_connections(now: Connections) -> Iterator[Metric]:
    meaning = "Connections in the pool of the process: `used` or `idle`."
    family = GaugeMetricFamily("enlarger_database_connections", meaning, labels=("state",))
    family.add_metric(("used",), now.used)
    family.add_metric(("idle",), now.open - now.used)
    yield family
    yield GaugeMetricFamily("enlarger_database_connections_max", "Connections that the pool may have.", now.most)
    waits = "Operations that wait for a connection."
    yield GaugeMetricFamily("enlarger_database_connections_waiting", waits, now.waiting)


def _describe_disks(disks: Mapping[str, tuple[int, int]]) -> Iterator[Metric]:
    meaning = "Free bytes on the disk of a folder: `data`, or `storage` if that is a folder."
    free = GaugeMetricFamily("enlarger_disk_free_bytes", meaning, labels=("folder",))
    size = GaugeMetricFamily("enlarger_disk_size_bytes", "Size of this disk.", labels=("folder",))
    for name, (left, all_bytes) in disks.items():
        free.add_metric((name,), left)
        size.add_metric((name,), all_bytes)
    yield free
    yield size


def _describe_build() -> Metric:
    version = GaugeMetricFamily("enlarger_build_info", "1, with the version as a label.", labels=("version",))
    version.add_metric((__version__,), 1)
    return version


class _Metrics(Collector):
    """Metrics as the encoders want them."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families
