"""A proxy between a client and its service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx2
import pytest

from enlarger import SyncKieApiClient
from enlarger.errors import ConfigurationError
from enlarger.testing import StandIn

_MODEL = "google/nano-banana"
_INPUT = {"prompt": "a room"}


@contextmanager
def proxy() -> Iterator[tuple[str, list[str]]]:
    """A proxy for plain HTTP; tells which addresses were asked for through it."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)  # the whole address, RFC 9112, 3.2.2
            headers = {name: value for name, value in self.headers.items() if name.lower() != "proxy-connection"}
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with httpx2.Client(trust_env=False) as http:
                reply = http.request(self.command, self.path, headers=headers, content=body)
            self.send_response(reply.status_code)
            self.send_header("Content-Length", str(len(reply.content)))
            self.end_headers()
            self.wfile.write(reply.content)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.kie_stand_in(seconds=0)
def test_a_proxy_is_gone_through(kie_stand_in: StandIn) -> None:
    with (
        proxy() as (url, asked),
        SyncKieApiClient(kie_stand_in.api_key, kie_stand_in.base_url, proxy=url, poll_interval=0.02) as client,
    ):
        assert client.run(_MODEL, _INPUT).urls
    assert asked[0] == f"{kie_stand_in.base_url}/api/v1/jobs/createTask"
    assert len(asked) == sum(kie_stand_in.requests.counts.values())


def test_a_wrong_proxy_is_a_wrong_setting() -> None:
    with pytest.raises(ConfigurationError):
        SyncKieApiClient("key", proxy="nonsense")
