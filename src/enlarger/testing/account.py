"""The one account of the stand-in: its tasks, its credits and its limits, all under one lock."""

from __future__ import annotations

import heapq
import secrets
import threading
from collections import deque

from enlarger.protocol.codes import NO_RECORD
from enlarger.testing.clock import Clock
from enlarger.testing.exchange import Refused
from enlarger.testing.fate import Fate
from enlarger.testing.new_task import ParsedRequest
from enlarger.testing.recorded import SeenTask
from enlarger.testing.tasks import Failure, Task

_TOO_MANY = "Your call frequency is too high. Please try again later."
_TOO_DEAR = "Credits insufficient: the current credits are not enough to run this request. Please top up."


class Account:
    """Makes tasks and tells what became of them. Every method may be called from any thread."""

    def __init__(self, *, credits: float, limits: bool, visible_after: float, clock: Clock) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._visible_after = visible_after
        self._created = Window(20, 10.0) if limits else None
        self._asked = Window(10, 1.0) if limits else None
        self._credits = credits
        self._charged = 0.0
        self._reserved = 0.0
        self._tasks: dict[str, Task] = {}
        self._running: list[tuple[float, str]] = []
        self._failures: deque[Failure] = deque()
        self._fingerprints: set[bytes] = set()
        self._duplicates: list[Task] = []
        self._keys: dict[str, tuple[bytes, str]] = {}

    def create(
        self, wanted: ParsedRequest, *, seconds: float, fate: Fate, idempotency_key: str | None
    ) -> tuple[Task, bool]:
        """Make a task that takes so many seconds, but for its fate.

        Says also whether it was there already under the idempotency key.

        Raises Refused when there are too many, too few credits, or the key was used for something else.
        """
        with self._lock:
            now = self._settle()
            if idempotency_key is not None and idempotency_key in self._keys:
                return self._replay(idempotency_key, wanted), True
            if self._created is not None and not self._created.has_room(now):
                raise Refused(429, _TOO_MANY)
            if wanted.price > round(self._credits - self._charged - self._reserved, 4):
                raise Refused(402, _TOO_DEAR)
            if self._created is not None:
                self._created.add(now)
            task = self._make(wanted, now, seconds, fate)
            if idempotency_key is not None:
                self._keys[idempotency_key] = (wanted.request_fingerprint, task.id)
            return task, False

    def find(self, task_id: str) -> Task:
        """The task of this id. Raises Refused while it is not visible, too."""
        with self._lock:
            task = self._tasks.get(task_id)
        if task is None or self._clock() < task.created + self._visible_after:
            raise Refused(422, NO_RECORD)
        return task

    def count_query(self) -> None:
        """Raise Refused where this is one recordInfo too many in a second."""
        if self._asked is None:
            return
        with self._lock:
            now = self._clock()
            if not self._asked.has_room(now):
                raise Refused(429, _TOO_MANY)
            self._asked.add(now)

    def fail_next(self, failure: Failure) -> None:
        """Let the next task that is made fail."""
        with self._lock:
            self._failures.append(failure)

    def balance(self) -> float:
        """The credits that are left, as the hosted service tells them: tasks count when they have succeeded."""
        return round(self._credits - self.charged(), 4)

    def charged(self) -> float:
        """The credits that tasks have cost."""
        with self._lock:
            self._settle()
            return self._charged

    def tasks(self) -> tuple[SeenTask, ...]:
        """All tasks, oldest first."""
        with self._lock:
            now = self._clock()
            return tuple(task.seen(now) for task in self._tasks.values())

    def duplicates(self) -> tuple[SeenTask, ...]:
        """The tasks that had the same model and input as an earlier one."""
        with self._lock:
            now = self._clock()
            return tuple(task.seen(now) for task in self._duplicates)

    def _replay(self, key: str, wanted: ParsedRequest) -> Task:
        fingerprint, task_id = self._keys[key]
        if fingerprint != wanted.request_fingerprint:
            raise Refused(422, "The Idempotency-Key was used before, with another body.")
        return self._tasks[task_id]

    def _make(self, wanted: ParsedRequest, now: float, seconds: float, fate: Fate) -> Task:
        task_id = secrets.token_hex(16)
        task = Task(
            id=task_id,
            model=wanted.model.id,
            input=wanted.input,
            param=wanted.param,
            callback_url=wanted.callback_url,
            created=now,
            ends=now + fate.seconds(seconds),
            price=wanted.price,
            failure=self._failure(wanted, fate),
            files=wanted.file_names(task_id),
            fate=fate,
        )
        self._tasks[task_id] = task
        self._reserved = round(self._reserved + task.price, 4)
        heapq.heappush(self._running, (task.ends, task_id))
        if wanted.fingerprint in self._fingerprints:
            self._duplicates.append(task)
        self._fingerprints.add(wanted.fingerprint)
        return task

    def _failure(self, wanted: ParsedRequest, fate: Fate) -> Failure | None:
        if self._failures:
            return self._failures.popleft()
        return wanted.failure if fate.failure is None else Failure(fate.failure)

    def _settle(self) -> float:
        """Charge the tasks that have succeeded by now, and release what failed ones would have cost."""
        now = self._clock()
        while self._running and self._running[0][0] <= now:
            task = self._tasks[heapq.heappop(self._running)[1]]
            self._reserved = round(self._reserved - task.price, 4)
            if task.failure is None:
                self._charged = round(self._charged + task.price, 4)
        return now


class Window:
    """So many events in so many seconds."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._times: deque[float] = deque()

    def has_room(self, now: float) -> bool:
        """Whether there may be one more now."""
        while self._times and self._times[0] <= now - self._seconds:
            self._times.popleft()
        return len(self._times) < self._most

    def add(self, now: float) -> None:
        """Count one."""
        self._times.append(now)
