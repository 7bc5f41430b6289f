"""How long a call may take, and how much may come: whatever a server does, for both clients."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest

from enlarger import SyncKieApiClient
from enlarger.client import http as limits
from enlarger.client.http import MOST_REPLY_BYTES
from enlarger.errors import (
    DeadlineExceeded,
    EnlargerError,
    Maintenance,
    ProtocolError,
    ServiceUnreachable,
    SubmissionUnknown,
    WaitTimeout,
)
from tests.client.both import KINDS, client_of
from tests.client.raw_server import RawServer, raw_server, response

_MODEL = "google/nano-banana"
_INPUT = {"prompt": "a room"}
_WAITING = b'{"code":200,"msg":"success","data":{"taskId":"t","state":"waiting","createTime":1,"updateTime":1}}'
_CREATED = b'{"code":200,"msg":"success","data":{"taskId":"t"}}'
_FAR = 20.0
"""Seconds: what takes so long on a busy machine has no limit."""


def trickle(server: RawServer, start: bytes, connection: socket.socket, part: bytes = b"x") -> None:
    """Send something, and then a byte again and again, so that no single step takes long."""
    connection.sendall(start)
    with suppress(OSError):
        while not server.over.wait(0.05):
            connection.sendall(part)


def silent(server: RawServer, head: str, connection: socket.socket) -> None:
    server.over.wait()


def slow_head(server: RawServer, head: str, connection: socket.socket) -> None:
    trickle(server, b"HTTP/1.1 200 OK\r\nX-Slow: ", connection)


def slow_body(server: RawServer, head: str, connection: socket.socket) -> None:
    trickle(server, b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{", connection, b" ")


def slow_chunks(server: RawServer, head: str, connection: socket.socket) -> None:
    trickle(server, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", connection, b"1\r\n \r\n")


def endless_interim(server: RawServer, head: str, connection: socket.socket) -> None:
    trickle(server, b"", connection, b"HTTP/1.1 102 Processing\r\n\r\n")


_SLOW = (silent, slow_head, slow_body, slow_chunks, endless_interim)


def took(call: Callable[[], Any], error: type[EnlargerError] | tuple[type[EnlargerError], ...]) -> float:
    began = time.monotonic()
    with pytest.raises(error):
        call()
    return time.monotonic() - began


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("answer", _SLOW, ids=lambda answer: answer.__name__)
def test_a_request_takes_no_longer_than_its_timeout(kind: str, answer: Any) -> None:
    with raw_server(answer) as server, client_of(kind, "key", server.url, timeout=0.5, max_retries=0) as client:
        for call in (client.credits, client.models, lambda: client.get_task_status("t")):
            assert took(call, ServiceUnreachable) < _FAR / 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("answer", _SLOW, ids=lambda answer: answer.__name__)
@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
def test_so_it_is_over_connections_of_the_users(kind: str, answer: Any, library: Any) -> None:
    make = library.Client if kind == "sync" else library.AsyncClient
    with (
        raw_server(answer) as server,
        client_of(kind, "key", server.url, timeout=0.5, max_retries=0, http_client=make(trust_env=False)) as client,
    ):
        assert took(client.credits, ServiceUnreachable) < _FAR / 2


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
def test_other_requests_over_them_go_as_before(library: Any) -> None:
    def slow(server: RawServer, head: str, connection: socket.socket) -> None:
        if "/chat/credit" in head:
            slow_head(server, head, connection)
        else:
            server.over.wait(1.0)
            connection.sendall(response(b"done"))

    with raw_server(slow) as server, library.Client(trust_env=False) as given:
        for _ in range(2000):  # as a program that makes one in every web request
            client = SyncKieApiClient("key", server.url, timeout=0.2, max_retries=0, http_client=given)
        assert took(client.credits, ServiceUnreachable) < _FAR / 2
        assert given.get(server.url).text == "done"


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
def test_so_it_is_through_a_proxy_of_the_users(library: Any) -> None:
    with (
        raw_server(slow_head) as proxy,
        library.Client(proxy=proxy.url) as given,
        SyncKieApiClient("key", "http://service.example", timeout=0.5, max_retries=0, http_client=given) as client,
    ):
        assert took(client.credits, ServiceUnreachable) < _FAR / 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("answer", _SLOW, ids=lambda answer: answer.__name__)
def test_a_submission_that_is_not_answered_is_told_in_time(kind: str, answer: Any) -> None:
    """One request, and a short question whether it may be sent again, which is not answered either."""
    with raw_server(answer) as server, client_of(kind, "key", server.url, timeout=0.5) as client:
        assert took(lambda: client.submit(_MODEL, _INPUT), SubmissionUnknown) < _FAR
    assert sum("createTask" in head for head in server.heads) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_deadline_is_for_submission_and_wait_together(kind: str) -> None:
    def answer(server: RawServer, head: str, connection: socket.socket) -> None:
        if "createTask" in head:
            server.over.wait(1.0)
            connection.sendall(response(_CREATED))
        else:
            connection.sendall(response(_WAITING))

    with raw_server(answer) as server, client_of(kind, "key", server.url, poll_interval=0.1) as client:
        with pytest.raises(WaitTimeout) as caught:
            client.run(_MODEL, _INPUT, deadline=2)
        seconds = float(str(caught.value).partition(" s of waiting")[0].rpartition("after ")[2])
        assert seconds <= 1.0  # of two, one had gone by
        assert caught.value.task_id == "t"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("answer", _SLOW, ids=lambda answer: answer.__name__)
def test_a_deadline_ends_a_submission_that_is_not_answered(kind: str, answer: Any) -> None:
    with raw_server(answer) as server, client_of(kind, "key", server.url) as client:
        assert took(lambda: client.run(_MODEL, _INPUT, deadline=1), SubmissionUnknown) < _FAR


@pytest.mark.parametrize("kind", KINDS)
def test_a_deadline_ends_the_tries_of_a_submission_that_is_refused(kind: str) -> None:
    def answer(server: RawServer, head: str, connection: socket.socket) -> None:
        connection.sendall(response(b'{"code":455,"msg":"closed"}', Retry_After="50"))

    with raw_server(answer) as server, client_of(kind, "key", server.url, max_retries=100) as client:
        assert took(lambda: client.run(_MODEL, _INPUT, deadline=10), Maintenance) < _FAR
        with pytest.raises(DeadlineExceeded, match="none was made") as caught:
            client.run(_MODEL, _INPUT, deadline=0)
        assert isinstance(caught.value, TimeoutError)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("answer", _SLOW, ids=lambda answer: answer.__name__)
def test_a_deadline_ends_a_wait(kind: str, answer: Any) -> None:
    with raw_server(answer) as server, client_of(kind, "key", server.url) as client:
        assert took(lambda: client.task("t").wait(deadline=0.5), WaitTimeout) < _FAR


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("answer", _SLOW, ids=lambda answer: answer.__name__)
def test_a_download_that_crawls_is_given_up(kind: str, answer: Any, tmp_path: Path) -> None:
    with raw_server(answer) as server, client_of(kind, "key", server.url, timeout=0.5, max_retries=0) as client:
        url = f"{server.url}/room.png"
        assert took(lambda: client.download(url, tmp_path / "room.png"), ServiceUnreachable) < _FAR / 2
        patient = client.with_options(timeout=60.0, max_retries=9)
        assert took(lambda: patient.download(url, tmp_path / "room.png", deadline=0.5), ServiceUnreachable) < _FAR
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", KINDS)
def test_a_download_may_take_long_while_it_is_fast_enough(kind: str, tmp_path: Path) -> None:
    part = b"x" * 20_000  # as much as has to come in a second

    def answer(server: RawServer, head: str, connection: socket.socket) -> None:
        whole = response(part * 40)
        connection.sendall(whole[: -len(part) * 40])
        for _ in range(40):
            connection.sendall(part)
            server.over.wait(0.05)

    with raw_server(answer) as server, client_of(kind, "key", server.url, timeout=1.5, max_retries=0) as client:
        [file] = client.download(f"{server.url}/room.png", tmp_path / "room.png")
    assert file.read_bytes() == part * 40


@pytest.mark.parametrize("kind", KINDS)
def test_a_reply_without_an_end_is_not_read_on(kind: str) -> None:
    sent = []
    part = b"100000\r\n" + b" " * 0x100000 + b"\r\n"

    def answer(server: RawServer, head: str, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(part)
            sent.append(len(part))

    with raw_server(answer) as server, client_of(kind, "key", server.url, max_retries=0) as client:
        with pytest.raises(ProtocolError, match="far longer"):
            client.credits()
        with pytest.raises(SubmissionUnknown):
            client.submit(_MODEL, _INPUT)
    assert sum(sent) < 3 * MOST_REPLY_BYTES


def test_a_host_that_takes_no_connection_is_told_before_the_time_is_over() -> None:
    connect, read, _, pool = limits._timeout(5.0)
    assert connect < 5.0
    assert pool < 5.0
    assert read == 5.0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("answer", _SLOW, ids=lambda answer: answer.__name__)
def test_the_answer_to_an_upload_takes_no_longer_than_the_timeout(kind: str, answer: Any) -> None:
    with raw_server(answer) as server, client_of(kind, "key", server.url, timeout=0.5, max_retries=0) as client:
        assert took(lambda: client.upload(b"x" * 2000), ServiceUnreachable) < _FAR / 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("answer", [silent, slow_body], ids=lambda answer: answer.__name__)
def test_a_deadline_that_passes_during_an_upload_is_told_as_one(kind: str, answer: Any) -> None:
    wanted = {"image_urls": [b"x" * 2000], "prompt": "warmer"}
    with raw_server(answer) as server, client_of(kind, "key", server.url) as client:
        assert took(lambda: client.run("google/nano-banana-edit", wanted, deadline=0.5), DeadlineExceeded) < _FAR / 2
    assert not any("createTask" in head for head in server.heads)
