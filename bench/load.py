"""A load generator for HTTP/1.1 with keep-alive connections and prepared requests, which keeps every latency.

    uv run python -m bench.load http://127.0.0.1:8686 request.txt --connections 32 --seconds 5 [--rate 500]

`request.txt` is a whole request; `%NUMBER%` in it becomes 32 hex digits of the request's number. Without `--rate` each
connection sends its next request as soon as the last one is answered. With it requests are due at even intervals, and a
latency is counted from when the request was due, so that a server that stalls cannot hide it. Prints a `Measured` as
JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

NUMBER = b"%NUMBER%"
_LENGTH = b"content-length:"

Answered = Callable[["Pending", bytes], None]
"""Called with each request and its whole answer."""


class Measured(msgspec.Struct):
    """The result of a load."""

    seconds: float
    errors: int
    """Answers without `"code":200`, and requests without an answer."""
    latencies: list[float]
    """Of the successful requests, in seconds, sorted."""
    cpu: float
    """Seconds of CPU that the generator used."""

    @property
    def rate(self) -> float:
        """Successful requests per second."""
        return len(self.latencies) / self.seconds

    def quantile(self, share: float) -> float:
        """The latency that this share of the requests did not exceed, in seconds."""
        return quantile(self.latencies, share)


class Pending(msgspec.Struct):
    """A request that is due or in flight."""

    number: int
    due: float
    """By `time.time()`."""


class Connection(asyncio.Protocol):
    """One connection, which has one request at a time."""

    def __init__(self, ended: Callable[[Connection, Pending, bytes], None]) -> None:
        self._ended = ended
        self._transport: asyncio.WriteTransport | None = None
        self._received = bytearray()
        self._pending: Pending | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def send(self, pending: Pending, request: bytes) -> None:
        """Send a request; its answer goes to `ended`, empty if there is none."""
        assert self._transport is not None
        self._pending = pending
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head = self._received.find(b"\r\n\r\n")
        if head < 0 or len(self._received) < head + 4 + content_length(self._received, head):
            return
        answer, self._received = bytes(self._received), bytearray()
        self._end(answer)

    def connection_lost(self, _: Exception | None) -> None:
        self._end(b"")

    @property
    def open(self) -> bool:
        """Whether it is usable: the server may have closed a connection that was idle for long."""
        return self._transport is not None and not self._transport.is_closing()

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()

    def _end(self, answer: bytes) -> None:
        pending, self._pending = self._pending, None
        if pending is not None:
            self._ended(self, pending, answer)


class Load:
    """Sends requests over several connections, and measures them."""

    def __init__(self, url: str, template: bytes, *, connections: int, answered: Answered | None = None) -> None:
        self._address = urlsplit(url)
        self._template = template
        self._count = connections
        self._answered = answered
        self._idle: deque[Connection] = deque()
        self._late: deque[Pending] = deque()
        self._numbers: Iterator[int] = itertools.count()
        self._open = 0
        self._errors = 0
        self._latencies: list[float] = []
        self._refill = False
        self._over = asyncio.Event()
        """Set when no request is due or in flight."""

    async def saturate(self, *, seconds: float = 0.0, first: int = 0, requests: int = sys.maxsize) -> Measured:
        """Keep every connection busy for `seconds`, or until `requests` are answered.

        Requests are numbered from `first` on.
        """
        connections = await self._connect()
        began, cpu = time.time(), time.process_time()
        self._refill = True
        self._numbers = iter(range(first, first + requests))
        while self._idle:
            self._next(self._idle.popleft(), time.time())
        if seconds:
            await asyncio.sleep(seconds)
            self._refill = False
        return await self._finish(connections, began, cpu)

    async def pace(self, rate: float, *, first: int = 0, requests: int) -> Measured:
        """Send `requests` at `rate` per second, whether or not earlier ones are answered."""
        connections = await self._connect()
        began, cpu = time.time(), time.process_time()
        sent = 0
        while sent < requests:
            now = time.time()
            while sent < requests and began + sent / rate <= now:
                self._dispatch(Pending(first + sent, began + sent / rate))
                sent += 1
            await asyncio.sleep(max(0.0, began + sent / rate - time.time()))
        return await self._finish(connections, began, cpu)

    async def _connect(self) -> list[Connection]:
        loop = asyncio.get_running_loop()
        connections = []
        host, port = self._address.hostname, self._address.port
        assert host is not None
        assert port is not None
        for _ in range(self._count):
            _, made = await loop.create_connection(lambda: Connection(self._ended), host, port)
            connections.append(made)
        self._idle.extend(connections)
        return connections

    async def _finish(self, connections: list[Connection], began: float, cpu: float) -> Measured:
        await self._over.wait()
        seconds, used = time.time() - began, time.process_time() - cpu
        for connection in connections:
            connection.close()
        return Measured(seconds=seconds, errors=self._errors, latencies=sorted(self._latencies), cpu=used)

    def _dispatch(self, pending: Pending) -> None:
        while self._idle:
            connection = self._idle.popleft()
            if connection.open:
                return self._send(connection, pending)
        if self._open:
            self._late.append(pending)
        else:
            self._errors += 1  # no connection is left
        return None

    def _next(self, connection: Connection, now: float) -> None:
        number = next(self._numbers, None)
        if number is None:
            self._refill = False
        else:
            self._send(connection, Pending(number, now))

    def _send(self, connection: Connection, pending: Pending) -> None:
        self._open += 1
        self._over.clear()
        connection.send(pending, self._template.replace(NUMBER, b"%032x" % pending.number))

    def _ended(self, connection: Connection, pending: Pending, answer: bytes) -> None:
        now = time.time()
        self._open -= 1
        if b'"code":200' in answer:
            self._latencies.append(now - pending.due)
            if self._answered is not None:
                self._answered(pending, answer)
        else:
            self._errors += 1
        if self._refill:
            self._next(connection, now)
        elif self._late:
            self._send(connection, self._late.popleft())
        else:
            self._idle.append(connection)
        if not self._open and not self._late and not self._refill:
            self._over.set()


def quantile(ordered: list[float], share: float) -> float:
    """The value that this share of a sorted list does not exceed; NaN for an empty list."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def content_length(message: bytes | bytearray, head: int) -> int:
    """The length of an HTTP message's body; its head ends at `head`."""
    lower = message[:head].lower()
    at = lower.find(_LENGTH)
    return 0 if at < 0 else int(lower[at + len(_LENGTH) :].split(b"\r\n", 1)[0])


def request_bytes(method: str, target: str, *, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
    """A whole request. Content-Length is that of the body with `%NUMBER%` replaced."""
    length = len(body) + body.count(NUMBER) * (32 - len(NUMBER))
    fields = {"Host": "127.0.0.1", **(headers or {})}
    if body:
        fields |= {"Content-Type": "application/json", "Content-Length": str(length)}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode() + body


def main() -> None:
    """Generate the load that the arguments describe."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("request", type=Path)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rate", type=float)
    options = parser.parse_args()

    async def generate() -> Measured:
        load = Load(options.url, options.request.read_bytes(), connections=options.connections)
        if options.rate is None:
            return await load.saturate(seconds=options.seconds)
        return await load.pace(options.rate, requests=int(options.rate * options.seconds))

    sys.stdout.write(msgspec.json.encode(asyncio.run(generate())).decode())


if __name__ == "__main__":
    main()
