"""Which failures to fetch a result may pass, and which never do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from enlarger.errors import ProviderError, ProviderSilent, ResultGone, ResultTooLarge, ResultUnusable
from enlarger.infra.safe_http import Allowed
from enlarger.providers.results import Results
from tests.loopback_server import loopback_server


@asynccontextmanager
async def host(reply: str) -> AsyncIterator[tuple[str, list[str]]]:
    """The address of a host that gives one reply, `{url}` standing for that address; and the paths it was asked for."""
    asked: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode().split(" ")[1])
        writer.write(reply.replace("{url}", url).replace("\n", "\r\n").encode())
        await writer.drain()

    async with loopback_server(answer) as port:
        url = f"http://127.0.0.1:{port}"
        yield url, asked


async def fetch(base_url: str, url: str, target: Path) -> None:
    results = Results("KIE", Allowed.parse(()), base_url=base_url, most_bytes=1000)
    try:
        await results.fetch(url, target)
    finally:
        await results.aclose()


def status(line: str) -> str:
    return f"HTTP/1.1 {line}\nContent-Length: 0\n\n"


@pytest.mark.parametrize(
    ("reply", "error", "requests"),
    [
        ("HTTP/1.1 200 OK\nContent-Length: 1001\n\n" + "x" * 1001, ResultTooLarge, 1),
        ("HTTP/1.1 200 OK\nConnection: close\n\n" + "x" * 1001, ResultTooLarge, 1),
        ("HTTP/1.1 200 OK\nContent-Encoding: br\nContent-Length: 1\n\nx", ResultUnusable, 1),
        ("HTTP/1.1 302 Found\nLocation: {url}/again\nContent-Length: 0\n\n", ResultUnusable, 4),
        ("HTTP/1.1 302 Found\nLocation: http://10.0.0.1/x\nContent-Length: 0\n\n", ResultUnusable, 1),
        ("HTTP/1.1 302 Found\nLocation: ftp://93.184.215.14/x\nContent-Length: 0\n\n", ResultUnusable, 1),
        ("HTTP/1.1 302 Found\nLocation: http://[nonsense/x\nContent-Length: 0\n\n", ResultUnusable, 1),
        *[(status(line), ResultUnusable, 1) for line in ("400 Bad Request", "414 URI Too Long", "431 Too Large")],
        *[(status(line), ResultGone, 1) for line in ("404 Not Found", "410 Gone")],
        *[
            (status(line), ProviderSilent, 1)
            for line in ("403 Forbidden", "408 Timeout", "429 Too Many", "500 Error", "502 Bad Gateway", "503 Busy")
        ],
        ("HTTP/1.1 200 OK\nContent-Length: 10\n\nhalf", ProviderSilent, 1),
        ("", ProviderSilent, 1),
    ],
)
async def test_what_a_host_says_may_pass_or_never_does(
    reply: str, error: type[ProviderError], requests: int, tmp_path: Path
) -> None:
    async with host(reply) as (url, asked):
        with pytest.raises(ProviderError) as raised:
            await fetch(url, f"{url}/a.png?token=secret", tmp_path / "result")
    assert type(raised.value) is error
    assert len(asked) == requests
    assert "secret" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("header", ["Content-Length: 1000", "Connection: close"])
async def test_a_result_of_just_the_limit_is_taken(header: str, tmp_path: Path) -> None:
    async with host(f"HTTP/1.1 200 OK\n{header}\n\n" + "x" * 1000) as (url, _):
        await fetch(url, f"{url}/a.png", tmp_path / "result")
    assert (tmp_path / "result").stat().st_size == 1000


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("ftp://93.184.215.14/a.png", ResultUnusable),
        ("file:///etc/passwd", ResultUnusable),
        ("nonsense", ResultUnusable),
        ("http://", ResultUnusable),
        ("http://10.0.0.1/a.png", ResultUnusable),
        ("http://[::1]/a.png", ResultUnusable),
        ("http://169.254.169.254/latest", ResultUnusable),
        ("http://2130706433/a.png", ResultUnusable),
        ("https://93.184.215.14/" + "a" * 70_000, ResultUnusable),
        ("https://no-such-host.invalid/a.png", ProviderSilent),
    ],
)
async def test_an_address_leads_nowhere_or_nowhere_now(url: str, error: type[ProviderError], tmp_path: Path) -> None:
    with pytest.raises(ProviderError) as raised:
        await fetch("https://kie.example", url, tmp_path / "result")
    assert type(raised.value) is error


async def test_a_host_that_cannot_be_connected_to_may_come_back(tmp_path: Path, unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    with pytest.raises(ProviderSilent):
        await fetch(url, f"{url}/a.png", tmp_path / "result")
