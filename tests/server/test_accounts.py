"""Several accounts on one service: what they may do, what they are told, and that they never see each other's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from decimal import Decimal
from ipaddress import ip_network
from typing import Any

import httpx2
import pytest

from enlarger.server import Service, create_app
from enlarger.tasks.accounts import Caps
from tests.server.several import api, database_url, fleet
from tests.server.steps import BODY, CREATE, RECORD, create, finish

__all__ = ["api", "database_url", "fleet"]  # fixtures: one process and four

_SHOP, _BOT = "shop", "bot"
_CREDIT = "/api/v1/chat/credit"

MakeKey = Callable[..., Awaitable[dict[str, str]]]


@pytest.fixture
def make_key(service: Service) -> MakeKey:
    """Makes an account if need be, and a key of it; returns the headers to send."""

    async def make(
        account: str = _SHOP,
        *,
        credits: str | None = "100",
        creates: int | None = None,
        queries: int | None = None,
        caps: Caps | None = None,
        allow: str | None = None,
    ) -> dict[str, str]:
        if account not in {known.id for known in await service.accounts.all()}:
            amount = None if credits is None else Decimal(credits)
            await service.accounts.add(account, credits=amount, create_limit=creates, query_limit=queries)
        networks = [ip_network(allow)] if allow else []
        key, _ = await service.accounts.make_key(account, name=None, caps=caps or Caps(), allow=networks)
        return {"Authorization": f"Bearer {key}"}

    return make


async def refused(api: httpx2.AsyncClient, headers: dict[str, str], **body: Any) -> dict[str, Any]:
    response = await api.post(CREATE, json={**BODY, **body}, headers=headers)
    assert response.status_code == 200
    reply: dict[str, Any] = response.json()
    assert reply["data"] is None
    return reply


async def test_a_task_is_reserved_charged_and_shown(
    api: httpx2.AsyncClient, service: Service, make_key: MakeKey
) -> None:
    shop = await make_key(credits="100")
    assert (await api.get(_CREDIT, headers=shop)).json()["data"] == 100
    task_id = await create(api, headers=shop)  # at most 40 credits: the picture's size is not known yet
    assert (await api.get(_CREDIT, headers=shop)).json()["data"] == 60
    await finish(service, task_id, cost=Decimal(10))
    assert (await api.get(_CREDIT, headers=shop)).json()["data"] == 90
    shown = (await api.get(RECORD, params={"taskId": task_id}, headers=shop)).json()["data"]
    assert shown["creditsConsumed"] == 10
    assert await service.ledger.check() == []


async def test_an_uploaded_picture_is_measured_so_only_its_price_is_reserved(
    api: httpx2.AsyncClient, service: Service, make_key: MakeKey, small_photo: Any
) -> None:
    shop = await make_key(credits="100")
    files = {"file": ("a.jpg", small_photo.read_bytes())}
    stored = (await api.post("/api/file-stream-upload", data={"uploadPath": "a"}, files=files, headers=shop)).json()
    wanted = {"image_url": stored["data"]["downloadUrl"], "upscale_factor": "2"}
    await create(api, {"model": BODY["model"], "input": wanted}, headers=shop)
    assert (await api.get(_CREDIT, headers=shop)).json()["data"] == 90


async def test_the_default_account_has_no_balance_and_no_limits(api: httpx2.AsyncClient) -> None:
    for _ in range(30):
        await create(api)
    replies = await asyncio.gather(*(api.get(_CREDIT) for _ in range(20)))
    assert {reply.json()["data"] for reply in replies} == {1_000_000_000}


async def test_too_few_credits_are_told_with_balance_and_price(api: httpx2.AsyncClient, make_key: MakeKey) -> None:
    reply = await refused(api, await make_key(credits="12.5"))
    assert reply["code"] == 402
    assert "costs 40, the account has 12.5" in reply["msg"]


async def test_a_wrong_input_is_told_before_credits_are_looked_at(api: httpx2.AsyncClient, make_key: MakeKey) -> None:
    assert (await refused(api, await make_key(credits="0"), input={}))["code"] == 422


async def test_a_keys_cap_is_told(api: httpx2.AsyncClient, make_key: MakeKey) -> None:
    reply = await refused(api, await make_key(caps=Caps(day=Decimal(5))))
    assert reply["code"] == 433
    assert "limit" in reply["msg"]


async def test_too_many_tasks_are_told_and_when_to_come_again(api: httpx2.AsyncClient, make_key: MakeKey) -> None:
    shop = await make_key(credits=None, creates=2)
    await create(api, headers=shop)
    await create(api, headers=shop)
    response = await api.post(CREATE, json=BODY, headers=shop)
    assert response.json()["code"] == 429
    assert 1 <= int(response.headers["Retry-After"]) <= 10
    real = await api.post(CREATE, json=BODY, headers={**shop, "X-Http-Status": "real"})
    assert (real.status_code, real.json()["data"]) == (429, None)


async def test_too_many_queries_are_told_by_key(api: httpx2.AsyncClient, make_key: MakeKey) -> None:
    one = await make_key(credits=None, queries=3)
    other = await make_key()
    task_id = await create(api, headers=one)
    replies = await asyncio.gather(*(api.get(RECORD, params={"taskId": task_id}, headers=one) for _ in range(8)))
    codes = [reply.json()["code"] for reply in replies]
    assert codes.count(429) >= 5
    assert (await api.get(RECORD, params={"taskId": task_id}, headers=other)).json()["code"] == 200


async def test_a_replayed_request_costs_nothing_and_takes_no_place(api: httpx2.AsyncClient, make_key: MakeKey) -> None:
    shop = {**await make_key(credits="40", creates=1), "Idempotency-Key": "once"}
    first = await api.post(CREATE, json=BODY, headers=shop)
    again = await api.post(CREATE, json=BODY, headers=shop)
    assert first.json()["data"]["taskId"] == again.json()["data"]["taskId"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (await api.get(_CREDIT, headers=shop)).json()["data"] == 0
    other = await api.post(CREATE, json={**BODY, "callBackUrl": "https://e.com/h"}, headers=shop)
    assert other.json()["code"] == 422


async def test_the_same_idempotency_key_of_two_accounts_makes_two_tasks(
    api: httpx2.AsyncClient, make_key: MakeKey
) -> None:
    ids = {await create(api, headers={**await make_key(name), "Idempotency-Key": "once"}) for name in (_SHOP, _BOT)}
    assert len(ids) == 2


async def test_no_account_sees_anothers_tasks(api: httpx2.AsyncClient, service: Service, make_key: MakeKey) -> None:
    shop, bot = await make_key(_SHOP), await make_key(_BOT)
    task_id = await create(api, headers=shop)
    await finish(service, task_id, account_id=_SHOP)
    shown = (await api.get(RECORD, params={"taskId": task_id}, headers=shop)).json()["data"]
    [result] = json.loads(shown["resultJson"])["resultUrls"]
    assert (await api.get(RECORD, params={"taskId": task_id}, headers=bot)).json()["msg"] == "recordInfo is null"
    assert (await api.get("/v1/tasks", headers=bot)).json()["data"]["tasks"] == []
    assert (await api.post(f"/v1/tasks/{task_id}/cancel", headers=bot)).status_code == 404
    assert (await api.get(f"/v1/tasks/{task_id}/events", headers=bot)).status_code == 404
    link = await api.post("/api/v1/common/download-url", json={"url": result}, headers=bot)
    assert link.json()["msg"] == "url is wrong"
    upscale = {"model": "grok-imagine/upscale", "input": {"task_id": task_id}}
    assert (await api.post(CREATE, json=upscale, headers=bot)).json()["code"] == 422


async def test_no_route_about_a_task_answers_another_account(
    api: httpx2.AsyncClient, service: Service, make_key: MakeKey
) -> None:
    """Every route of the description that has a task's id in its path, with every method."""
    shop, bot = await make_key(_SHOP), await make_key(_BOT)
    body = {**BODY, "callBackUrl": "https://example.com/canary"}
    task_id = await create(api, body, headers=shop)
    await finish(service, task_id, account_id=_SHOP)
    described = create_app(service).openapi_schema.to_schema()["paths"]
    routes = [(path, method) for path, methods in described.items() if "task_id" in path for method in methods]
    assert len(routes) >= 4
    for path, method in routes:
        url = path.replace("{task_id}", task_id)
        response = await api.request(method.upper(), url, headers=bot)
        assert response.status_code == 404, (method, path)
        assert response.json()["msg"] == "recordInfo is null"
        assert "canary" not in response.text


async def test_a_key_is_bound_to_its_addresses(api: httpx2.AsyncClient, make_key: MakeKey) -> None:
    here, elsewhere = await make_key(allow="127.0.0.0/8"), await make_key(allow="203.0.113.0/24")
    assert (await api.get(_CREDIT, headers=here)).json()["code"] == 200
    assert (await api.get(_CREDIT, headers=elsewhere)).json()["code"] == 401
    claimed = {**elsewhere, "X-Forwarded-For": "203.0.113.7"}
    assert (await api.get(_CREDIT, headers=claimed)).json()["code"] == 401  # nobody vouches for it


async def test_a_revoked_key_lets_nobody_in(api: httpx2.AsyncClient, service: Service, make_key: MakeKey) -> None:
    shop = await make_key()
    [key] = await service.accounts.keys(_SHOP)
    await service.accounts.revoke(key.id)
    assert (await api.get(_CREDIT, headers=shop)).json()["code"] == 401
