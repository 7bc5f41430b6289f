"""Who calls tasks that wait for a provider, and when."""

from __future__ import annotations

import asyncio

import pytest

from enlarger.errors import DatabaseUnavailable
from enlarger.settings import Limits
from enlarger.worker.line_caller import LineCaller, LineConfig
from tests.worker.dispatch_steps import refusal
from tests.worker.hosted import Floor

_QUICK = LineConfig(waiting=0.01, idle=3600.0)


@pytest.fixture
def caller(floor: Floor) -> LineCaller:
    floor.limits["kie"] = Limits(1)
    return LineCaller(floor.service.provider_lines, floor.router, floor.limits, _QUICK)


async def wait_in_line(floor: Floor) -> str:
    """A task that has to wait for KIE, and has left the queue."""
    await floor.submit()
    task = await floor.make()
    await floor.dispatcher()(task.id)
    assert await floor.waiting("kie") == [task.id]
    await floor.drain()
    return task.id


async def test_nobody_is_called_while_the_provider_is_full(floor: Floor, caller: LineCaller) -> None:
    await wait_in_line(floor)
    assert await caller.call("kie")
    assert await floor.queue() == set()


async def test_all_are_called_while_the_provider_is_unavailable(floor: Floor, caller: LineCaller) -> None:
    task_id = await wait_in_line(floor)
    floor.router.note("kie", refusal("credits", 402, "no credits"))
    assert floor.router.health["kie"].unavailability() is not None
    assert await caller.call("kie")
    assert await floor.queue() == {"dispatch"}
    await floor.dispatcher()(task_id)
    assert [order.task_id for order in floor.replicate.orders] == [task_id], "the next provider has it"


async def test_all_are_called_for_a_provider_that_is_no_longer_set_up(floor: Floor, caller: LineCaller) -> None:
    task_id = await wait_in_line(floor)
    del floor.router.health["kie"], floor.providers["kie"]
    assert await caller.call("kie")
    await floor.dispatcher()(task_id)
    assert len(floor.replicate.orders) == 1


async def test_a_task_is_called_when_a_place_is_free_and_a_lost_database_is_waited_for(
    floor: Floor, caller: LineCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wait_in_line(floor)
    call, calls, stopping, called = caller.call, [], asyncio.Event(), asyncio.Event()

    async def flaky(provider: str) -> bool:
        calls.append(provider)
        if calls.count("kie") == 1:
            raise DatabaseUnavailable("away")
        waiting = await call(provider)
        if await floor.queue():
            called.set()
        return waiting

    monkeypatch.setattr(caller, "call", flaky)
    running = asyncio.create_task(caller.run(stopping))
    await floor.database.pool.execute("UPDATE attempts SET state = 'failed', ended_at = now()")
    async with asyncio.timeout(30):
        await called.wait()
        stopping.set()
        await running
    assert await floor.queue() == {"dispatch"}


async def test_whoever_rests_is_told_of_tasks_that_wait(floor: Floor, caller: LineCaller) -> None:
    stopping = asyncio.Event()
    running = asyncio.create_task(caller.run(stopping))
    await wait_in_line(floor)
    await floor.database.pool.execute("UPDATE attempts SET state = 'failed', ended_at = now()")
    caller.notify("kie")
    async with asyncio.timeout(30):
        while not await floor.queue():
            await asyncio.sleep(0)
        stopping.set()
        await running
