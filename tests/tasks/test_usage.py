"""Figures for those who run a service, over as many tasks as a busy one has."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from enlarger.infra.database import Database
from enlarger.tasks.accounts import AccountStore
from enlarger.tasks.sql import sql
from enlarger.tasks.usage import Usage, UsageStore
from tests.databases import transaction
from tests.tasks.plans import plan_nodes
from tests.tasks.world import World

MANY = 100_000
_ROWS = f"""
    SET LOCAL session_replication_role = replica;  -- no events
    INSERT INTO accounts (id) VALUES ('default') ON CONFLICT DO NOTHING;
    INSERT INTO tasks (id, account_id, model, input, base_url, request_sha256, credits_consumed,
                       created_at, completed_at, state, result, fail_code)
    SELECT md5(n::text), 'default', 'family/model-' || n % 40, jsonb_build_object('prompt', repeat('a house ', 60)),
           '', '', 0.5, now() - n * interval '60 s', now() - n * interval '60 s',
           CASE WHEN n % 10 = 0 THEN 'fail' ELSE 'success' END,
           CASE WHEN n % 10 > 0 THEN jsonb_build_object('files', repeat('a file ', 60)) END,
           CASE WHEN n % 10 = 0 THEN '422' END
    FROM generate_series(1, {MANY}) AS n;
    INSERT INTO attempts (task_id, epoch, provider, state, dollars, started_at, ended_at)
    SELECT md5(n::text), 1, (ARRAY['local', 'kie', 'replicate'])[n % 3 + 1],
           CASE WHEN n % 10 = 0 THEN 'failed' ELSE 'succeeded' END, 0.02, now() - n * interval '60 s', now()
    FROM generate_series(1, {MANY}) AS n;
    INSERT INTO files (id, account_id, task_id, key, name, mime_type, size, sha256, expires_at)
    SELECT md5(n::text), 'default', CASE WHEN n % 2 = 0 THEN md5(n::text) END, n, 'a.png', 'image/png', 10, '',
           now() + interval '1 day'
    FROM generate_series(1, {MANY}) AS n;
"""


async def test_figures_of_many_tasks_are_read_from_sums_and_indexes(database: Database) -> None:
    async with transaction(database) as connection:
        await connection.execute(_ROWS)
    await database.pool.execute("VACUUM (ANALYZE) tasks, attempts")  # without statistics a plan may take minutes
    usage = UsageStore(database)
    before = await usage.report(days=90)
    await usage.roll_up()
    await database.pool.execute("VACUUM (ANALYZE) usage_days")
    async with database.pool.acquire() as connection:
        for query, values in (
            (sql.read_usage, (90,)),
            (sql.read_provider_work, (3600.0,)),
            (sql.list_orphans, (None, 20)),
            (sql.read_open_tasks, (50,)),
            (sql.read_usage_totals, ()),
            (sql.count_unfinished, ()),
            (sql.count_uncollected, ()),
            (sql.page_accounts, ("", "", 50)),
            (sql.list_ledger, ("default", None, 50)),
            (sql.page_keys, ("default", None, 50)),
        ):
            plan = await plan_nodes(connection, query.sql, *values)
            whole = {node.get("Relation Name") for node in plan if node["Node Type"] == "Seq Scan"}
            assert not whole & {"tasks", "attempts", "events"}, (query.__name__, plan)
    report = await usage.report(days=90)
    assert report == before
    assert report.total.tasks == sum(model.tasks for model in report.models.values()) == MANY
    assert report.total.failures == MANY // 10
    assert report.total.credits == MANY * Decimal("0.5")
    assert sum(provider.tasks for provider in report.providers.values()) == MANY
    assert report.total.dollars == sum(provider.dollars for provider in report.providers.values())


async def test_a_day_has_what_ended_on_it(database: Database) -> None:
    world = World(database)
    await AccountStore(database).add("shop", credits=Decimal(10), create_limit=None, query_limit=None)
    done = await world.create(account_id="shop")
    await world.succeed(await world.accept(await world.begin((await world.claim(done)).task)))
    report = await UsageStore(database).report(days=7)
    *earlier, today = report.days
    assert list(report.days) == [today - timedelta(days=back) for back in range(6, -1, -1)]
    assert all(report.days[day] == Usage() for day in earlier)
    assert report.providers["kie"].dollars == report.models[done.model].dollars == report.days[today].dollars
    assert report.providers["kie"].tasks == 1


async def test_a_cancelled_task_does_not_count_as_a_failure(database: Database) -> None:
    world = World(database)
    await AccountStore(database).add("shop", credits=None, create_limit=None, query_limit=None)
    task = await world.create(account_id="shop")
    await world.tasks.cancel(task.account_id, task.id, refund="unpaid")
    total = (await UsageStore(database).report(days=7)).total
    assert (total.tasks, total.failures) == (1, 0)
