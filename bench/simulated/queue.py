"""The queue in Postgres, and the managers in each process that read it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import simpy

from bench.simulated.inputs import Costs
from bench.simulated.stations import Process, Wait

Duty = Callable[[Process, Any], Wait]


class Signal:
    """Notifies all listeners."""

    def __init__(self, env: simpy.Environment) -> None:
        self._env = env
        self._listeners: list[Heard] = []

    def listen(self) -> Heard:
        """A new listener."""
        heard = Heard(self._env)
        self._listeners.append(heard)
        return heard

    def give(self) -> None:
        """Notify them."""
        for listener in self._listeners:
            listener.hear()


class Heard:
    """A listener, which remembers whether it was notified."""

    def __init__(self, env: simpy.Environment) -> None:
        self._event = env.event()
        self._env = env

    def __bool__(self) -> bool:
        return self._event.triggered

    def hear(self) -> None:
        """Remember a notification."""
        if not self._event.triggered:
            self._event.succeed()

    def clear(self) -> None:
        """Forget the notification."""
        if self._event.triggered:
            self._event = self._env.event()

    def wait(self) -> simpy.Event:
        """An event for the next notification."""
        return self._event


class Rows:
    """The rows of an entrypoint, in the order in which they became due."""

    def __init__(self, env: simpy.Environment, changed: Signal) -> None:
        """`changed` notifies queue managers of new rows."""
        self._env = env
        self._rows: deque[Any] = deque()
        self.changed = changed

    def add(self, task: Any, *, after: float = 0.0) -> None:
        """Enqueue a row, which is due `after` so many seconds."""
        if after:
            self._env.process(self._later(task, after))
        else:
            self._rows.append(task)
            self.changed.give()

    def take(self, most: int) -> list[Any]:
        """Remove and return the first rows, at most `most`."""
        return [self._rows.popleft() for _ in range(min(most, len(self._rows)))]

    def _later(self, task: Any, seconds: float) -> Wait:
        yield self._env.timeout(seconds)
        self.add(task)


class QueueManager:
    """Reads the rows of one entrypoint in one process, as places become free."""

    def __init__(self, process: Process, rows: Rows, places: int, duty: Duty, costs: Costs) -> None:
        self._process = process
        self._rows = rows
        self._places = places
        self._duty = duty
        self._costs = costs
        self._busy = 0
        self._changed = rows.changed.listen()
        self._row_ended = process.env.event()
        process.env.process(self._run())

    def _run(self) -> Wait:
        process, costs = self._process, self._costs
        while True:
            yield self._changed.wait()
            while True:
                while self._busy >= self._places:
                    yield self._row_ended
                self._changed.clear()
                places = self._places - self._busy
                # Rows are picked by the statement, so nobody picks them meanwhile.
                yield from process.ask_queue(costs.read)
                found = self._rows.take(places)
                for task in found:
                    self._busy += 1
                    process.env.process(self._handle(task))
                if len(found) < places and not self._changed:
                    break
            yield from process.ask_queue(costs.count)

    def _handle(self, task: Any) -> Wait:
        yield from self._duty(self._process, task)
        self._busy -= 1
        ended, self._row_ended = self._row_ended, self._process.env.event()
        ended.succeed()
        yield from self._process.ask_queue(self._costs.done)
