"""Which attempts are polled, and the announcements that hurry a poll."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal

import asyncpg
import pytest

from enlarger.infra.database import Database
from enlarger.tasks.polls import NEWS
from tests.tasks.world import LATER, SOON, WEBHOOK, World


async def test_what_is_due_is_given_to_one_poller_alone(world: World) -> None:
    made = [await world.accept() for _ in range(6)]
    replicates = await world.accept(await world.begin(provider="replicate"))
    due, wait = await world.attempts.due("kie", most=10, lease=SOON)
    assert due == []
    assert wait == pytest.approx(100, abs=30)
    await world.database.pool.execute("UPDATE attempts SET next_poll_at = now()")
    found = await asyncio.gather(*(world.attempts.due("kie", most=2, lease=SOON) for _ in range(4)))
    ids = [one.attempt.id for due, _ in found for one in due]
    assert sorted(ids) == [one.id for one in made]
    assert {one.model for due, _ in found for one in due} == {"google/nano-banana"}
    assert await world.poll_in(made[0]) == pytest.approx(100, abs=30), "they come back by themselves"
    ((one,), _) = await world.attempts.due("replicate", most=2, lease=SOON)
    assert one.attempt.id == replicates.id


async def test_nothing_is_due_where_there_is_nothing(world: World) -> None:
    assert await world.attempts.due("kie", most=10, lease=SOON) == ([], None)


async def test_progress_is_shown_and_never_says_done_before_it_is(world: World) -> None:
    attempt = await world.accept()
    for progress, shown in ((40, 40), (20, 40), (100, 99)):
        await world.attempts.polled(attempt, again_in=SOON, asked=True, progress=progress)
        assert (await world.task(attempt)).progress == shown
    await world.attempts.polled(attempt, again_in=LATER, asked=False)
    assert (await world.attempt(attempt)).polls == 3
    assert await world.poll_in(attempt) == pytest.approx(500, abs=30)


@asynccontextmanager
async def hearing(database: Database) -> AsyncIterator[asyncio.Queue[str]]:
    """What is told in the channel of the news."""
    heard: asyncio.Queue[str] = asyncio.Queue()
    connection = await database.connect(name="ear")
    try:
        await connection.add_listener(NEWS, lambda *told: heard.put_nowait(str(told[3])))
        yield heard
    finally:
        await connection.close()


async def test_an_announcement_is_looked_at_at_once_and_rings(world: World) -> None:
    attempt = await world.accept(await world.begin(reference="name"))
    async with hearing(world.database) as heard:
        await world.attempts.announce("nobodys", WEBHOOK)
        await world.attempts.announce("name", WEBHOOK)
        assert await asyncio.wait_for(heard.get(), 120) == "kie"
        assert heard.empty()
    ((due,), _) = await world.attempts.due("kie", most=10, lease=SOON)
    assert (due.attempt.id, due.attempt.webhook) == (attempt.id, WEBHOOK)


async def test_an_announcement_between_two_looks_is_not_lost(world: World) -> None:
    attempt = await world.accept(await world.begin(reference="name"))
    await world.attempts.announce("name", WEBHOOK)
    ((first,), _) = await world.attempts.due("kie", most=10, lease=SOON)
    second = {**WEBHOOK, "body": "e31="}
    await world.attempts.announce("name", second)
    await world.attempts.polled(first.attempt, again_in=LATER, asked=True)
    ((again,), _) = await world.attempts.due("kie", most=10, lease=SOON)
    assert again.attempt.webhook == second
    await world.attempts.polled(again.attempt, again_in=LATER, asked=True)
    assert (await world.attempt(attempt)).webhook is None
    assert await world.poll_in(attempt) == pytest.approx(500, abs=30)


@pytest.mark.parametrize("outcome", ["accepted", "unknown"])
async def test_an_announcement_before_the_answer_is_looked_at_after_it(world: World, outcome: str) -> None:
    attempt = await world.begin(reference="name")
    await world.attempts.announce("name", WEBHOOK)
    if outcome == "accepted":
        await world.accept(attempt)
    else:
        await world.attempts.unknown(attempt, "no answer", poll_in=LATER)
    ((due,), _) = await world.attempts.due("kie", most=10, lease=SOON)
    assert (due.attempt.state, due.attempt.webhook) == (outcome, WEBHOOK)


async def test_an_announcement_in_the_last_moment_counts(world: World) -> None:
    """It came while the provider was asked for the last time."""
    attempt = await world.accept(await world.begin(reference="name"))
    await world.attempts.announce("name", WEBHOOK)
    await world.abandon(attempt)
    ((due,), _) = await world.attempts.due("kie", most=10, lease=SOON)
    assert (due.attempt.abandoned_at, due.attempt.webhook) == (None, WEBHOOK)
    await world.abandon(due.attempt)
    assert (await world.attempt(attempt)).abandoned_at is not None


async def test_who_does_not_know_that_it_was_found_meanwhile_does_not_give_it_up(world: World) -> None:
    """Of two that looked, the slower one found nothing."""
    attempt = await world.begin()
    await world.attempts.unknown(attempt, "no answer", poll_in=SOON)
    await world.overdue(attempt)
    found = await world.accept(attempt)
    assert not await world.give_up(attempt, resubmit=True)
    assert await world.attempt(attempt) == found
    assert await world.give_up(found, resubmit=True)


async def test_an_announcement_is_kept_while_nothing_else_names_the_providers_task(world: World) -> None:
    attempt = await world.begin(reference="name")
    await world.attempts.unknown(attempt, "no answer", poll_in=SOON)
    await world.attempts.announce("name", WEBHOOK)
    await world.attempts.polled(await world.attempt(attempt), again_in=LATER, asked=True)
    assert (await world.attempt(attempt)).webhook == WEBHOOK
    assert await world.poll_in(attempt) == pytest.approx(500, abs=30)
    await world.accept(attempt)
    await world.attempts.polled(await world.attempt(attempt), again_in=LATER, asked=True)
    assert (await world.attempt(attempt)).webhook is None


async def test_ids_that_are_some_attempts_are_known(world: World) -> None:
    await world.accept(provider_task_id="a")
    await world.accept(await world.begin(provider="replicate"), "b")
    await world.begin()
    taken = await world.attempts.taken("kie", "google/nano-banana", within=timedelta(days=1))
    assert taken == {"a"}
    assert await world.attempts.taken("kie", "another", within=timedelta(days=1)) == set()
    await world.database.pool.execute("UPDATE attempts SET started_at = now() - interval '2 days'")
    assert await world.attempts.taken("kie", "google/nano-banana", within=timedelta(days=1)) == set()


async def test_a_provider_has_each_task_for_one_attempt_alone(world: World) -> None:
    await world.accept(provider_task_id="theirs")
    with pytest.raises(asyncpg.UniqueViolationError):
        await world.accept(provider_task_id="theirs")


async def test_what_is_not_looked_at_any_longer_stays_unknown_and_counted(world: World) -> None:
    attempt = await world.accept()
    await world.attempts.stop_polling(attempt, "it is still at work")
    assert (await world.attempt(attempt)).state == "accepted", "somebody waits for it"
    await world.abandon(attempt)
    await world.attempts.stop_polling(attempt, "it is still at work")
    assert (await world.attempt(attempt)).state == "unknown"
    assert await world.poll_in(attempt) is None
    assert await world.spent() == Decimal("0.02")
