"""The registry: what has to be done for a new provider is to write it, and to add a line."""

from __future__ import annotations

import ast
import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from typer.testing import CliRunner

from enlarger.all_settings import load_settings, settings_class
from enlarger.catalog import get_model, list_models
from enlarger.catalog.model import HostedRoute
from enlarger.cli.app import app
from enlarger.cli.completers import complete_provider
from enlarger.cli.greeting import describe_providers
from enlarger.cli.service_parts import whole_service
from enlarger.errors import ConfigurationError
from enlarger.infra.database import Database
from enlarger.providers.registry import PROVIDERS, specs
from enlarger.providers.routing import routing_of
from enlarger.providers.setup import limits_of, unconfigured_of
from enlarger.settings import Limits, Rate, ServiceSettings
from enlarger.tasks.provider_states import ProviderStates
from tests.bot.conversation import Conversation, words_of
from tests.pictures import photo, save
from tests.waiting import until

MODEL = get_model("google/nano-banana")
TOKEN = "token-of-acme"

_SOURCE = Path(__file__).parents[2] / "src" / "enlarger"


@pytest.fixture
def acme(monkeypatch: pytest.MonkeyPatch) -> None:
    """Register the provider: its line, and a model's route to it."""
    monkeypatch.setitem(PROVIDERS, "acme", "tests.providers.acme:SPEC")
    monkeypatch.setitem(MODEL.routes, "acme", HostedRoute(model="acme/banana", fields={"prompt": "words"}))


