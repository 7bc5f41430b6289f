"""Results are collected once, and tasks and results that were forgotten are found again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from enlarger.errors import StaleClaim
from enlarger.tasks.accounts import DEFAULT
from tests.tasks.world import REPORT, SOON, World, result_of, stored


async def test_a_result_ends_the_task_with_its_files(world: World) -> None:
    attempt = await world.accept()
    await world.drain()
    at = datetime.now(UTC) - timedelta(seconds=5)
    await world.attempts.succeeded(attempt, "theirs", REPORT, finished_at=at, keeps=60.0, asked=True)
    assert await world.queue() == ["collect"]
    found = await world.attempts.to_collect(attempt.id)
    assert found is not None
    assert (found[0].finished_at, found[0].expires_at) == (at, at + timedelta(seconds=60))
    assert found[1].id == attempt.task_id
    file = stored(attempt)
    done = await world.attempts.collected(
        attempt, result_of([file]), [file], cost=Decimal(0), dollars=Decimal("0.0125")
    )
    assert done
    task = await world.task(attempt)
    assert (task.state, task.progress) == ("success", 100)
    assert task.result == result_of([file])
    assert await world.spent() == Decimal("0.0125")
    assert await world.attempts.to_collect(attempt.id) is None
    assert await world.attempts.provider_task(task.id, "kie") == attempt.provider_task_id
    assert await world.attempts.provider_task(task.id, "replicate") is None


async def test_of_two_who_collect_one_wins(world: World) -> None:
    attempt = await world.succeed(await world.accept())
    outcomes = await asyncio.gather(*(world.collect(attempt) for _ in range(4)), return_exceptions=True)
    assert sum(outcome is True for outcome in outcomes) == 1
    assert sum(isinstance(outcome, StaleClaim) for outcome in outcomes) == 3
    assert await world.database.pool.fetchval("SELECT count(*) FROM files") == 1


async def test_a_commit_that_was_cut_off_collects_once(world: World, commits_once_too_often: None) -> None:
    attempt = await world.succeed(await world.accept())
    assert await world.collect(attempt)
    late = await world.succeed(await world.accept())
    await world.tasks.cancel(DEFAULT, late.task_id)
    assert not await world.collect(late)
    assert await world.database.pool.fetchval("SELECT count(*) FROM files") == 2


# What has fallen out of the queue


async def test_forgotten_tasks_are_woken_unless_a_provider_has_them(world: World) -> None:
    submitting, accepted, unknown = await world.begin(), await world.accept(), await world.begin()
    await world.attempts.unknown(unknown, "no answer", poll_in=SOON)
    fresh, given_up = await world.claim(), await world.accept()
    await world.abandon(given_up, resubmit=True)
    await world.drain()
    assert await world.tasks.wake_forgotten(older_than=timedelta(minutes=1)) == []
    await world.database.pool.execute("UPDATE tasks SET updated_at = now() - interval '2 minutes'")
    woken = await world.tasks.wake_forgotten(older_than=timedelta(minutes=1))
    assert set(woken) == {submitting.task_id, fresh.task.id, given_up.task_id}
    assert accepted.task_id not in woken
    assert await world.tasks.wake_forgotten(older_than=timedelta(minutes=1)) == [], "they are in the queue"


async def test_forgotten_results_are_collected_after_all(world: World) -> None:
    attempt = await world.succeed(await world.accept())
    collected = await world.succeed(await world.accept(), "b")
    await world.collect(collected)
    await world.drain()

    async def wake() -> list[str]:
        await world.attempts.wake_uncollected(older_than=timedelta(minutes=1), most=10)
        rows = await world.database.pool.fetch("SELECT payload FROM pgqueuer WHERE entrypoint = 'collect'")
        return [row["payload"].decode() for row in rows]

    assert await wake() == []
    await world.database.pool.execute("UPDATE attempts SET finished_at = now() - interval '2 minutes'")
    assert await wake() == await wake() == [str(attempt.id)]
