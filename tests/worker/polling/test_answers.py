"""What becomes of a task by what its provider says, or does not say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from enlarger.errors import ResultGone
from enlarger.tasks.records import Attempt
from tests.waiting import until
from tests.worker.hosted import Floor, failed, silent, succeeded


async def test_a_success_is_collected(floor: Floor, accepted: Attempt) -> None:
    await floor.drain()
    ended = datetime.now(UTC) - timedelta(seconds=2)
    floor.kie.says = succeeded("kie-1", "https://kie.example/a.png", cost=Decimal("0.02"), ended_at=ended)
    found = await floor.poll(accepted)
    assert (found.state, found.polls, found.finished_at) == ("accepted", 1, ended)
    assert found.expires_at == ended + timedelta(hours=1)
    assert found.report is not None
    assert found.report["outputs"] == ["https://kie.example/a.png"]
    assert await floor.queue() == {"collect"}
    assert await floor.poll_in(accepted) is None
    assert (await floor.task(accepted)).state == "generating", "not before it is stored"


async def test_a_providers_clock_that_is_ahead_changes_nothing(floor: Floor, accepted: Attempt) -> None:
    floor.kie.says = succeeded("kie-1", "a", ended_at=datetime.now(UTC) + timedelta(days=1))
    found = await floor.poll(accepted)
    assert found.finished_at is not None
    # Two processes on one machine may differ by part of a millisecond in their reading of its clock.
    assert abs(found.finished_at - datetime.now(UTC)) < timedelta(hours=1)


async def test_a_failure_sends_the_task_to_the_next_provider(floor: Floor, accepted: Attempt) -> None:
    floor.kie.says = failed("kie-1", "overloaded", code="500")
    found = await floor.poll(accepted)
    assert (found.state, found.error, found.error_code) == ("failed", "overloaded", "500")
    assert found.dollars == 0
    await floor.dispatcher()(accepted.task_id)
    assert [one.provider for one in await floor.of_task(accepted)] == ["kie", "replicate"]
    assert len(floor.kie.orders) == len(floor.replicate.orders) == 1


async def test_a_failure_of_all_is_the_tasks(floor: Floor, accepted: Attempt) -> None:
    floor.kie.says = failed("kie-1", "overloaded", code="500")
    await floor.poll(accepted)
    await floor.dispatcher()(accepted.task_id)
    floor.replicate.says = failed("replicate-1", "broken", code="501")
    await floor.poll((await floor.of_task(accepted))[-1])
    assert await floor.dispatcher()(accepted.task_id) is None
    ended = await floor.task(accepted)
    assert (ended.fail_code, ended.fail_message) == ("501", "kie: overloaded; replicate: broken")


async def test_a_failure_for_the_inputs_sake_ends_the_task(floor: Floor, accepted: Attempt) -> None:
    floor.kie.says = failed("kie-1", "not allowed", code="422", faulty_input=True)
    await floor.poll(accepted)
    ended = await floor.task(accepted)
    assert (ended.state, ended.fail_code, ended.fail_message) == ("fail", "422", "not allowed")
    assert floor.replicate.orders == []


async def test_a_provider_that_does_not_say_why_it_failed(floor: Floor, accepted: Attempt) -> None:
    floor.kie.says = failed("kie-1", "", faulty_input=True)
    await floor.poll(accepted)
    assert (await floor.task(accepted)).fail_message == "kie failed and does not say why."


async def test_silence_is_no_news_and_shows_why(floor: Floor, accepted: Attempt) -> None:
    floor.kie.says = silent("KIE does not answer")
    found = await floor.poll(accepted)
    assert (found.state, found.error) == ("accepted", "KIE does not answer")
    assert 1 < (await floor.poll_in(accepted) or 0) < 66
    floor.kie.says = None
    assert (await floor.poll(accepted)).error is None


async def test_silence_counts_against_the_providers_health(floor: Floor, accepted: Attempt) -> None:
    floor.kie.says = silent()
    for _ in range(5):
        await floor.poll(accepted)
    assert floor.router.health["kie"].state == "open"


async def test_what_a_provider_no_longer_knows_is_waited_for_to_its_deadline(floor: Floor, accepted: Attempt) -> None:
    floor.kie.says = ResultGone("KIE does not know the task any longer.")
    for _ in range(3):
        assert (await floor.poll(accepted)).state == "accepted"
    await floor.overdue(accepted)
    found = await floor.poll(accepted)
    assert (found.state, found.abandoned_at is not None) == ("unknown", True)
    ended = await floor.task(accepted)
    assert (ended.state, ended.fail_code) == ("fail", "408")
    assert floor.replicate.orders == [], "it may have been paid for"


async def test_a_task_at_a_provider_whose_key_was_taken_away_is_waited_for_to_its_deadline(
    floor: Floor, accepted: Attempt
) -> None:
    del floor.providers["kie"]

    async def polled() -> bool:
        return (await floor.attempt(accepted)).polls > 0

    async def ended() -> bool:
        return (await floor.task(accepted)).state == "fail"

    async with floor.polling():
        await floor.database.pool.execute("UPDATE attempts SET next_poll_at = now()")
        await until(polled)
        assert "kie is no longer set up: set its key again" in str((await floor.attempt(accepted)).error)
        assert (await floor.task(accepted)).state == "generating"
        await floor.overdue(accepted)
        await until(ended)
    assert "kie is no longer set up" in str((await floor.task(accepted)).fail_message)
    assert floor.kie.polls == []
    assert floor.replicate.orders == [], "it may have been paid for"


async def test_an_error_that_nobody_expected_is_no_news(floor: Floor, accepted: Attempt) -> None:
    floor.kie.says = RuntimeError("a fault of ours")
    assert (await floor.poll(accepted)).state == "accepted"
    assert await floor.poll_in(accepted) == pytest.approx(60, abs=25)


async def test_what_a_provider_says_is_stored_without_what_postgres_does_not_store(
    floor: Floor, accepted: Attempt
) -> None:
    floor.kie.says = failed("kie-1", "over\0loaded")
    assert (await floor.poll(accepted)).error == "overloaded"
