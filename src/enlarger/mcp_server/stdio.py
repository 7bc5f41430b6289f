"""The tools on stdin and stdout: for an agent on the machine of its user."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import httpx2

from enlarger.mcp_server.access import Access, AnyContext, Caller, Terms
from enlarger.mcp_server.server import make_server
from enlarger.protocol.inline import is_url

_STDIN = 0
_CHUNK = 65_536


async def serve_stdio(caller: Caller, *, max_credits: float | None = None) -> None:
    """Serve until stdin ends. Only the protocol is written to stdout; whatever else is printed goes to stderr."""
    async with httpx2.AsyncClient(follow_redirects=True, timeout=20) as http:
        access = Access(caller, http, is_url)

        @asynccontextmanager
        async def open_access(_: AnyContext) -> AsyncIterator[Access]:
            yield access

        server = make_server(open_access, Terms(on_this_machine=True, max_credits=max_credits))
        with _closable_stdin() as close:
            serving = asyncio.create_task(server.run_stdio_async())
            try:
                await asyncio.shield(serving)
            finally:
                close()
                await serving


@contextmanager
def _closable_stdin() -> Iterator[Callable[[], None]]:
    """Lead stdin through a pipe around a block; yields what ends it.

    The SDK reads stdin in a thread that it waits for, so a signal would not end the process before the agent had closed
    stdin. The thread here that reads the real one is left behind.
    """
    real = os.dup(_STDIN)
    reader, writer = os.pipe()
    os.dup2(reader, _STDIN)
    os.close(reader)
    pipe = os.fdopen(writer, "wb", buffering=0)

    def pump() -> None:
        with suppress(OSError, ValueError), pipe:  # it is closed at the end
            while chunk := os.read(real, _CHUNK):
                view = memoryview(chunk)
                while view:
                    view = view[pipe.write(view) or 0 :]

    threading.Thread(target=pump, name="enlarger-stdin", daemon=True).start()
    try:
        yield pipe.close
    finally:
        pipe.close()
        os.dup2(real, _STDIN)
