"""The metrics of a service's other processes, each of which answers the others on a Unix socket.

Prometheus may reach any of them, and that one answers for all.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
from prometheus_client.metrics_core import Metric

_LABEL = "process"
Answer = Callable[[], Awaitable[Iterable[Metric]]]


class _Family(msgspec.Struct, array_like=True, frozen=True):
    name: str
    documentation: str
    type: str
    samples: list[tuple[str, dict[str, str], Any]]


class Siblings:
    """The processes of a service, numbered from 1."""

    def __init__(self, folder: Path, number: int, of: int) -> None:
        """`number` is this process's number and `of` how many there are; `folder` contains their sockets."""
        self._folder = folder
        self.number = number
        self.numbers: range = range(1, of + 1)

    @asynccontextmanager
    async def answering(self, answers: Mapping[str, Answer]) -> AsyncIterator[None]:
        """Answer the others' questions around a block."""

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(OSError):
                try:
                    question = (await reader.readline()).decode().strip()
                    if question in answers:
                        writer.write(msgspec.json.encode([_pack(one) for one in await answers[question]()]))
                        await writer.drain()
                finally:
                    writer.close()

        path = self._path(self.number)
        path.unlink(missing_ok=True)  # of an earlier process with this number
        async with await asyncio.start_unix_server(answer, path):
            yield

    async def ask(self, number: int, question: str, *, seconds: float) -> list[Metric] | None:
        """Another process's answer; None if it does not answer in time or does not run."""
        with suppress(OSError, TimeoutError, msgspec.DecodeError):
            async with asyncio.timeout(seconds):
                reader, writer = await asyncio.open_unix_connection(self._path(number))
                try:
                    writer.write(f"{question}\n".encode())
                    answer = await reader.read()
                finally:
                    writer.close()
            return [_unpack(one) for one in msgspec.json.decode(answer, type=list[_Family])]
        return None

    def _path(self, number: int) -> Path:
        return self._folder / f"{number}.metrics"


def merge(by_process: Mapping[int, Iterable[Metric]]) -> list[Metric]:
    """Combine the metrics of several processes; the label `process` tells whose each sample is."""
    merged: dict[str, Metric] = {}
    for number, families in by_process.items():
        for family in families:
            into = merged.setdefault(family.name, Metric(family.name, family.documentation, family.type))
            for sample in family.samples:
                into.add_sample(sample.name, {**sample.labels, _LABEL: str(number)}, sample.value)
    return list(merged.values())


def _pack(family: Metric) -> _Family:
    samples = [(sample.name, sample.labels, float(sample.value)) for sample in family.samples]
    return _Family(family.name, family.documentation, family.type, samples)


def _unpack(packed: _Family) -> Metric:
    family = Metric(packed.name, packed.documentation, packed.type)
    for name, labels, value in packed.samples:
        family.add_sample(name, labels, value)
    return family
