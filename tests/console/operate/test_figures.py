"""What administrators see of providers, the queue, orphans, usage and the service."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from enlarger.all_settings import load_settings
from enlarger.catalog.messages import translator
from enlarger.console.operate.settings_view import view_settings
from enlarger.infra.listener import Listener
from enlarger.server import Service
from enlarger.tasks.budgets import BudgetStore
from enlarger.tasks.polls import NEWS
from enlarger.tasks.provider_states import worker_name
from enlarger.tasks.workers import Announcement
from tests.console.steps import api_of
from tests.server.steps import PNG
from tests.tasks.world import World
from tests.waiting import until

OPERATE = "/console/operate"


async def test_a_provider_that_fails_is_shown_with_why_and_what_is_left(
    admin: httpx2.AsyncClient, service: Service
) -> None:
    listener = Listener(service.database, NEWS, name=worker_name(["kie", "local"]))
    await BudgetStore(service.database).set("provider", "kie", day=Decimal(5))
    world = World(service.database)
    await world.accept()
    await service.provider_states.write("kie", "suspended", "out of credits", 60.0)
    async with listener.running():
        await until(service.provider_states.at_workers)
        page = (await admin.get(OPERATE)).text
    kie = page[page.index('id="provider-kie"') : page.index('id="provider-replicate"')]
    assert "Suspended" in kie
    assert "out of credits · probed again" in kie
    assert re.search(r"<dd>1 <small>of 100</small>", kie)
    assert "$0.02 <small>of $5.00</small>" in kie
    assert "$4.98 left" in kie
    assert "No worker is running" not in page
    assert "Not set up" in page[page.index('id="provider-replicate"') :]
    assert "No worker is running" in (await admin.get(OPERATE)).text


async def test_the_queue_shows_what_waits_and_who_has_what(admin: httpx2.AsyncClient, service: Service) -> None:
    world = World(service.database)
    waiting, _ = await world.create(), await world.accept()
    await service.database.pool.execute(
        "UPDATE pgqueuer SET status = 'picked', queue_manager_id = gen_random_uuid(), heartbeat = now()"
        " WHERE payload = convert_to($1, 'UTF8')",
        waiting.id,
    )
    page = (await admin.get(f"{OPERATE}/queue")).text
    assert waiting.id in page
    assert re.search(r'<th scope="row">Find a provider</th>', page)
    open_tasks = page[page.index("Open tasks") :]
    assert "none yet" in open_tasks
    assert "KIE" in open_tasks
    assert 'data-live="3"' in page


async def test_the_queue_shows_the_engines_of_all_workers(admin: httpx2.AsyncClient, service: Service) -> None:
    announced = [
        Announcement(id="a", name="gpu:7", runs_engine=True, engine="torch-cuda", device="H200", speed=12.3456),
        Announcement(id="b", name="bare:8", runs_engine=True, problem="The libraries are not installed."),
        Announcement(id="c", name="api:9", runs_engine=False),
    ]
    for one in announced:
        await service.workers.announce(one)
    page = (await admin.get(f"{OPERATE}/queue")).text
    for shown in ("gpu:7", "torch-cuda", "H200", "12.3 MP/s", "bare:8", "The libraries are not installed."):
        assert shown in page
    assert "api:9" not in page


async def test_unknown_fates_and_orphans_say_what_happens_next(admin: httpx2.AsyncClient, service: Service) -> None:
    world = World(service.database)
    lost = await world.begin()
    await service.database.pool.execute("UPDATE attempts SET state = 'unknown', error = 'no answer'")
    page = (await admin.get(f"{OPERATE}/orphans")).text
    assert lost.task_id in page
    assert "no answer" in page
    assert "the task fails and gives its credits back" in page
    await service.database.pool.execute("UPDATE attempts SET abandoned_at = now(), next_poll_at = NULL")
    page = (await admin.get(f"{OPERATE}/orphans")).text
    assert "Unknown now" not in page
    assert "compare the provider&#39;s own list" in page
    assert "$0.02" in page


async def test_orphans_are_read_in_pages(admin: httpx2.AsyncClient, service: Service) -> None:
    world = World(service.database)
    for _ in range(26):
        await world.begin()
    await service.database.pool.execute("UPDATE attempts SET state = 'unknown', abandoned_at = now()")
    first = (await admin.get(f"{OPERATE}/orphans")).text
    assert first.count('<li class="tile">') == 25
    [following] = re.findall(r'rel="next" href="([^"]+)"', first)
    assert (await admin.get(following)).text.count('<li class="tile">') == 1


@pytest.mark.parametrize("days", ["7", "30", "90"])
async def test_usage_has_charts_and_the_same_numbers_as_tables(
    admin: httpx2.AsyncClient, service: Service, days: str
) -> None:
    world = World(service.database)
    await world.succeed(await world.accept())
    await service.database.pool.execute("UPDATE tasks SET state = 'fail', fail_code = '1', completed_at = now()")
    page = (await admin.get(f"{OPERATE}/usage", params={"days": days})).text
    assert f'<a href="?days={days}" aria-current="true">' in page
    assert re.search(r"<title>\d{4}-\d\d-\d\d: 1 tasks, 1 failed</title>", page)
    assert page.count('<path d="M') == 2  # nothing was charged
    assert page.count('<path class="part" d="M') == 1
    assert len(page) < 50_000
    by_day = page[page.index("By day") :]
    assert "$0.02" in by_day
    assert (await admin.get(f"{OPERATE}/usage?days=5000")).status_code == 422


async def test_a_page_of_90_busy_days_stays_small(admin: httpx2.AsyncClient, service: Service) -> None:
    await service.database.pool.execute(
        "INSERT INTO usage_days SELECT (now() AT TIME ZONE 'UTC')::date - day, 'a-family/a-model-of-it-' || model,"
        " provider, 12345, 1234, 98765.4321, 1234.56789"
        " FROM generate_series(0, 89) day, generate_series(1, 40) model, unnest(ARRAY['', 'kie', 'local']) provider"
    )
    page = (await admin.get(f"{OPERATE}/usage?days=90")).text
    assert len(page.encode()) < 50_000
    assert "Other models" in page


async def test_storage_in_use_is_shown(admin: httpx2.AsyncClient, service: Service) -> None:
    files = {"file": ("a.png", PNG, "image/png")}
    async with api_of(admin) as api:
        await api.post("/api/file-stream-upload", files=files, data={"uploadPath": "images"})
    page = (await admin.get(f"{OPERATE}/system")).text
    assert re.search(r"Uploads</th><td[^>]*>1</td><td[^>]*>58 B</td>", page)
    assert "Free disk space" in page
    assert "Postgres" in page


def test_settings_tell_no_secret_not_even_its_length(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "a-secret-of-ours"
    monkeypatch.setenv("ENLARGER_KIE_API_KEY", secret)
    monkeypatch.setenv("DATABASE_URL", f"postgresql://me:{secret}@db/x")
    monkeypatch.setenv("ENLARGER_STORAGE_URL", f"s3://{secret}:{secret}@bucket/x?token={secret}")
    settings = load_settings(host="0.0.0.0")
    shown = {row["name"]: row for row in view_settings(settings, translator("en"))}
    assert secret not in repr(shown)
    assert shown["ENLARGER_KIE_API_KEY"]["value"] == shown["DATABASE_URL"]["value"] == "set, hidden"
    assert shown["ENLARGER_STORAGE_URL"]["value"] == "s3://…@bucket/x?…"
    assert shown["ENLARGER_KIE_API_KEY"]["source"] == "environment or settings file"
    assert shown["ENLARGER_HOST"]["source"] == "command line or .env"
    assert shown["ENLARGER_PORT"] == {"name": "ENLARGER_PORT", "value": "8686", "source": "default", "changed": False}


def test_every_secret_among_the_settings_is_hidden() -> None:
    kind = type(load_settings())
    names = [name for name, field in kind.model_fields.items() if "SecretStr" in str(field.annotation)]
    secrets: dict[str, Any] = dict.fromkeys(names, SecretStr("hush"))
    settings = kind.model_construct(**secrets)
    assert len(names) >= 8
    values = [row["value"] for row in view_settings(settings, translator("en"))]
    assert values.count("set, hidden") == len(names)
    assert "hush" not in repr(values)
