"""Request bodies: how large they may be, how many bytes of them may be in flight, and how they are received."""

from __future__ import annotations

import asyncio
import mmap
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, ParamSpec, TypeVar

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import InternalServerException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPReceiveMessage, Receive, Scope, Send

from enlarger.errors import BodyTooSlow, InvalidRequest, ServiceOverloaded
from enlarger.translatable import sentence

MAX_UPLOAD_BYTES = 50_000_000
SMALL_BODY_BYTES = 64_000
"""For routes whose bodies hold no file."""
_ROOM_FOR_FORM = 1_000_000
FORM_BODY_BYTES = MAX_UPLOAD_BYTES + _ROOM_FOR_FORM
INLINE_BODY_BYTES = MAX_UPLOAD_BYTES * 4 // 3 + _ROOM_FOR_FORM
"""For routes that take files as base64."""

LARGE_BYTES = 1_000_000
"""Larger bodies are received on disk and parsed in a thread, so that nobody waits for them."""
_PARSED_AT_ONCE = 2
_RETRY_SECONDS = 5.0
_GRACE_SECONDS = 30.0
_SLOWEST = 16_000
"""Bytes a second that a body has to arrive with, on average and after the grace: 128 kbit/s."""

_STATE = "enlarger_body"

AnyRequest = Request[Any, Any, Any]
AnyConnection = ASGIConnection[Any, Any, Any, Any]

P = ParamSpec("P")
T = TypeVar("T")


class BodyBudget:
    """The bytes of request bodies that may be in flight at a time, in memory or on disk."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.used: int = 0
        self.parsing: asyncio.Semaphore = asyncio.Semaphore(_PARSED_AT_ONCE)

    def take(self, size: int) -> None:
        """Count `size` bytes more; one body is let in whatever its size. Raises ServiceOverloaded."""
        if self.used and self.used + size > self.most:
            raise ServiceOverloaded(
                sentence(
                    "The service is receiving as many files as it can hold: send the request again in a few seconds."
                ),
                _RETRY_SECONDS,
            )
        self.used += size

    def give_back(self, size: int) -> None:
        """Count `size` bytes less."""
        self.used -= size


class InFlight:
    """A body on its way: its share of the budget, and the time it may still take."""

    def __init__(self, budget: BodyBudget, announced: int, receive: Receive) -> None:
        self.budget = budget
        self.announced = announced
        self._receive = receive
        self._received = 0
        self._taken = 0
        self._began: float | None = None
        self._complete = False

    async def receive(self) -> HTTPReceiveMessage:
        """The next part of it. Raises ServiceOverloaded before anything is received, or BodyTooSlow."""
        if self._complete:
            return await self._receive()  # type: ignore[return-value]
        if self._began is None:
            self._began = asyncio.get_running_loop().time()
            self._take(self.announced)
        try:
            async with asyncio.timeout_at(self._began + _GRACE_SECONDS + self._received / _SLOWEST):
                event: HTTPReceiveMessage = await self._receive()  # type: ignore[assignment]
        except TimeoutError:
            raise BodyTooSlow(
                sentence(
                    "The request body arrived more slowly than {least} kB per second: send it over a"
                    " faster connection.",
                    least=_SLOWEST // 1000,
                )
            ) from None
        if event["type"] == "http.request":
            self._received += len(event["body"])
            self._take(self._received)
            self._complete = not event.get("more_body", False)
        return event

    def release(self) -> None:
        """Give its share back."""
        self.budget.give_back(self._taken)
        self._taken = 0
        self._complete = True

    def _take(self, size: int) -> None:
        """Have a share of at least `size` bytes; small bodies count for nothing."""
        if size > max(SMALL_BODY_BYTES, self._taken):
            self.budget.take(size - self._taken)
            self._taken = size


class BodyLimits(ASGIMiddleware):
    """Lets bodies in as far as the budget allows, and only while they keep arriving."""

    def __init__(self, budget: Callable[[], BodyBudget]) -> None:
        self._budget = budget

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Hand a request on; its body is counted from its first byte read until it is released or answered."""
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
        body = InFlight(self._budget(), int(announced) if announced.isdigit() and len(announced) < 19 else 0, receive)
        scope["state"][_STATE] = body
        try:
            await next_app(scope, body.receive, send)
        finally:
            body.release()


def release_body(request: AnyRequest) -> None:
    """Nothing of the request's body is needed any longer."""
    _in_flight(request).release()


@asynccontextmanager
async def received(request: AnyRequest) -> AsyncIterator[bytes | mmap.mmap]:
    """The request's whole body around a block: in memory, or on disk when it is large.

    Raises InvalidRequest when it breaks off, ServiceOverloaded or BodyTooSlow.
    """
    head = bytearray()
    parts = request.stream()
    try:
        async for part in parts:
            head += part
            if len(head) > LARGE_BYTES:
                break
        else:
            yield bytes(head)
            return
        with tempfile.TemporaryFile(prefix="enlarger-body-", buffering=0) as file:
            await asyncio.to_thread(file.write, head)
            head.clear()
            async for part in parts:
                head += part
                if len(head) > LARGE_BYTES or not part:
                    await asyncio.to_thread(file.write, head)
                    head.clear()
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as body:
                yield body
    except InternalServerException:  # the framework's word for a body that breaks off
        raise InvalidRequest(sentence("The request body ended unexpectedly: send it again.")) from None


async def off_loop(
    request: AnyRequest, body: bytes | mmap.mmap, work: Callable[P, T], *args: P.args, **options: P.kwargs
) -> T:
    """What `work` returns: done at once for a small body, else in a thread, two at a time."""
    if len(body) <= LARGE_BYTES:
        return work(*args, **options)
    async with _in_flight(request).budget.parsing:
        return await asyncio.to_thread(work, *args, **options)


def _in_flight(request: AnyRequest) -> InFlight:
    body: InFlight = request.scope["state"][_STATE]
    return body
