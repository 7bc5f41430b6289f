"""An app that takes callbacks over real HTTP, as well or as badly as a test wants."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.loopback_server import loopback_server


class App:
    """Answers 200 at once, or not before `open` is set."""

    def __init__(self) -> None:
        self.url = ""
        self.open = asyncio.Event()
        self.open.set()
        self.status = b"200 OK"
        self.rest = b"Content-Length: 0\r\n\r\n"
        self.paths: list[str] = []
        """Of the requests that came, in their order."""
        self.now = 0
        self.most = 0
        """How many requests are and were here at a time."""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(line for line in head.lower().splitlines() if line.startswith("content-length:"))
        await reader.readexactly(int(length.partition(":")[2]))
        self.paths.append(head.split()[1])
        self.now += 1
        self.most = max(self.most, self.now)
        await self.open.wait()
        self.now -= 1
        writer.write(b"HTTP/1.1 " + self.status + b"\r\n" + self.rest)
        await writer.drain()
        await reader.read()


@asynccontextmanager
async def listening() -> AsyncIterator[App]:
    """An app that takes callbacks around a block."""
    app = App()
    async with loopback_server(app.answer) as port:
        app.url = f"http://127.0.0.1:{port}/hook?token=secret"
        try:
            yield app
        finally:
            app.open.set()
