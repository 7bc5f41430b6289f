"""An idempotency key is bound to an account, and to all of a request that its task depends on."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest

from enlarger.server import Service
from tests.conftest import KEY, MakePhoto
from tests.databases import transaction
from tests.server.several import api, database_url, fleet
from tests.server.steps import BODY, CREATE

__all__ = ["api", "database_url", "fleet"]  # fixtures: one process and four

OTHER = "enl_of-another-account"


async def send(api: httpx2.AsyncClient, body: dict[str, Any], *, idempotency: str = "order-1", key: str = KEY) -> Any:
    headers = {"Idempotency-Key": idempotency, "Authorization": f"Bearer {key}"}
    return (await api.post(CREATE, json=body, headers=headers)).json()


async def upload(api: httpx2.AsyncClient, content: bytes) -> str:
    reply = await api.post("/api/file-stream-upload", files={"file": ("a.png", content)}, data={"uploadPath": "a"})
    return str(reply.json()["data"]["downloadUrl"])


async def test_a_key_that_is_sent_twice_is_one_key_or_refused(api: httpx2.AsyncClient) -> None:
    async def send_lines(*keys: str) -> Any:
        lines = [("Idempotency-Key", key) for key in keys]
        return (await api.post(CREATE, json=BODY, headers=lines)).json()

    once = await send(api, BODY)
    assert (await send_lines("order-1", "order-1"))["data"]["taskId"] == once["data"]["taskId"]
    for keys in (("order-1", "order-2"), ("", "order-1")):
        refused = await send_lines(*keys)
        assert (refused["code"], "Idempotency-Key" in refused["msg"]) == (422, True)


async def test_each_account_has_its_own_task_however_often_each_repeats(
    api: httpx2.AsyncClient, service: Service
) -> None:
    await service.accounts.register_key(OTHER, account_id="other", source="tests")
    ids: dict[str, set[str]] = {KEY: set(), OTHER: set()}
    for _ in range(3):
        for key, found in ids.items():
            reply = await send(api, BODY, key=key)
            assert reply["code"] == 200, reply
            found.add(reply["data"]["taskId"])
    assert [len(found) for found in ids.values()] == [1, 1]
    assert ids[KEY].isdisjoint(ids[OTHER])
    another = {**BODY, "model": "recraft/crisp-upscale", "input": {"image": "https://example.com/b.png"}}
    refused = await send(api, another, key=OTHER)
    assert refused["code"] == 422
    assert [(fault["field"], fault["code"]) for fault in refused["errors"]] == [
        ("Idempotency-Key", "idempotency_key_reused")
    ]


async def test_a_picture_that_is_uploaded_again_is_the_same_request(
    api: httpx2.AsyncClient, make_photo: MakePhoto
) -> None:
    picture, other = (make_photo("a.png", seed=seed).read_bytes() for seed in (1, 2))
    links = [await upload(api, content) for content in (picture, picture, other)]
    assert len(set(links)) == 3
    first, again, changed = [await send(api, {"model": "real-esrgan/fast", "input": {"image": link}}) for link in links]
    assert first["data"]["taskId"] == again["data"]["taskId"]
    assert (changed["code"], "used before" in changed["msg"]) == (422, True)


@pytest.mark.parametrize(
    "changes",
    [
        {"callBackUrl": "https://app.example/other"},
        {"callBackUrl": None},
        {"callBackUrl": ""},
        {"model": "recraft/crisp-upscale", "input": {"image": "https://example.com/a.png"}},
        {"input": {**BODY["input"], "upscale_factor": "4"}},  # type: ignore[dict-item]
        {"input": {**BODY["input"], "image_url": "https://example.com/b.png"}},  # type: ignore[dict-item]
    ],
    ids=["another callback", "no callback said", "no callback wanted", "model", "factor", "picture"],
)
async def test_whatever_the_task_depends_on_makes_it_another_request(
    api: httpx2.AsyncClient, changes: dict[str, Any]
) -> None:
    body = {**BODY, "callBackUrl": "https://app.example/hook"}
    first = await send(api, body)
    assert (await send(api, body))["data"] == first["data"]
    reply = await send(api, {**body, **changes})
    assert (reply["code"], "used before" in reply["msg"]) == (422, True)
    assert (await send(api, {**body, **changes}, idempotency="order-2"))["code"] == 200


async def test_while_a_request_is_carried_out_the_same_one_is_told_to_come_again(
    api: httpx2.AsyncClient, service: Service
) -> None:
    task_id = (await send(api, BODY))["data"]["taskId"]
    async with transaction(service.database) as connection:
        taken = "UPDATE tasks SET idempotency_key = encode(sha256('order-2'), 'hex') WHERE id = $1"
        await connection.execute(taken, task_id)
        async with asyncio.timeout(45):  # it waits for five seconds
            headers = {"Idempotency-Key": "order-2", "Authorization": f"Bearer {KEY}"}
            reply = (await api.post(CREATE, json=BODY, headers=headers, timeout=60)).json()
    assert (reply["code"], "in progress" in reply["msg"]) == (409, True)
    assert (await send(api, BODY, idempotency="order-2"))["data"]["taskId"] == task_id
