"""A TCP server on loopback for tests that speak by hand; when it ends, every connection has been closed.

Before Python 3.12 `asyncio.Server` forgets the connections that it has accepted: one whose peer hangs up while it is
written to stays open until the garbage collector finds it, in the middle of some other test.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""Serves one connection; it need not close it, nor mind that its peer hangs up."""


@asynccontextmanager
async def loopback_server(
    answer: Answer, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """The port of a server, around a block; what is still being served at its end is cancelled."""
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        current = asyncio.current_task()
        assert current is not None
        serving.add(current)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                await answer(reader, writer)
        finally:
            writer.close()
            with suppress(ConnectionError, ssl.SSLError, TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), 5)
            serving.discard(current)

    async with await asyncio.start_server(serve, host, 0, ssl=tls) as server:
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for connection in (open_ones := list(serving)):
                connection.cancel()
            await asyncio.gather(*open_ones, return_exceptions=True)
