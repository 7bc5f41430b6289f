"""Silent connections, and many of one address."""

from __future__ import annotations

import asyncio
import ipaddress
import resource
import subprocess
import sys

import httpx2
import pytest
from litestar import Litestar, get

from enlarger.server import serve

pytestmark = pytest.mark.integration  # processes of its own


def app() -> Litestar:
    @get("/")
    async def answer() -> str:
        return "here"

    return Litestar([answer], logging_config=None, openapi_config=None)


async def connect(url: str, count: int) -> list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    port = int(url.rpartition(":")[2])
    return [await asyncio.open_connection("127.0.0.1", port) for _ in range(count)]


async def test_what_one_address_opens_too_much_is_closed_and_the_oldest_stay() -> None:
    async with serve(app(), host="127.0.0.1", port=0, most_of_one=20) as url:
        async with httpx2.AsyncClient(base_url=url, timeout=120) as first:
            assert (await first.get("/")).status_code == 200
            silent = await connect(url, 60)
            async with asyncio.timeout(30):
                waiting = [asyncio.create_task(reader.read()) for reader, _ in silent]
                while sum(task.done() for task in waiting) < 40:
                    await asyncio.sleep(0.02)
            assert (await first.get("/")).status_code == 200
        for task in waiting:
            task.cancel()
        for _, writer in silent:
            writer.close()


async def test_a_trusted_proxy_may_have_as_many_as_it_wants() -> None:
    trusted = (ipaddress.ip_network("127.0.0.0/8"),)
    async with (
        serve(app(), host="127.0.0.1", port=0, trusted=trusted, most_of_one=5) as url,
        serve(app(), host="127.0.0.1", port=0, most_of_one=5) as other,
    ):
        kept, closed = await connect(url, 10), await connect(other, 10)
        async with asyncio.timeout(30):  # the other one shows that both have been looked at
            while not any(reader.at_eof() for reader, _ in closed):
                await asyncio.sleep(0.02)
        for reader, writer in kept:
            assert not reader.at_eof()
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        for _, writer in kept + closed:
            writer.close()


_RAISE = """
import resource
from enlarger.server.connections import most_connections, raise_open_files
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 512))
raise_open_files()
print(*resource.getrlimit(resource.RLIMIT_NOFILE), most_connections())
"""


@pytest.mark.skipif(0 < resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 512, reason="the system allows too few files")
def test_the_limit_of_open_files_is_raised_to_the_hard_one() -> None:
    said = subprocess.run([sys.executable, "-c", _RAISE], check=True, capture_output=True, text=True).stdout
    assert said.split() == ["512", "512", "256"]