@pytest.fixture
def token(acme: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set it up."""
    monkeypatch.setenv("ENLARGER_ACME_TOKEN", TOKEN)


class Acme:
    """Acme itself, on loopback: it makes a picture as soon as it is told to."""

    def __init__(self, picture: bytes) -> None:
        self.picture = picture
        self.jobs: list[dict[str, Any]] = []
        routes = web.Application()
        routes.add_routes(
            [web.post("/jobs", self.create), web.get("/jobs/{id}", self.look), web.get("/files/{name}", self.file)]
        )
        self.server = TestServer(routes)

    async def create(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        self.jobs.append(await request.json())
        return web.json_response({"id": f"acme-{len(self.jobs)}"})

    async def look(self, request: web.Request) -> web.Response:
        return web.json_response({"id": request.match_info["id"], "state": "running"})

    async def file(self, request: web.Request) -> web.Response:
        return web.Response(body=self.picture, content_type="image/png")

    def done(self) -> dict[str, Any]:
        """What it announces of its first job."""
        return {"id": "acme-1", "state": "succeeded", "outputs": [str(self.server.make_url("/files/1.png"))]}


@pytest.fixture
async def service_of_acme(token: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Acme]:
    path = tmp_path / "made.png"
    save(photo(64, 48), path)
    acme = Acme(path.read_bytes())
    async with acme.server:
        monkeypatch.setenv("ENLARGER_ACME_URL", str(acme.server.make_url("")))
        yield acme


# It is one line


def test_its_own_settings_set_it_up(acme: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert unconfigured_of(load_settings())["acme"] == "not set up, set ENLARGER_ACME_TOKEN"
    monkeypatch.setenv("ENLARGER_ACME_TOKEN", TOKEN)
    monkeypatch.setenv("ENLARGER_ACME_CONCURRENCY", "7")
    monkeypatch.setenv("ENLARGER_ACME_CREATES", "20/10")
    settings = load_settings()
    assert "acme" not in unconfigured_of(settings)
    assert limits_of(settings)["acme"] == Limits(7, Rate(20, 10), None)
    assert TOKEN not in repr(settings)
    monkeypatch.setenv("ENLARGER_ACME_CREATES", "often")
    with pytest.raises(ConfigurationError, match="ENLARGER_ACME_CREATES: it must be a number of times"):
        load_settings()


def test_routes_may_name_it_and_without_any_it_comes_in_its_place(token: None) -> None:
    assert routing_of(load_settings()).order(MODEL) == ("kie", "replicate", "fal", "local", "acme")
    assert routing_of(load_settings()).available(MODEL) == ("acme",)
    assert routing_of(load_settings(kie_api_key="k", routes="image=acme,kie")).available(MODEL) == ("acme", "kie")
    (choice,) = routing_of(load_settings(routes="acme")).choices(MODEL, {"prompt": "a", "image_size": "16:9"})
    assert choice.reason == "it has no field for 'image_size'"
    assert [model.id for model in list_models(provider="acme")] == [MODEL.id]


async def test_the_commands_know_it(
    token: None, database_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)

    async def enlarger(*arguments: str) -> str:
        return (await asyncio.to_thread(CliRunner().invoke, app, arguments)).output

    assert complete_provider("a") == ["acme"]
    assert "  on    local (this machine), acme (ENLARGER_ACME_TOKEN)" in describe_providers(load_settings())
    assert "acme ok" in (await enlarger("providers", "--quiet")).splitlines()
    assert "acme: Acme does not answer." in await enlarger("providers", "check")
    assert "provider acme: $5.00 a day" in await enlarger("budgets", "set", "provider", "acme", "--day", "5")
    assert await enlarger("models", "--provider", "acme", "--quiet") == f"{MODEL.id}\n"


async def test_the_bot_knows_it(acme: None, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = words_of(await Conversation(database, load_settings()).photo())
    assert "set up a picture service: KIE, Replicate, fal, Acme." in alone
    monkeypatch.setenv("ENLARGER_ACME_TOKEN", TOKEN)
    assert "picture service" not in words_of(await Conversation(database, load_settings()).photo())


async def test_a_task_runs_there_from_beginning_to_end(
    service_of_acme: Acme, database_url: str, database: Database
) -> None:
    """The provider's own announcement ends it: it is polled, too, and says that it is still at work."""
    settings = load_settings(database_url=database_url, port=0, public_url="https://service.example")
    async with (
        whole_service(settings) as running,
        httpx2.AsyncClient(
            base_url=running.url, headers={"Authorization": f"Bearer {running.api_key}"}, timeout=30
        ) as api,
    ):
        (model,) = [
            one for one in (await api.get("/api/v1/models")).json()["data"]["models"] if one["model"] == MODEL.id
        ]
        assert model["runsOn"] == ["acme"]
        await until(ProviderStates(database).at_workers)
        assert await ProviderStates(database).at_workers() == {"local": True, "acme": True}
        order = {"model": MODEL.id, "input": {"prompt": "a house"}}
        task_id = (await api.post("/api/v1/jobs/createTask", json=order)).json()["data"]["taskId"]

        async def record() -> dict[str, Any]:
            answer = await api.get("/api/v1/jobs/recordInfo", params={"taskId": task_id})
            data: dict[str, Any] = answer.json()["data"]
            return data

        async def accepted() -> bool:
            return [one.state for one in await running.service.attempts.of_task(task_id)] == ["accepted"]

        async def ended() -> bool:
            return bool((await record())["state"] == "success")

        await until(accepted)
        (job,) = service_of_acme.jobs
        assert (job["model"], job["input"]) == ("acme/banana", {"words": "a house"})
        told = await api.post(
            urlsplit(job["webhook"]).path, json=service_of_acme.done(), headers={"X-Acme-Token": TOKEN}
        )
        assert told.status_code == 200
        await until(ended)
        (attempt,) = await running.service.attempts.of_task(task_id)
        assert (attempt.provider, attempt.state) == ("acme", "succeeded")
        (url,) = json.loads((await record())["resultJson"])["resultUrls"]
        assert (await api.get(url.replace(settings.public_url or "", ""))).content == service_of_acme.picture
    paced = await database.pool.fetchval("SELECT count(*) FROM rate_limits WHERE name = 'submit to acme'")
    assert paced, "its limit of creations was kept"


# The registry


def test_every_route_of_the_catalogue_leads_to_a_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    routing_of(load_settings())
    monkeypatch.setitem(MODEL.routes, "kei", HostedRoute())
    with pytest.raises(
        ConfigurationError, match="google/nano-banana a route to 'kei', which is no provider: name kie,"
    ):
        routing_of(load_settings())


def test_a_providers_settings_begin_with_its_name_and_are_nobody_elses() -> None:
    """But for names that are older than this rule, and the engine's, which go with them."""
    older = {"client_kie_api_key", "weights_dir", "engine", "engine_memory", "engine_timeout"}
    known = set(ServiceSettings.model_fields)
    for spec in specs():
        own = set(spec.settings.model_fields) - set(ServiceSettings.model_fields)
        assert not own & known, spec.name
        assert all(name.startswith(spec.name) for name in own - older), spec.name
        known |= own
    assert set(settings_class().model_fields) == known


_MAY_NAME = {
    ("catalog/model.py", "local"),  # the engine's route is no hosted one
    ("server/models.py", "kie"),  # who owns a model without a maker
    ("worker/costs.py", "kie"),  # whose prices the catalogue has
    ("cli/result_origin.py", "sandbox"),  # clients read it in a task's record, and know no registry
    ("cli/commands/engines.py", "local"),  # the extra that has the engine
    ("cli/own.py", "local"),
    ("cli/weights.py", "local"),
    ("cli/bot_process.py", "sandbox"),  # a name in a document
}


def test_nothing_else_knows_a_provider_by_its_name() -> None:
    naming = set()
    for path in _SOURCE.rglob("*.py"):
        name = str(path.relative_to(_SOURCE))
        if name.startswith(("providers/registry.py", "testing/", *(f"providers/{one}/" for one in PROVIDERS))):
            continue
        constants = {node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)}
        naming |= {(name, str(one)) for one in constants & PROVIDERS.keys()}
    assert naming == _MAY_NAME
