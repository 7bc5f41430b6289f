"""Every change of a task's state or progress is an event, written in the transaction that makes it."""

from __future__ import annotations

from datetime import timedelta

import asyncpg
import pytest
from alembic import command

from enlarger.errors import DatabaseUnavailable, StaleClaim, UnknownTask
from enlarger.infra.database import Connection, Database
from enlarger.infra.migrations import migrate
from enlarger.infra.migrations.migrate import run_alembic
from enlarger.tasks.accounts import DEFAULT, AccountStore
from enlarger.tasks.events import EventStore
from enlarger.tasks.store import TaskStore
from tests.tasks.test_store import claim, new, succeed


@pytest.fixture
async def tasks(database: Database) -> TaskStore:
    await AccountStore(database).register_key("key", source="tests")
    return TaskStore(database)


@pytest.fixture
def events(database: Database) -> EventStore:
    return EventStore(database)


async def told(events: EventStore, task_id: str) -> list[tuple[str, int]]:
    return [(event.state, event.progress) for event in await events.after(task_id, -1)]


async def test_a_life_in_events(tasks: TaskStore, events: EventStore) -> None:
    task, _ = await tasks.create(new(idempotency_key="k"))
    await tasks.create(new(idempotency_key="k"))  # the same task: nothing has happened
    claimed = await claim(tasks, task.id)
    await tasks.start_generating(claimed)
    await tasks.start_generating(claimed)
    for percent in (10, 10, 20):
        await tasks.report_progress(claimed, percent)
    await succeed(tasks, claimed)
    expected = [("waiting", 0), ("queuing", 0), ("generating", 0), ("generating", 10), ("generating", 20)]
    assert await told(events, task.id) == [*expected, ("success", 100)]
    last = (await events.after(task.id, -1))[-1]
    done, latest = await events.start(DEFAULT, task.id)
    assert (last.last, last.id, last.at) == (True, latest, done.completed_at)
    assert await events.after(task.id, latest) == []
    assert len(await events.after(task.id, latest - 1)) == 1


async def test_what_did_not_happen_is_no_event(tasks: TaskStore, events: EventStore, database: Database) -> None:
    task, _ = await tasks.create(new())
    claimed = await claim(tasks, task.id)
    await tasks.cancel(DEFAULT, task.id)

    async def change_and_fail(connection: Connection) -> None:
        await connection.execute("UPDATE tasks SET progress = 99 WHERE id = $1", task.id)
        await connection.execute("SELECT 1/0")

    with pytest.raises(StaleClaim):
        await tasks.report_progress(claimed, 50)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await database.run(change_and_fail)
    assert await told(events, task.id) == [("waiting", 0), ("queuing", 0), ("fail", 0)]


async def test_only_the_account_can_follow_its_task(tasks: TaskStore, events: EventStore) -> None:
    task, _ = await tasks.create(new())
    for account, task_id in (("other", task.id), (DEFAULT, "0" * 32), (DEFAULT, "\0")):
        with pytest.raises(UnknownTask):
            await events.start(account, task_id)


async def test_events_are_removed_when_their_task_has_ended_long_ago(
    tasks: TaskStore, events: EventStore, database: Database
) -> None:
    old, recent, open_ = [(await tasks.create(new()))[0] for _ in range(3)]
    for task in (old, recent):
        await tasks.fail(await claim(tasks, task.id), "501", "broken")
    await database.pool.execute("UPDATE events SET at = at - interval '15 days' WHERE task_id <> $1", recent.id)
    await events.trim(older_than=timedelta(days=14), most=10)
    assert await told(events, old.id) == []
    assert len(await told(events, recent.id)) == 3
    assert await told(events, open_.id) == [("waiting", 0)]
    assert (await events.start(DEFAULT, old.id))[1] == 0


async def test_a_database_that_is_away_is_told_at_once(events: EventStore, database: Database) -> None:
    await database.pool.close()
    with pytest.raises(DatabaseUnavailable, match="try again in a moment"):
        await events.after("0" * 32, -1)


async def test_tasks_from_before_there_were_events_have_one_each(
    tasks: TaskStore, events: EventStore, database: Database, database_url: str
) -> None:
    task, _ = await tasks.create(new())
    await tasks.fail(await claim(tasks, task.id), "501", "broken")
    connection = await database.connect(name="tests")
    await run_alembic(connection, lambda config: command.downgrade(config, "0002"))
    await connection.close()
    await migrate(database_url)
    (event,) = await events.after(task.id, -1)
    ended, latest = await events.start(DEFAULT, task.id)
    assert (event.state, event.at, event.id) == ("fail", ended.completed_at, latest)
