"""A host that accepts connections and never speaks TLS keeps none of ours open."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx2
import pytest

from enlarger import KieApiClient
from enlarger.infra.fetch import Fetcher
from enlarger.infra.links import Links
from enlarger.infra.safe_http import Allowed, GuardedTransport
from enlarger.interior.telegram import Telegram, Token
from enlarger.providers.fal.provider import FalProvider
from enlarger.providers.fal.settings import FalSettings
from enlarger.providers.kie.provider import KieProvider
from enlarger.providers.kie.settings import KieSettings
from enlarger.providers.replicate.provider import ReplicateProvider
from enlarger.providers.replicate.settings import ReplicateSettings
from enlarger.providers.results import Results
from enlarger.settings import read_settings
from enlarger.worker.callback import CallbackSender
from tests.loopback_server import loopback_server
from tests.worker.test_callback import failed_task

_LOOPBACK = Allowed.parse(["127.0.0.1"])

Call = Callable[[str, Path], Awaitable[object]]


class Silent:
    """A host that reads and never answers; as a proxy it answers CONNECT, and then is silent."""

    def __init__(self) -> None:
        self.port = 0
        self.shaking = asyncio.Event()
        """Set once a handshake has begun."""
        self.closed = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while came := await reader.read(65_536):
                if came.startswith(b"CONNECT"):
                    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
                else:
                    self.shaking.set()
        self.closed.set()


@asynccontextmanager
async def silent_host() -> AsyncIterator[Silent]:
    silent = Silent()
    async with loopback_server(silent.serve) as silent.port:
        yield silent


@pytest.fixture
def no_collector() -> Iterator[None]:
    """The garbage collector would close the connection some time."""
    gc.disable()
    yield
    gc.enable()


async def a_result(url: str, folder: Path) -> None:
    await Results("KIE", _LOOPBACK, base_url=url).fetch(url, folder / "result")


async def a_result_through_a_proxy(url: str, folder: Path) -> None:
    proxy = url.replace("https", "http")
    await Results("KIE", _LOOPBACK, base_url=url, proxy=proxy).fetch(url, folder / "result")


async def an_input(url: str, folder: Path) -> None:
    await Fetcher(_LOOPBACK).fetch(url, folder / "input", max_bytes=1000, seconds=60)


async def a_callback(url: str, _: Path) -> None:
    sender = CallbackSender(Links(b"secret"), ["key"], _LOOPBACK, seconds=60)
    await sender.send(failed_task(url))


async def kie(url: str, _: Path) -> None:
    await KieProvider(read_settings(KieSettings, kie_api_key="a key", kie_base_url=url), _LOOPBACK).probe()


async def replicate(url: str, _: Path) -> None:
    settings = read_settings(ReplicateSettings, replicate_api_token="a token", replicate_base_url=url)
    await ReplicateProvider(settings, _LOOPBACK).probe()


async def fal(url: str, _: Path) -> None:
    await FalProvider(read_settings(FalSettings, fal_key="a key", fal_base_url=url), _LOOPBACK).probe()


async def the_sdk(url: str, _: Path) -> None:
    await KieApiClient("a key", url).get_task_status("1")


async def the_sdk_through_a_proxy(url: str, _: Path) -> None:
    await KieApiClient("a key", url, proxy=url.replace("https", "http")).get_task_status("1")


async def telegram(url: str, _: Path) -> None:
    await Telegram(Token("123:abc"), url).fetch("a-photo")


async def cancel_handshake(call: Call, folder: Path) -> None:
    """Cancel a call during its handshake, and see its connection closed."""
    async with silent_host() as silent:
        going_on = asyncio.ensure_future(call(f"https://127.0.0.1:{silent.port}", folder))
        await asyncio.wait_for(silent.shaking.wait(), 60)
        assert not silent.closed.is_set()
        going_on.cancel()
        await asyncio.wait([going_on])
        await asyncio.wait_for(silent.closed.wait(), 45)


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize(
    "call",
    [
        a_result,
        a_result_through_a_proxy,
        an_input,
        a_callback,
        kie,
        replicate,
        fal,
        the_sdk,
        the_sdk_through_a_proxy,
        telegram,
    ],
    ids=lambda call: call.__name__,
)
async def test_a_cancelled_handshake_closes_its_connection(call: Call, tmp_path: Path) -> None:
    await cancel_handshake(call, tmp_path)


@pytest.mark.usefixtures("no_collector")
async def test_so_it_does_behind_the_gate_when_the_request_is_traced_already(tmp_path: Path) -> None:
    events: list[str] = []

    async def note(event: str, _: object) -> None:
        events.append(event)

    async def a_traced_request(url: str, _: Path) -> None:
        async with httpx2.AsyncClient(transport=GuardedTransport(_LOOPBACK)) as client:
            await client.get(url, extensions={"trace": note})

    await cancel_handshake(a_traced_request, tmp_path)
    assert "connection.start_tls.failed" in events
