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
    """A task, as it was when the record was read."""

    id: str
    model: str
    input: Mapping[str, Any]
    """The input, as it was sent."""
    callback_url: str | None
    created: float
    """Unix seconds."""
    state: State
    price: float
    """Credits, charged if it succeeds."""


class SeenRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request, and how it was answered."""

    method: str
    route: str
    status: int | None
    """The HTTP status; None if the connection was cut before it was sent."""
    code: int | None
    """The body code, if there was one; of a cut answer, the one that was intended."""
    sent: Literal["whole", "half", "nothing"]
    fault: InjectedFault | None = None
    """The fault that was injected."""

    @property
    def answered(self) -> bool:
        """Whether the client received the whole answer."""
        return self.sent == "whole"


class Requests(msgspec.Struct, frozen=True, kw_only=True):
    """The number of requests, and the latest ones."""

    counts: Mapping[str, int]
    """The number of requests by route; 0 for a route without any."""
    latest: tuple[SeenRequest, ...]
    """The latest 10,000 requests, oldest first."""


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
    """One try to deliver a callback."""

    task_id: str
    url: str
    attempt: int
    """1 to 3."""
    at: float
    """Unix seconds."""
    status: int | None = None
    """The receiver's HTTP status."""
    problem: str | None = None
    """Why there was no answer."""

    @property
    def delivered(self) -> bool:
        """Whether the receiver answered 200."""
        return self.status == 200
