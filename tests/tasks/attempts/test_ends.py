"""What ends an attempt, and what its task becomes: late, twice, or given up."""

from __future__ import annotations

from decimal import Decimal

import pytest

from enlarger.errors import StaleClaim
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.orphans import OrphanStore
from tests.tasks.world import REPORT, SOON, WEBHOOK, World, stored


@pytest.mark.parametrize("end", ["refused", "failed", "collected"])
async def test_what_comes_after_the_end_changes_nothing(world: World, end: str) -> None:
    attempt = await world.begin(reference="name")
    match end:
        case "refused":
            await world.attempts.refused(attempt, "too many", code="429", final=False)
        case "failed":
            await world.attempts.failed(attempt, "black", code="501", ends_task=False, dollars=Decimal("0.01"))
        case "collected":
            await world.collect(await world.succeed(attempt))
    await world.overdue(attempt)
    ended, task, spent = await world.attempt(attempt), await world.task(attempt), await world.spent()
    await world.drain()
    for late in (attempt, ended):
        await world.accept(late, "other")
        await world.attempts.unknown(late, "no answer", poll_in=SOON)
        await world.attempts.refused(late, "too late", code="500", final=True)
        await world.attempts.failed(late, "too late", code="500", ends_task=True)
        await world.attempts.polled(late, again_in=SOON, asked=True, progress=50)
        await world.succeed(late, "other")
        await world.give_up(late, resubmit=True)
        await world.attempts.announce("name", WEBHOOK)
    assert await world.attempt(attempt) == ended
    assert await world.task(attempt) == task
    assert (await world.queue(), await world.spent(), await world.poll_in(attempt)) == ([], spent, None)


async def test_news_may_come_twice(world: World, commits_once_too_often: None) -> None:
    attempt = await world.accept(provider_task_id="theirs")
    await world.drain()
    await world.succeed(attempt, "theirs")
    assert await world.queue() == ["collect"]
    assert await world.collect(attempt)
    assert (await world.task(attempt)).state == "success"
    failing = await world.accept()
    await world.attempts.failed(failing, "broken", code="501", ends_task=True)
    assert (await world.task(failing)).fail_message == "broken"


async def test_a_success_that_is_told_before_the_submission_is_answered_counts(world: World) -> None:
    attempt = await world.begin()
    told = await world.succeed(attempt, "theirs")
    assert (told.state, told.provider_task_id, told.report) == ("accepted", "theirs", REPORT)
    assert (await world.task(attempt)).state == "generating"
    assert await world.accept(attempt, "theirs") == told
    await world.attempts.unknown(attempt, "no answer", poll_in=SOON)
    assert await world.attempt(attempt) == told


async def test_a_failure_sends_the_task_to_the_next_provider(world: World) -> None:
    attempt = await world.accept()
    await world.drain()
    await world.attempts.failed(attempt, "overloaded", code="500", ends_task=False, dollars=Decimal("0.005"))
    assert await world.queue() == ["dispatch"]
    assert await world.spent() == Decimal("0.005")
    (tried,) = (await world.claim(await world.task(attempt))).attempts
    assert (tried.state, tried.final, tried.error_code) == ("failed", True, "500")


async def test_a_failure_that_is_told_before_the_submission_is_answered_wakes_somebody(world: World) -> None:
    """The row of the worker that still waits for the answer is no reason not to."""
    attempt = await world.begin()
    await world.database.pool.execute("UPDATE pgqueuer SET status = 'picked'")
    await world.attempts.failed(attempt, "overloaded", code="500", ends_task=False)
    rows = await world.database.pool.fetch("SELECT entrypoint, status FROM pgqueuer")
    assert [(row["entrypoint"], row["status"]) for row in rows] == [("dispatch", "queued")]


async def test_a_failure_for_the_inputs_sake_ends_the_task(world: World) -> None:
    attempt = await world.accept()
    await world.attempts.failed(attempt, "not allowed", code="422", ends_task=True)
    task = await world.task(attempt)
    assert (task.state, task.fail_code, task.fail_message) == ("fail", "422", "not allowed")
    assert await world.spent() == 0


async def test_a_task_is_not_given_up_while_a_provider_may_have_it(world: World) -> None:
    claim = (await world.claim()).task
    attempt = await world.begin(claim)
    await world.attempts.give_up(claim, "500", "nobody")
    assert (await world.task(attempt)).state == "queuing"
    await world.attempts.refused(attempt, "too many", code="429", final=False)
    await world.attempts.give_up(claim, "429", "nobody")
    assert (await world.task(attempt)).fail_message == "nobody"
    with pytest.raises(StaleClaim):
        await world.attempts.give_up(claim, "500", "again")


# Waiting no longer


async def test_an_attempt_that_is_given_up_ends_its_task_and_stays_counted(world: World) -> None:
    attempt = await world.begin()
    await world.attempts.unknown(attempt, "no answer", poll_in=SOON)
    await world.abandon(attempt)
    found, task = await world.attempt(attempt), await world.task(attempt)
    assert (found.state, found.error) == ("unknown", "no answer")
    assert found.abandoned_at is not None
    assert (task.state, task.fail_code, task.fail_message) == ("fail", "408", "Nobody knows.")
    assert await world.spent() == Decimal("0.02")
    assert await world.poll_in(attempt) is None, "nobody knows whom to ask for"
    (orphan,) = await OrphanStore(world.database).newest(most=10)
    assert (orphan.id, orphan.state) == (attempt.id, "unknown")


