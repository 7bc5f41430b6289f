"""What work waits for: cores, locks, connections, the disk. Each records its utilisation."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import simpy
from simpy.resources.resource import Request

from bench.simulated.inputs import Step

Wait = Generator[simpy.Event, Any, None]


class Station:
    """Has `capacity` places, which are given out in the order of requests."""

    def __init__(self, env: simpy.Environment, name: str, capacity: int = 1) -> None:
        self.env = env
        self.name = name
        self.resource = simpy.Resource(env, capacity)
        self.busy = 0.0
        """Seconds for which places were taken, in total."""

    def work(self, seconds: float) -> Wait:
        """Occupy a place for so many seconds."""
        with self.resource.request() as place:
            yield place
            yield self.env.timeout(seconds)
            self.busy += seconds

    @contextmanager
    def held(self) -> Iterator[Request]:
        """Occupy a place during a block, which must first wait for the request that it is given."""
        begun: list[float] = []
        place = self.resource.request()
        with place:
            place.callbacks.append(lambda _: begun.append(self.env.now))
            yield place
        self.busy += self.env.now - begun[0]

    def share(self, seconds: float) -> float:
        """Its utilisation over so many seconds."""
        return self.busy / (seconds * self.resource.capacity)


class Disk:
    """Flushes commits: one flush at a time, which serves all commits that waited when it began."""

    def __init__(self, env: simpy.Environment, flush_seconds: float) -> None:
        self._env = env
        self._seconds = flush_seconds
        self._next = env.event()
        self._flushing = False
        self.flushes = 0

    def flush(self) -> Wait:
        """Wait until everything written so far is on disk."""
        done = self._next
        if not self._flushing:
            self._flushing = True
            self._env.process(self._flush())
        yield done

    def _flush(self) -> Wait:
        while True:
            done, self._next = self._next, self._env.event()
            yield self._env.timeout(self._seconds)
            self.flushes += 1
            done.succeed()
            if not self._next.callbacks:
                self._flushing = False
                return


class Postgres:
    """Executes statements on the cores of its machine."""

    def __init__(
        self,
        env: simpy.Environment,
        cores: Station,
        disk: Disk,
        statement_seconds: float,
        spread: float,
        random: Random,
    ) -> None:
        """`statement_seconds` is the time of a statement's way to Postgres and back."""
        self._env = env
        self.cores = cores
        self.disk = disk
        self._way = statement_seconds
        self._spread = spread
        self._random = random
        self.used = 0.0
        """Seconds of CPU."""

    def execute(self, seconds: float) -> Wait:
        """One statement."""
        yield self._env.timeout(self._way)
        seconds = vary(seconds, self._spread, self._random)
        self.used += seconds
        yield from self.cores.work(seconds)


class Process:
    """A process of the service: an event loop, which does one piece of work at a time, on the cores of a machine."""

    def __init__(
        self,
        env: simpy.Environment,
        number: int,
        cores: Station,
        postgres: Postgres,
        *,
        connections: int,
        queue_connections: int,
        spread: float,
        random: Random,
    ) -> None:
        self.env = env
        self.number = number
        self.loop = Station(env, "event loop")
        self.connections = Station(env, "connections", connections)
        self.queue_connection = Station(env, "queue connection", queue_connections)
        self.used = 0.0
        """Seconds of CPU."""
        self._receivers: dict[int, Station] = {}
        self._cores = cores
        self._postgres = postgres
        self._spread = spread
        self._random = random

    def receiver(self, number: int, at_once: int) -> Station:
        """The places for this process's callbacks to a receiver."""
        return self._receivers.setdefault(number, Station(self.env, "receiver", at_once))

    def compute(self, milliseconds: float) -> Wait:
        """Use the CPU."""
        seconds = vary(milliseconds / 1000, self._spread, self._random)
        self.used += seconds
        with self.loop.held() as turn:
            yield turn
            yield from self._cores.work(seconds)

    def do(self, step: Step, *, first: int = 0, last: int | None = None) -> Wait:
        """Do a step, or its statements from `first` up to `last`; the end of the step commits."""
        count = max(step.statements, 1)
        for _ in range(first, count if last is None else last):
            yield from self.compute(step.service_ms / count)
            if step.statements:
                yield from self._postgres.execute(step.postgres_ms / count / 1000)
        if step.commits and last is None:
            yield from self._postgres.disk.flush()

    def transact(self, step: Step) -> Wait:
        """Do a step on a connection of the pool."""
        with self.connections.held() as connection:
            yield connection
            yield from self.do(step)

    def ask_queue(self, step: Step) -> Wait:
        """Do a step on a connection of the queue managers."""
        with self.queue_connection.held() as connection:
            yield connection
            yield from self.do(step)


def vary(value: float, spread: float, random: Random) -> float:
    """Vary a value, whose share `spread` is exponentially distributed; the mean stays the same."""
    return value * (1 - spread + spread * random.expovariate(1.0)) if spread else value
