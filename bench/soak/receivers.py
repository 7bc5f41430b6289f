"""The receivers of callbacks, which can be dead or slow."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress

import msgspec

from bench.soak.listener import Listener
from enlarger.client.webhooks import unwrap
from enlarger.errors import EnlargerError

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Told(msgspec.Struct, frozen=True):
    """A callback that was answered with 200."""

    receiver: int
    state: str


class Receiver(Listener):
    """One receiver; all of them write into the same book."""

    def __init__(self, number: int, key: str, book: Book) -> None:
        super().__init__()
        self._number = number
        self._key = key
        self._book = book

    @property
    def url(self) -> str:
        """Where callbacks are sent."""
        return f"http://127.0.0.1:{self.port}/callback"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                headers = dict(_header(line) for line in head.split("\r\n")[1:-2])
                body = await reader.readexactly(int(headers["content-length"]))
                await asyncio.sleep(self.delay)
                if not writer.is_closing():
                    self._book.note(self._number, headers, body, self._key)
                    writer.write(_OK)
                    await writer.drain()
        finally:
            self._writers.discard(writer)
            writer.close()


class Book:
    """The callbacks that were received."""

    def __init__(self) -> None:
        self.told: defaultdict[str, list[Told]] = defaultdict(list)
        """By the task's id."""
        self.wrong: list[str] = []
        """Callbacks whose signature was wrong."""

    def note(self, receiver: int, headers: Mapping[str, str], body: bytes, key: str) -> None:
        """Check a callback's signature, and record it."""
        try:
            task = unwrap(body, headers, key=key, proof="body").task
        except EnlargerError as error:
            self.wrong.append(f"{type(error).__name__}: {error}")
        else:
            self.told[task.task_id].append(Told(receiver, task.state))


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()
