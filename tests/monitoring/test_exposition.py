"""What a process exports of the service, read from its database."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from enlarger.infra.database import Database, open_database
from enlarger.monitoring.exposition import Exposition
from enlarger.server import Service
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.budgets import BudgetStore
from enlarger.tasks.provider_states import ProviderStates, worker_name
from enlarger.tasks.usage import UsageStore
from tests.databases import transaction
from tests.infra.postgres_proxy import STARTING, Proxy, proxy_before
from tests.monitoring.scrape import Scrape
from tests.tasks.world import SOON, World

MODEL = "google/nano-banana"
_SOON = 60.0
"""Seconds; six on a machine that has nothing else to do."""


def exposition(database: Database, *, fresh: float = 0.0, patience: float = 60.0) -> Exposition:
    return Exposition(database, {}, fresh=fresh, patience=patience)


async def scrape(database: Database) -> Scrape:
    return await read(exposition(database))


async def read(metrics: Exposition) -> Scrape:
    content, _ = await metrics.write("")
    return Scrape(content.decode())


@pytest.fixture
async def world(service: Service) -> World:
    return World(service.database)


async def test_tasks_and_attempts_are_counted_whatever_process_ended_them(world: World) -> None:
    before = await scrape(world.database)
    assert before.get("enlarger_tasks_ended_total", model=MODEL) is None
    await world.collect(await world.succeed(await world.accept()))
    failed = (await world.claim()).task
    await world.attempts.give_up(failed, "422", "It cannot be done.")
    await world.tasks.cancel(DEFAULT, (await world.create()).id, refund="unpaid")
    now = await scrape(world.database)
    assert now.get("enlarger_tasks_ended_total", model=MODEL) == 3
    assert now.get("enlarger_tasks_failed_total", model=MODEL) == 1
    assert now.get("enlarger_attempts_total", model=MODEL, provider="kie") == 1
    assert now.get("enlarger_attempts_failed_total", model=MODEL, provider="kie") == 0
    assert now.get("enlarger_dollars_spent", model=MODEL, provider="kie") == 0.02


async def test_counts_stay_what_they_are_when_days_are_summed_up(world: World) -> None:
    await world.collect(await world.succeed(await world.accept()))
    await world.database.pool.execute(
        "UPDATE tasks SET completed_at = completed_at - interval '2 days', created_at = created_at - interval '2 days'"
    )
    await world.database.pool.execute("UPDATE attempts SET started_at = started_at - interval '2 days'")
    await world.collect(await world.succeed(await world.accept(), "b"))
    before = await totals(world)
    assert set(before.values()) == {2.0}
    await UsageStore(world.database).roll_up()
    assert await totals(world) == before


async def totals(world: World) -> dict[str, float | None]:
    now = await scrape(world.database)
    return {
        "tasks": now.get("enlarger_tasks_ended_total", model=MODEL),
        "attempts": now.get("enlarger_attempts_total", model=MODEL, provider="kie"),
    }


async def test_open_tasks_have_their_state_and_provider(world: World) -> None:
    await world.create()
    await world.claim()
    await world.accept()
    now = await scrape(world.database)
    assert now.get("enlarger_open_tasks", model=MODEL, provider="none", state="waiting") == 1
    assert now.get("enlarger_open_tasks", model=MODEL, provider="none", state="queuing") == 1
    assert now.get("enlarger_open_tasks", model=MODEL, provider="kie", state="generating") == 1
    assert now.get("enlarger_queue_rows", queue="dispatch", state="due") == 3
    assert now.get("enlarger_queue_rows", queue="deliver", state="due") == 0
    oldest = now.get("enlarger_queue_oldest_seconds", queue="dispatch")
    assert oldest is not None
    assert oldest >= 0


async def test_both_lanes_of_the_engine_are_one_queue(world: World) -> None:
    local, long = [(await world.claim(await world.create(model="real-esrgan/fast"))).task for _ in range(2)]
    for task in (local, long):
        await world.attempts.hand_to_engine(task)
    claim = await world.tasks.claim(long.id, "local")
    assert claim is not None
    await world.tasks.move_to_long_lane(claim)
    now = await scrape(world.database)
    assert now.get("enlarger_queue_rows", queue="engine", state="due") == 2
    assert now.get("enlarger_queue_rows", queue="engine_long", state="due") is None


async def test_attempts_of_unknown_fate_and_results_that_wait_are_told(world: World) -> None:
    attempt = await world.begin()
    await world.attempts.unknown(attempt, "no answer", poll_in=SOON)
    await world.succeed(await world.accept(provider_task_id="b"), "b")
    now = await scrape(world.database)
    assert now.get("enlarger_unfinished_attempts", provider="kie", state="unknown") == 1
    assert now.get("enlarger_uncollected_results", provider="kie") == 1
    left = now.get("enlarger_uncollected_results_expire_seconds", provider="kie")
    assert left is not None
    assert 0 < left <= 3600


async def test_models_that_are_in_no_catalogue_have_one_label(world: World) -> None:
    for name in ("own/a", "own/b", "gone/model"):
        await world.create(model=name)
    now = await scrape(world.database)
    assert now.get("enlarger_open_tasks", model="own", provider="none", state="waiting") == 2
    assert now.get("enlarger_open_tasks", model="other", provider="none", state="waiting") == 1


async def test_callbacks_that_are_due_are_told(world: World) -> None:
    task = await world.create(callback_url="https://app.example/hook")
    await world.tasks.cancel(DEFAULT, task.id, refund="unpaid")
    await world.database.pool.execute("UPDATE deliveries SET next_try_at = now() - interval '90 s'")
    now = await scrape(world.database)
    assert now.get("enlarger_callbacks_pending", state="due") == 1
    assert now.get("enlarger_callbacks_pending", state="later") == 0
    oldest = now.get("enlarger_callbacks_oldest_due_seconds")
    assert oldest is not None
    assert oldest >= 90


async def test_budgets_are_those_of_providers_and_of_accounts_with_a_cap(world: World) -> None:
    await BudgetStore(world.database).set("provider", "kie", day=Decimal(5))
    await world.accept()
    now = await scrape(world.database)
    assert now.get("enlarger_budget_dollars", kind="provider", name="kie", span="day") == 5
    assert now.get("enlarger_budget_dollars", kind="provider", name="kie", span="month") is None
    assert now.get("enlarger_budget_spent_dollars", kind="provider", name="kie", span="day") == 0.02
    assert now.get("enlarger_budget_spent_dollars", kind="account", name=DEFAULT, span="day") is None
    await BudgetStore(world.database).set("account", DEFAULT, month=Decimal(9))
    now = await scrape(world.database)
    assert now.get("enlarger_budget_spent_dollars", kind="account", name=DEFAULT, span="month") == 0.02


async def test_providers_of_the_workers_that_run_are_up_or_not(world: World) -> None:
    await ProviderStates(world.database).write("kie", "open", "no answer", 30.0)
    worker = await world.database.connect(name=worker_name(["kie", "local"], ["replicate"]))
    try:
        now = await scrape(world.database)
    finally:
        await worker.close()
    assert now.get("enlarger_workers") == 1
    assert now.get("enlarger_provider_up", provider="kie") == 0
    assert now.get("enlarger_provider_state", provider="kie", state="open") == 1
    assert now.get("enlarger_provider_up", provider="local") == 1
    assert now.get("enlarger_provider_up", provider="replicate") is None


async def test_the_database_is_read_once_for_many_scrapes(world: World) -> None:
    kept, anew = exposition(world.database, fresh=600), exposition(world.database)
    first = await read(kept)
    await world.create()
    assert (await read(kept)).get("enlarger_open_tasks", model=MODEL, provider="none", state="waiting") is None
    assert (await read(anew)).get("enlarger_open_tasks", model=MODEL, provider="none", state="waiting") == 1
    assert first.get("enlarger_database_read_seconds") == (await read(kept)).get("enlarger_database_read_seconds")


def _fall_silent(proxy: Proxy) -> None:
    proxy.fell_silent.set()


def _refuse(proxy: Proxy) -> None:
    proxy.cut_after = lambda _: 0
    proxy.refuse = lambda _: STARTING


@pytest.mark.parametrize("take_away", [_fall_silent, _refuse])
async def test_a_database_that_is_away_is_told_soon(database_url: str, take_away: Callable[[Proxy], None]) -> None:
    async with proxy_before(database_url) as (proxy, url), open_database(url, connections=2) as database:
        assert (await scrape(database)).get("enlarger_database_up") == 1
        take_away(proxy)
        began = time.monotonic()
        away = await scrape(database)
        assert time.monotonic() - began < _SOON
        proxy.refuse = lambda _: STARTING
    assert away.get("enlarger_database_up") == 0
    assert "enlarger_open_tasks" not in away.families
    assert away.get("enlarger_database_connections_max") == 2
    assert away.get("process_start_time_seconds")


async def test_a_reading_that_takes_too_long_is_given_up(world: World) -> None:
    async with transaction(world.database) as connection:
        await connection.execute("LOCK TABLE usage_days")
        given_up = await read(exposition(world.database, patience=0.2))
    assert given_up.get("enlarger_database_up") == 0
    assert (await scrape(world.database)).get("enlarger_database_up") == 1


async def test_who_waits_for_a_connection_is_counted(database_url: str) -> None:
    async with open_database(database_url, connections=1) as database:
        released = asyncio.Event()

        async def hold(_: object) -> None:
            await released.wait()

        holding, waiting = (asyncio.create_task(database.read(hold)) for _ in range(2))
        while database.connections.waiting != 1 or database.connections.used != 1:
            await asyncio.sleep(0)
        released.set()
        await asyncio.gather(holding, waiting)
        assert database.connections.waiting == 0


async def test_disks_of_folders_are_told_and_a_folder_that_is_gone_is_left_out(
    database: Database, tmp_path: Path
) -> None:
    metrics = Exposition(database, {"data": tmp_path, "storage": tmp_path / "gone"})
    now = await read(metrics)
    free, size = (now.get(f"enlarger_disk_{one}_bytes", folder="data") for one in ("free", "size"))
    assert free is not None
    assert size is not None
    assert 0 < free < size
    assert now.get("enlarger_disk_free_bytes", folder="storage") is None


async def test_prometheus_gets_the_form_that_it_asks_for(database: Database) -> None:
    metrics = exposition(database)
    _, plain = await metrics.write("text/plain;version=1.0.0")
    assert plain.split(";")[0] == CONTENT_TYPE_LATEST.split(";")[0]
    content, open_metrics = await metrics.write("application/openmetrics-text;version=1.0.0")
    assert open_metrics.startswith("application/openmetrics-text")
    assert content.endswith(b"# EOF\n")
