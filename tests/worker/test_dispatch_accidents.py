"""Submissions of unknown fate, and dispatchers that are stopped, stand still, or have no database."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from enlarger.errors import AcceptanceUnknown, DatabaseUnavailable
from enlarger.providers import Accepted, Order
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.records import Attempt, Task
from enlarger.tasks.submissions import Waiting
from enlarger.testing import HandClock
from tests.worker.dispatch_steps import short
from tests.worker.hosted import Floor, silent


async def test_an_answer_that_nobody_can_read_keeps_everybody_else_away(floor: Floor) -> None:
    floor.kie.answers = [AcceptanceUnknown("the answer was lost")]
    attempt = await floor.submit()
    assert (attempt.provider, attempt.state, attempt.error) == ("kie", "unknown", "the answer was lost")
    assert (attempt.abandoned_at, attempt.dollars) == (None, Decimal("0.02"))
    assert (await floor.task(attempt)).state == "generating"
    assert await floor.poll_in(attempt) == pytest.approx(5, abs=4)
    assert await floor.dispatcher()(attempt.task_id) is None
    assert len(floor.kie.orders) == 1
    assert floor.replicate.orders == []


@pytest.mark.parametrize("error", [RuntimeError("with a secret"), TimeoutError(), KeyError("taskId"), silent()])
async def test_an_error_that_nobody_expected_leaves_the_fate_unknown(floor: Floor, error: Exception) -> None:
    floor.kie.answers = [error]
    attempt = await floor.submit()
    assert (attempt.provider, attempt.state, attempt.error) == ("kie", "unknown", type(error).__name__)
    assert floor.replicate.orders == []


async def test_a_worker_that_is_stopped_while_it_sends_leaves_the_fate_unknown(floor: Floor) -> None:
    sent = asyncio.Event()

    async def never(order: Order) -> Accepted:
        sent.set()
        await asyncio.Event().wait()
        raise AssertionError

    floor.kie.on_submit = never
    task = await floor.make()
    work = asyncio.create_task(floor.dispatcher()(task.id))
    await sent.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert await floor.dispatcher()(task.id) is None
    assert short(await floor.of_task(task)) == [("kie", "unknown")]
    assert floor.replicate.orders == []


async def test_a_task_that_is_called_off_meanwhile_is_not_sent(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    task = await floor.make()
    claim_for_dispatch = floor.attempts.claim_for_dispatch

    async def and_cancel(task_id: str) -> Any:
        claim = await claim_for_dispatch(task_id)
        await floor.service.tasks.cancel(DEFAULT, task_id)
        return claim

    monkeypatch.setattr(floor.attempts, "claim_for_dispatch", and_cancel)
    assert await floor.dispatcher()(task.id) is None
    assert floor.kie.orders == []
    assert (await floor.task(task)).fail_code == "cancelled"


async def test_a_worker_that_stood_still_sends_nothing(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another may have taken it for dead, and asked the provider for what it was about to send."""
    clock, begin = HandClock(), floor.attempts.begin

    async def and_stand_still(claim: Task, provider: str, **options: Any) -> Attempt | Waiting:
        attempt = await begin(claim, provider, **options)
        clock.advance(11 if provider == "kie" else 9)
        return attempt

    monkeypatch.setattr(floor.attempts, "begin", and_stand_still)
    task = await floor.make()
    await floor.dispatcher(clock=clock)(task.id)
    assert floor.kie.orders == []
    stood, sent = await floor.of_task(task)
    assert (stood.provider, stood.state, stood.final) == ("kie", "failed", False)
    assert sent.provider == "replicate"


async def test_an_answer_is_written_down_also_when_the_database_is_away(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted, calls = floor.attempts.accepted, []

    async def flaky(*arguments: Any, **options: Any) -> None:
        calls.append(arguments)
        if len(calls) < 3:
            raise DatabaseUnavailable("away")
        await accepted(*arguments, **options)

    monkeypatch.setattr(floor.attempts, "accepted", flaky)
    attempt = await floor.submit()
    assert (attempt.state, len(calls), len(floor.kie.orders)) == ("accepted", 3, 1)


async def test_without_the_database_nothing_is_sent(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*arguments: Any, **options: Any) -> Waiting:
        raise DatabaseUnavailable("away")

    task = await floor.make()
    monkeypatch.setattr(floor.attempts, "begin", away)
    assert await floor.dispatcher()(task.id) is None
    assert floor.kie.orders == []
    assert (await floor.task(task)).state == "queuing"


async def test_a_fault_of_ours_is_not_told_in_detail(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(floor.router, "candidates", broken)
    task = await floor.make()
    await floor.dispatcher()(task.id)
    ended = await floor.task(task)
    assert (ended.state, ended.fail_code) == ("fail", "500")
    assert "secret" not in (ended.fail_message or "")
