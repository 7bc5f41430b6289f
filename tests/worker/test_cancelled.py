"""What a cancelled task gives back: nothing that a hosted provider was, or may have been, paid for it."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from enlarger.errors import AcceptanceUnknown, SubmissionRefused
from enlarger.providers import Order
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.endings import Refund, refund_cancelled
from enlarger.tasks.wire import to_record
from tests.databases import transaction
from tests.waiting import until_it_waits
from tests.worker.hosted import Answer, Floor, failed, succeeded
from tests.worker.paid import balance, submit_paid


async def cancel(floor: Floor, task_id: str, refund: Refund = "unpaid") -> float:
    """Cancel a task, twice; returns what its app is told that it cost."""
    links = floor.service.links
    told = to_record(await floor.service.tasks.cancel(DEFAULT, task_id, refund=refund), links, "").credits_consumed
    again = await floor.service.tasks.cancel(DEFAULT, task_id, refund="all")  # it has ended: no more is given back
    assert to_record(again, links, "").credits_consumed == told
    return told


async def consumed(floor: Floor, task_id: str) -> Decimal:
    return (await floor.service.tasks.get(DEFAULT, task_id)).credits_consumed


@pytest.mark.parametrize(("refund", "left"), [("unpaid", 96), ("all", 100)])
@pytest.mark.parametrize("fate", ["accepted", "unknown", "to collect"])
async def test_what_a_provider_has_or_may_have_is_paid_for(floor: Floor, fate: str, refund: Refund, left: int) -> None:
    if fate == "unknown":
        floor.kie.answers = [AcceptanceUnknown("cut off")]
    attempt = await submit_paid(floor, "4")
    if fate == "to collect":
        floor.kie.says = succeeded("kie-1", "https://kie.example/a")
        attempt = await floor.poll(attempt)
    assert await cancel(floor, attempt.task_id, refund) == 100 - left
    assert await balance(floor) == left
    assert await consumed(floor, attempt.task_id) == 100 - left
    assert await floor.service.ledger.check() == []


async def test_what_is_being_sent_may_be_paid_for_and_is_given_back_when_it_was_refused(floor: Floor) -> None:
    left: list[Decimal] = []

    async def cancelled(order: Order) -> Answer:
        await cancel(floor, order.task_id)
        left.append(await balance(floor))
        return SubmissionRefused("too many", reason="busy")

    floor.kie.on_submit = cancelled
    attempt = await submit_paid(floor, "4")
    assert left == [Decimal(96)]
    assert await balance(floor) == 100
    assert await consumed(floor, attempt.task_id) == 0
    assert await floor.service.ledger.check() == []


@pytest.mark.parametrize("refund", ["unpaid", "all"])
@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize(
    ("cost", "left"), [(Decimal(0), 100), (Decimal("0.01"), 96), (None, 96)], ids=["free", "paid", "nobody knows"]
)
async def test_when_it_fails_later_it_is_given_back_once_if_that_was_free(
    floor: Floor, cost: Decimal | None, left: int, again: bool, refund: Refund
) -> None:
    attempt = await submit_paid(floor, "4")
    await cancel(floor, attempt.task_id, refund)
    floor.kie.says = failed("kie-1", cost=cost)
    await floor.poll(attempt)
    if again:  # news comes twice
        await floor.attempts.failed(attempt, "overloaded", code="501", ends_task=False, dollars=cost)
    assert await balance(floor) == (100 if refund == "all" else left)
    assert await floor.service.ledger.check() == []


async def test_of_two_submissions_that_end_at_once_the_later_one_gives_the_credits_back(floor: Floor) -> None:
    floor.kie.answers = [AcceptanceUnknown("cut off")]
    first = await submit_paid(floor, "4")
    await floor.overdue(first)
    await floor.poll(first, resubmit=True)
    await floor.dispatcher()(first.task_id)
    first, second = await floor.of_task(first)
    await cancel(floor, first.task_id)
    assert await balance(floor) == 96
    async with transaction(floor.database) as connection:
        await connection.execute("UPDATE attempts SET state = 'failed', dollars = 0 WHERE id = $1", first.id)
        await refund_cancelled(connection, first.task_id)
        end = asyncio.create_task(floor.attempts.failed(second, "overloaded", code="501", ends_task=False))
        await until_it_waits(floor.database, end)
    await end
    assert await balance(floor) == 100
    assert await floor.service.ledger.check() == []


async def test_what_turns_out_never_to_have_arrived_is_given_back(floor: Floor) -> None:
    floor.router.health["kie"].adopt("suspended", "no credits", 600)
    floor.replicate.answers = [AcceptanceUnknown("cut off")]
    attempt = await submit_paid(floor, "4")
    assert attempt.state == "unknown"
    await cancel(floor, attempt.task_id)
    assert await balance(floor) == 96
    await floor.attempts.refused(attempt, "replicate does not have it", code="500", final=False)
    assert await balance(floor) == 100
    assert "dispatch" not in await floor.queue() or (await floor.service.tasks.get(DEFAULT, attempt.task_id)).ended


@pytest.mark.parametrize(
    ("cost", "left"), [(Decimal(0), 100), (Decimal("0.01"), 96), (None, 96)], ids=["free", "paid", "nobody knows"]
)
async def test_what_has_failed_before_the_task_was_cancelled_is_paid_for_if_it_was_charged(
    floor: Floor, cost: Decimal | None, left: int
) -> None:
    attempt = await submit_paid(floor, "4")
    floor.kie.says = failed("kie-1", cost=cost)
    await floor.poll(attempt)
    await cancel(floor, attempt.task_id)
    assert await balance(floor) == left


async def test_however_cancelling_and_the_news_of_a_failure_meet_nothing_is_lost(floor: Floor) -> None:
    for number in range(12):
        attempt = await submit_paid(floor, "4", id=f"{number:032x}")
        end = floor.attempts.failed(attempt, "overloaded", code="501", ends_task=False)
        await asyncio.gather(floor.service.tasks.cancel(DEFAULT, attempt.task_id), end)
        assert await consumed(floor, attempt.task_id) == 0, number
        assert await balance(floor) == 100, number


async def test_a_task_that_no_provider_has_gives_everything_back(floor: Floor) -> None:
    floor.router.health["kie"].adopt("suspended", "no credits", 600)
    floor.router.health["replicate"].adopt("suspended", "no credits", 600)
    await floor.make()  # so that there is a key
    attempt = await submit_paid(floor, "4", model="topaz/image-upscale", input={"image_url": "https://93.184.215.14/a"})
    assert attempt.state == "skipped"
    await cancel(floor, attempt.task_id)
    assert await balance(floor) == 100


async def test_the_key_gets_back_what_the_account_does(floor: Floor) -> None:
    key = await floor.database.pool.fetchval("SELECT sha256 FROM api_keys LIMIT 1")
    attempt = await submit_paid(floor, "4", key_sha256=key)
    total = "SELECT total_spent FROM api_keys LIMIT 1"
    await floor.database.pool.execute("UPDATE api_keys SET total_spent = 4")
    await cancel(floor, attempt.task_id)
    assert await floor.database.pool.fetchval(total) == 4
    floor.kie.says = failed("kie-1")
    await floor.poll(attempt)
    assert await floor.database.pool.fetchval(total) == 0
