"""A hosted provider, its limits, and the tasks that wait for it."""

from __future__ import annotations

from collections import Counter, deque
from random import Random
from typing import Any

import simpy

from bench.simulated.inputs import Provider
from bench.simulated.stations import Station, Wait
from bench.stand_ins import stand_in_seconds

_CALL_LASTS = 30.0


class HostedProvider:
    """A provider, and what the service knows of it."""

    def __init__(
        self,
        env: simpy.Environment,
        limits: Provider,
        random: Random,
        cpu_seconds: float,
        cores: Station | None,
    ) -> None:
        """A request takes it `cpu_seconds` on `cores`, if these are the service's own."""
        self._env = env
        self._limits = limits
        self._random = random
        self._cpu = Station(env, "provider's stand-in") if cores is not None else None
        self._cores = cores
        self._cpu_seconds = cpu_seconds
        self.lock = Station(env, "provider's lock")
        self.running = 0
        self._sent: deque[float] = deque()
        self._waiting: deque[tuple[int, Any]] = deque()
        self._joined = env.event()
        self.called: dict[int, float] = {}
        """When tasks were called that have not begun yet."""
        self.submitting: Counter[int] = Counter()
        self.collecting: Counter[int] = Counter()
        self.looking: Counter[int] = Counter()

    def has_place(self, *, ahead: bool) -> bool:
        """Whether one more task may be submitted; with `ahead` it was called, so none is before it."""
        return self._places() > 0 and (ahead or not (self._waiting or self.called))

    def begin(self) -> None:
        """A task is being submitted."""
        self.running += 1
        self._sent.append(self._env.now)

    def end(self) -> None:
        """A task has ended."""
        self.running -= 1

    def join(self, number: int, task: Any) -> None:
        """A task waits to be called."""
        self._waiting.append((number, task))
        joined, self._joined = self._joined, self._env.event()
        joined.succeed()

    def waits(self) -> simpy.Event:
        """An event for the moment when tasks wait."""
        return self._env.timeout(0) if self._waiting else self._joined

    def call(self) -> list[Any]:
        """Remove the tasks for which there are places from the line, and return them."""
        now = self._env.now
        self.called = {number: at for number, at in self.called.items() if now - at < _CALL_LASTS}
        found = []
        for _ in range(min(self._places() - len(self.called), len(self._waiting))):
            number, task = self._waiting.popleft()
            self.called[number] = now
            found.append(task)
        return found

    def answer(self) -> Wait:
        """Answer a request."""
        if self._cpu is not None and self._cores is not None:
            with self._cpu.held() as turn:
                yield turn
                yield from self._cores.work(self._cpu_seconds)
        yield self._env.timeout(self._limits.answer_ms / 1000)

    def seconds(self, number: int) -> float:
        """The duration of a task."""
        limits = self._limits
        if limits.first_number is not None:
            return stand_in_seconds(limits.seconds, "%032x" % (limits.first_number + number))
        return limits.seconds * self._random.uniform(1 - limits.spread, 1 + limits.spread)

    def fails(self) -> bool:
        """Whether a task that has ended has failed."""
        return self._random.random() < self._limits.failures if self._limits.failures else False

    def _places(self) -> int:
        most, seconds = self._limits.creates
        while self._sent and self._sent[0] <= self._env.now - seconds:
            self._sent.popleft()
        return min(self._limits.concurrency - self.running, most - len(self._sent))
