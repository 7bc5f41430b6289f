"""Stopping a job before, while and after its task is made, and what it costs."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from enlarger.bot.actions import enlarge
from enlarger.client import TaskStatus
from enlarger.tasks.endings import Refund
from tests.bot.conftest import SECRET, OneKey, Rig, titled
from tests.bot.job_steps import finished, told, with_time, words_of


async def test_a_job_is_called_off_before_there_is_a_task(rig: Rig) -> None:
    anna, user = await rig.person()
    async with rig.telegram.holding("getFile") as came:
        job = await rig.work.start(user, anna.id, rig.redesign())
        await came.wait()
        await rig.work.cancel(job)
        job = await told(rig, anna, job, words_of("Stopped. Nothing"))
    assert job.state == "cancelled"
    assert not rig.kie.tasks


@pytest.mark.parametrize("presses", [1, 3])
async def test_a_job_is_called_off_while_its_task_is_being_made(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, presses: int
) -> None:
    came, go, cancelled = asyncio.Event(), asyncio.Event(), []
    submit = rig.client.submit

    async def make_slowly(*args: Any, **options: Any) -> Any:
        came.set()
        await go.wait()
        return await submit(*args, **options)

    async def cancel(task_id: str) -> None:
        cancelled.append(task_id)

    monkeypatch.setattr(rig.client, "submit", make_slowly)
    monkeypatch.setattr(rig.client, "cancel", cancel)
    anna, user = await rig.person()
    job = await rig.work.start(user, anna.id, rig.redesign())
    await came.wait()
    for _ in range(presses):
        await rig.work.cancel(job)
    go.set()
    job = await finished(rig, job)
    assert cancelled == [job.task_id] == [task.id for task in rig.kie.tasks]


async def test_a_job_is_called_off_once_its_task_is_made(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    made, go, cancelled = asyncio.Event(), asyncio.Event(), []
    ask = rig.client.get_task_status

    async def ask_slowly(task_id: str) -> TaskStatus:
        made.set()
        await go.wait()
        return await ask(task_id)

    async def cancel(task_id: str) -> None:
        cancelled.append(task_id)

    monkeypatch.setattr(rig.client, "get_task_status", ask_slowly)
    monkeypatch.setattr(rig.client, "cancel", cancel)
    anna, user = await rig.person()
    job = await rig.work.start(user, anna.id, rig.redesign())
    await made.wait()
    await rig.work.cancel(job)
    go.set()
    assert cancelled == [(await finished(rig, job)).task_id]


@pytest.mark.parametrize(("charged", "says"), [(4, "Списано: 4 кредита"), (0, "Кредиты не списаны")])
async def test_who_stops_a_job_is_told_what_was_charged(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, charged: int, says: str
) -> None:
    async def cancelled(task_id: str) -> TaskStatus:
        return TaskStatus(task_id=task_id, state="fail", fail_code="cancelled", credits=charged, raw={})

    monkeypatch.setattr(rig.client, "get_task_status", cancelled)
    anna, user = await rig.person()
    job = await rig.work.start(user, anna.id, rig.redesign())
    assert (await told(rig, anna, job, says)).state == "cancelled"


@pytest.mark.parametrize(
    ("refund", "credits", "own", "says"),
    [
        ("unpaid", Decimal(40), False, True),
        ("unpaid", Decimal(40), True, False),
        ("unpaid", None, False, False),
        ("all", Decimal(40), False, False),
    ],
)
async def test_beside_stop_stands_that_it_may_cost_credits(
    rig: Rig, refund: Refund, credits: Decimal | None, own: bool, says: bool
) -> None:
    rig.users = OneKey(rig.database, rig.client, credits=credits, secret=SECRET)
    rig.work = rig.make_work(refund=refund)
    anna, user = await rig.person()
    with_time(rig, seconds=20)
    action = titled(enlarge(rig.photo(), factor=2, hosted=False), "Увеличено 2×") if own else rig.redesign()
    await finished(rig, await rig.work.start(user, anna.id, action))
    shown = [call.params["text"] for name in ("sendMessage", "editMessageText") for call in rig.telegram.called(name)]
    assert len(shown) > 1
    assert {"Если остановить" in text for text in shown} == {says}


async def test_what_has_ended_is_not_called_off(rig: Rig) -> None:
    anna, user = await rig.person()
    job = await finished(rig, await rig.work.start(user, anna.id, rig.redesign()))
    await rig.work.cancel(job)
    assert (await finished(rig, job)).state == "done"
