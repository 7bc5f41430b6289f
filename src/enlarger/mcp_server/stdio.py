"""The tools on stdin and stdout: for an agent on the machine of its user."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2

from enlarger.mcp_server.access import Access, AnyContext, Caller, Terms
from enlarger.mcp_server.server import make_server
from enlarger.protocol.inline import is_url


async def serve_stdio(caller: Caller, *, max_credits: float | None = None) -> None:
    """Serve until stdin ends. Only the protocol is written to stdout; whatever else is printed goes to stderr."""
    async with httpx2.AsyncClient(follow_redirects=True, timeout=20) as http:
        access = Access(caller, http, is_url)

        @asynccontextmanager
        async def open_access(_: AnyContext) -> AsyncIterator[Access]:
            yield access

        server = make_server(open_access, Terms(on_this_machine=True, max_credits=max_credits))
        await server.run_stdio_async()
