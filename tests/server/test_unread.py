"""A request that is refused before all of it has been received: its sender sees the answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.conftest import KEY

_SIZE = 6_000_000


async def _parts() -> AsyncIterator[bytes]:
    for _ in range(_SIZE // 100_000):
        yield b"x" * 100_000


@pytest.mark.parametrize(
    ("path", "key", "status"),
    [
        ("/api/v1/common/download-url", KEY, 413),
        ("/v1/tasks", "enl_nobody", 401),
        ("/nothing", KEY, 404),
        ("/healthz", KEY, 405),
    ],
)
@pytest.mark.parametrize("chunked", [False, True])
async def test_the_answer_is_seen(api: httpx2.AsyncClient, path: str, key: str, status: int, chunked: bool) -> None:
    headers = {"Authorization": f"Bearer {key}", "X-Http-Status": "real"}
    reply = await api.post(path, content=_parts() if chunked else b"x" * _SIZE, headers=headers)
    assert reply.status_code == status
    assert reply.json()


async def test_who_waits_for_the_answer_before_sending_gets_it_at_once(api: httpx2.AsyncClient) -> None:
    place = urlsplit(str(api.base_url))
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    writer.write(f"POST /nothing HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Length: {_SIZE}\r\n\r\n".encode())
    async with asyncio.timeout(20):
        assert b" 404 " in await reader.readline()
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"{" in await reader.read(1), head
    writer.close()
