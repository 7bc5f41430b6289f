"""The task list's filters, and its bulk actions."""

from __future__ import annotations

import html
import re

import asyncpg
import httpx2
import pytest

from enlarger.all_settings import Settings, load_settings
from enlarger.console import bulk
from enlarger.server import Service
from enlarger.tasks.accounts import Caps
from enlarger.tasks.provider_states import worker_name
from tests.conftest import KEY
from tests.console.steps import PROMPT, api_of, other_account, sign_in_as_administrator
from tests.server.steps import create, finish

LOCAL = {"model": "real-esrgan/fast", "input": {"image_url": "https://example.com/a.png", "upscale_factor": "2"}}


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A hosted provider is set up, but no worker runs."""
    monkeypatch.setenv("KIE_API_KEY", "unused")
    return load_settings()


def rows(page: str) -> list[str]:
    return re.findall(r'<tr data-task="(\w+)"', page)


async def listed(site: httpx2.AsyncClient, **query: str) -> list[str]:
    return rows((await site.get("/console/tasks", params=query)).text)


def fields(page: str) -> dict[str, list[str]]:
    """The hidden fields of the page's form, by name."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page):
        found.setdefault(name, []).append(html.unescape(value))
    return found


async def confirm(site: httpx2.AsyncClient, **query: str | list[str]) -> str:
    response = await site.get("/console/tasks/bulk", params=query)
    assert response.status_code == 200
    return response.text


async def press(site: httpx2.AsyncClient, page: str) -> str:
    response = await site.post("/console/tasks/bulk", data=fields(page))
    assert response.status_code == 200, response.text
    return response.text


async def test_filters_are_in_the_address(signed_in: httpx2.AsyncClient, service: Service) -> None:
    async with api_of(signed_in) as api:
        done, failed, waiting, prompt = [await create(api) for _ in range(3)] + [await create(api, PROMPT)]
    await finish(service, done)
    await finish(service, failed, fail=True)
    assert await listed(signed_in) == [prompt, waiting, failed, done]
    both = (await signed_in.get("/console/tasks?state=success&state=fail")).text
    assert rows(both) == [failed, done]
    assert both.count(" checked>") == 2
    assert await listed(signed_in, q="lighthouse AT") == [prompt]
    assert await listed(signed_in, q="100%") == [prompt]
    assert await listed(signed_in, q="1000") == []
    assert await listed(signed_in, q=waiting) == [waiting]
    assert await listed(signed_in, model="google/nano-banana") == [prompt]
    assert await listed(signed_in, since="2020-01-01", until="2020-01-02") == []
    assert await listed(signed_in, since="2020-01-01") == [prompt, waiting, failed, done]
    assert await listed(signed_in, since="yesterday", until="9999-12-31", state="lost") == [
        prompt, waiting, failed, done
    ]  # fmt: skip


async def test_what_is_searched_for_is_only_text(signed_in: httpx2.AsyncClient) -> None:
    page = (await signed_in.get("/console/tasks", params={"q": '"><script>alert(1)</script>', "after": "'"})).text
    assert "<script>alert" not in page
    assert (await signed_in.get("/console/tasks", params={"q": "%00\0", "model": "\0"})).status_code == 200


async def test_an_administrator_looks_at_all_accounts_or_one(signed_in: httpx2.AsyncClient, service: Service) -> None:
    async with api_of(signed_in) as api, await other_account(signed_in, service) as other:
        own, foreign = await create(api), await create(other, PROMPT)
    assert await listed(signed_in, account="other") == [own]
    assert (await signed_in.get(f"/console/tasks/{foreign}")).status_code == 404
    await sign_in_as_administrator(signed_in, service)
    assert await listed(signed_in) == [foreign, own]
    assert await listed(signed_in, account="other") == [foreign]
    assert await listed(signed_in, account="other", q=own[:12]) == []
    page = (await signed_in.get(f"/console/tasks/{foreign}")).text
    assert "Account other" in page
    assert "action=again" not in page
    cancelled = (await signed_in.post(f"/console/api/v1/tasks/{foreign}/cancel")).json()
    assert cancelled["data"]["state"] == "fail"


async def test_chosen_tasks_are_cancelled(signed_in: httpx2.AsyncClient, service: Service) -> None:
    async with api_of(signed_in) as api, await other_account(signed_in, service) as other:
        tasks = [await create(api) for _ in range(3)]
        foreign = await create(other)
    await finish(service, tasks[0])
    page = await confirm(signed_in, action="cancel", task=[*tasks[:2], foreign])
    assert "1 open task will be cancelled" in page
    assert "1 task was cancelled" in await press(signed_in, page)
    assert await listed(signed_in, state="fail") == [tasks[1]]
    assert await listed(signed_in, state="waiting") == [tasks[2]]
    assert (await service.tasks.get("other", foreign)).state == "waiting"
    assert "1 open task will" not in await confirm(signed_in, action="cancel", task=tasks[:2])


