"""An address in front of a Postgres, where connections are cut, refused or left without an answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.loopback_server import loopback_server

_NO_TLS = b"N"
_ASKS_FOR_TLS = bytes.fromhex("0000000804d2162f")


def _fatal(code: str, message: str) -> bytes:
    fields = f"SFATAL\0VFATAL\0C{code}\0M{message}\0".encode()
    return b"E" + (len(fields) + 5).to_bytes(4, "big") + fields + b"\0"


STARTING = _fatal("57P03", "the database system is starting up")


@dataclass
class Proxy:
    """What happens to connections, which are numbered from 0; may be changed while they are open."""

    socket: str
    cut_after: Callable[[int], int | None] = lambda _: None
    """After how many messages of the client its connection is cut; None never."""
    refuse: Callable[[int], bytes | None] = lambda _: None
    """What is answered instead of forwarding."""
    silent_after: int | None = None
    """After how many messages no connection, old or new, gets an answer any more."""
    alter: Callable[[bytes], bytes] = lambda answer: answer
    """What is made of the server's answers; no longer and no shorter than they were."""
    connections: int = 0
    messages: int = 0
    fell_silent: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = self.connections
        self.connections += 1
        first = await reader.readexactly(8)
        if first == _ASKS_FOR_TLS:
            writer.write(_NO_TLS)
            first = b""
        if (answer := self.refuse(number)) is not None:
            await reader.read(1 << 16)
            writer.write(answer)
            return writer.close()
        inner_reader, inner_writer = await asyncio.open_unix_connection(self.socket)
        inner_writer.write(first)
        answers = asyncio.create_task(self._answers(inner_reader, writer))
        try:
            await self._questions(reader, inner_writer, number)
        finally:
            answers.cancel()
            await asyncio.gather(answers, return_exceptions=True)
            for end in (writer, inner_writer):
                end.transport.abort()

    async def _questions(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        seen = 0
        while chunk := await reader.read(1 << 16):
            if (last := self.cut_after(number)) is not None and seen >= last:
                return
            seen += 1
            self.messages += 1
            if self.messages == self.silent_after:
                self.fell_silent.set()
            if not self.fell_silent.is_set():
                writer.write(chunk)

    async def _answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(1 << 16):
            if not self.fell_silent.is_set():
                writer.write(self.alter(chunk))
        writer.close()


@asynccontextmanager
async def proxy_before(url: str) -> AsyncIterator[tuple[Proxy, str]]:
    """A proxy before the Postgres at `url`, and the URL to reach it by."""
    parts = urlsplit(url)
    (folder,) = parse_qs(parts.query)["host"]
    proxy = Proxy(str(Path(folder) / ".s.PGSQL.5432"))
    async with loopback_server(proxy.serve) as port:
        yield proxy, f"postgresql://{parts.username}@127.0.0.1:{port}{parts.path}"
