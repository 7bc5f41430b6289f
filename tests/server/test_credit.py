"""Credit and links for a while, over real HTTP."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from enlarger.infra.database import Database
from enlarger.server import Service
from tests.server.steps import PNG, create, finish, record

_LINK = "/api/v1/common/download-url"


async def result_url(api: httpx2.AsyncClient, service: Service) -> str:
    task_id = await create(api)
    await finish(service, task_id)
    return str(json.loads((await record(api, task_id))["resultJson"])["resultUrls"][0])


def seconds_left(url: str) -> float:
    return int(parse_qs(urlsplit(url).query)["expires"][0]) - time.time()


async def test_credit_is_a_number_that_every_price_is_below(api: httpx2.AsyncClient) -> None:
    reply = (await api.get("/api/v1/chat/credit")).json()
    assert reply == {
        "code": 200,
        "msg": "This account has no balance: it is not limited.",
        "message": "This account has no balance: it is not limited.",
        "data": 1_000_000_000,
    }
    assert (await api.get("/api/v1/chat/credit", headers={"Authorization": ""})).json()["code"] == 401


async def test_a_result_has_a_link_that_is_valid_for_twenty_minutes(api: httpx2.AsyncClient, service: Service) -> None:
    url = await result_url(api, service)
    reply = (await api.post(_LINK, json={"url": url})).json()
    assert reply["code"] == 200
    assert isinstance(reply["data"], str)
    assert 1190 < seconds_left(reply["data"]) <= 1200
    async with httpx2.AsyncClient() as stranger:
        assert (await stranger.get(reply["data"])).content == PNG
    again = (await api.post(_LINK, json={"url": f" {reply['data']} "})).json()["data"]
    assert seconds_left(again) > 1190


async def test_a_link_is_not_valid_for_longer_than_its_file(
    api: httpx2.AsyncClient, service: Service, database: Database
) -> None:
    url = await result_url(api, service)
    await database.pool.execute("UPDATE files SET expires_at = now() + interval '5 minutes'")
    assert seconds_left((await api.post(_LINK, json={"url": url})).json()["data"]) <= 300


async def test_what_is_no_result_of_the_accounts_is_wrong(
    api: httpx2.AsyncClient, service: Service, database: Database
) -> None:
    await service.accounts.register_key("other", account_id="other", source="tests")
    url = await result_url(api, service)
    past = service.links.make("0" * 32, "a.jpg", datetime.now(UTC) - timedelta(seconds=5))
    unknown = service.links.make("0" * 32, "a.jpg", datetime.now(UTC) + timedelta(days=1))
    wrong = ["https://example.com/a.png", "nothing", "http://[broken", url[:-3] + "abc", past, unknown]
    wrong.append(f"{url}&expires=1".replace("expires=", "expires=" + "9" * 5000))
    asked: list[tuple[str, dict[str, str]]] = [(one, {}) for one in wrong]
    asked.append((url, {"Authorization": "Bearer other"}))
    for one, headers in asked:
        response = await api.post(_LINK, json={"url": one}, headers=headers)
        assert response.status_code == 200
        assert response.json() == {"code": 422, "msg": "url is wrong", "message": "url is wrong", "data": None}
    await database.pool.execute("UPDATE files SET expires_at = now()")
    assert (await api.post(_LINK, json={"url": url})).json()["msg"] == "url is wrong"


@pytest.mark.parametrize(
    ("body", "code", "says"),
    [
        (b"{}", 422, "'url' is required"),
        (b'{"url": 5}', 422, "'url' is required"),
        (b'{"url": " "}', 422, "'url' is required"),
        (b"", 400, "is not valid JSON (Input data was truncated): send an object with url."),
        (b"[]", 400, "must be a JSON object with url"),
        (b'{"url": "\xff"}', 400, "is not valid JSON"),
    ],
)
async def test_a_missing_url_is_named(api: httpx2.AsyncClient, body: bytes, code: int, says: str) -> None:
    response = await api.post(_LINK, content=body)
    reply: Any = response.json()
    assert (response.status_code, reply["code"]) == (200, code)
    assert says in reply["msg"]
