"""Downloading from strangers: what they may send, how much, how long; and that none of it is repeated."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from enlarger.errors import EnlargerError, PictureTooLarge, SourceUnavailable
from enlarger.infra.fetch import Fetcher
from enlarger.infra.safe_http import Allowed
from tests.infra.sockets import answer_names
from tests.loopback_server import loopback_server

_PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(100)
_PUBLIC = "93.184.215.14"
_SECRET = "aws-secret-access-key"
Handler = Callable[[httpx2.Request], httpx2.Response]


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    answer_names(monkeypatch, {"pictures.example": [_PUBLIC]}.__getitem__)


async def fetch(url: str, target: Path, handler: Handler, *, max_bytes: int = 1000) -> None:
    async with Fetcher(Allowed.parse(()), httpx2.MockTransport(handler)) as fetcher:
        await fetcher.fetch(url, target, max_bytes=max_bytes, seconds=5)


def picture(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, content=_PICTURE, headers={"content-type": "image/png"})


async def test_a_picture_is_fetched_under_its_hosts_name(tmp_path: Path) -> None:
    seen = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        seen.append((str(request.url), request.headers["host"], request.extensions["sni_hostname"]))
        assert request.headers["accept-encoding"] == "identity"
        return picture(request)

    await fetch("https://pictures.example/a.png?token=x", tmp_path / "a", handler)
    assert (tmp_path / "a").read_bytes() == _PICTURE
    assert seen == [(f"https://{_PUBLIC}/a.png?token=x", "pictures.example", "pictures.example")]


async def test_a_relative_redirect_stays_on_its_host(tmp_path: Path) -> None:
    def handler(request: httpx2.Request) -> httpx2.Response:
        assert request.headers["host"] == "pictures.example"
        return (
            picture(request) if request.url.path == "/b.png" else httpx2.Response(302, headers={"location": "/b.png"})
        )

    await fetch("http://pictures.example/a.png", tmp_path / "a", handler)
    assert (tmp_path / "a").read_bytes() == _PICTURE


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (httpx2.Response(404), "answered HTTP 404"),
        (httpx2.Response(200, text="<html>", headers={"content-type": "text/html; charset=x"}), "with text/html"),
        (httpx2.Response(200, json={}), "with application/json"),
        (httpx2.Response(200, text="a", headers={"content-type": f"text/{'x' * 50}"}), "with a text instead"),
    ],
)
async def test_what_is_no_picture_is_refused_without_the_urls_secrets(
    answer: httpx2.Response, says: str, tmp_path: Path
) -> None:
    with pytest.raises(SourceUnavailable, match=says) as caught:
        await fetch("http://u:p@pictures.example/bot-token/a.png?secret=1", tmp_path / "a", lambda request: answer)
    assert "http://pictures.example" in str(caught.value)
    for secret in ("token", "secret", "u:p"):
        assert secret not in str(caught.value)
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "deflate, gzip"])
async def test_what_would_unpack_to_more_is_refused(encoding: str, tmp_path: Path) -> None:
    async def bomb() -> Any:
        yield b"never unpacked"

    def handler(request: httpx2.Request) -> httpx2.Response:
        headers = {"content-type": "image/png", "content-encoding": encoding}
        return httpx2.Response(200, content=bomb(), headers=headers)

    with pytest.raises(SourceUnavailable, match="packed once more"):
        await fetch("http://pictures.example/a.png", tmp_path / "a", handler)


@pytest.mark.parametrize("declared", [True, False])
async def test_a_picture_beyond_the_limit_is_cut_off_while_it_comes(declared: bool, tmp_path: Path) -> None:
    async def endless() -> Any:
        for _ in range(1000):
            yield bytes(100)

    def handler(request: httpx2.Request) -> httpx2.Response:
        length = {"content-length": "100000"} if declared else {}
        return httpx2.Response(200, content=endless(), headers={"content-type": "image/png", **length})

    with pytest.raises(PictureTooLarge, match=r"sends more than the 0 MB that are fetched"):
        await fetch("http://pictures.example/a.png", tmp_path / "a", handler)
    assert not (tmp_path / "a").exists()


async def test_a_host_that_dawdles_is_given_up(tmp_path: Path) -> None:
    async def slow() -> Any:
        await asyncio.Event().wait()
        yield b""

    fetcher = Fetcher(Allowed.parse(()), httpx2.MockTransport(lambda request: httpx2.Response(200, content=slow())))
    with pytest.raises(SourceUnavailable, match=r"did not send the picture within 0 seconds"):
        await fetcher.fetch("http://pictures.example/a.png", tmp_path / "a", max_bytes=10, seconds=0.01)


async def test_a_connection_that_fails_is_an_error_without_details(tmp_path: Path) -> None:
    def handler(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("token=secret")

    with pytest.raises(SourceUnavailable, match=r"The host pictures\.example, port 80, cannot be reached") as caught:
        await fetch("http://pictures.example/a.png", tmp_path / "a", handler)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "reply",
    [
        "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 999\r\n\r\n12345",
        "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
    ],
    ids=["by length", "by chunks"],
)
async def test_a_picture_that_is_cut_short_is_said_to_be_so(reply: str, tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match=r"broke off after 5 bytes.*: try again, or upload it\.") as caught:
        await fetch_reply(reply, tmp_path / "a")
    assert "could not be reached" not in str(caught.value)
    assert not (tmp_path / "a").exists()


async def fetch_reply(reply: str, target: Path) -> None:
    """Fetch from a host that sends just `reply` and hangs up."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply.encode())

    async with (
        loopback_server(answer) as port,
        Fetcher(Allowed.parse(("127.0.0.1",))) as fetcher,
    ):
        url = f"http://127.0.0.1:{port}/"
        await fetcher.fetch(url, target, max_bytes=1000, seconds=5)


