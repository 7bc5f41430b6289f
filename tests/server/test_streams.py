"""Replies that are sent piece by piece are closed when their request ends, without the garbage collector."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from litestar import Request

from enlarger.server.streams import CloseStreams, streamed


async def nothing(*_: Any) -> Any:
    """A channel that nobody uses."""


@pytest.mark.parametrize("ends", [None, ConnectionResetError, RuntimeError])
async def test_a_stream_is_closed_however_its_request_ends(ends: type[Exception] | None) -> None:
    closed = []
    scope: Any = {"type": "http", "state": {}, "headers": []}

    async def pieces() -> AsyncGenerator[bytes]:
        try:
            yield b"one"
            yield b"two"
        finally:
            closed.append(True)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        reply = streamed(Request(scope), pieces())
        assert await anext(reply.iterator) == b"one"  # type: ignore[arg-type]
        scope["kept"] = reply  # as a traceback keeps it
        if ends is not None:
            raise ends

    middleware = CloseStreams()
    if ends is None:
        await middleware.handle(scope, nothing, nothing, app)
    else:
        with pytest.raises(ends):
            await middleware.handle(scope, nothing, nothing, app)
    assert closed == [True]


async def test_a_reply_that_is_no_stream_is_left_alone() -> None:
    scope: Any = {"type": "http", "state": {}, "headers": []}
    await CloseStreams().handle(scope, nothing, nothing, nothing)
    assert scope["state"] == {}
