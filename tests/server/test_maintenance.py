"""What the operator closes: the service for new tasks (455), and models (505); and tasks that failed at once (501)."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

from enlarger.all_settings import load_settings
from enlarger.bot.error_texts import user_message
from enlarger.catalog.messages import translator
from enlarger.client import KieApiClient
from enlarger.errors import ConfigurationError, FeatureDisabled, Maintenance, SubmissionUnknown
from enlarger.infra.database import Database, open_database
from enlarger.providers.routing import read_routing
from enlarger.server import Service, create_app, serve
from enlarger.tasks.maintenance import MaintenanceStore
from tests.conftest import KEY
from tests.server.steps import BODY, CREATE, URL, claim, create, finish, record
from tests.waiting import until


@pytest.fixture
def switch(service: Service) -> MaintenanceStore:
    return service.maintenance


async def send(api: httpx2.AsyncClient, body: dict[str, Any] = BODY, **headers: str) -> httpx2.Response:
    return await api.post(CREATE, json=body, headers={name.replace("_", "-"): headers[name] for name in headers})


async def test_while_it_is_maintained_new_tasks_are_refused_and_all_else_goes_on(
    api: httpx2.AsyncClient, service: Service, switch: MaintenanceStore, database: Database
) -> None:
    earlier = await create(api, headers={"Idempotency-Key": "earlier"})
    await switch.begin(seconds=600)
    for headers in ({}, {"Idempotency-Key": "earlier"}, {"Prefer": "wait=5"}):
        response = await api.post(CREATE, json=BODY, headers=headers)
        assert (response.status_code, response.json()["code"], response.json()["data"]) == (200, 455, None)
        assert 590 < int(response.headers["retry-after"]) <= 600
        assert "under maintenance" in response.json()["msg"]
    assert (await send(api, {})).json()["code"] == 455, "before the body is read"
    assert (await send(api, X_Http_Status="real")).status_code == 455
    assert (await send(api, Authorization="Bearer wrong")).json()["code"] == 401
    await finish(service, earlier)
    assert (await record(api, earlier))["state"] == "success"
    assert (await api.get("/readyz")).status_code == 200
    assert await database.pool.fetchval("SELECT count(*) FROM tasks") == 1
    assert await switch.end()
    assert not await switch.end()
    await create(api)


async def test_all_processes_see_the_switch(api: httpx2.AsyncClient, database_url: str) -> None:
    async with open_database(database_url, connections=1) as elsewhere:
        await MaintenanceStore(elsewhere).begin()
        assert (await send(api)).json()["code"] == 455
        await MaintenanceStore(elsewhere).end()
        assert (await send(api)).json()["code"] == 200


@pytest.mark.parametrize(
    ("locale", "says"), [("en", "under maintenance"), ("ru", "технические работы"), ("zh", "正在维护")]
)
async def test_it_is_said_in_the_apps_language_or_in_the_operators_words(
    api: httpx2.AsyncClient, switch: MaintenanceStore, locale: str, says: str
) -> None:
    await switch.begin()
    response = await send(api, Accept_Language=locale)
    assert says in response.json()["msg"]
    assert response.headers["retry-after"] == "300"
    await switch.begin(message="New disks: back at noon.")
    assert (await send(api, Accept_Language=locale)).json()["msg"] == "New disks: back at noon."


async def test_what_takes_longer_than_was_thought_is_asked_for_again_soon(
    api: httpx2.AsyncClient, switch: MaintenanceStore, database: Database
) -> None:
    await switch.begin(seconds=60)
    await database.pool.execute("UPDATE maintenance SET ends_at = now() - interval '1 hour'")
    assert (await send(api)).headers["retry-after"] == "30"


async def test_our_client_knows_what_it_means(api: httpx2.AsyncClient, switch: MaintenanceStore) -> None:
    await switch.begin()
    async with KieApiClient(KEY, str(api.base_url).rstrip("/"), max_retries=0) as client:
        with pytest.raises(Maintenance):
            await client.submit("topaz/image-upscale", {"image_url": URL, "upscale_factor": "2"})


# Models


@asynccontextmanager
async def offering(service: Service, off: str) -> AsyncIterator[httpx2.AsyncClient]:
    """The API of a service that does not offer everything."""
    settings = load_settings(models_off=off)
    opened = dataclasses.replace(service, routing=read_routing("", off=settings.models_off))
    async with serve(create_app(opened), host="127.0.0.1", port=0) as url:
        headers = {"Authorization": f"Bearer {KEY}"}
        async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=120) as client:
            yield client


@pytest.mark.parametrize("off", ["topaz/image-upscale", "topaz/upscale", "recraft/crisp-upscale, upscale", "image"])
async def test_a_model_that_is_switched_off_is_not_offered(service: Service, off: str) -> None:
    async with offering(service, off) as api:
        for locale, says in (("en", "is switched off"), ("ru", "отключена"), ("zh", "已停用")):
            reply = (await send(api, Accept_Language=locale)).json()
            assert (reply["code"], reply["data"]) == (505, None)
            assert "topaz/image-upscale" in reply["msg"]
            assert says in reply["msg"]
        models = (await api.get("/api/v1/models")).json()["data"]["models"]
        assert [one["runsOn"] for one in models if one["model"] == "topaz/image-upscale"] == [[]]
        assert [one["switchedOff"] for one in models if one["model"] == "topaz/image-upscale"] == [True]
        for aspect in ("schema", "price"):
            assert (await api.get(f"/api/v1/models/topaz/image-upscale/{aspect}")).json()["data"]["switchedOff"] is True
        asked = {"model": "topaz/image-upscale", "input": {"image_url": URL, "upscale_factor": "2"}}
        for language, says in (("en", "is switched off"), ("ru", "отключена"), ("zh", "已停用")):
            quoted = (await api.post("/v1/quote", json=asked, headers={"Accept-Language": language})).json()
            assert (quoted["code"], quoted["data"], says in quoted["msg"]) == (505, None, True)
        async with KieApiClient(KEY, str(api.base_url).rstrip("/"), max_retries=0) as client:
            with pytest.raises(FeatureDisabled, match=r"use another one .* The task was not made\.$") as raised:
                await client.submit("topaz/image-upscale", {"image_url": URL, "upscale_factor": "2"})
            assert not isinstance(raised.value, SubmissionUnknown)
            assert "not available at the moment" in user_message(raised.value, translator("en"))
            assert [one.switched_off for one in await client.models() if one.id == "topaz/image-upscale"] == [True]
            with pytest.raises(FeatureDisabled, match=r"use another one \([^)]*\)\.$"):
                await client.quote("topaz/image-upscale", {"image_url": URL, "upscale_factor": "2"})


async def test_others_are_offered_and_what_was_made_before_goes_on(service: Service, api: httpx2.AsyncClient) -> None:
    earlier = await create(api)
    async with offering(service, "topaz/image-upscale") as limited:
        await create(limited, {"model": "recraft/crisp-upscale", "input": {"image": "https://example.com/a.png"}})
        await finish(service, earlier)
        assert (await record(limited, earlier))["state"] == "success"


def test_a_model_that_there_is_not_cannot_be_switched_off() -> None:
    with pytest.raises(ConfigurationError, match=r"ENLARGER_MODELS_OFF names 'topaz/upscal', .* did you mean"):
        read_routing("", off=("topaz/upscal",))


# Waiting


@pytest.mark.parametrize(("real", "status"), [("", 200), ("real", 501)])
async def test_who_waits_for_a_task_that_fails_is_answered_501(
    api: httpx2.AsyncClient, service: Service, database: Database, real: str, status: int
) -> None:
    request = asyncio.create_task(send(api, Prefer="wait=60", X_Http_Status=real))

    async def waits() -> bool:
        return service.listener.waiting == 1

    await until(waits)
    await finish(service, await claim(service, await database.pool.fetchval("SELECT id FROM tasks")), fail=True)
    response = await request
    reply = response.json()
    assert (response.status_code, reply["code"], reply["msg"]) == (status, 501, "The picture is a GIF.")
    assert reply["data"]["record"]["state"] == "fail"
    assert reply["data"]["taskId"] == reply["data"]["record"]["taskId"]
    assert response.headers["preference-applied"] == "wait"
