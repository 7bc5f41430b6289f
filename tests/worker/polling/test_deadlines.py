"""Attempts of unknown fate, and what happens at a deadline and after it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from enlarger.errors import AcceptanceUnknown
from enlarger.providers import Accepted
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.orphans import OrphanStore
from enlarger.tasks.records import Attempt
from tests.worker.hosted import Floor, failed, silent, succeeded


async def test_what_is_in_the_providers_list_was_accepted(floor: Floor, listed: Attempt) -> None:
    await floor.submit()
    floor.replicate.finds = Accepted("theirs")
    found = await floor.poll(listed)
    assert (found.state, found.provider_task_id) == ("accepted", "theirs")
    assert floor.replicate.searched == [frozenset({"replicate-2"})], "those of others do not count"
    assert floor.replicate.polls == ["theirs"]


async def test_what_is_not_in_the_providers_list_is_free_to_go_elsewhere(floor: Floor, listed: Attempt) -> None:
    await floor.drain()
    floor.replicate.finds = None
    found = await floor.poll(listed)
    assert (found.state, found.final) == ("failed", False)
    assert found.dollars == 0
    assert found.error == "replicate does not have it: the answer was lost"
    assert await floor.queue() == {"dispatch"}
    await floor.dispatcher()(listed.task_id)
    assert len(floor.replicate.orders) == 2


async def test_a_list_that_cannot_be_had_proves_nothing(floor: Floor, listed: Attempt) -> None:
    floor.replicate.finds = silent()
    assert (await floor.poll(listed)).state == "unknown"
    assert len(floor.replicate.orders) == 1


async def test_without_a_list_the_fate_stays_unknown_until_it_is_told(floor: Floor, unknown: Attempt) -> None:
    found = await floor.poll(unknown)
    assert (found.state, found.error) == ("unknown", "the answer was lost")
    assert floor.kie.polls == []
    assert floor.kie.searched == []
    assert 1 < (await floor.poll_in(unknown) or 0) < 66


@pytest.mark.parametrize("resubmit", [False, True])
async def test_in_the_end_policy_decides(floor: Floor, unknown: Attempt, resubmit: bool) -> None:
    await floor.overdue(unknown)
    found = await floor.poll(unknown, resubmit=resubmit)
    assert (found.state, found.dollars) == ("unknown", Decimal("0.02"))
    assert found.abandoned_at is not None
    task = await floor.task(unknown)
    if resubmit:
        assert task.state == "generating"
        await floor.dispatcher()(task.id)
        assert len(floor.kie.orders) == 2
    else:
        assert (task.state, task.fail_code) == ("fail", "408")
        assert "it was not sent again, because it may have been paid for" in (task.fail_message or "")
        assert len(floor.kie.orders) == 1


async def test_a_task_is_not_submitted_a_third_time(floor: Floor, unknown: Attempt) -> None:
    await floor.overdue(unknown)
    await floor.poll(unknown, resubmit=True)
    floor.kie.answers = [AcceptanceUnknown("lost again")]
    await floor.dispatcher()(unknown.task_id)
    second = (await floor.of_task(unknown))[-1]
    await floor.overdue(second)
    await floor.poll(second, resubmit=True)
    assert (await floor.task(unknown)).state == "fail"
    await floor.dispatcher()(unknown.task_id)
    assert len(floor.kie.orders) == 2


async def test_what_a_provider_surely_has_is_not_submitted_again(floor: Floor, accepted: Attempt) -> None:
    await floor.overdue(accepted)
    await floor.poll(accepted, resubmit=True)
    task = await floor.task(accepted)
    assert (task.state, task.fail_code) == ("fail", "408")
    assert "has not finished the task in its time" in (task.fail_message or "")


async def test_what_is_found_at_the_deadline_and_still_at_work_is_given_up_at_once(
    floor: Floor, listed: Attempt
) -> None:
    await floor.overdue(listed)
    floor.replicate.finds = Accepted("theirs")
    found = await floor.poll(listed, resubmit=True)
    assert (found.state, found.provider_task_id) == ("accepted", "theirs")
    assert found.abandoned_at is not None
    assert (await floor.task(listed)).state == "fail", "it surely has the task, which is not sent again"


async def test_an_end_that_is_found_at_the_deadline_counts(floor: Floor, accepted: Attempt) -> None:
    await floor.overdue(accepted)
    floor.kie.says = succeeded("kie-1", "a")
    found = await floor.poll(accepted)
    assert (found.abandoned_at, found.report is not None) == (None, True)


async def test_the_last_look_is_at_the_deadline(floor: Floor, unknown: Attempt) -> None:
    statement = "UPDATE attempts SET started_at = now() - interval '9 min', deadline_at = now() + interval '20 s'"
    await floor.database.pool.execute(statement)
    await floor.poll(unknown)
    assert await floor.poll_in(unknown) == pytest.approx(20, abs=12)


# When nobody waits any longer


async def test_a_late_success_is_the_tasks_while_it_is_open(floor: Floor, unknown: Attempt) -> None:
    await floor.overdue(unknown)
    await floor.poll(unknown, resubmit=True)
    await floor.dispatcher()(unknown.task_id)
    floor.kie.verified = succeeded("theirs", "a")
    await floor.announce(unknown)
    assert (await floor.poll(unknown)).report is not None
    assert "collect" in await floor.queue()


async def test_what_a_failure_may_have_cost_stays_counted(floor: Floor, accepted: Attempt) -> None:
    floor.kie.says = failed("kie-1", "canceled", cost=None)
    assert (await floor.poll(accepted)).dollars == accepted.dollars > 0


async def test_what_was_given_up_is_called_off_and_looked_at_rarely(floor: Floor, accepted: Attempt) -> None:
    await floor.overdue(accepted)
    await floor.poll(accepted)
    assert await floor.poll_in(accepted) == pytest.approx(600, abs=60)
    await floor.poll(accepted)
    assert floor.kie.cancelled == ["kie-1"]
    assert await floor.poll_in(accepted) == pytest.approx(600, abs=60)


async def test_a_cancelled_task_is_called_off_at_the_provider(floor: Floor, accepted: Attempt) -> None:
    await floor.service.tasks.cancel(DEFAULT, accepted.task_id)
    floor.kie.says = failed("kie-1", "cancelled")
    found = await floor.poll(accepted)
    assert floor.kie.cancelled == ["kie-1"]
    assert found.state == "failed"
    assert found.dollars == 0
    assert (await floor.task(accepted)).fail_code == "cancelled"
    assert floor.replicate.orders == []


async def test_a_provider_that_cannot_be_told_is_asked_all_the_same(
    floor: Floor, accepted: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def deaf(provider_task_id: str) -> None:
        raise silent()

    monkeypatch.setattr(floor.kie, "cancel", deaf)
    await floor.service.tasks.cancel(DEFAULT, accepted.task_id)
    floor.kie.says = succeeded("kie-1", "a")
    assert (await floor.poll(accepted)).report is not None


async def test_after_a_day_nobody_looks_any_more_and_it_stays_counted(floor: Floor, accepted: Attempt) -> None:
    await floor.overdue(accepted)
    await floor.poll(accepted)
    floor.kie.says = silent("KIE does not answer")
    await floor.let_pass(accepted, timedelta(hours=23))
    await floor.poll(accepted)
    assert await floor.poll_in(accepted) is not None
    await floor.let_pass(accepted, timedelta(hours=2))
    found = await floor.poll(accepted)
    assert (found.state, found.error, found.dollars) == ("unknown", "KIE does not answer", Decimal("0.02"))
    assert await floor.poll_in(accepted) is None
    assert [one.id for one in await OrphanStore(floor.database).newest(most=10)] == [accepted.id]
