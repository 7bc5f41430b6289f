"""Callbacks, to a receiver that answers as the test wants."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from enlarger.infra.database import Database
from enlarger.infra.safe_http import Allowed
from enlarger.server import Service
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.deliveries import DeliveryStore
from enlarger.worker.deliver import Deliver
from enlarger.worker.dispatch import Dispatch
from tests.worker.conftest import MakeTask

_HOOK = "https://app.example/hook?token=secret"
Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    async def look_up(self: object, host: str, port: int, **options: Any) -> list[Any]:
        address = "93.184.215.14" if host == "app.example" else host
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", look_up)


@pytest.fixture
def deliver(database: Database, service: Service) -> Run:
    async def run(task_id: str, handler: Callable[[httpx2.Request], httpx2.Response]) -> timedelta | None:
        duty = Deliver(DeliveryStore(database), service.links, Allowed.parse(()), httpx2.MockTransport(handler))
        try:
            return await duty(task_id)
        finally:
            await duty.aclose()

    return run


async def row(database: Database, task_id: str) -> tuple[Any, ...]:
    found = await database.pool.fetchrow("SELECT state, tries, last_answer FROM deliveries WHERE task_id = $1", task_id)
    assert found is not None
    return tuple(found)


async def test_success_is_announced_with_the_record(
    dispatch: Dispatch, deliver: Run, make_task: MakeTask, database: Database
) -> None:
    task = await make_task(callback_url=_HOOK)
    await dispatch(task.id)
    requests: list[httpx2.Request] = []

    def receiver(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return httpx2.Response(200)

    assert await deliver(task.id, receiver) is None
    (request,) = requests
    assert (request.method, request.headers["host"], request.url.query) == ("POST", "app.example", b"token=secret")
    assert request.headers["content-type"] == "application/json"
    body = json.loads(request.content)
    assert (body["code"], body["taskId"], body["data"]["taskId"]) == (200, task.id, task.id)
    assert body["data"]["state"] == "success"
    assert json.loads(body["data"]["resultJson"])["resultUrls"][0].startswith("http://service/files/")
    assert await row(database, task.id) == ("delivered", 1, "200")
    assert await deliver(task.id, receiver) is None
    assert len(requests) == 1


async def test_failure_is_announced_too(service: Service, deliver: Run, make_task: MakeTask) -> None:
    task = await make_task(callback_url=_HOOK)
    await service.tasks.cancel(DEFAULT, task.id)
    bodies = []

    def receiver(request: httpx2.Request) -> httpx2.Response:
        bodies.append(json.loads(request.content))
        return httpx2.Response(204)

    await deliver(task.id, receiver)
    assert (bodies[0]["code"], bodies[0]["data"]["state"], bodies[0]["data"]["failCode"]) == (501, "fail", "cancelled")


@pytest.mark.parametrize("status", [301, 400, 500, 503])
async def test_what_is_no_2xx_is_tried_again_later_and_later(
    service: Service, deliver: Run, make_task: MakeTask, database: Database, status: int
) -> None:
    task = await make_task(callback_url=_HOOK)
    await service.tasks.cancel(DEFAULT, task.id)
    before = await service.tasks.get(DEFAULT, task.id)
    pauses = [await deliver(task.id, lambda request: httpx2.Response(status)) for _ in range(12)]
    assert pauses[-1] is None
    seconds = [pause.total_seconds() for pause in pauses[:-1]]
    assert seconds[0] <= 6
    assert 60 * 3600 <= sum(seconds) <= 92 * 3600
    assert await row(database, task.id) == ("given_up", 12, str(status))
    assert await service.tasks.get(DEFAULT, task.id) == before


async def test_410_ends_it_at_once(service: Service, deliver: Run, make_task: MakeTask, database: Database) -> None:
    task = await make_task(callback_url=_HOOK)
    await service.tasks.cancel(DEFAULT, task.id)
    assert await deliver(task.id, lambda request: httpx2.Response(410)) is None
    assert await row(database, task.id) == ("given_up", 1, "410")


async def test_a_receiver_that_cannot_be_reached_is_tried_again(
    service: Service, deliver: Run, make_task: MakeTask, database: Database
) -> None:
    def away(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectTimeout("away")

    task = await make_task(callback_url=_HOOK)
    await service.tasks.cancel(DEFAULT, task.id)
    assert await deliver(task.id, away) is not None
    assert await row(database, task.id) == ("pending", 1, "ConnectTimeout")
    inside = await make_task(callback_url="http://10.0.0.1/hook")
    await service.tasks.cancel(DEFAULT, inside.id)
    assert await deliver(inside.id, away) is not None
    assert (await row(database, inside.id))[2] == "not allowed"
