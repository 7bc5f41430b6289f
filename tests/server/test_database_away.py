"""What the routes answer while Postgres is away: soon, with 503, and with when to try again."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

import httpx2
import pytest

from enlarger.all_settings import Settings
from enlarger.errors import DatabaseUnavailable
from enlarger.infra.database import Connection, open_database
from enlarger.infra.storage import Storage
from enlarger.server import Service, create_app, serve
from enlarger.server.bodies import SMALL_BODY_BYTES
from enlarger.tasks.accounts import DEFAULT
from tests.conftest import KEY
from tests.infra.postgres_proxy import STARTING, Proxy, proxy_before
from tests.server.steps import create, finish, record
from tests.waiting import until

_SOON = 10.0
"""Seconds; two on a machine that has nothing else to do, and 20 before requests were told."""
_NEEDS_NO_DATABASE = {"/", "/healthz"}


class Rig(NamedTuple):
    """A service whose Postgres can be taken away."""

    api: httpx2.AsyncClient
    service: Service
    proxy: Proxy
    task_id: str
    """An ended task."""
    file: str
    """Its result."""


@pytest.fixture
async def rig(database_url: str, settings: Settings, storage: Storage) -> AsyncIterator[Rig]:
    async with proxy_before(database_url) as (proxy, url), open_database(url, connections=4) as database:
        service = await Service.open(settings, database, storage)
        await service.accounts.register_key(KEY, account_id=DEFAULT, source="tests")
        async with (
            serve(create_app(service), host="127.0.0.1", port=0) as base,
            httpx2.AsyncClient(base_url=base, headers={"Authorization": f"Bearer {KEY}"}, timeout=120) as api,
        ):
            task_id = await create(api)
            await finish(service, task_id)
            made = await record(api, task_id)
            [file] = re.findall(r"/files/[^\"\\]+", str(made["resultJson"]))
            yield Rig(api, service, proxy, task_id, file)
            proxy.refuse = lambda _: STARTING


def _fall_silent(proxy: Proxy) -> None:
    """The machine is gone: nothing is refused, and nothing answered."""
    proxy.fell_silent.set()


def _refuse(proxy: Proxy) -> None:
    """Postgres restarts: what is open is closed at its next message, and nothing new is let in."""
    proxy.cut_after = lambda _: 0
    proxy.refuse = lambda _: STARTING


@pytest.mark.parametrize("take_away", [_fall_silent, _refuse])
async def test_every_route_that_reads_the_database_says_soon_that_it_is_away(
    rig: Rig, take_away: Callable[[Proxy], None]
) -> None:
    described = create_app(rig.service).openapi_schema.to_schema()["paths"]
    routes = [
        (method.upper(), path)
        for path, methods in described.items()
        for method in methods
        if path not in _NEEDS_NO_DATABASE and method in ("get", "head")
    ]
    assert len([path for method, path in routes if method == "GET"]) >= 9
    take_away(rig.proxy)
    for (method, path), (reply, seconds) in zip(
        routes, await asyncio.gather(*(_ask(rig, *route) for route in routes)), strict=True
    ):
        assert reply.status_code == 503, (method, path, reply.text)
        assert 1 <= int(reply.headers["Retry-After"]) <= 10, (method, path)
        assert seconds < _SOON, (method, path)
        if path != "/readyz" and method != "HEAD":
            said = reply.json()
            openai = said.get("error")  # the shape of the OpenAI API
            assert openai or said["code"] == 503
            assert "try again in a moment" in (openai["message"] if openai else said["msg"])


@pytest.mark.parametrize("take_away", [_fall_silent, _refuse])
async def test_a_quote_is_a_read(rig: Rig, take_away: Callable[[Proxy], None]) -> None:
    take_away(rig.proxy)
    started = time.monotonic()
    reply = await rig.api.post("/v1/quote", json={"model": "google/nano-banana", "input": {"prompt": "a room"}})
    assert (reply.json()["code"], reply.headers["Retry-After"]) == (503, "2")
    assert time.monotonic() - started < _SOON


async def test_a_creation_waits_for_what_it_reads_as_well(rig: Rig) -> None:
    """A restart of Postgres that begins while a body arrives: what it names is looked up when Postgres is back."""
    arrives = asyncio.Event()
    source = str(rig.api.base_url).rstrip("/") + rig.file
    body = json.dumps({"model": "real-esrgan/fast", "input": {"image_url": source}}).encode()

    async def slowly() -> AsyncIterator[bytes]:
        yield b" " * (SMALL_BODY_BYTES + 1)  # the budget counts no smaller ones
        await arrives.wait()
        yield body

    creating = asyncio.create_task(rig.api.post("/api/v1/jobs/createTask", content=slowly()))

    async def arriving() -> bool:
        return rig.service.bodies.used > 0

    await until(arriving)
    _refuse(rig.proxy)
    assert (await _ask(rig, "GET", "/v1/tasks"))[0].status_code == 503
    arrives.set()
    for _ in range(5):
        assert (await _ask(rig, "GET", "/v1/tasks"))[0].status_code == 503
    assert not creating.done()
    rig.proxy.cut_after, rig.proxy.refuse = lambda _: None, lambda _: None
    assert (await creating).json()["code"] == 200


@pytest.mark.parametrize("kind", ["run", "read"])
async def test_what_changes_something_is_given_up_when_postgres_is_silent(rig: Rig, kind: str) -> None:
    async def work(connection: Connection) -> int:
        return int(await connection.fetchval("SELECT 1"))

    database = rig.service.database.for_requests(read_seconds=1.5, write_seconds=1.5)
    do = {"run": database.run, "read": database.read}[kind]
    assert await do(work) == 1
    _fall_silent(rig.proxy)
    started = time.monotonic()
    with pytest.raises(DatabaseUnavailable):
        await do(work)
    assert time.monotonic() - started < _SOON, "not when the connection's own limit of a minute is over"


async def test_more_readers_than_connections_wait_for_their_turn(rig: Rig) -> None:
    """A busy database is not one that is away: what is answered is the last answer to anybody."""

    async def slow(connection: Connection) -> int:
        return int(await connection.fetchval("SELECT 1 FROM pg_sleep(0.2)"))

    hurried = rig.service.database.for_requests(read_seconds=1)
    assert await asyncio.gather(*(hurried.read(slow) for _ in range(32))) == [1] * 32  # four at a time: 1.6 seconds


async def test_what_was_away_and_is_back_answers(rig: Rig) -> None:
    _refuse(rig.proxy)
    assert (await _ask(rig, "GET", "/v1/tasks"))[0].status_code == 503
    rig.proxy.cut_after, rig.proxy.refuse = lambda _: None, lambda _: None
    assert (await _ask(rig, "GET", "/v1/tasks"))[0].status_code == 200


async def _ask(rig: Rig, method: str, path: str) -> tuple[httpx2.Response, float]:
    """The reply of a route, about the ended task or its result, and the seconds that it took."""
    url = rig.file if path.startswith("/files/") else path.replace("{task_id}", rig.task_id)
    started = time.monotonic()
    reply = await rig.api.request(method, re.sub("[{}]", "", url), headers={"X-Http-Status": "real"})
    return reply, time.monotonic() - started
