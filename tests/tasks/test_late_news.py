"""News that comes late or is false: what is known already counts more."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from enlarger.infra.database import Database
from enlarger.tasks.accounts import AccountStore
from enlarger.tasks.records import Attempt
from tests.tasks.world import World


@pytest.fixture
async def world(database: Database) -> World:
    await AccountStore(database).register_key("key", source="tests")
    return World(database)


async def fail(world: World, attempt: Attempt, *, ends_task: bool = True) -> Attempt:
    await world.attempts.failed(attempt, "broken", code="500", ends_task=ends_task, dollars=Decimal(0))
    return await world.attempt(attempt)


@pytest.mark.parametrize("ends_task", [True, False])
async def test_a_failure_from_who_does_not_know_of_the_success_changes_nothing(world: World, ends_task: bool) -> None:
    before = await world.accept(provider_task_id="a")
    reported = await world.succeed(before)
    await world.drain()
    assert await fail(world, before, ends_task=ends_task) == reported
    assert (await world.task(reported)).state == "generating"
    assert await world.queue() == []
    assert await world.spent() == reported.dollars > 0
    assert await world.collect(reported)


async def test_a_failure_from_who_knows_of_the_success_counts(world: World) -> None:
    reported = await world.succeed(await world.accept(provider_task_id="a"))
    assert (await fail(world, reported)).state == "failed"
    assert (await world.task(reported)).state == "fail"
    assert await world.spent() == 0


async def test_a_success_that_is_told_twice_is_the_first_one(world: World) -> None:
    first = await world.succeed(await world.accept(provider_task_id="a"))
    await world.attempts.succeeded(
        msgspec.structs.replace(first, report=None), "b", {"other": 1}, finished_at=None, keeps=1.0, asked=True
    )
    assert await world.attempt(first) == first


async def test_a_success_after_a_failure_comes_too_late(world: World) -> None:
    accepted = await world.accept(provider_task_id="a")
    failed = await fail(world, accepted)
    await world.succeed(accepted)
    assert await world.attempt(accepted) == failed
    assert (await world.task(accepted)).state == "fail"


async def test_what_has_a_result_is_not_unknown_any_more(world: World) -> None:
    accepted = await world.accept(provider_task_id="a")
    reported = await world.succeed(accepted)
    await world.attempts.unknown(accepted, "cut off", poll_in=reported.started_at - reported.started_at)
    assert await world.attempt(accepted) == reported
    assert not await world.give_up(reported)
    assert (await world.attempt(accepted)).abandoned_at is None
