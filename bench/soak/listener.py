"""A TCP server that can be closed and opened again on the same port."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod


class Listener(ABC):
    """Listens on a free port of this machine, and keeps it."""

    def __init__(self) -> None:
        self.port = 0
        self.delay = 0.0
        """Seconds by which answers are late."""
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        """Listen; always on the same port."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, backlog=512)
            self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Refuse new connections, and abort the open ones, which subclasses keep in `_writers`."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._writers:
            writer.transport.abort()

    @abstractmethod
    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None: ...