async def test_nothing_is_given_up_before_its_time_whatever_a_workers_clock_says(world: World) -> None:
    attempt = await world.accept(await world.begin())
    assert not await world.give_up(attempt)
    assert (await world.attempt(attempt)).abandoned_at is None
    assert (await world.task(attempt)).state == "generating"


async def test_a_task_is_submitted_once_more_and_not_a_third_time(world: World) -> None:
    first = await world.accept()
    await world.drain()
    await world.abandon(first, resubmit=True)
    assert await world.queue() == ["dispatch"]
    assert await world.poll_in(first) == pytest.approx(500, abs=30)
    second = await world.begin((await world.claim(await world.task(first))).task)
    await world.drain()
    await world.abandon(second, resubmit=True)
    assert await world.queue() == []
    assert (await world.task(first)).state == "fail"
    assert await world.spent() == Decimal("0.04")


async def test_a_late_success_of_an_abandoned_attempt_is_the_tasks(world: World) -> None:
    late = await world.accept()
    await world.abandon(late, resubmit=True)
    other = await world.accept(await world.begin((await world.claim(await world.task(late))).task))
    await world.succeed(late)
    assert await world.collect(late)
    task = await world.task(late)
    assert task.state == "success"
    found, given_up = await world.attempt(late), await world.attempt(other)
    assert (found.state, found.abandoned_at) == ("succeeded", None), "its task has it after all"
    assert given_up.abandoned_at is not None
    assert await world.poll_in(other) == pytest.approx(0, abs=30), "so that it is called off"
    assert await world.attempts.provider_task(task.id, "kie") == late.provider_task_id
    assert await OrphanStore(world.database).newest(most=10) == []


async def test_a_success_that_comes_after_the_end_is_an_orphan_with_its_files(world: World) -> None:
    late = await world.accept()
    await world.abandon(late)
    ended = await world.task(late)
    await world.succeed(late)
    file = stored(late)
    assert not await world.collect(late, [file])
    assert await world.task(late) == ended
    found = await world.attempt(late)
    assert (found.state, found.dollars) == ("succeeded", Decimal("0.02"))
    (orphan,) = await OrphanStore(world.database).newest(most=10)
    assert (orphan.id, [one.id for one in orphan.files]) == (late.id, [file.id])
    assert await world.attempts.provider_task(late.task_id, "kie") is None


async def test_a_late_failure_of_an_abandoned_attempt_does_not_touch_its_task(world: World) -> None:
    late = await world.accept()
    await world.abandon(late, resubmit=True)
    await world.drain()
    for ends_task in (False, True):
        await world.attempts.failed(late, "broken", code="501", ends_task=ends_task)
    assert (await world.task(late)).state == "generating"
    assert await world.queue() == []
    assert (await world.attempt(late)).state == "failed"


@pytest.mark.parametrize("state", ["submitting", "unknown", "accepted"])
async def test_a_cancelled_task_abandons_its_attempt(world: World, state: str) -> None:
    attempt = await world.begin()
    if state == "unknown":
        await world.attempts.unknown(attempt, "no answer", poll_in=SOON)
    if state == "accepted":
        await world.accept(attempt)
    await world.tasks.cancel(DEFAULT, attempt.task_id)
    found = await world.attempt(attempt)
    assert (found.state, found.error) == (state, "cancelled")
    assert found.abandoned_at is not None
    if state == "accepted":
        assert await world.poll_in(attempt) == pytest.approx(0, abs=30)
    if state == "submitting":  # and now the answer comes
        assert (await world.accept(attempt)).state == "accepted"
        assert await world.poll_in(attempt) is not None
    assert (await world.task(attempt)).fail_code == "cancelled"


async def test_a_result_that_waits_to_be_collected_is_not_given_up(world: World) -> None:
    attempt = await world.succeed(await world.accept())
    await world.abandon(attempt, resubmit=True)
    assert (await world.attempt(attempt)).abandoned_at is None
    await world.tasks.cancel(DEFAULT, attempt.task_id)
    assert await world.attempts.to_collect(attempt.id) is not None
    assert not await world.collect(attempt)


async def test_this_machine_does_not_touch_what_a_hosted_provider_may_have(world: World) -> None:
    attempt = await world.begin()
    assert await world.tasks.claim(attempt.task_id, "local") is None
    await world.attempts.refused(attempt, "too many", code="429", final=False)
    assert await world.tasks.claim(attempt.task_id, "local") is not None
    assert await world.attempts.claim_for_dispatch(attempt.task_id) is None
    assert "engine" in await world.queue()


async def test_what_this_machine_was_doing_ends_with_a_late_result(world: World) -> None:
    late = await world.accept()
    await world.abandon(late, resubmit=True)
    claim = await world.tasks.claim(late.task_id, "local")
    assert claim is not None
    await world.succeed(late)
    assert await world.collect(late)
    with pytest.raises(StaleClaim):
        await world.tasks.start_generating(claim)
    local = (await world.attempts.of_task(late.task_id))[-1]
    assert (local.provider, local.state) == ("local", "failed")
    assert local.ended_at is not None
