"""createTask that waits for the task's end (`Prefer: wait=n`), over real HTTP."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import msgspec
import pytest

from enlarger.infra.database import Database
from enlarger.server import Service, create_app, serve
from tests.conftest import KEY
from tests.server.steps import BODY, CREATE, claim, finish, record
from tests.waiting import until


@asynccontextmanager
async def creating(
    api: httpx2.AsyncClient, prefer: str, **headers: str
) -> AsyncIterator[asyncio.Task[httpx2.Response]]:
    """A createTask under way."""
    request = asyncio.create_task(api.post(CREATE, json=BODY, headers={"Prefer": prefer, **headers}))
    try:
        yield request
    finally:
        request.cancel()


def waiting(service: Service, number: int = 1) -> Callable[[], Awaitable[bool]]:
    async def there() -> bool:
        return service.listener.waiting == number

    return there


async def made(database: Database) -> str:
    task_id: str = await database.pool.fetchval("SELECT id FROM tasks")
    return task_id


@pytest.mark.parametrize(("fail", "state"), [(False, "success"), (True, "fail")])
async def test_the_answer_comes_with_the_tasks_end_and_its_record(
    api: httpx2.AsyncClient, service: Service, database: Database, fail: bool, state: str
) -> None:
    async with creating(api, "wait=60") as request:
        await until(waiting(service))
        claimed = await claim(service, await made(database))
        await service.tasks.start_generating(claimed)
        await service.tasks.report_progress(claimed, 40)
        assert not request.done()
        await finish(service, claimed, fail=fail)
        response = await asyncio.wait_for(request, 45)
    data = response.json()["data"]
    assert response.headers["preference-applied"] == "wait"
    assert data["taskId"] == data["recordId"]
    assert data["record"]["state"] == state
    assert data["record"] == await record(api, data["taskId"])
    assert service.listener.waiting == 0


@pytest.mark.parametrize(("prefer", "seconds"), [("wait=1", 1), ("wait=0", 0)])
async def test_the_answer_comes_when_the_time_is_over(api: httpx2.AsyncClient, prefer: str, seconds: int) -> None:
    since = time.monotonic()
    response = await api.post(CREATE, json=BODY, headers={"Prefer": prefer})
    assert seconds <= time.monotonic() - since < seconds + 10
    assert response.headers["preference-applied"] == "wait"
    assert set(response.json()["data"]) == {"taskId", "recordId"}
    assert (await record(api, response.json()["data"]["taskId"]))["state"] == "waiting"


@pytest.mark.parametrize("prefer", ["wait=soon", "wait", "respond-async"])
async def test_another_preference_is_passed_over(api: httpx2.AsyncClient, prefer: str) -> None:
    response = await api.post(CREATE, json=BODY, headers={"Prefer": prefer})
    assert "preference-applied" not in response.headers
    assert set(response.json()["data"]) == {"taskId", "recordId"}


async def test_preferences_may_stand_in_several_headers(api: httpx2.AsyncClient) -> None:
    headers = [("Prefer", "respond-async"), ("Prefer", "wait=0")]
    response = await api.post(CREATE, json=BODY, headers=headers)
    assert response.headers["preference-applied"] == "wait"


async def test_a_request_that_is_sent_again_waits_for_the_same_task(
    api: httpx2.AsyncClient, service: Service, database: Database
) -> None:
    first = await api.post(CREATE, json=BODY, headers={"Idempotency-Key": "k"})
    async with creating(api, "wait=60", **{"Idempotency-Key": "k"}) as request:
        await until(waiting(service))
        await finish(service, await made(database))
        again = await asyncio.wait_for(request, 45)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json()["data"]["taskId"] == first.json()["data"]["taskId"]
    assert again.json()["data"]["record"]["state"] == "success"
    at_once = await api.post(CREATE, json=BODY, headers={"Idempotency-Key": "k", "Prefer": "wait=60"})
    assert at_once.json()["data"]["record"]["state"] == "success"


async def test_who_goes_away_cancels_nothing(api: httpx2.AsyncClient, service: Service, database: Database) -> None:
    """The connection is cut while the request waits; the task goes on to its end."""
    body = msgspec.json.encode(BODY)
    lines = [f"POST {CREATE} HTTP/1.1", "Host: service", f"Authorization: Bearer {KEY}", "Prefer: wait=60"]
    head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode()
    _, writer = await asyncio.open_connection(api.base_url.host, api.base_url.port)
    writer.write(head + body)
    await until(waiting(service))
    writer.transport.abort()
    task_id = await made(database)
    assert (await record(api, task_id))["state"] == "waiting"
    await finish(service, task_id)
    assert (await record(api, task_id))["state"] == "success"
    await until(waiting(service, 0))


async def test_many_wait_for_their_own_tasks(api: httpx2.AsyncClient, service: Service, database: Database) -> None:
    async def one(number: int) -> dict[str, Any]:
        headers = {"Prefer": "wait=60", "Idempotency-Key": str(number)}
        data: dict[str, Any] = (await api.post(CREATE, json=BODY, headers=headers)).json()["data"]
        return data

    requests = [asyncio.create_task(one(number)) for number in range(10)]
    await until(waiting(service, 10))
    for row in await database.pool.fetch("SELECT id FROM tasks"):
        await finish(service, row["id"])
    answers = await asyncio.wait_for(asyncio.gather(*requests), 45)
    assert len({data["taskId"] for data in answers}) == 10
    assert all(data["record"]["taskId"] == data["taskId"] for data in answers)


async def test_a_service_that_is_stopped_answers_first(service: Service) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx2.AsyncClient(headers=headers, timeout=120) as client:
        async with serve(create_app(service), host="127.0.0.1", port=0) as url:
            client.base_url = httpx2.URL(url)
            request = asyncio.create_task(client.post(CREATE, json=BODY, headers={"Prefer": "wait=60"}))
            await until(waiting(service))
        response = await asyncio.wait_for(request, 45)
    assert response.json()["code"] == 200
    assert set(response.json()["data"]) == {"taskId", "recordId"}


async def test_a_database_that_goes_away_meanwhile_costs_no_id(
    api: httpx2.AsyncClient, service: Service, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task that is made is never answered with an error, or its app would send it again."""
    from enlarger.errors import DatabaseUnavailable
    from enlarger.tasks.store import TaskStore

    async def away(*_: object) -> Any:
        raise DatabaseUnavailable("away")

    monkeypatch.setattr(TaskStore, "get", away)
    response = await api.post(CREATE, json=BODY, headers={"Prefer": "wait=1"})
    assert response.json()["code"] == 200
    assert response.json()["data"]["taskId"] == await made(database)
