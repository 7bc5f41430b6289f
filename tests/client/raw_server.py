"""A server that says, byte for byte, what a test wants it to."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

Answer = Callable[[str, socket.socket], None]
"""Gets a request's head, and the connection to answer on, which is closed afterwards."""


class RawServer:
    """Answers each connection in a thread of its own, once."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[Thread] = []
        self._connections: list[socket.socket] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.heads: list[str] = []
        self.over = Event()
        """The test has ended: what goes on for ever ends."""

    def run(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._connections.append(connection)
                thread = Thread(target=self._serve, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def close(self) -> None:
        self.over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            head = b""
            while b"\r\n\r\n" not in head:
                part = connection.recv(65536)
                if not part:
                    return
                head += part
            text = head.partition(b"\r\n\r\n")[0].decode("latin-1")
            self.heads.append(text)
            self._answer(text, connection)


@contextmanager
def raw_server(answer: Callable[[RawServer, str, socket.socket], None]) -> Iterator[RawServer]:
    """A server around a block."""
    server: RawServer
    server = RawServer(lambda head, connection: answer(server, head, connection))
    thread = Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()


def header(head: str, name: str) -> str | None:
    """A header of a request."""
    for line in head.split("\r\n")[1:]:
        key, _, value = line.partition(":")
        if key.lower() == name.lower():
            return value.strip()
    return None


def response(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    """A whole response, after which the connection is closed."""
    lines = {"Content-Length": str(len(body)), "Connection": "close"}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    said = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status}\r\n{said}\r\n".encode() + body
