"""A small HTTP/1.1 server on loopback that keeps connections open, and cuts them when it is told to."""

from __future__ import annotations

import socket
import socketserver
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from enlarger.protocol.content import read_length
from enlarger.testing.exchange import Answer, Request

_LARGEST_BODY = 200_000_000
_POLL_SECONDS = 0.02
"""How soon a listener notices that it is to stop."""
_JOIN_SECONDS = 5.0

AnswerTo = Callable[[Request], Answer]


class Listener:
    """Listens on a free port from its making until `close`, and serves from `start` on, a thread a connection."""

    def __init__(self, answer: AnswerTo) -> None:
        self._server = _Server(answer)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), name="enlarger-stand-in", daemon=True
        )
        self.url: str = f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def close(self) -> None:
        """Stop, and close all connections."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        self._server.close_connections()


class _Server(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True
    block_on_close = False

    def __init__(self, answer: AnswerTo) -> None:
        self.answer = answer
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._connections: dict[threading.Thread, socket.socket] = {}
        super().__init__(("127.0.0.1", 0), _Handler)

    def server_bind(self) -> None:
        """Bind without the look-up of the host's name that HTTPServer makes, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread that `close_connections` knows of."""
        thread = threading.Thread(target=self._serve_connection, args=(request, client_address), daemon=True)
        with self._lock:
            self._connections[thread] = request
        thread.start()

    def _serve_connection(self, request: Any, client_address: Any) -> None:
        try:
            self.process_request_thread(request, client_address)
        finally:
            with self._lock:
                del self._connections[threading.current_thread()]

    def close_connections(self) -> None:
        """End what waits for its next request, or for the end of a pause."""
        self.stopping.set()
        with self._lock:
            connections = dict(self._connections)
        for connection in connections.values():
            with suppress(OSError):  # it may just have been closed
                connection.shutdown(socket.SHUT_RDWR)
        for thread in connections:
            thread.join(_JOIN_SECONDS)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away; anything else is a mistake of ours and is printed."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "enlarger-stand-in"
    sys_version = ""
    wbufsize = -1  # an answer's head and body leave together
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        body = self._read_body()
        if body is None:
            return
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=unquote(parts.path),
            query=dict(reversed(parse_qsl(parts.query, keep_blank_values=True))),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
        )
        answer = self.server.answer(request)
        if answer.pause:
            self.server.stopping.wait(answer.pause)
        self._send(answer.compressed(request.headers.get("accept-encoding", "")))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815

    def _send(self, answer: Answer) -> None:
        if answer.sent != "whole":
            self.close_connection = True
        if answer.sent == "nothing":
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body if answer.sent == "whole" else answer.body[: len(answer.body) // 2])

    def _read_body(self) -> bytes | None:
        """The request's body; None when it cannot be read, which has been answered then."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._read_chunks()
        length = read_length(self.headers.get("Content-Length", "0"))
        if length is None or length > _LARGEST_BODY:
            self._refuse_body()
            return None
        return self.rfile.read(length)

    def _read_chunks(self) -> bytes | None:
        body = bytearray()
        while True:
            try:
                length = int(self.rfile.readline(100).partition(b";")[0], 16)
            except ValueError:
                length = -1
            if not 0 <= length <= _LARGEST_BODY - len(body):
                self._refuse_body()
                return None
            body += self.rfile.read(length)
            end_of_chunk = self.rfile.readline(8_192)
            while not length and end_of_chunk.strip():  # trailers
                end_of_chunk = self.rfile.readline(8_192)
            if not length:
                return bytes(body)

    def _refuse_body(self) -> None:
        self.close_connection = True
        self.send_error(400, "The request's length is wrong")

    def handle_expect_100(self) -> bool:
        """Let the client go on, at once: the answer would stay in the buffer otherwise."""
        going_on = super().handle_expect_100()
        self.wfile.flush()
        return going_on

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: what was asked is in `StandIn.requests`."""
