"""What makes the clients pleasant: headers, names, iteration, bytes, and tasks that end with whoever waits for them."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
import trio

from enlarger import KieApiClient, SyncKieApiClient, __version__, set_app_info
from enlarger.client import http, inputs
from enlarger.client.http import user_agent
from enlarger.errors import ConfigurationError, InvalidInput, WaitTimeout
from enlarger.testing import HandClock, StandIn
from tests.client.both import KINDS, client_of
from tests.client.raw_server import RawServer, header, raw_server, response
from tests.conftest import KEY

_MODEL = "google/nano-banana"
_INPUT: inputs.GoogleNanoBanana = {"prompt": "a room"}
_UPSCALE: inputs.TopazImageUpscale = {"image_url": "https://example.com/a.png", "upscale_factor": "2"}


@pytest.fixture
def app_info() -> Iterator[None]:
    yield
    http._app_info.clear()


def credits_answer(server: RawServer, head: str, connection: Any) -> None:
    connection.sendall(response(b'{"code":200,"msg":"ok","data":5}'))


@pytest.mark.parametrize("kind", KINDS)
def test_headers_of_the_users_go_to_the_service_alone(kind: str, tmp_path: Path, app_info: None) -> None:
    set_app_info("room-bot", "1.2", "https://rooms.example")
    with (
        raw_server(credits_answer) as server,
        client_of(kind, "key", server.url, extra_headers={"X-Tenant": "7"}) as client,
    ):
        client.credits()
        client.with_options(extra_headers={"user-agent": "mine"}).credits()
        client.with_options(extra_headers=None).credits()
        client.download(f"{server.url}/1.png", tmp_path / "1.png")
    first, second, third, download = server.heads
    assert header(first, "x-tenant") == header(third, "x-tenant") == "7"
    assert str(header(first, "user-agent")).startswith(f"room-bot/1.2 (https://rooms.example) enlarger/{__version__} ")
    assert second.lower().count("user-agent:") == 1
    assert (header(second, "user-agent"), header(second, "x-tenant")) == ("mine", None)
    assert header(download, "x-tenant") is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "x"}, {"idempotency-key": "x"}, {"Content-Type": "x"}, {"X A": "x"}, {"": "x"}, {5: "x"},
        {"X-A": "a\r\nX-B: c"}, {"X-A": "ключ"}, {"X-A": 5}, [("X-A", "1")], "X-A: 1",
    ],
)  # fmt: skip
def test_headers_that_cannot_be_sent_are_refused(headers: Any) -> None:
    with pytest.raises(ConfigurationError, match="extra_headers"):
        KieApiClient("key", extra_headers=headers)


@pytest.mark.parametrize("name", ["", "a b", "a\n", "бот", "a(b"])
def test_an_apps_name_that_no_header_can_have_is_refused(name: str, app_info: None) -> None:
    with pytest.raises(ConfigurationError):
        set_app_info(name)
    assert user_agent().startswith("enlarger/")


@pytest.mark.kie_stand_in(seconds=0)
@pytest.mark.parametrize("kind", KINDS)
def test_a_result_is_read_into_memory(kind: str, kie_stand_in: StandIn, tmp_path: Path) -> None:
    with client_of(kind, kie_stand_in.api_key, kie_stand_in.base_url, poll_interval=0.02) as client:
        result = client.run(_MODEL, _INPUT)
        [file] = client.download(result, tmp_path / "room.png")
        assert client.read(result) == client.read(result.url) == client.read(result.status) == file.read_bytes()
        with pytest.raises(InvalidInput, match="url"):
            client.read("room.png")


async def test_a_handle_tells_every_state() -> None:
    clock = HandClock()
    with StandIn(seconds=60, clock=clock) as service:
        async with KieApiClient(service.api_key, service.base_url, poll_interval=0.05) as client:
            seen = []
            async for status in await client.submit(_MODEL, _INPUT):
                seen.append(status.state)
                clock.advance(30)
            assert seen[-1] == "success"
            assert len(seen) > 1
            service.fail_next("no", "400")
            failing = await client.submit(_MODEL, _INPUT)
            clock.advance(60)
            assert [status async for status in failing][-1].failed
            handle = await client.submit(_MODEL, _INPUT)
            with pytest.raises(WaitTimeout):
                async for _ in handle.statuses(deadline=0.01):
                    pass
            async for status in handle:
                assert status.task_id == handle.id
                break  # whoever has seen enough goes on with something else
            clock.advance(60)
            assert (await handle.result()).urls


def test_a_handle_tells_every_state_without_await() -> None:
    clock = HandClock()
    with (
        StandIn(seconds=60, clock=clock) as service,
        SyncKieApiClient(service.api_key, service.base_url, poll_interval=0.05) as client,
    ):
        seen = []
        for status in client.submit(_MODEL, _INPUT):
            seen.append(status.state)
            clock.advance(30)
        assert seen[-1] == "success"
        assert len(seen) > 1


async def state_of(url: str) -> tuple[str, str | None]:
    async with KieApiClient(KEY, url) as client:
        [task] = await client.list_tasks()
        return task.state, task.fail_code


async def test_a_task_is_cancelled_with_whoever_waits_for_it(url: str) -> None:
    async with KieApiClient(KEY, url, poll_interval=0.05) as client:
        seen = asyncio.Event()
        running = asyncio.create_task(
            client.run("topaz/image-upscale", _UPSCALE, on_progress=lambda _: seen.set(), cancel_on_interrupt=True)
        )
        await seen.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await running
        assert any("was cancelled" in said for said in caught.value.__notes__)
    assert await state_of(url) == ("fail", "cancelled")


@pytest.mark.parametrize("wanted", [True, False])
async def test_a_deadline_of_the_callers_ends_the_task_only_if_that_is_wanted(url: str, wanted: bool) -> None:
    async with KieApiClient(KEY, url, poll_interval=0.05) as client:
        handle = await client.submit("topaz/image-upscale", _UPSCALE)
        with anyio.move_on_after(0.3) as scope:
            await handle.wait(cancel_on_interrupt=wanted)
        assert scope.cancelled_caught
        assert (await handle.status()).ended is wanted


@pytest.mark.parametrize("name", ["on_submitted", "on_progress"])
async def test_an_error_of_a_callback_cancels_the_task_if_that_is_wanted(url: str, name: str) -> None:
    def fail(_: object) -> None:
        raise InvalidInput("field", "mine")

    def work() -> None:
        how: Any = {name: fail}
        with SyncKieApiClient(KEY, url, poll_interval=0.05) as client, pytest.raises(InvalidInput) as caught:
            client.run("topaz/image-upscale", _UPSCALE, cancel_on_interrupt=True, **how)
        assert ["was cancelled" in said for said in caught.value.__notes__] == [True]

    await asyncio.to_thread(work)
    assert await state_of(url) == ("fail", "cancelled")


async def test_so_does_trio(url: str) -> None:
    async def main() -> None:
        async with KieApiClient(KEY, url, poll_interval=0.05) as client:
            with trio.move_on_after(0.5):
                await client.run("topaz/image-upscale", _UPSCALE, cancel_on_interrupt=True)

    await asyncio.to_thread(trio.run, main)
    assert await state_of(url) == ("fail", "cancelled")


async def test_ctrl_c_ends_the_task_if_that_is_wanted(url: str) -> None:
    code = (
        "import sys; from enlarger import SyncKieApiClient\n"
        "with SyncKieApiClient(sys.argv[1], sys.argv[2], poll_interval=0.05) as client:\n"
        "    client.run('topaz/image-upscale', {'image_url': 'https://example.com/a.png', 'upscale_factor': '2'},\n"
        "        cancel_on_interrupt=True, on_progress=lambda _: print('seen', flush=True))"
    )
    command = [sys.executable, "-c", code, KEY, url]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
    )
    assert process.stdout is not None
    await process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, err = await process.communicate()
    assert b"KeyboardInterrupt" in err
    assert b"was cancelled" in err
    assert await state_of(url) == ("fail", "cancelled")


@pytest.mark.kie_stand_in(seconds=60)
@pytest.mark.parametrize("kind", KINDS)
def test_a_service_that_cannot_cancel_is_no_obstacle(kind: str, kie_stand_in: StandIn) -> None:
    def fail(_: object) -> None:
        error = LookupError("mine")
        error.add_note("and a note of mine")
        raise error

    with client_of(kind, kie_stand_in.api_key, kie_stand_in.base_url, poll_interval=0.02) as client:
        with pytest.raises(LookupError) as caught:
            client.run(_MODEL, _INPUT, on_progress=fail, cancel_on_interrupt=True)
        [_, said] = caught.value.__notes__
        assert "goes on by itself" in said
