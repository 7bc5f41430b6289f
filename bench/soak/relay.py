"""A TCP relay: the load balancer of the service, and the network of a provider, which can fail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from bench.soak.listener import Listener

_PIECE = 1 << 16


class Relay(Listener):
    """Forwards connections to the first port that accepts them; the ports take turns. Each piece is late by `delay`."""

    def __init__(self, ports: Callable[[], Sequence[int]]) -> None:
        super().__init__()
        self._ports = ports
        self._turn = 0

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
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
