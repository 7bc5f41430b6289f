"""The route `/mcp` of the service.

The package `mcp` is imported at the first request: it would make every start of a service a third longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from litestar import Litestar, asgi
from litestar.exceptions import HTTPException
from litestar.status_codes import HTTP_404_NOT_FOUND
from litestar.types import Receive, Scope, Send

from enlarger.mcp_server.messages import Refusal, read_message, refuse
from enlarger.mcp_server.origins import check_origin
from enlarger.server.mounts import Mount
from enlarger.settings import ServiceSettings
from enlarger.translatable import sentence

PATH = "/mcp"

Handle = Callable[[Any, Any, Any], Awaitable[None]]


def agent_tools(settings: ServiceSettings) -> Mount:
    """`/mcp`, for `create_app`; without the package it answers how to install it."""
    if find_spec("mcp") is None:
        return Mount(route=asgi(PATH, copy_scope=True)(_refuse))
    tools = _Tools(settings)
    return Mount(route=asgi(PATH, copy_scope=True)(tools.answer), lifespan=tools.running)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
    raise HTTPException(
        detail=sentence(
            "This service has no tools for agents: ask its operator to install them, with"
            " `pip install 'enlarger[mcp]'`, and to restart it."
        ),
        status_code=HTTP_404_NOT_FOUND,
    )


class _Tools:
    """The tools, which start with the first request."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._settings = settings
        self._wanted = asyncio.Event()
        self._started: asyncio.Future[Handle] | None = None

    @asynccontextmanager
    async def running(self, app: Litestar) -> AsyncIterator[None]:
        """Start when a request comes, and stop at the end of the block."""
        self._started = asyncio.get_running_loop().create_future()
        over = asyncio.Event()
        serving = asyncio.create_task(self._serve(app, self._started, over))
        try:
            yield
        finally:
            over.set()
            self._wanted.set()
            await serving

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request whose key has been checked."""
        check_origin(scope["headers"], public_url=self._settings.public_url)
        assert self._started is not None, "the application's lifespan is not running"
        self._wanted.set()
        handle = await asyncio.shield(self._started)
        try:
            receive_again = await read_message(scope, receive)
        except Refusal as refusal:
            await refuse(scope, send, refusal)
        else:
            await handle(scope, receive_again, send)

    async def _serve(self, app: Litestar, started: asyncio.Future[Handle], over: asyncio.Event) -> None:
        """The whole life of the tools, in one task: what they run on has to be left where it was entered."""
        await self._wanted.wait()
        if over.is_set():
            return
        try:
            http: Any = await asyncio.to_thread(import_module, "enlarger.mcp_server.http")
            async with http.serving(app, self._settings) as handle:
                started.set_result(handle)
                await over.wait()
        except Exception as error:
            if started.done():
                raise
            started.set_exception(error)
