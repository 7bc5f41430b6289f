"""Networks of the user's own over HTTP: a service has them as soon as they are in the folder, and no longer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
import pytest

from enlarger import KieApiClient
from enlarger.engines.adding import remove
from tests.conftest import KEY
from tests.own_networks import put_network
from tests.server.steps import CREATE, URL

_BODY = {"model": "own/sharp", "input": {"image_url": URL}}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setenv("ENLARGER_MODELS_DIR", str(folder))
    return folder


async def listed(api: httpx2.AsyncClient) -> dict[str, dict[str, Any]]:
    models = (await api.get("/api/v1/models")).json()["data"]["models"]
    return {model["model"]: model for model in models if model["model"].startswith("own/")}


async def test_a_network_is_listed_without_a_restart(api: httpx2.AsyncClient, folder: Path) -> None:
    assert await listed(api) == {}
    own = put_network(folder, "sharp", 3)
    put_network(folder, "clean", 1)
    models = await listed(api)
    assert list(models) == ["own/clean", "own/sharp"]
    sharp = models["own/sharp"]
    assert {name: sharp[name] for name in ("title", "licence", "scale", "digest", "pricingDesc", "runsOn")} == {
        "title": "sharp, a network of your own, which enlarges 3 times",
        "licence": "user's own",
        "scale": 3,
        "digest": own.digest,
        "pricingDesc": "0 credits",
        "runsOn": ["local"],
    }
    assert models["own/clean"]["title"].endswith("which cleans up")
    remove("sharp", folder)
    assert list(await listed(api)) == ["own/clean"]


async def test_it_takes_what_span_takes_and_costs_nothing(api: httpx2.AsyncClient, folder: Path) -> None:
    put_network(folder, "sharp")
    schemas = [(await api.get(f"/api/v1/models/{name}/schema")).json()["data"] for name in ("own/sharp", "span/x4")]
    own, span = (schema["input"]["properties"] for schema in schemas)
    assert list(own) == list(span)
    assert "default" not in own["upscale_factor"], "it enlarges by its own scale"
    price = (await api.get("/api/v1/models/own/sharp/price")).json()["data"]
    assert price["price"]["rules"] == [{"credits": 0.0}]
    quoted = (await api.post("/v1/quote", json=_BODY)).json()["data"]
    assert (quoted["credits"], quoted["exact"], quoted["warnings"]) == (0.0, True, [])
    reply = (await api.post(CREATE, json={"model": "OWN/Sharp ", "input": {"image_url": URL, "tile": 9}})).json()
    assert (reply["code"], "'tile'" in reply["msg"]) == (422, True)


@pytest.mark.parametrize("locale", ["en", "ru", "zh"])
async def test_one_that_is_not_there_is_refused_everywhere(api: httpx2.AsyncClient, folder: Path, locale: str) -> None:
    headers = {"Accept-Language": locale}
    says = {
        "en": "There is no network own/sharp here",
        "ru": "Сети own/sharp здесь нет",
        "zh": "这里没有网络 own/sharp",
    }
    for others in ((), ("soft", "hard")):
        for name in others:
            put_network(folder, name)
        for path in (CREATE, "/v1/quote"):
            reply = (await api.post(path, json=_BODY, headers=headers)).json()
            assert reply["code"] == 422, reply
            assert says[locale] in reply["msg"]
            assert ("own/hard, own/soft" in reply["msg"]) is bool(others)
    assert (await api.get("/api/v1/models/own/sharp/schema")).json()["code"] == 404


@pytest.mark.parametrize("name", ["own/", "own/.", "own/../x", "own/a/b", "own/" + "x" * 65])
async def test_what_is_no_name_is_no_model(api: httpx2.AsyncClient, name: str) -> None:
    reply = (await api.post(CREATE, json={**_BODY, "model": name})).json()
    assert (reply["code"], "is not supported" in reply["msg"]) == (422, True)


async def test_the_client_makes_tasks_of_it(api: httpx2.AsyncClient, folder: Path) -> None:
    put_network(folder, "sharp")
    async with KieApiClient(KEY, str(api.base_url).rstrip("/")) as client:
        handle = await client.submit("own/sharp", {"image_url": URL, "strength": 50})
        status = await client.get_task_status(handle.id)
        assert (status.model, status.input) == ("own/sharp", {"image_url": URL, "strength": 50, "denoise": 0})
        assert (await client.quote("own/sharp", {"image_url": URL})).amount == 0
        assert [task.task_id for task in await client.list_tasks(model="own/sharp")] == [handle.id]
