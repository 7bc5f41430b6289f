"""`/metrics`: whom it is shown to, and what it counts of requests."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

import httpx2
import pytest

from enlarger.all_settings import load_settings
from enlarger.errors import ConfigurationError
from enlarger.infra.database import Database
from enlarger.infra.storage import Storage
from enlarger.server import Service
from enlarger.server.metrics import exposition_of, serving_metrics
from enlarger.tasks.accounts import DEFAULT, Caps
from tests.monitoring.scrape import Scrape
from tests.server.steps import RECORD, create
from tests.waiting import until

_NAME = "enlarger_http_request_duration_seconds"


@pytest.fixture
async def administrator(service: Service) -> dict[str, str]:
    """The header with an administrator's key."""
    key, _ = await service.accounts.make_key(DEFAULT, name=None, caps=Caps(), admin=True)
    return {"Authorization": f"Bearer {key}"}


def showing(database: Database, storage: Storage) -> AbstractAsyncContextManager[str | None]:
    """The metrics on the port that the settings name."""
    settings = load_settings()
    return serving_metrics(settings, exposition_of(settings, database, storage))


async def scrape(api: httpx2.AsyncClient, headers: dict[str, str]) -> Scrape:
    reply = await api.get("/metrics", headers=headers)
    assert reply.status_code == 200
    assert reply.headers["Content-Type"].startswith("text/plain; version=")
    return Scrape(reply.text)


async def test_only_an_administrators_key_sees_the_metrics(
    api: httpx2.AsyncClient, administrator: dict[str, str]
) -> None:
    assert (await api.get("/metrics", headers={"Authorization": ""})).status_code == 401
    refused = await api.get("/metrics")
    assert refused.status_code == 403
    assert "an administrator's key" in refused.json()["message"]
    assert (await scrape(api, administrator)).get("enlarger_database_up") == 1


async def test_requests_are_counted_by_route_and_not_by_path(
    api: httpx2.AsyncClient, administrator: dict[str, str]
) -> None:
    def counts(scraped: Scrape) -> list[float]:
        return [
            scraped.get(f"{_NAME}_count", method=method, route=route, status=status, code=code) or 0.0
            for method, route, status, code in (
                ("POST", "/api/v1/jobs/createTask", "200", "200"),
                ("GET", "/v1/tasks/{task_id}", "200", "200"),
                ("GET", RECORD, "200", "422"),
                ("GET", "none", "404", "404"),
                ("other", "none", "405", "405"),
            )
        ]

    before = counts(await scrape(api, administrator))
    task_id = await create(api)
    await api.get(f"/v1/tasks/{task_id}")
    await api.get(RECORD, params={"taskId": "no id"})
    await api.get(f"/nowhere/{task_id}")
    await api.request("BREW", "/healthz")

    async def counted() -> bool:  # a request counts when its answer has been sent
        after = await scrape(api, administrator)
        assert task_id not in str(after.families)
        return [now - then for then, now in zip(before, counts(after), strict=True)] == [1, 1, 1, 1, 1]

    await until(counted)


async def test_the_port_of_its_own_asks_for_no_key(
    database: Database, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENLARGER_METRICS_PORT", "0")
    async with showing(database, storage) as address, httpx2.AsyncClient() as client:
        assert address is not None
        assert address.startswith("http://127.0.0.1:")
        scraped = Scrape((await client.get(address)).text)
        assert scraped.get("enlarger_database_up") == 1
        assert scraped.get("enlarger_disk_free_bytes", folder="storage")
        assert (await client.get(address.removesuffix("/metrics") + "/docs")).status_code == 404


async def test_without_the_setting_there_is_no_port(database: Database, storage: Storage) -> None:
    async with showing(database, storage) as address:
        assert address is None


async def test_a_port_that_is_taken_is_named_by_its_setting(
    database: Database, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENLARGER_METRICS_PORT", "0")
    async with showing(database, storage) as address:
        assert address is not None
        monkeypatch.setenv("ENLARGER_METRICS_PORT", address.removesuffix("/metrics").rpartition(":")[2])
        with pytest.raises(ConfigurationError, match="choose another port with ENLARGER_METRICS_PORT"):
            async with showing(database, storage):
                pass
