"""Serves the application over HTTP, inside the event loop of the caller."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from granian import net
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server
from litestar import Litestar

from enlarger.errors import ConfigurationError
from enlarger.infra.addresses import Network
from enlarger.infra.sockets import NAMED_BY, WAITING_CONNECTIONS, bind, listen, reachable
from enlarger.server.connections import limit_addresses, most_connections, raise_open_files

_HEADER_SECONDS = 15
"""For a request's headers, and between two requests: who is silent for longer is hung up on."""
_READY_TRIES = 200
_READY_PAUSE = 0.02


@asynccontextmanager
async def serve(
    app: Litestar,
    *,
    host: str,
    port: int,
    trusted: Iterable[Network] = (),
    most_of_one: int | None = None,
    named_by: tuple[str, str] = NAMED_BY,
    listener: socket.socket | None = None,
) -> AsyncIterator[str]:
    """Answer on `host` and `port` around a block; yields the address. Requests under way are finished at the end.

    One address may have `most_of_one` connections, by default a quarter of all, unless it is `trusted`.
    The application's lifespan ends before that, so that it can send home who would stay for ever. Raises
    ConfigurationError when the port is taken or the host is not this machine's; `named_by` are the options or settings
    that its message tells to change. `listener` is a socket of `SharedPort`, for one of several processes.
    """
    raise_open_files()
    listener = listener or bind(host, port, named_by)
    listen(listener, named_by)
    port = listener.getsockname()[1]
    server = _Server(
        listener,
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        websockets=False,
        backpressure=most_connections(),
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_SECONDS * 1000),
        log_enabled=False,
    )
    serving = asyncio.create_task(server.serve())
    try:
        async with _lifespan(app):
            await _ready(serving, host, port)
            async with limit_addresses(port, trusted=trusted, most=most_of_one):
                yield f"http://{reachable(host)}:{port}"
    finally:
        server.stop()  # type: ignore[no-untyped-call]
        await serving


@asynccontextmanager
async def _lifespan(app: Litestar) -> AsyncIterator[None]:
    """The application's lifespan around a block.

    It is kept in a task of its own, because it has to be left in the one in which it was entered. The server could do
    it, but would end it only after the last request.
    """
    begun, over = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            begun.set()
            await over.wait()

    living = asyncio.create_task(live())
    beginning = asyncio.create_task(begun.wait())
    try:
        await asyncio.wait((living, beginning), return_when=asyncio.FIRST_COMPLETED)
        if begun.is_set():
            yield
    finally:
        beginning.cancel()
        over.set()
        await living


_hold: Any = net.SocketHolder  # type: ignore[attr-defined]
"""Takes a file descriptor, whether it is a Unix socket, and the backlog."""


class _Server(Server):
    """Granian on a socket that is already bound.

    A socket that Granian binds would silently share the port with other processes of this user.
    """

    def __init__(self, listener: socket.socket, target: Litestar, **options: Any) -> None:
        super().__init__(target, **options)
        self._listener = listener

    def _init_shared_socket(self) -> None:
        self._shd: Any = _hold(self._listener.detach(), False, WAITING_CONNECTIONS)


async def _ready(serving: asyncio.Task[None], host: str, port: int) -> None:
    for _ in range(_READY_TRIES):
        if serving.done():
            await serving
            break
        try:
            _, writer = await asyncio.open_connection(reachable(host).strip("[]"), port)
        except OSError:
            await asyncio.sleep(_READY_PAUSE)
        else:
            writer.close()
            return
    raise ConfigurationError(f"The service does not answer on {host}:{port}.")
