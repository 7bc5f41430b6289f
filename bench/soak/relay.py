"""A relay of TCP connections: a balancer before the service, and the network before a provider, which can be away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

_PIECE = 1 << 16


class Relay:
    """Passes connections on to the first port that takes them; the ports take turns."""

    def __init__(self, ports: Callable[[], Sequence[int]]) -> None:
        self.port = 0
        self.delay = 0.0
        """Seconds by which every piece of an answer is late."""
        self._ports = ports
        self._turn = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    async def open(self) -> None:
        """Listen; always at the same port, once there is one."""
        if self._server is None:
            self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", self.port, backlog=512)
            self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Refuse connections from now on, and cut those that there are."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._writers:
            writer.transport.abort()

    async def _pass_on(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        self._writers.add(to_client)
        to_server = None
        try:
            server, to_server = await self._connect()
            self._writers.add(to_server)
            await asyncio.gather(_pump(client, to_server), self._answer(server, to_client))
        except OSError:
            pass
        finally:
            for writer in filter(None, (to_client, to_server)):
                self._writers.discard(writer)
                writer.transport.abort() if writer is to_server else writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        ports = self._ports()
        self._turn += 1
        for number in range(len(ports)):
            with suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", ports[(self._turn + number) % len(ports)])
        raise ConnectionRefusedError

    async def _answer(self, server: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        while piece := await server.read(_PIECE):
            if self.delay:
                await asyncio.sleep(self.delay)
            to_client.write(piece)
            await to_client.drain()
        to_client.close()
        raise ConnectionResetError  # whoever waits for the client's next request need not


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_PIECE):
        writer.write(piece)
        await writer.drain()
    raise ConnectionResetError
