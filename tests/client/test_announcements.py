"""Streams of events, over real HTTP: one for a whole wait."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2
import msgspec
import pytest

from enlarger import KieApiClient, SyncKieApiClient
from enlarger.client.http import MOST_STREAMS
from enlarger.errors import WaitTimeout
from tests.client.world import OURS

_LOOKS = 6


class Service:
    """A service of ours as far as a wait sees one: its streams stay open in silence, its tasks end at the last look."""

    def __init__(self, *, looks: int = _LOOKS) -> None:
        self.url = ""
        self.asked: list[str] = []
        self.open = self.most_open = 0
        self._changed = threading.Condition()
        self._looks = looks
        self._stopped = threading.Event()

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        name = handler.path.split("?")[0].rsplit("/", 1)[1]
        self.asked.append(name)
        handler.send_response(200)
        if name == "events":
            self._hold(handler)
            return
        state = "success" if self.asked.count("recordInfo") >= self._looks else "generating"
        data = {"taskId": "t", "state": state, "resultJson": '{"resultUrls":["https://e.com/1"]}'}
        body = msgspec.json.encode({"code": 200, "msg": "ok", "data": data})
        for header, value in {**OURS, "Content-Type": "application/json", "Content-Length": str(len(body))}.items():
            handler.send_header(header, value)
        handler.end_headers()
        handler.wfile.write(body)

    def _hold(self, handler: BaseHTTPRequestHandler) -> None:
        """Keep a stream open until its reader goes away."""
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Connection", "close")
        handler.end_headers()
        self._count(1)
        handler.connection.settimeout(60)
        handler.connection.recv(1)  # empty once the reader has closed
        self._count(-1)

    def all_closed(self) -> bool:
        """Whether no stream is open, soon."""
        with self._changed:
            return self._changed.wait_for(lambda: self.open == 0, 20)  # the silence of a stream is 40

    def _count(self, number: int) -> None:
        with self._changed:
            self.open += number
            if self.asked.count("recordInfo") < self._looks:  # later, waits that end leave their place to others
                self.most_open = max(self.most_open, self.open)
            self._changed.notify_all()


@contextmanager
def running(service: Service) -> Iterator[Service]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            service.take(self)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        service.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()


async def test_one_wait_opens_one_stream() -> None:
    with running(Service()) as service:
        async with KieApiClient("key", service.url, poll_interval=0.4) as client:
            assert (await client.task("t").result()).urls
        assert service.asked.count("recordInfo") == _LOOKS
        assert service.asked.count("events") == 1
        assert service.all_closed()


def test_one_wait_opens_one_stream_without_await() -> None:
    with running(Service()) as service:
        with SyncKieApiClient("key", service.url, poll_interval=0.4) as client:
            assert client.task("t").result().urls
            assert service.all_closed()  # with the wait, not only with the client
        assert service.asked.count("recordInfo") == _LOOKS
        assert service.asked.count("events") == 1


def test_a_wait_that_ends_early_closes_its_silent_stream_at_once() -> None:
    with running(Service(looks=1000)) as service:
        with SyncKieApiClient("key", service.url, poll_interval=0.4) as client:
            began = time.monotonic()
            with pytest.raises(WaitTimeout):
                client.task("t").result(deadline=2)
            assert time.monotonic() - began < 20  # the stream's own silence is 40
            assert service.all_closed()
        assert not [thread for thread in threading.enumerate() if thread.name == "events of t"]


_MANY = MOST_STREAMS + 10


async def test_many_waits_open_no_more_streams_than_a_client_may() -> None:
    with running(Service(looks=5 * _MANY)) as service:
        async with KieApiClient("key", service.url, poll_interval=1.0) as client:
            results = await asyncio.gather(*(client.task("t").result() for _ in range(_MANY)))
            assert all(result.urls for result in results)
        assert MOST_STREAMS / 2 < service.most_open <= MOST_STREAMS
        assert service.all_closed()


def test_many_threads_open_no_more_streams_than_a_client_may() -> None:
    with running(Service(looks=5 * _MANY)) as service:
        with SyncKieApiClient("key", service.url, poll_interval=1.0) as client, ThreadPoolExecutor(_MANY) as threads:
            assert all(result.urls for result in threads.map(lambda _: client.task("t").result(), range(_MANY)))
            assert service.all_closed()
        assert MOST_STREAMS / 2 < service.most_open <= MOST_STREAMS


class Announcing:
    """A service of ours as far as a wait sees one; its first stream breaks off, the second tells the end."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.ended = False

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        seen = request.headers.get("last-event-id")
        name = request.url.path.rsplit("/", 1)[1]
        self.asked.append(name if seen is None else f"{name} after {seen}")
        if name == "events":
            self.ended = seen is not None
            lines = f"retry: 1000\n\n: still here\n\nid: {2 if self.ended else 1}\nevent: task\ndata: {{}}\n\n"
            return httpx2.Response(204 if seen == "2" else 200, text=lines)
        state = "success" if self.ended else "generating"
        data = {"taskId": "t", "state": state, "resultJson": '{"resultUrls":["https://e.com/1"]}'}
        return httpx2.Response(200, json={"code": 200, "msg": "ok", "data": data}, headers=OURS)


_ANNOUNCED = ["recordInfo", "events", "recordInfo", "events after 1", "recordInfo"]


async def test_an_announcement_ends_a_pause_and_polling_stays_the_authority(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Announcing()
    made = partial(httpx2.AsyncClient, transport=httpx2.MockTransport(service))
    monkeypatch.setattr("enlarger.client.async_driver.new_client", lambda _: made())
    async with KieApiClient("key", "http://ours") as client:
        # The plan alone would look for the second time after most of a minute.
        result = await asyncio.wait_for(client.task("t", model="nano-banana-pro").result(), 30)
        assert not client._driver._announcements
    assert result.urls
    assert service.asked == _ANNOUNCED


def test_an_announcement_ends_a_pause_without_await(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Announcing()
    made = partial(httpx2.Client, transport=httpx2.MockTransport(service))
    monkeypatch.setattr("enlarger.client.sync_driver.new_client", lambda _: made())
    with SyncKieApiClient("key", "http://ours") as client:
        assert client.task("t", model="nano-banana-pro").result(deadline=30).urls
    assert service.asked == _ANNOUNCED


async def test_a_client_that_was_given_is_not_filled_with_streams() -> None:
    service = Announcing()
    async with (
        httpx2.AsyncClient(transport=httpx2.MockTransport(service)) as http,
        KieApiClient("key", "http://ours", http_client=http, poll_interval=0.01) as client,
    ):
        with pytest.raises(WaitTimeout):
            await client.task("t").wait(deadline=0.05)
    assert set(service.asked) == {"recordInfo"}