@pytest.mark.parametrize(
    "reply",
    [
        f"{_SECRET}\r\n",
        f"HTTP/1.1 {_SECRET}\r\n\r\n",
        f"HTTP/1.1 500 {_SECRET}\r\nContent-Length: 21\r\n\r\n{_SECRET}",
        f"HTTP/1.1 200 OK\r\nContent-Type: text/{_SECRET}!\r\nContent-Length: 21\r\n\r\n{_SECRET}",
        f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 21\r\n\r\n{_SECRET}",
        f"HTTP/1.1 200 OK\r\nContent-Length: {_SECRET}\r\n\r\n{_SECRET}",
        f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 21\r\n\r\n{_SECRET}",
        f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{_SECRET}\r\n",
        f"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{_SECRET}",
        f"HTTP/1.1 302 Found\r\nLocation: http://{_SECRET}:{_SECRET}/\r\nContent-Length: 0\r\n\r\n",
        f"HTTP/1.1 200 OK\r\n{_SECRET} {_SECRET}\r\n\r\n",
    ],
)
async def test_no_byte_of_a_reply_is_repeated(reply: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever an inner service should answer: not in the error, not in what it was raised from, not in the logs."""
    caplog.set_level(logging.INFO)
    with pytest.raises(EnlargerError) as caught:
        await fetch_reply(reply, tmp_path / "a")
    assert _SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert not (tmp_path / "a").exists()


Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def _hang_up(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    pass


async def _talk_otherwise(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"-ERR unknown command\r\n" * 20)


async def _say_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_open_ports_are_not_told_from_closed_ones(tmp_path: Path, scheme: str) -> None:
    """Nor from what is refused."""
    said = set()

    async def ask(port: int, allow: list[str]) -> None:
        async with Fetcher(Allowed.parse(allow)) as fetcher:
            with pytest.raises(SourceUnavailable) as caught:
                await fetcher.fetch(f"{scheme}://127.0.0.1:{port}/", tmp_path / "a", max_bytes=10, seconds=1)
        said.add(str(caught.value).replace(str(port), "PORT"))

    answers = (_hang_up, _talk_otherwise, _say_nothing) if scheme == "http" else (_hang_up, _talk_otherwise)
    for answer in answers:
        async with loopback_server(answer) as port:
            await ask(port, ["127.0.0.1"])
            await ask(port, [])
        await ask(port, ["127.0.0.1"])  # closed
    [sentence] = said
    assert "The host 127.0.0.1, port PORT, cannot be reached" in sentence
