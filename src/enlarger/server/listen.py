"""Serves the application over HTTP, inside the event loop of the caller."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server
from litestar import Litestar

from enlarger.errors import ConfigurationError
from enlarger.infra.addresses import Network
from enlarger.server.connections import limit_addresses, most_connections, raise_open_files

_WAITING_CONNECTIONS = 1024
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
    named_by: tuple[str, str] = ("--host", "--port"),
) -> AsyncIterator[str]:
    """Answer on `host` and `port` around a block; yields the address. Requests under way are finished at the end.

    One address may have `most_of_one` connections, by default a quarter of all, unless it is `trusted`.
    The application's lifespan ends before that, so that it can send home who would stay for ever. Raises
    ConfigurationError when the port is taken or the host is not this machine's; `named_by` are the options or settings
    that its message tells to change.
    """
    raise_open_files()
    port = _claim(host, port, named_by)
    server = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        websockets=False,
        backlog=_WAITING_CONNECTIONS,
        backpressure=most_connections(),
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_SECONDS * 1000),
        log_enabled=False,
    )
    serving = asyncio.create_task(server.serve())
    try:
        async with _lifespan(app):
            await _ready(serving, host, port)
            async with limit_addresses(port, trusted=trusted, most=most_of_one):
                yield f"http://{_reachable(host)}:{port}"
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


def _claim(host: str, port: int, named_by: tuple[str, str]) -> int:
    """The port to use: a free one for 0. Granian shares ports with others, so whether it is taken is asked here."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            return int(probe.getsockname()[1])
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(
                f"The port {port} is taken by another program: stop it, or choose another port with {named_by[1]}."
            ) from None
        raise ConfigurationError(
            f"The service cannot listen on {host}:{port} ({error.strerror}):"
            f" choose another {named_by[0]} or {named_by[1]}."
        ) from None


async def _ready(serving: asyncio.Task[None], host: str, port: int) -> None:
    for _ in range(_READY_TRIES):
        if serving.done():
            await serving
            break
        try:
            _, writer = await asyncio.open_connection(_reachable(host).strip("[]"), port)
        except OSError:
            await asyncio.sleep(_READY_PAUSE)
        else:
            writer.close()
            return
    raise ConfigurationError(f"The service does not answer on {host}:{port}.")


def _reachable(host: str) -> str:
    """The host by which this machine reaches itself."""
    if host in ("0.0.0.0", ""):
        return "127.0.0.1"
    if host == "::":
        return "[::1]"
    return f"[{host}]" if ":" in host else host
