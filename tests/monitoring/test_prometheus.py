"""A real Prometheus beside a real service: every query of the dashboard and of the alerts finds what it names."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest
from prometheus_client import REGISTRY
from scripts.write_dashboard import PATH as DASHBOARD

from enlarger.all_settings import load_settings
from enlarger.infra.database import open_database
from enlarger.infra.logs import set_up_logs
from enlarger.infra.storage import Storage
from enlarger.server import Service, create_app, serve
from enlarger.server.metrics import exposition_of, serving_metrics
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.budgets import BudgetStore
from enlarger.worker import Worker
from tests.conftest import KEY
from tests.docs.pages import ROOT, rows
from tests.loopback_server import loopback_server
from tests.monitoring.scrape import families
from tests.monitoring.test_rules import alerts
from tests.ports import free_port
from tests.server.steps import RECORD, create
from tests.waiting import until

pytestmark = pytest.mark.skipif(shutil.which("prometheus") is None, reason="Prometheus is not installed")

MODEL = "google/nano-banana"
TASKS = 4
_NAME = re.compile(r"\b(?:enlarger|process)_\w+")
_LABELS = re.compile(r"\{\{(\w+)\}\}")
_CREATE = "/api/v1/jobs/createTask"
_COUNTED: dict[str, tuple[str, dict[str, str], int]] = {
    'enlarger_provider_request_duration_seconds_count{provider="sandbox",step="submit",outcome="ok"}': (
        "enlarger_provider_request_duration_seconds_count",
        {"provider": "sandbox", "step": "submit", "outcome": "ok"},
        TASKS,
    ),
    'enlarger_callback_tries_total{outcome="delivered"}': (
        "enlarger_callback_tries_total",
        {"outcome": "delivered"},
        TASKS,
    ),
    f'enlarger_task_duration_seconds_count{{model="{MODEL}",provider="sandbox"}}': (
        "enlarger_task_duration_seconds_count",
        {"model": MODEL, "provider": "sandbox"},
        TASKS - 1,
    ),
    f'sum(enlarger_http_request_duration_seconds_count{{route="{_CREATE}",code="200"}})': (
        "enlarger_http_request_duration_seconds_count",
        {"method": "POST", "route": _CREATE, "status": "200", "code": "200"},
        TASKS,
    ),
}
"""Queries of what a process counts itself: the series, and by how much it grows here. Other tests have counted, too."""
_OF_SEVERAL = "process"
"""The label that only a service of several processes has."""
_NO_DATA = ("enlarger_engine", "enlarger_open_tasks", "enlarger_uncollected", "enlarger_unfinished")
"""What a run in the sandbox does not have: no engine works, and nothing waits when all is done."""


class Prometheus:
    """One that scrapes a single address every second."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def query(self, expression: str) -> list[dict[str, Any]]:
        """What an expression finds now."""
        reply = (await self._client.get("/api/v1/query", params={"query": expression})).json()
        assert reply["status"] == "success", f"{expression}: {reply.get('error')}"
        found: list[dict[str, Any]] = reply["data"]["result"]
        return found

    async def value(self, expression: str) -> float | None:
        """The single figure that an expression finds."""
        found = await self.query(expression)
        return float(found[0]["value"][1]) if found else None


@asynccontextmanager
async def prometheus_of(address: str, folder: Path) -> AsyncIterator[Prometheus]:
    """A Prometheus that scrapes the metrics at an address, around a block."""
    folder.mkdir()
    host = address.removeprefix("http://").removesuffix("/metrics")
    scrape = {"job_name": "enlarger", "static_configs": [{"targets": [host]}]}
    config = {"global": {"scrape_interval": "1s"}, "scrape_configs": [scrape]}
    (folder / "prometheus.yml").write_text(json.dumps(config))
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
    )
    try:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:

            async def answers() -> bool:
                assert process.returncode is None, "Prometheus has ended"
                try:
                    return (await client.get("/-/ready")).status_code == 200
                except httpx2.TransportError:
                    return False

            await until(answers)
            yield Prometheus(client)
    finally:
        process.terminate()
        await process.wait()


