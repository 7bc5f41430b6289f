"""PgQueuer as we use it: at most one row a task, no row taken beforehand, and dead workers' rows given to others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

import pytest
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job
from pgqueuer.domain.settings import DBSettings
from pgqueuer.ports.driver import NotifyCallback

from enlarger.infra.database import Connection, Database
from enlarger.infra.queue import ConcurrencyLimitedQueueManager, ListeningDriver, enqueue, queue_manager
from enlarger.infra.queue_listener import QueueListener
from tests.databases import transaction
from tests.waiting import until


async def add(database: Database, *names: str) -> None:
    async def work(connection: Connection) -> None:
        for name in names:
            await enqueue(connection, "duty", name)

    await database.run(work)


@asynccontextmanager
async def running(consumer: ConcurrencyLimitedQueueManager, *, asks_after: float = 1) -> AsyncIterator[None]:
    """A consumer around a block, which reads the queue after so many seconds although it hears nothing."""
    patience = timedelta(seconds=asks_after)
    run = asyncio.create_task(
        consumer.run(batch_size=1, dequeue_timeout=patience, heartbeat_timeout=timedelta(seconds=30))
    )
    try:
        yield
    finally:
        consumer.shutdown.set()
        await run


async def test_a_task_has_one_row_however_often_it_is_enqueued(database: Database) -> None:
    await add(database, "a", "a")
    await add(database, "a")
    assert await database.pool.fetchval("SELECT count(*) FROM pgqueuer") == 1


async def test_a_row_is_there_only_if_its_transaction_was_committed(database: Database) -> None:
    class Undone(Exception):
        pass

    try:
        async with transaction(database) as connection:
            await enqueue(connection, "duty", "a")
            raise Undone
    except Undone:
        pass
    assert await database.pool.fetchval("SELECT count(*) FROM pgqueuer") == 0


async def test_a_lane_takes_what_it_has_places_for_and_leaves_the_rest_to_others(database: Database) -> None:
    await add(database, *"abcde")
    gate = asyncio.Event()
    started: list[bytes] = []
    consumer = queue_manager(QueueListener(database.pool), places=2)

    @consumer.entrypoint("duty")
    async def duty(job: Job) -> None:
        started.append(job.payload or b"")
        await gate.wait()

    async def picked() -> int:
        return int(await database.pool.fetchval("SELECT count(*) FROM pgqueuer WHERE status = 'picked'"))

    async with running(consumer):

        async def full() -> bool:
            return len(started) == 2

        await until(full)
        assert await picked() == 2
        gate.set()

        async def done() -> bool:
            return len(started) == 5

        await until(done)
    assert sorted(started) == [b"a", b"b", b"c", b"d", b"e"]


async def test_a_lane_that_begins_to_listen_late_is_not_taken_for_deaf(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    listen, notify = QueueListener.add, AsyncpgPoolDriver.notify
    done: list[str] = []

    async def late_listen(self: QueueListener, callback: NotifyCallback) -> None:
        for _ in range(10):
            await database.pool.fetchval("SELECT 1")
        await listen(self, callback)
        done.append("listens")

    async def noted_notify(self: AsyncpgPoolDriver, channel: str, payload: str) -> None:
        await notify(self, channel, payload)
        done.append("asks")

    monkeypatch.setattr(QueueListener, "add", late_listen)
    monkeypatch.setattr(AsyncpgPoolDriver, "notify", noted_notify)
    consumer = queue_manager(QueueListener(database.pool), places=1)
    async with running(consumer):

        async def has_asked() -> bool:
            return len(done) == 2

        async def has_its_answer() -> bool:
            return not consumer.pending_health_check

        await until(has_asked)
        await until(has_its_answer, seconds=5)  # without one it gives up after 10
    assert done == ["listens", "asks"]


async def test_changes_are_told_once_until_the_queue_is_read(database: Database) -> None:
    driver = ListeningDriver(QueueListener(database.pool, "some_channel"))
    heard: list[str] = []

    async def tell(*told: str) -> None:
        for payload in (*told, "end"):
            await driver.notify("some_channel", payload)

        async def all_came() -> bool:
            return heard[-1:] == ["end"]

        await until(all_came)

    def hear(payload: str | bytes | bytearray) -> None:
        heard.append(str(payload))

    change, other = '{"operation":"insert","type":"table_changed_event"}', '{"type":"cancellation_event"}'
    nothing_new = [f'{{"operation":"{what}","type":"table_changed_event"}}' for what in ("update", "delete")]
    async with driver:
        await driver.add_listener("some_channel", hear)
        await tell(*nothing_new, change, change, other, change, other)
        assert heard == [change, other, other, "end"]
        heard.clear()
        await tell(change)
        assert heard == ["end"]
        heard.clear()
        driver.begin_reading()
        await tell(change, change)
        assert heard == [change, "end"]
        await driver.remove_listener("some_channel", hear)
        await driver.notify("some_channel", other)
        await database.pool.fetchval("SELECT 1")
        assert heard == [change, "end"]


async def test_new_rows_are_reported_to_those_whose_entrypoint_they_are_for(database: Database) -> None:
    heard: list[str] = []
    listener = QueueListener(database.pool)
    drivers = {name: ListeningDriver(listener, name) for name in ("duty", "other")}
    async with drivers["duty"], drivers["other"]:
        for name, driver in drivers.items():
            await driver.add_listener(DBSettings().channel, partial(lambda name, _: heard.append(name), name))
        await add(database, "a", "b")
        await database.pool.execute("UPDATE pgqueuer SET heartbeat = now()")
        await database.pool.execute("DELETE FROM pgqueuer")
        for driver in drivers.values():
            await driver.notify(DBSettings().channel, "end")

        async def all_came() -> bool:
            return len(heard) >= 5

        await until(all_came)
    assert sorted(heard) == ["duty"] * 3 + ["other"] * 2, "each hears two ends, and one of them new rows"


async def test_a_row_that_goes_back_to_the_queue_is_picked_when_it_is_due(database: Database) -> None:
    consumer, calls = queue_manager(QueueListener(database.pool), places=2), []

    @consumer.entrypoint("duty")
    async def work(job: Job) -> None:
        calls.append(job.payload)
        if len(calls) == 1:
            raise RetryRequested(delay=timedelta(0))

    async with running(consumer, asks_after=3600):
        await add(database, "a")

        async def has_come_twice() -> bool:
            return calls == [b"a", b"a"]

        await until(has_come_twice)


async def test_no_row_is_overlooked_while_many_come_at_once(database: Database) -> None:
    consumer = queue_manager(QueueListener(database.pool), places=3)
    done: set[bytes] = set()

    @consumer.entrypoint("duty")
    async def duty(job: Job) -> None:
        done.add(job.payload or b"")

    async def come(mark: str) -> None:
        for number in range(60):
            await add(database, f"{mark}{number}")

    async def all_done() -> bool:
        return len(done) == 240

    async with running(consumer, asks_after=3600):
        await asyncio.gather(*(come(mark) for mark in "abcd"))
        await until(all_done)


async def test_the_log_has_errors_and_nothing_else(database: Database) -> None:
    consumer = queue_manager(QueueListener(database.pool), places=2)
    done: set[bytes] = set()

    @consumer.entrypoint("duty")
    async def work(job: Job) -> None:
        done.add(job.payload or b"")
        if job.payload == b"bad":
            raise LookupError("nothing there")

    async with running(consumer):
        await add(database, "good", "bad")

        async def both_done() -> bool:
            return done == {b"good", b"bad"}

        await until(both_done)
    rows = await database.pool.fetch("SELECT status, traceback FROM pgqueuer_log")
    assert [row["status"] for row in rows] == ["exception"]
    assert "nothing there" in str(rows[0]["traceback"])
    assert await database.pool.fetchval("SELECT count(*) FROM pgqueuer") == 0
