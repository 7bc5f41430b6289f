"""What the client's rules ask of the world.

The rules are generators: each `yield` is one of the records below, and what comes back is its answer. A driver, of
which there is one with `await` and one without, carries them out; tests drive the same rules by hand.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Generator, Mapping
from typing import Any, Protocol, TypeVar

import msgspec

from enlarger.client.wire import Reply, Request

T = TypeVar("T")


class Send(msgspec.Struct, frozen=True):
    """Send a request; answered with the Reply. Raises NotSent or NoAnswer."""

    request: Request
    shielded: bool = False
    """Whether it is sent even if its caller has been cancelled."""


class Sink(Protocol):
    """Where a download goes."""

    @property
    def streams(self) -> bool:
        """Whether writing may take as long as whoever reads it likes."""

    def headers(self) -> dict[str, str]:
        """Further headers of the request."""

    def begin(self, status: int, headers: Mapping[str, str]) -> bool:
        """A response begins; returns whether its body is wanted. Raises NoAnswer for one that does not fit."""

    def write(self, chunk: bytes) -> None:
        """A part of the body."""


class Save(msgspec.Struct, frozen=True):
    """Download an address; answered with the Reply's head. Raises NotSent or NoAnswer, and what the sink raises."""

    url: str
    sink: Sink
    seconds: float = math.inf
    """How long it may take in all."""


class Pause(msgspec.Struct, frozen=True):
    """Wait so many seconds, or less when the service announces something about the task `task_id`."""

    seconds: float
    task_id: str | None = None


class Now(msgspec.Struct, frozen=True):
    """The time in seconds, on a clock that is never set; answered with a float."""


class Call(msgspec.Struct, frozen=True):
    """Call something of the user's or of the file system's that may take a while; answered with what it returns."""

    function: Callable[[], Any | Awaitable[Any]]
    blocking: bool = False
    """Whether it blocks, as reading a file does, and so must not run in the event loop."""


class NotSent(Exception):
    """The request surely did not reach the service."""


class OutOfTime(NotSent):
    """The deadline had passed before the request was to be sent."""


class NoAnswer(Exception):
    """The request may have reached the service; no answer came back."""


Effect = Send | Save | Pause | Now | Call
Flow = Generator[Effect, Any, T]


def send(request: Request, *, shielded: bool = False) -> Flow[Reply]:
    """Send a request."""
    reply: Reply = yield Send(request, shielded)
    return reply


def save(url: str, sink: Sink, seconds: float) -> Flow[Reply]:
    """Download an address."""
    reply: Reply = yield Save(url, sink, seconds)
    return reply


def pause(seconds: float, task_id: str | None = None) -> Flow[None]:
    """Wait."""
    if seconds > 0:
        yield Pause(seconds, task_id)


def now() -> Flow[float]:
    """The time."""
    time: float = yield Now()
    return time


def call(function: Callable[[], T | Awaitable[T]], *, blocking: bool = False) -> Flow[T]:
    """Call a function."""
    value: T = yield Call(function, blocking)
    return value
