"""What the stand-in has seen and done, as its user reads it: records that do not change any more."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from enlarger.protocol.records import State
from enlarger.testing.exchange import Answer, Request
from enlarger.testing.fault_kinds import InjectedFault

_LATEST = 10_000


class SeenTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task as it was when it was asked for."""

    id: str
    model: str
    input: Mapping[str, Any]
    """As it was sent."""
    callback_url: str | None
    created: float
    """Unix seconds."""
    state: State
    price: float
    """Credits, charged when it succeeds."""


class SeenRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request, and what was made of it."""

    method: str
    route: str
    status: int | None
    """The HTTP status; None where the connection was cut before it was sent."""
    code: int | None
    """The body code, where there was one; that of the answer that was meant, if it was cut."""
    sent: Literal["whole", "half", "nothing"]
    fault: InjectedFault | None = None
    """What was made to go wrong."""

    @property
    def answered(self) -> bool:
        """Whether the client was given the whole answer."""
        return self.sent == "whole"


class Requests(msgspec.Struct, frozen=True, kw_only=True):
    """All requests in numbers, and the latest ones."""

    counts: Mapping[str, int]
    """By route; a route that was never asked counts 0."""
    latest: tuple[SeenRequest, ...]
    """The last 10,000, oldest first."""


class Notes:
    """Writes requests down; may be used from any thread."""

    def __init__(self, routes: Sequence[str]) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter(dict.fromkeys(routes, 0))
        self._latest: deque[SeenRequest] = deque(maxlen=_LATEST)

    def add(self, request: Request, route: str, answer: Answer) -> None:
        """Write a request down."""
        seen = SeenRequest(
            method=request.method,
            route=route,
            status=None if answer.sent == "nothing" else answer.status,
            code=answer.code,
            sent=answer.sent,
            fault=answer.fault,
        )
        with self._lock:
            self._counts[route] += 1
            self._latest.append(seen)

    def requests(self) -> Requests:
        """All that was written down."""
        with self._lock:
            return Requests(counts=dict(self._counts), latest=tuple(self._latest))


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One try to announce a task's end to its callback URL."""

    task_id: str
    url: str
    attempt: int
    """1 to 3."""
    at: float
    """Unix seconds."""
    status: int | None = None
    """What the receiver answered with."""
    problem: str | None = None
    """Why there was no answer."""

    @property
    def delivered(self) -> bool:
        """Whether the receiver took it; it has to answer 200."""
        return self.status == 200