@pytest.fixture
async def scraped(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Prometheus, str, dict[str, float]]]:
    """A Prometheus, and what it scrapes: a service that has run tasks in the sandbox and called their app back.

    With the figures that the process itself has to have counted then.
    """
    counted = {
        query: (REGISTRY.get_sample_value(series, labels) or 0) + more
        for query, (series, labels, more) in _COUNTED.items()
    }
    for name, value in {"SANDBOX": "1", "SANDBOX_SECONDS": "0", "METRICS_PORT": "0"}.items():
        monkeypatch.setenv(f"ENLARGER_{name}", value)
    set_up_logs("warning")
    settings, storage = load_settings(), Storage(str(tmp_path / "storage"))
    settings.data_dir.mkdir()
    for folder in ("work", "cache"):
        (tmp_path / folder).mkdir()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    async with open_database(database_url) as database, loopback_server(answer) as app:
        service = await Service.open(settings, database, storage)
        await service.accounts.register_key(KEY, account_id=DEFAULT, source="tests")
        await BudgetStore(database).set("provider", "sandbox", day=Decimal(5))
        worker = Worker(
            database, storage, settings, allowed=service.allowed, work=tmp_path / "work", cache=tmp_path / "cache"
        )
        async with (
            serve(create_app(service), host="127.0.0.1", port=0) as url,
            serving_metrics(settings, exposition_of(settings, database, storage)) as address,
            httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {KEY}"}, timeout=120) as api,
        ):
            assert address is not None
            async with prometheus_of(address, tmp_path / "prometheus") as prometheus, asyncio.TaskGroup() as group:
                group.create_task(worker.run())
                try:
                    # A rate needs a count before: the first task lets the counters begin.
                    await _run(api, app, ["a house"])
                    await _ended(prometheus, 1)
                    await _run(api, app, ["a house", "a tree [sandbox fail]", "a cat"])
                    await _ended(prometheus, TASKS)
                    yield prometheus, address, counted
                finally:
                    worker.stop()


async def _run(api: httpx2.AsyncClient, app: int, prompts: list[str]) -> None:
    """Have tasks done, and their app called back."""
    for prompt in prompts:
        body = {"model": MODEL, "input": {"prompt": prompt}, "callBackUrl": f"http://127.0.0.1:{app}/"}
        task_id = await create(api, body)

        async def delivered(task_id: str = task_id) -> bool:
            reply = (await api.get(f"/v1/tasks/{task_id}/deliveries")).json()
            return bool(reply["data"]["state"] == "delivered")

        await until(delivered)
        assert (await api.get(RECORD, params={"taskId": task_id})).json()["data"]["state"] in ("success", "fail")


async def _ended(prometheus: Prometheus, tasks: int) -> None:
    """Wait until Prometheus has seen the end of so many tasks, twice."""

    async def seen() -> bool:
        return (await prometheus.value("sum(enlarger_tasks_ended_total)") or 0) >= tasks

    await until(seen)
    scrapes = await prometheus.value("count_over_time(up[5m])") or 0

    async def again() -> bool:
        return (await prometheus.value("count_over_time(up[5m])") or 0) >= scrapes + 2

    await until(again)


async def test_the_dashboard_the_alerts_and_the_page_name_what_a_service_exports(
    scraped: tuple[Prometheus, str, dict[str, float]],
) -> None:
    prometheus, address, counted = scraped
    for last in (False,) * 9 + (True,):
        try:
            await _judge(prometheus, address, counted)
        except AssertionError:  # a scrape that a busy machine does not answer in time empties all series for a moment
            if last:
                raise
        else:
            break
        await _ended(prometheus, TASKS)


async def _judge(prometheus: Prometheus, address: str, counted: dict[str, float]) -> None:
    async with httpx2.AsyncClient() as client:
        exported = families((await client.get(address)).text)
    series = set(exported)
    for name, family in exported.items():
        if family.type == "histogram":
            series |= {f"{name}_{part}" for part in ("bucket", "count", "sum")}
    empty = []
    for query, legend in dashboard():
        assert set(_NAME.findall(query)) <= series, query
        found = await prometheus.query(query.replace("$__rate_interval", "5m"))
        if not found and not any(name in query for name in _NO_DATA):
            empty.append(query)
        for one in found:
            assert set(_LABELS.findall(legend)) <= {*one["metric"], _OF_SEVERAL}, query
    assert empty == []
    for rule in alerts():
        assert set(_NAME.findall(rule["expr"])) <= series, rule["alert"]
        assert await prometheus.query(rule["expr"]) == [], rule["alert"]
    await _check_labels(prometheus)
    figures = {
        "sum(enlarger_tasks_ended_total)": TASKS,
        "sum(enlarger_tasks_failed_total)": 1,
        'sum(enlarger_attempts_total{provider="sandbox"})': TASKS,
        **counted,
        'enlarger_budget_dollars{name="sandbox",span="day"}': 5,
        'enlarger_provider_up{provider="sandbox"}': 1,
        "enlarger_workers": 1,
        "sum(enlarger_open_tasks) or vector(0)": 0,
    }
    assert {query: await prometheus.value(query) for query in figures} == figures


async def _check_labels(prometheus: Prometheus) -> None:
    """Every metric has the labels that its row in docs/reference/metrics.md lists."""
    for name, cells in rows(ROOT / "docs/reference/metrics.md").items():
        if name.startswith("enlarger_"):
            kind, labels, *_ = cells
            described = set(re.findall(r"`(\w+)`", labels))
            for found in await prometheus.query(f"{name}_count" if kind == "histogram" else name):
                assert set(found["metric"]) - {"__name__", "instance", "job"} == described, name


def dashboard() -> list[tuple[str, str]]:
    """The dashboard's queries with their legends."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [(target["expr"], target["legendFormat"]) for panel in panels for target in panel.get("targets", ())]
