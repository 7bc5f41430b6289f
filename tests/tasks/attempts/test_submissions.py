"""Submitting a task: written down first, once, within limits, and with its end known or not."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import asyncpg
import pytest

from enlarger.errors import BudgetReached, StaleClaim
from enlarger.settings import Limits
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.budgets import BudgetStore
from enlarger.tasks.orphans import OrphanStore
from enlarger.tasks.records import Attempt
from enlarger.tasks.submissions import Waiting
from tests.tasks.world import SOON, World


async def test_a_submission_is_written_down_with_all_that_is_known_of_it(world: World) -> None:
    claim = await world.claim()
    assert (claim.task.state, claim.task.epoch, claim.attempts) == ("queuing", 1, ())
    attempt = await world.begin(claim.task, reference="name", deadline=60.0)
    assert (attempt.state, attempt.epoch, attempt.provider, attempt.reference) == ("submitting", 1, "kie", "name")
    assert attempt.request == {"model": "a/b", "input": {"prompt": "a house"}}
    assert attempt.dollars == Decimal("0.02")
    assert attempt.deadline_at is not None
    assert 59 < (attempt.deadline_at - attempt.started_at).total_seconds() < 61
    assert await world.spent() == await world.spent("account") == Decimal("0.02")
    assert (await world.task(attempt)).state == "queuing"
    assert await world.poll_in(attempt) is None


async def test_the_database_allows_one_open_attempt_at_a_time(world: World) -> None:
    first = await world.begin()
    insert = "INSERT INTO attempts (task_id, epoch, provider, state) VALUES ($1, 9, 'replicate', $2)"
    for state in ("submitting", "accepted", "unknown"):
        await world.database.pool.execute("UPDATE attempts SET state = $1 WHERE id = $2", state, first.id)
        for another in ("submitting", "accepted", "unknown"):
            with pytest.raises(asyncpg.UniqueViolationError, match="attempts_one_open"):
                await world.database.pool.execute(insert, first.task_id, another)
    with pytest.raises(asyncpg.UniqueViolationError, match="attempts_one_open"):
        await world.begin((await world.tasks.get(DEFAULT, first.task_id)), "replicate")
    assert await world.spent() == Decimal("0.02")
    await world.database.pool.execute(insert, first.task_id, "skipped")


async def test_who_comes_second_has_nothing_to_submit(world: World) -> None:
    task = await world.create()
    turns = await asyncio.gather(*(world.attempts.claim_for_dispatch(task.id) for _ in range(5)))
    begun = []
    for claim in turns:
        assert claim is not None
        try:
            begun.append(await world.begin(claim.task))
        except StaleClaim:
            continue
    assert len(begun) == 1
    assert begun[0].epoch == 5
    await world.accept(begun[0])
    assert await world.attempts.claim_for_dispatch(task.id) is None


async def test_no_task_is_submitted_that_has_ended(world: World) -> None:
    claim = await world.claim()
    await world.tasks.cancel(DEFAULT, claim.task.id)
    with pytest.raises(StaleClaim):
        await world.begin(claim.task)
    with pytest.raises(StaleClaim):
        await world.attempts.hand_to_engine(claim.task)
    assert await world.attempts.claim_for_dispatch(claim.task.id) is None
    assert await world.attempts.of_task(claim.task.id) == []
    assert await world.spent() == 0


async def test_a_commit_that_was_cut_off_begins_once(world: World, commits_once_too_often: None) -> None:
    claim = await world.claim()
    attempt = await world.begin(claim.task, limits=Limits(1))
    assert [one.id for one in await world.attempts.of_task(claim.task.id)] == [attempt.id]
    assert await world.spent() == Decimal("0.02")


async def test_what_a_lost_worker_was_sending_is_unknown(world: World) -> None:
    attempt = await world.begin()
    assert await world.attempts.claim_for_dispatch(attempt.task_id) is None
    found = await world.attempt(attempt)
    assert (found.state, found.abandoned_at) == ("unknown", None)
    assert "nobody can say" in (found.error or "").lower()
    assert (await world.task(attempt)).state == "generating"
    assert await world.poll_in(attempt) == pytest.approx(0, abs=30)


async def test_a_turn_knows_what_was_tried(world: World) -> None:
    attempt = await world.begin()
    await world.attempts.refused(attempt, "no such size", code="422", final=True)
    await world.attempts.skip((await world.task(attempt)), "replicate", "not set up")
    claim = await world.claim(await world.task(attempt))
    assert [(one.provider, one.state, one.error) for one in claim.attempts] == [
        ("kie", "failed", "no such size"),
        ("replicate", "skipped", "not set up"),
    ]


async def test_the_same_reason_to_skip_is_written_down_once(world: World) -> None:
    task = (await world.claim()).task
    for reason in ("too busy", "too busy", "no credits", "too busy"):
        await world.attempts.skip(task, "kie", reason)
    await world.attempts.skip(task, "replicate", "too busy")
    found = [(one.provider, one.error) for one in await world.attempts.of_task(task.id)]
    assert found == [("kie", "too busy"), ("kie", "no credits"), ("replicate", "too busy")]
    assert await world.spent() == 0


async def test_a_provider_has_no_more_tasks_than_it_may(world: World) -> None:
    first = await world.begin(limits=Limits(1))
    waiting = (await world.claim()).task
    assert isinstance(await world.try_begin(waiting, limits=Limits(1)), Waiting)
    again = (await world.claim(waiting)).task
    assert isinstance(await world.try_begin(again, "replicate", limits=Limits(1)), Attempt)
    assert await world.spent() == Decimal("0.04")
    await world.abandon(first)
    assert isinstance(await world.try_begin((await world.claim()).task, limits=Limits(1)), Attempt)


async def test_no_more_begin_at_once_than_a_provider_may_have(world: World) -> None:
    turns = [(await world.claim()).task for _ in range(8)]
    outcomes = await asyncio.gather(*(world.try_begin(claim, limits=Limits(3)) for claim in turns))
    assert sum(isinstance(outcome, Attempt) for outcome in outcomes) == 3


async def test_a_budget_that_is_reached_leaves_nothing(world: World) -> None:
    await BudgetStore(world.database).set("provider", "kie", day=Decimal("0.03"))
    await world.begin()
    claim = (await world.claim()).task
    with pytest.raises(BudgetReached):
        await world.begin(claim)
    assert await world.attempts.of_task(claim.id) == []
    assert await world.spent() == await world.spent("account") == Decimal("0.02")


# What becomes of it


async def test_a_refusal_gives_the_money_back_and_leaves_the_turn(world: World) -> None:
    attempt = await world.begin()
    await world.drain()
    await world.attempts.refused(attempt, "too many", code="429", final=False)
    found = await world.attempt(attempt)
    assert (found.state, found.error, found.error_code, found.final) == ("failed", "too many", "429", False)
    assert found.ended_at is not None
    assert found.dollars == await world.spent() == 0
    assert await world.queue() == [], "who sent it goes on with the next provider"
    await world.begin(await world.task(attempt), "replicate")


async def test_what_was_unknown_turns_out_as_accepted(world: World) -> None:
    attempt = await world.begin()
    await world.attempts.unknown(attempt, "no answer", poll_in=SOON)
    assert await world.poll_in(attempt) == pytest.approx(100, abs=30)
    accepted = await world.accept(attempt, "theirs")
    assert (accepted.state, accepted.provider_task_id, accepted.error) == ("accepted", "theirs", None)
    assert accepted.accepted_at is not None
    assert await world.queue() == ["dispatch"], "only the row from the beginning"


async def test_what_was_unknown_turns_out_as_refused_and_goes_elsewhere(world: World) -> None:
    attempt = await world.begin()
    await world.attempts.unknown(attempt, "no answer", poll_in=SOON)
    await world.drain()
    await world.attempts.refused(await world.attempt(attempt), "kie does not have it", code="500", final=False)
    assert await world.queue() == ["dispatch"]
    assert await world.spent() == 0
    claim = await world.claim(await world.task(attempt))
    assert claim.task.state == "generating", "its app was told so already"
    await world.begin(claim.task, "replicate")


async def test_an_attempt_of_an_ended_task_that_nobody_answers_for_becomes_unknown(world: World) -> None:
    """The worker died while it was sending, and the app has called its task off meanwhile."""

    async def resolve(minutes: int) -> str:
        update = "UPDATE attempts SET started_at = now() - make_interval(mins => $1)"
        await world.database.pool.execute(update, minutes)
        await world.attempts.note_lost(older_than=timedelta(minutes=5))
        return (await world.attempt(attempt)).state

    attempt = await world.begin()
    await world.tasks.cancel(DEFAULT, attempt.task_id)
    assert await resolve(4) == "submitting"
    assert await resolve(6) == "unknown"
    (orphan,) = await OrphanStore(world.database).newest(most=10)
    assert orphan.id == attempt.id
