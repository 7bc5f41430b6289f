"""Announces the ends of tasks to their callback URLs, from background threads."""

from __future__ import annotations

import heapq
import itertools
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException

import msgspec

from enlarger.protocol.records import TaskRecord, encode_callback
from enlarger.protocol.signatures import TASK_SIGNATURE, TASK_TIMESTAMP, sign_task
from enlarger.testing.clock import Clock
from enlarger.testing.loopback import connect
from enlarger.testing.recorded import Delivery

ATTEMPTS = 3
_TIMEOUT = 15.0
"""Seconds that a receiver has for its answer."""
_POLL_SECONDS = 0.02
"""How often the clock is looked at while something is due later: it may be one that is moved by hand."""


Sign = Callable[[str, bytes, float], Mapping[str, str]]
"""The headers that sign the body of a task's callback, sent at this unix time."""


class _Announcement(msgspec.Struct, frozen=True):
    task_id: str
    url: str
    body: Callable[[], bytes | None]
    attempt: int = 1


class Callbacks:
    """Sends callbacks, `at_once` at a time: three attempts, `delay` seconds between them."""

    def __init__(self, *, sign: Sign, delay: float, clock: Clock, at_once: int = 1) -> None:
        self._sign = sign
        self._delay = delay
        self._clock = clock
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, _Announcement]] = []
        self._numbers = itertools.count()
        self._deliveries: list[Delivery] = []
        self._stopping = False
        self._connections: set[HTTPConnection] = set()
        self._threads = [
            threading.Thread(target=self._run, name="enlarger-stand-in-callbacks", daemon=True) for _ in range(at_once)
        ]

    def start(self) -> None:
        """Begin to send."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop; what has not been sent stays unsent, and a receiver that is being waited for is left."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            for connection in self._connections:
                if connection.sock is not None:
                    with suppress(OSError):  # it may just have been closed
                        connection.sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            if thread.is_alive():
                thread.join(_TIMEOUT)

    def schedule(self, task_id: str, url: str, body: Callable[[], bytes | None], due: float) -> None:
        """Announce a task's end at this unix time. `body` is called then; None means that there is nothing to tell."""
        self._push(due, _Announcement(task_id, url, body))

    def deliveries(self) -> tuple[Delivery, ...]:
        """Every attempt so far, oldest first."""
        with self._changed:
            return tuple(self._deliveries)

    def wait(self, count: int, timeout: float) -> tuple[Delivery, ...]:
        """Every attempt, once there were so many. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._deliveries) >= count, timeout):
                raise TimeoutError(f"{len(self._deliveries)} of {count} callbacks after {timeout:g} s.")
            return tuple(self._deliveries)

    def wait_for(self, task_id: str, timeout: float = _TIMEOUT) -> None:
        """Wait until there was an attempt for this task, but not for longer than `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._stopping or any(delivery.task_id == task_id for delivery in self._deliveries), timeout
            )

    def _push(self, due: float, announcement: _Announcement) -> None:
        with self._changed:
            heapq.heappush(self._due, (due, next(self._numbers), announcement))
            self._changed.notify_all()

    def _run(self) -> None:
        while (announcement := self._next()) is not None:
            body = announcement.body()
            if body is None:
                continue
            delivery = self._deliver(announcement, body)
            if not delivery.delivered and announcement.attempt < ATTEMPTS:
                again = msgspec.structs.replace(announcement, attempt=announcement.attempt + 1)
                self._push(self._clock() + self._delay, again)
            with self._changed:
                self._deliveries.append(delivery)
                self._changed.notify_all()

    def _next(self) -> _Announcement | None:
        """What is due, as soon as something is; None at the end."""
        with self._changed:
            while not self._stopping:
                remaining = self._due[0][0] - self._clock() if self._due else None
                if remaining is not None and remaining <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(None if remaining is None else min(remaining, _POLL_SECONDS))
        return None

    def _deliver(self, announcement: _Announcement, body: bytes) -> Delivery:
        now = self._clock()
        status, problem = None, None
        try:
            status = self._post(announcement, body, now)
        except ValueError as error:
            problem = str(error)
        except (HTTPException, OSError) as error:
            problem = f"{type(error).__name__}: {error}"
        return Delivery(
            task_id=announcement.task_id,
            url=announcement.url,
            attempt=announcement.attempt,
            at=now,
            status=status,
            problem=problem,
        )

    def _post(self, announcement: _Announcement, body: bytes, now: float) -> int:
        connection, target = connect(announcement.url, timeout=_TIMEOUT)
        headers = {"Content-Type": "application/json", **self._sign(announcement.task_id, body, now)}
        try:
            connection.connect()
            with self._changed:
                if self._stopping:
                    raise ConnectionAbortedError("The stand-in is stopped.")
                self._connections.add(connection)
            connection.request("POST", target, body, headers)
            return connection.getresponse().status
        finally:
            with self._changed:
                self._connections.discard(connection)
            connection.close()


def task_signature(key: str | None) -> Sign:
    """The hosted KIE service's signature, over the task's id; none without a key."""

    def sign(task_id: str, _body: bytes, now: float) -> Mapping[str, str]:
        if key is None:
            return {}
        timestamp = str(int(now))
        return {TASK_TIMESTAMP: timestamp, TASK_SIGNATURE: sign_task(task_id, timestamp, key)}

    return sign


def encode_body(record: TaskRecord) -> bytes:
    """The body of a callback as the hosted service has it: the task's id stands in `data.taskId` alone."""
    record = msgspec.structs.replace(record, update_time=record.complete_time or msgspec.UNSET)
    body = encode_callback(record)
    del body["taskId"], body["data"]["task_id"]
    return msgspec.json.encode(body)
