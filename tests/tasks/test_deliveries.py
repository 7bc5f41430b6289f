"""What is written down about callbacks, against a real Postgres."""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime, timedelta

import pytest

from enlarger.infra.database import Database
from enlarger.tasks.accounts import DEFAULT, AccountStore
from enlarger.tasks.deliveries import Delivery, DeliveryStore, NewTry
from enlarger.tasks.records import NewTask, Task
from enlarger.tasks.sql import sql
from enlarger.tasks.store import TaskStore
from tests.databases import transaction
from tests.waiting import until_it_waits

_AT = datetime(2026, 8, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)


@pytest.fixture
async def tasks(database: Database) -> TaskStore:
    await AccountStore(database).register_key("key", source="tests")
    return TaskStore(database)


@pytest.fixture
def deliveries(database: Database) -> DeliveryStore:
    return DeliveryStore(database)


async def ended(tasks: TaskStore) -> Task:
    new = NewTask(
        id=secrets.token_hex(16),
        account_id=DEFAULT,
        model="real-esrgan/fast",
        input={},
        callback_url="https://app.example/hook",
        base_url="http://service",
        request_sha256=b"",
    )
    task, _ = await tasks.create(new)
    return await tasks.cancel(DEFAULT, task.id)


def a_try(number: int = 1, *, answer: str = "500", **changes: object) -> NewTry:
    values = {"at": _AT + timedelta(minutes=number), "milliseconds": 20, "answer": answer, "state": "pending"}
    return NewTry(**{**values, **changes})  # type: ignore[arg-type]


async def find(deliveries: DeliveryStore, task: Task) -> Delivery:
    found = await deliveries.find(task.id)
    assert found is not None
    return found


async def queued(database: Database) -> dict[str, timedelta]:
    """How long the callbacks in the queue are to wait."""
    rows = await database.pool.fetch(
        "SELECT payload, execute_after - now() AS wait FROM pgqueuer WHERE entrypoint = 'deliver'"
    )
    return {row["payload"].decode(): row["wait"] for row in rows}


async def test_tries_are_numbered_and_noted_once(tasks: TaskStore, deliveries: DeliveryStore) -> None:
    task = await ended(tasks)
    await deliveries.note(task.id, a_try(1, pause=_HOUR), {})
    await deliveries.note(task.id, a_try(1, pause=_HOUR), {})  # as after a commit whose answer was lost
    await deliveries.note(task.id, a_try(2, answer="200", state="delivered"), {})
    found = await find(deliveries, task)
    assert found.state == "delivered"
    assert [(one.number, one.at, one.answer, one.accepted) for one in found.tries] == [
        (1, _AT + timedelta(minutes=1), "500", False),
        (2, _AT + timedelta(minutes=2), "200", True),
    ]
    assert await deliveries.pending(task.id) is None


async def test_what_was_delivered_stays_so_whatever_a_slower_try_comes_to(
    tasks: TaskStore, deliveries: DeliveryStore
) -> None:
    task = await ended(tasks)
    await deliveries.note(task.id, a_try(1, state="delivered"), {})
    await deliveries.note(task.id, a_try(2, state="given_up"), {})
    assert (await find(deliveries, task)).state == "delivered"
    given_up = await ended(tasks)
    await deliveries.note(given_up.id, a_try(1, state="given_up"), {})
    await deliveries.note(given_up.id, a_try(2, state="delivered"), {})
    assert (await find(deliveries, given_up)).state == "delivered"


async def test_who_stands_in_a_line_is_out_of_the_queue_until_called(
    tasks: TaskStore, deliveries: DeliveryStore, database: Database
) -> None:
    first, second, other = [await ended(tasks) for _ in range(3)]
    await deliveries.wait(first.id, "line")
    await deliveries.wait(second.id, "line")
    await deliveries.wait(other.id, "other line")
    assert await queued(database) == {}
    assert await tasks.wake_forgotten(older_than=timedelta(0)) == []
    await deliveries.call({"line": 1, "nobody's": 5})
    assert set(await queued(database)) == {first.id}
    await deliveries.note(first.id, a_try(state="delivered"), {"line": 4, "other line": 4})
    assert set(await queued(database)) == {first.id, second.id, other.id}


