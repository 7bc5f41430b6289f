"""The estimate in the records of open tasks, and in the console."""

from __future__ import annotations

import asyncpg
import httpx2
import pytest

from enlarger import KieApiClient
from enlarger.server import Service
from enlarger.tasks.provider_states import worker_name
from tests.conftest import KEY
from tests.server.steps import create, finish, record

_LOCAL = {"model": "real-esrgan/fast", "input": {"image_url": "https://example.com/a.png"}}


async def test_an_open_task_has_an_estimate_and_an_ended_one_has_none(
    api: httpx2.AsyncClient, service: Service, database_url: str
) -> None:
    done = await create(api, _LOCAL)
    await finish(service, done)
    assert "estimate" not in await record(api, done)
    await service.database.pool.execute("UPDATE attempts SET ended_at = started_at + interval '8 seconds'")
    await service.database.pool.execute("DELETE FROM pgqueuer")
    names = {"application_name": worker_name(["local"])}
    worker = await asyncpg.connect(database_url, server_settings=names)
    waiting = await create(api, _LOCAL)
    assert (await record(api, waiting))["estimate"] == {"startsIn": 0, "endsIn": 8}
    whole = (await api.get(f"/v1/tasks/{waiting}")).json()["data"]["record"]
    assert whole["estimate"] == {"startsIn": 0, "endsIn": 8}
    async with KieApiClient(api_key=KEY, base_url=str(api.base_url)) as client:
        status = await client.task(waiting).status()
    assert (status.starts_in, status.ends_in) == (0, 8)
    await worker.close()


async def test_nothing_is_known_while_no_worker_runs(api: httpx2.AsyncClient) -> None:
    assert (await record(api, await create(api, _LOCAL)))["estimate"] == {"startsIn": None, "endsIn": None}


async def test_lists_and_ended_tasks_cost_no_reading(
    api: httpx2.AsyncClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse() -> None:
        raise AssertionError("the line is read")

    monkeypatch.setattr(service.estimates, "outlook", refuse)
    task_id = await create(api, _LOCAL)
    listed = (await api.get("/v1/tasks")).json()["data"]["tasks"]
    assert "estimate" not in listed[0]
    await finish(service, task_id)
    assert (await record(api, task_id))["state"] == "success"
