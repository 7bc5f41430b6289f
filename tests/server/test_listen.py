from __future__ import annotations

import asyncio
import socket

import httpx2
import pytest
from litestar import Litestar, get

from enlarger.errors import ConfigurationError
from enlarger.server import serve


def app() -> Litestar:
    started, gate = asyncio.Event(), asyncio.Event()

    @get("/slow")
    async def slow() -> dict[str, bool]:
        started.set()
        await gate.wait()
        return {"done": True}

    application = Litestar([slow], logging_config=None, openapi_config=None)
    application.state.started, application.state.gate = started, gate
    return application


async def test_a_taken_port_is_named() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port {port} is taken by another program.*--port"):
            async with serve(app(), host="127.0.0.1", port=port):
                pass


async def test_two_services_do_not_share_a_port() -> None:
    async with serve(app(), host="127.0.0.1", port=0) as url:
        with pytest.raises(ConfigurationError, match="is taken"):
            async with serve(app(), host="127.0.0.1", port=int(url.rpartition(":")[2])):
                pass


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
async def test_a_host_that_is_not_ours_is_named(host: str) -> None:
    with pytest.raises(ConfigurationError, match=f"cannot listen on {host}:0"):
        async with serve(app(), host=host, port=0):
            pass


async def test_all_interfaces_are_reached_by_loopback() -> None:
    async with serve(app(), host="0.0.0.0", port=0) as url:
        assert url.startswith("http://127.0.0.1:")


async def test_requests_under_way_are_finished_at_the_end() -> None:
    application = app()
    async with httpx2.AsyncClient() as client:
        async with serve(application, host="127.0.0.1", port=0) as url:
            reply = asyncio.create_task(client.get(f"{url}/slow"))
            await application.state.started.wait()
            asyncio.get_running_loop().call_later(0.05, application.state.gate.set)
        assert (await reply).json() == {"done": True}
