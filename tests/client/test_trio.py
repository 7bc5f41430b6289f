"""The asynchronous client on trio."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import trio

from enlarger import KieApiClient
from enlarger.errors import ServiceUnreachable
from enlarger.testing import StandIn
from tests.client.raw_server import raw_server
from tests.client.test_announcements import Service, running
from tests.client.test_limits import slow_body

_MODEL = "google/nano-banana"


def connect(service: StandIn, **options: Any) -> KieApiClient:
    return KieApiClient(service.api_key, service.base_url, upload_url=service.upload_url, poll_interval=0.02, **options)


@pytest.mark.kie_stand_in(seconds=60)
def test_a_wait_that_is_cancelled_ends(kie_stand_in: StandIn) -> None:
    async def main() -> bool:
        async with connect(kie_stand_in) as client:
            with trio.move_on_after(0.5) as scope:
                await client.run(_MODEL, {"prompt": "a room"})
        return scope.cancelled_caught

    assert trio.run(main)
    assert len(kie_stand_in.tasks) == 1


def test_a_request_takes_no_longer_than_its_timeout() -> None:
    async def main(url: str) -> None:
        async with KieApiClient("key", url, timeout=0.5, max_retries=0) as client:
            with trio.fail_after(20), pytest.raises(ServiceUnreachable):
                await client.credits()

    with raw_server(slow_body) as server:
        trio.run(main, server.url)


@pytest.mark.kie_stand_in(seconds=0)
def test_a_client_moves_from_one_loop_to_another(kie_stand_in: StandIn) -> None:
    client = connect(kie_stand_in)

    async def ask() -> float:
        credits = await client.credits()
        await client._driver.http.aclose()  # or its sockets would be left open
        return credits

    async def last() -> float:
        async with client:
            return await client.credits()

    assert asyncio.run(ask()) == trio.run(last)


def test_a_stream_of_events_serves_a_whole_wait_and_ends_with_it() -> None:
    async def main(url: str) -> None:
        async with KieApiClient("key", url, poll_interval=0.4) as client:
            assert (await client.task("t").result()).urls

    with running(Service()) as service:
        trio.run(main, service.url)
        assert service.asked.count("events") == 1
        assert service.all_closed()