async def test_all_matching_tasks_are_cancelled_in_parts(
    signed_in: httpx2.AsyncClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(bulk.MOST, "cancel", 2)
    async with api_of(signed_in) as api:
        tasks = [await create(api, PROMPT) for _ in range(3)]
        spared = await create(api)
    page = await confirm(signed_in, action="cancel", all="1", model="google/nano-banana")
    assert "At most 2 are taken" in page
    page = await press(signed_in, page)
    assert "2 tasks were cancelled" in page
    assert "Left: 1." in page
    page = await press(signed_in, page)
    assert "1 task was cancelled" in page
    assert "Left" not in page
    assert set(await listed(signed_in, state="fail")) == set(tasks)
    assert await listed(signed_in, state="waiting") == [spared]


async def test_a_task_is_run_again_once_however_often_it_is_asked(
    signed_in: httpx2.AsyncClient, service: Service
) -> None:
    async with api_of(signed_in) as api:
        task_id = await create(api, {**PROMPT, "callBackUrl": "https://app.example/hook"})
    page = await confirm(signed_in, action="again", task=task_id)
    assert "<b>4 credits</b>" in page
    first = await press(signed_in, page)
    [new] = re.findall(r"/console/tasks/(\w{32})", first.partition("Show the new task")[0][-200:])
    again = await press(signed_in, page)
    assert new in again
    assert len(await listed(signed_in)) == 2
    task, former = [await service.tasks.get("default", one) for one in (new, task_id)]
    assert (task.model, task.input, task.callback_url) == (former.model, former.input, None)
    await press(signed_in, await confirm(signed_in, action="again", task=task_id))
    assert len(await listed(signed_in)) == 3


async def test_running_all_matching_tasks_again_does_not_include_the_new_ones(
    signed_in: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(bulk.MOST, "again", 2)
    async with api_of(signed_in) as api:
        tasks = [await create(api, LOCAL) for _ in range(3)]
    page = await confirm(signed_in, action="again", all="1")
    assert "<b>Free</b>" in page
    page = await press(signed_in, page)
    assert "2 tasks were created" in page
    page = await press(signed_in, page)
    assert "1 task was created" in page
    assert "Left" not in page
    assert len(await listed(signed_in)) == 2 * len(tasks)


async def test_running_again_ends_where_the_credits_do(signed_in: httpx2.AsyncClient, service: Service) -> None:
    async with await other_account(signed_in, service) as other:
        tasks = [await create(other, PROMPT) for _ in range(2)]
    await service.database.pool.execute("UPDATE accounts SET balance = 5 WHERE id = 'other'")
    key, _ = await service.accounts.make_key("other", name=None, caps=Caps())
    await signed_in.post("/console/sign-in", data={"key": key})
    page = await press(signed_in, await confirm(signed_in, action="again", task=tasks))
    assert "1 task was created" in page
    assert "Left: 1." in page
    await service.database.pool.execute("UPDATE accounts SET balance = 50 WHERE id = 'other'")
    page = await press(signed_in, page)
    assert "Left" not in page
    assert len(await listed(signed_in)) == 4


async def test_an_administrator_can_run_again_only_tasks_of_their_own_account(
    signed_in: httpx2.AsyncClient, service: Service
) -> None:
    async with await other_account(signed_in, service) as other:
        foreign = await create(other, PROMPT)
    await sign_in_as_administrator(signed_in, service)
    assert "None of these tasks can be run again" in await confirm(signed_in, action="again", task=foreign)
    page = await confirm(signed_in, action="again", all="1", account="other")
    assert "None of these tasks can be run again" in page
    assert "1 open task will be cancelled" in await confirm(signed_in, action="cancel", all="1", account="other")


async def test_other_sites_cannot_confirm_a_bulk_action(signed_in: httpx2.AsyncClient) -> None:
    async with api_of(signed_in) as api:
        task_id = await create(api)
    data = {"action": "cancel", "task": task_id}
    response = await signed_in.post("/console/tasks/bulk", data=data, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert await listed(signed_in, state="waiting") == [task_id]
    assert KEY not in response.text


async def test_an_open_tasks_page_and_card_say_roughly_when_it_ends(
    signed_in: httpx2.AsyncClient, service: Service, database_url: str
) -> None:
    names = {"application_name": worker_name(["local"])}
    worker = await asyncpg.connect(database_url, server_settings=names)
    async with api_of(signed_in) as api:
        done = await create(api, LOCAL)
        await finish(service, done)
        await service.database.pool.execute("UPDATE attempts SET ended_at = started_at + interval '40 seconds'")
        await service.database.pool.execute("DELETE FROM pgqueuer")
        waiting = await create(api, LOCAL)
    for path in (f"/console/tasks/{waiting}", f"/console/tasks/{waiting}/card"):
        assert "about 40 seconds left" in (await signed_in.get(path)).text
    assert "seconds left" not in (await signed_in.get(f"/console/tasks/{done}/card")).text
    await worker.close()
