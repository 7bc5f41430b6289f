"""What an account is told at its limits of open tasks, megapixels and engine seconds, at every door."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import openai
import pytest

from enlarger import KieApiClient, RateLimited
from enlarger.all_settings import Settings, load_settings
from enlarger.server import Service
from enlarger.tasks.accounts import Caps
from enlarger.tasks.limits import OwnLimits
from tests.conftest import MakePhoto
from tests.server.steps import BODY, CREATE, URL, create, finish

_LOCAL = {"model": "real-esrgan/fast", "input": {"image_url": URL}}
_SHOP = "shop"

Open = Callable[..., Awaitable[dict[str, str]]]


@pytest.fixture
def settings() -> Settings:
    return load_settings(max_megapixels=20)


@pytest.fixture
def open_shop(service: Service) -> Open:
    """Make an account with limits, and return the headers to send."""

    async def work(**own: Any) -> dict[str, str]:
        limits = OwnLimits(**own)
        await service.accounts.add(_SHOP, credits=None, create_limit=None, query_limit=None, own=limits)
        key, _ = await service.accounts.make_key(_SHOP, name=None, caps=Caps())
        return {"Authorization": f"Bearer {key}"}

    return work


async def test_too_many_open_tasks_are_told_with_the_remedy_and_when_to_come_again(
    api: httpx2.AsyncClient, service: Service, open_shop: Open
) -> None:
    shop = await open_shop(open_limit=1)
    task_id = await create(api, headers=shop)
    refused = await api.post(CREATE, json=BODY, headers=shop)
    reply = refused.json()
    assert (refused.status_code, reply["code"], reply["data"]) == (200, 429, None)
    assert reply["msg"] == (
        "This account has reached its limit of open tasks (1 of 1): wait until one has ended, or ask the operator of"
        " the service for more."
    )
    assert refused.headers["Retry-After"] == "10"
    own = await api.post("/v1/tasks", json=BODY, headers=shop)
    assert (own.status_code, own.json()["code"]) == (429, 429)
    await finish(service, task_id, account_id=_SHOP)
    await create(api, headers=shop)


@pytest.mark.parametrize(("language", "says"), [("ru", "открытых задач"), ("zh", "进行中的任务已达到上限")])
async def test_a_limit_is_told_in_the_users_language(
    api: httpx2.AsyncClient, open_shop: Open, language: str, says: str
) -> None:
    shop = {**await open_shop(open_limit=1), "Accept-Language": language}
    await create(api, headers=shop)
    assert says in (await api.post(CREATE, json=BODY, headers=shop)).json()["msg"]


async def test_a_picture_that_is_here_counts_as_what_it_has_and_another_as_the_largest(
    api: httpx2.AsyncClient, open_shop: Open, make_photo: MakePhoto, service: Service
) -> None:
    shop = await open_shop(megapixel_limit=22)
    inside = base64.b64encode(make_photo("a.png").read_bytes()).decode()
    await create(api, {**_LOCAL, "input": {"image_url": inside}}, headers=shop)
    await create(api, _LOCAL, headers=shop)
    rows = await service.database.pool.fetch("SELECT pixels FROM tasks ORDER BY created_at")
    assert 0 < rows[0]["pixels"] < 1_000_000
    assert rows[1]["pixels"] == 20_000_000
    refused = (await api.post(CREATE, json=_LOCAL, headers=shop)).json()
    assert refused["code"] == 429
    assert "this one has 20, and all together may have 22" in refused["msg"]
    await create(api, {**_LOCAL, "input": {"image_url": inside}}, headers=shop)


async def test_without_limits_nothing_is_measured(api: httpx2.AsyncClient, service: Service, open_shop: Open) -> None:
    await create(api, _LOCAL, headers=await open_shop())
    assert await service.database.pool.fetchval("SELECT count(pixels) FROM tasks") == 0


async def test_the_engines_seconds_of_a_day_are_told_with_the_time_until_midnight(
    api: httpx2.AsyncClient, service: Service, open_shop: Open
) -> None:
    shop = await open_shop(engine_limit=1)
    await finish(service, await create(api, _LOCAL, headers=shop), account_id=_SHOP)  # which took 1.5 seconds
    refused = await api.post(CREATE, json=_LOCAL, headers=shop)
    assert refused.json()["code"] == 429
    assert "wait until midnight UTC" in refused.json()["msg"]
    assert 1 <= int(refused.headers["Retry-After"]) <= 86_400


async def test_a_request_that_is_sent_again_gets_its_task_at_the_limit(
    api: httpx2.AsyncClient, open_shop: Open
) -> None:
    shop = {**await open_shop(open_limit=1), "Idempotency-Key": "once"}
    first = await create(api, headers=shop)
    assert await create(api, headers=shop) == first
    assert (await api.post(CREATE, json=BODY, headers={**shop, "Idempotency-Key": "two"})).json()["code"] == 429


async def test_files_of_a_refused_task_are_not_kept(
    api: httpx2.AsyncClient, service: Service, open_shop: Open, make_photo: MakePhoto
) -> None:
    shop = await open_shop(open_limit=1)
    await create(api, headers=shop)
    inside = base64.b64encode(make_photo("a.png").read_bytes()).decode()
    refused = await api.post(CREATE, json={**_LOCAL, "input": {"image_url": inside}}, headers=shop)
    assert refused.json()["code"] == 429
    assert await service.database.pool.fetchval("SELECT count(*) FROM files") == 0


async def test_the_sdk_raises_rate_limited_and_says_that_no_task_was_made(
    api: httpx2.AsyncClient, open_shop: Open
) -> None:
    shop = await open_shop(open_limit=1)
    await create(api, headers=shop)
    key = shop["Authorization"].removeprefix("Bearer ")
    async with KieApiClient(api_key=key, base_url=str(api.base_url), max_retries=0) as client:
        with pytest.raises(RateLimited, match="limit of open tasks") as caught:
            await client.submit("topaz/image-upscale", {"image_url": URL, "upscale_factor": "2"})
    assert caught.value.retry_after == 10
    assert caught.value.refused, "no task was made, so it may be sent again"


async def test_the_sdk_does_not_wait_until_midnight(api: httpx2.AsyncClient, service: Service, open_shop: Open) -> None:
    shop = await open_shop(engine_limit=1)
    await finish(service, await create(api, _LOCAL, headers=shop), account_id=_SHOP)
    key = shop["Authorization"].removeprefix("Bearer ")
    async with KieApiClient(api_key=key, base_url=str(api.base_url), max_retries=0) as client:
        with pytest.raises(RateLimited, match="midnight UTC"):
            await client.submit("real-esrgan/fast", {"image_url": URL})


async def test_openais_client_raises_rate_limit_error(api: httpx2.AsyncClient, open_shop: Open) -> None:
    shop = await open_shop(open_limit=1)
    await create(api, headers=shop)
    key = shop["Authorization"].removeprefix("Bearer ")
    async with openai.AsyncOpenAI(base_url=f"{api.base_url}/v1", api_key=key, max_retries=0) as client:
        picture = {"image": "https://example.com/a.png", "model": "real-esrgan/fast"}
        with pytest.raises(openai.RateLimitError, match="limit of open tasks") as caught:
            await client.post("/images/upscale", cast_to=object, body=picture)
    assert caught.value.code == "rate_limit_exceeded"
    assert caught.value.response.headers["retry-after"] == "10"
