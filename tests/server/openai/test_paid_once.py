"""A picture is paid for once and never lost: repeated requests, retries, time limits and clients that go away."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import httpx2
import msgspec
import openai
import pytest
from openai import AsyncOpenAI

from enlarger.infra.database import Database
from enlarger.server import Service, create_app, serve
from tests.conftest import KEY, MakePhoto
from tests.server.openai.conftest import Run, open_tasks
from tests.server.steps import CREATE, finish
from tests.waiting import until

AT_ONCE = {"Prefer": "wait=0"}


def named(key: str, **more: str) -> dict[str, str]:
    return {"Idempotency-Key": key, **more}


async def count(database: Database) -> int:
    number: int = await database.pool.fetchval("SELECT count(*) FROM tasks")
    return number


async def test_the_same_key_brings_the_same_pictures(
    client: AsyncOpenAI, while_working: Run, database: Database, make_photo: MakePhoto
) -> None:
    photo = make_photo("a.png")

    def ask() -> Any:
        edit = client.images.with_raw_response.edit
        return edit(model="gpt-image-1", image=photo, prompt="x", n=2, extra_headers=named("order-1"))

    first = await while_working(ask(), tasks=2)
    again = await ask()
    assert again.headers["enlarger-task"] == first.headers["enlarger-task"]
    assert again.headers["idempotent-replayed"] == "true"
    assert again.text == first.text
    assert await count(database) == 2
    assert await database.pool.fetchval("SELECT count(*) FROM files WHERE name LIKE 'inline%'") == 1


async def test_the_same_key_for_another_request_is_refused(client: AsyncOpenAI, while_working: Run) -> None:
    asked: dict[str, Any] = {"model": "gpt-image-1", "prompt": "A cat", "extra_headers": named("k")}
    await while_working(client.images.generate(**asked))
    for other in ({"prompt": "A dog"}, {"n": 2}, {"size": "1536x1024"}, {"model": "nano-banana-pro"}):
        with pytest.raises(openai.BadRequestError) as caught:
            await client.images.generate(**{**asked, **other})
        assert caught.value.code == "idempotency_key_reused", other


async def test_a_key_is_one_for_the_whole_service(
    client: AsyncOpenAI, api: httpx2.AsyncClient, while_working: Run
) -> None:
    """The jobs API gets the task that the same request to the images API has made."""
    raw = await while_working(
        client.images.with_raw_response.generate(model="gpt-image-1", prompt="A cat", extra_headers=named("k"))
    )
    body = {"model": "google/nano-banana", "input": {"prompt": "A cat"}}
    made = (await api.post(CREATE, json=body, headers=named("k"))).json()
    assert made["data"]["taskId"] == raw.headers["enlarger-task"]


async def test_what_is_not_finished_in_time_is_fetched_by_the_same_request(
    client: AsyncOpenAI, database: Database, service: Service
) -> None:
    with pytest.raises(openai.InternalServerError) as caught:
        await client.images.generate(prompt="A cat", extra_headers=named("k", **AT_ONCE))
    assert (caught.value.status_code, caught.value.code) == (504, "task_not_finished")
    [task_id] = await open_tasks(database)
    assert caught.value.response.headers["enlarger-task"] == task_id
    assert caught.value.body["task_ids"] == [task_id]  # type: ignore[index]
    assert task_id in caught.value.message
    await finish(service, task_id)
    again = await client.images.with_raw_response.generate(prompt="A cat", extra_headers=named("k"))
    assert again.headers["enlarger-task"] == task_id
    assert await count(database) == 1


async def test_the_packages_own_retries_do_not_pay_twice(
    client: AsyncOpenAI, database: Database, service: Service
) -> None:
    """The first answer is that the time is over; the package tries again by itself, and waits for the same task."""
    retrying = client.with_options(max_retries=1)
    with pytest.raises(openai.InternalServerError) as caught:
        await retrying.images.generate(prompt="A cat", extra_headers=named("k", **AT_ONCE))
    assert caught.value.response.request.headers["x-stainless-retry-count"] == "1"
    assert await count(database) == 1


async def test_without_a_key_the_package_is_told_not_to_try_again(client: AsyncOpenAI, database: Database) -> None:
    retrying = client.with_options(max_retries=2)
    with pytest.raises(openai.InternalServerError) as caught:
        await retrying.images.generate(prompt="A cat", extra_headers=AT_ONCE)
    assert "Idempotency-Key" in caught.value.message
    assert await count(database) == 1


async def test_who_loses_patience_gets_the_same_task(
    client: AsyncOpenAI, database: Database, while_working: Run
) -> None:
    hasty = client.with_options(timeout=2)
    with pytest.raises(openai.APITimeoutError):
        await hasty.images.generate(prompt="A cat", extra_headers=named("k"))

    async def made() -> bool:
        return await count(database) == 1

    await until(made)  # a busy service may still be at it
    [task_id] = await open_tasks(database)
    asking = client.images.with_raw_response.generate(prompt="A cat", extra_headers=named("k"))
    assert (await while_working(asking)).headers["enlarger-task"] == task_id
    assert await count(database) == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_who_goes_away_cancels_nothing(
    api: httpx2.AsyncClient, service: Service, database: Database, stream: bool
) -> None:
    body = msgspec.json.encode({"prompt": "A cat", "stream": stream})
    lines = ["POST /v1/images/generations HTTP/1.1", "Host: service", f"Authorization: Bearer {KEY}"]
    lines += ["Content-Type: application/json", "Idempotency-Key: k", f"Content-Length: {len(body)}", "", ""]
    _, writer = await asyncio.open_connection(api.base_url.host, api.base_url.port)
    writer.write("\r\n".join(lines).encode() + body)

    async def waited_for() -> bool:
        return service.listener.waiting == 1

    await until(waited_for)
    writer.transport.abort()
    [task_id] = await open_tasks(database)
    await finish(service, task_id)
    again = await api.post("/v1/images/generations", json={"prompt": "A cat"}, headers=named("k"))
    assert again.headers["enlarger-task"] == task_id
    assert len(again.json()["data"]) == 1


async def test_the_time_limit_is_a_setting(service: Service, database: Database) -> None:
    settings = service.settings.model_copy(update={"openai_wait": 0.0})
    hurried = dataclasses.replace(service, settings=settings)
    async with (
        serve(create_app(hurried), host="127.0.0.1", port=0) as url,
        AsyncOpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0) as client,
    ):
        with pytest.raises(openai.InternalServerError) as caught:
            await client.images.generate(prompt="A cat")
    assert caught.value.code == "task_not_finished"
    assert len(await open_tasks(database)) == 1
