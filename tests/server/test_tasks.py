"""What the API has for tasks beside the hosted service's: the list, and calling off."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from enlarger.infra.database import Database
from enlarger.server import Service
from tests.server.steps import BODY, claim, create, finish, record

_LIST = "/v1/tasks"
_FAST = {"model": "real-esrgan/fast", "input": {"image_url": "https://example.com/b.png"}}


async def page(api: httpx2.AsyncClient, **parameters: Any) -> dict[str, Any]:
    response = await api.get(_LIST, params=parameters)
    assert response.status_code == 200, response.text
    data: dict[str, Any] = response.json()["data"]
    return data


async def ids(api: httpx2.AsyncClient, **parameters: Any) -> list[str]:
    return [task["taskId"] for task in (await page(api, **parameters))["tasks"]]


async def test_tasks_are_listed_newest_first_as_their_records_are(api: httpx2.AsyncClient, service: Service) -> None:
    assert await page(api) == {"tasks": [], "next": None}
    made = [await create(api) for _ in range(3)]
    await finish(service, made[1])
    found = await page(api)
    assert [task["taskId"] for task in found["tasks"]] == made[::-1]
    records = [await record(api, task_id) for task_id in made[::-1]]
    assert found["tasks"] == [{name: one[name] for name in one if name != "estimate"} for one in records]
    assert found["next"] is None


async def test_page_after_page_shows_every_task_once(api: httpx2.AsyncClient, database: Database) -> None:
    made = [await create(api) for _ in range(7)]
    # Some that were made at the same moment are still told apart.
    await database.pool.execute("UPDATE tasks SET created_at = now() - interval '1 hour' WHERE id = ANY($1)", made[:4])
    pages: list[list[str]] = []
    after = None
    while after is not None or not pages:
        found = await page(api, limit=2, **({"after": after} if after else {}))
        pages.append([task["taskId"] for task in found["tasks"]])
        after = found["next"]
        await create(api)  # what is made meanwhile moves nothing
    assert [len(one) for one in pages] == [2, 2, 2, 1]
    shown = [task_id for one in pages for task_id in one]
    assert shown == [*made[:3:-1], *sorted(made[:4], reverse=True)]


async def test_a_page_has_twenty_tasks_unless_another_number_is_asked_for(api: httpx2.AsyncClient) -> None:
    made = [await create(api) for _ in range(21)]
    found = await page(api)
    assert len(found["tasks"]) == 20
    assert found["next"] == made[1]
    assert len(await ids(api, limit=100)) == 21


async def test_the_list_can_be_narrowed(api: httpx2.AsyncClient, service: Service) -> None:
    waiting, queuing, generating, done, failed = [await create(api) for _ in range(5)]
    fast = await create(api, _FAST)
    await claim(service, queuing)
    await service.tasks.start_generating(await claim(service, generating))
    await finish(service, done)
    await finish(service, failed, fail=True)
    assert await ids(api, state="waiting") == [fast, queuing, waiting]  # as their records say
    assert await ids(api, state="generating") == [generating]
    assert await ids(api, state="success, fail") == [failed, done]
    assert (await api.get(f"{_LIST}?state=success&state=fail")).json()["data"]["tasks"][0]["taskId"] == failed
    assert await ids(api, state="queuing") == []  # no record says so
    assert await ids(api, model="real-esrgan/fast") == [fast]
    assert await ids(api, model="topaz/upscale", state="success") == [done]  # by any of its names
    assert await ids(api, state="waiting", after=fast, limit=1) == [queuing]


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"limit": "0"}, "'limit' must be a whole number from 1 to 100"),
        ({"limit": "101"}, "'limit'"),
        ({"limit": "ten"}, "'limit'"),
        ({"limit": "1e1"}, "'limit'"),
        ({"limit": "10.0"}, "'limit'"),
        ({"limit": "-1"}, "'limit'"),
        ({"limit": "٣"}, "'limit'"),
        ({"limit": "9" * 5000}, "'limit'"),
        ({"state": "done"}, "'state' must be one or more of waiting, queuing, generating, success, fail"),
        ({"state": "success,done"}, "'state'"),
        ({"model": "nope"}, "'model' names no model"),
        ({"after": "0" * 32}, "'after' names no task of this account"),
        ({"after": "\0"}, "'after'"),
    ],
)
async def test_a_wrong_parameter_is_named(api: httpx2.AsyncClient, parameters: Any, says: str) -> None:
    response = await api.get(_LIST, params=parameters)
    reply = response.json()
    assert (response.status_code, reply["code"], reply["data"]) == (422, 422, None)
    assert says in reply["msg"]


async def test_another_accounts_tasks_are_not_there(api: httpx2.AsyncClient, service: Service) -> None:
    await service.accounts.register_key("other", account_id="other", source="tests")
    other = {"Authorization": "Bearer other"}
    mine, theirs = await create(api), await create(api, BODY, headers=other)
    assert await ids(api) == [mine]
    assert [task["taskId"] for task in (await api.get(_LIST, headers=other)).json()["data"]["tasks"]] == [theirs]
    assert (await api.get(_LIST, params={"after": theirs})).status_code == 422
    assert (await api.get(_LIST, headers={"Authorization": ""})).status_code == 401


async def test_a_task_can_be_called_off(api: httpx2.AsyncClient, service: Service) -> None:
    task_id = await create(api)
    reply = (await api.post(f"/v1/tasks/{task_id}/cancel")).json()
    assert (reply["data"]["state"], reply["data"]["failCode"]) == ("fail", "cancelled")
    done = await create(api)
    await finish(service, done)
    assert (await api.post(f"/v1/tasks/{done}/cancel")).json()["data"]["state"] == "success"
    assert (await api.post("/v1/tasks/nothing/cancel")).status_code == 404