async def test_two_who_call_at_once_call_different_ones(
    tasks: TaskStore, deliveries: DeliveryStore, database: Database
) -> None:
    waiting = [await ended(tasks) for _ in range(2)]
    for task in waiting:
        await deliveries.wait(task.id, "line")
    async with transaction(database) as connection:
        called = sql.call_waiting_deliveries(connection, lines=["line"], places=[1])
        [first] = [row["task_id"] async for row in called]
        other = asyncio.create_task(deliveries.call({"line": 1}))
        await until_it_waits(database, other)
        assert other.done()
        assert set(await queued(database)) == {task.id for task in waiting} - {first}
    await other


async def test_who_was_called_while_its_row_was_with_a_worker_is_in_the_queue(
    tasks: TaskStore, deliveries: DeliveryStore, database: Database
) -> None:
    task = await ended(tasks)
    await database.pool.execute("UPDATE pgqueuer SET status = 'picked'")
    await deliveries.wait(task.id, "line")
    await deliveries.call({"line": 1})
    assert set(await queued(database)) == {task.id}


async def test_who_has_stood_in_a_line_for_long_is_looked_after(
    tasks: TaskStore, deliveries: DeliveryStore, database: Database
) -> None:
    task = await ended(tasks)
    await deliveries.wait(task.id, "line")
    await deliveries.call_delayed(older_than=timedelta(minutes=1), most=10)
    assert await queued(database) == {}
    await deliveries.call_delayed(older_than=timedelta(0), most=10)
    assert set(await queued(database)) == {task.id}


async def test_a_callback_that_is_due_later_is_not_forgotten_before_that(
    tasks: TaskStore, deliveries: DeliveryStore, database: Database
) -> None:
    task = await ended(tasks)
    await deliveries.note(task.id, a_try(pause=_HOUR), {})
    await database.pool.execute("DELETE FROM pgqueuer")
    assert await tasks.wake_forgotten(older_than=timedelta(0)) == []
    await database.pool.execute("UPDATE deliveries SET next_try_at = now()")
    assert await tasks.wake_forgotten(older_than=timedelta(0)) == [task.id]


@pytest.mark.parametrize("state", ["pending", "delivered", "given_up"])
async def test_a_callback_can_be_sent_anew_whatever_has_become_of_it(
    tasks: TaskStore, deliveries: DeliveryStore, database: Database, state: str
) -> None:
    task = await ended(tasks)
    for number in range(3):
        await deliveries.note(task.id, a_try(number, state="pending"), {})
    await deliveries.note(task.id, a_try(4, state=state, pause=_HOUR), {})
    await database.pool.execute("UPDATE pgqueuer SET execute_after = now() + interval '6 hours', status = 'queued'")
    await deliveries.renew(task)
    owed = await deliveries.pending(task.id)
    assert owed is not None
    assert owed[1] == 0  # its schedule begins again
    (wait,) = (await queued(database)).values()
    assert wait <= timedelta(seconds=1.5)
    await deliveries.note(task.id, a_try(5), {})
    assert [one.number for one in (await find(deliveries, task)).tries] == [1, 2, 3, 4, 5]


async def test_old_tries_are_removed(tasks: TaskStore, deliveries: DeliveryStore) -> None:
    task = await ended(tasks)
    await deliveries.note(task.id, a_try(1, at=datetime.now(UTC) - timedelta(days=20)), {})
    await deliveries.note(task.id, a_try(2, at=datetime.now(UTC)), {})
    assert await deliveries.trim(older_than=timedelta(days=14), most=100) == 1
    assert [one.number for one in (await find(deliveries, task)).tries] == [2]
