"""PgQueuer as we use it: at most one row a task, no row taken beforehand, and dead workers' rows given to others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.domain.models import Job
from pgqueuer.ports.driver import NotifyCallback

from enlarger.infra.database import Connection, Database
from enlarger.infra.queue import ConcurrencyLimitedQueueManager, enqueue, queue_manager
from tests.waiting import until


async def add(database: Database, *names: str) -> None:
    async def work(connection: Connection) -> None:
        for name in names:
            await enqueue(connection, "duty", name)

    await database.run(work)


@asynccontextmanager
async def running(consumer: ConcurrencyLimitedQueueManager) -> AsyncIterator[None]:
    run = asyncio.create_task(
        consumer.run(batch_size=1, dequeue_timeout=timedelta(seconds=1), heartbeat_timeout=timedelta(seconds=30))
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
        async with database.transaction() as connection:
            await enqueue(connection, "duty", "a")
            raise Undone
    except Undone:
        pass
    assert await database.pool.fetchval("SELECT count(*) FROM pgqueuer") == 0


async def test_a_lane_takes_what_it_has_places_for_and_leaves_the_rest_to_others(database: Database) -> None:
    await add(database, *"abcde")
    gate = asyncio.Event()
    started: list[bytes] = []
    consumer = queue_manager(database.pool, places=2)

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
    listen, notify = AsyncpgPoolDriver.add_listener, AsyncpgPoolDriver.notify
    done: list[str] = []

    async def late_listen(self: AsyncpgPoolDriver, channel: str, callback: NotifyCallback) -> None:
        for _ in range(10):
            await database.pool.fetchval("SELECT 1")
        await listen(self, channel, callback)
        done.append("listens")

    async def noted_notify(self: AsyncpgPoolDriver, channel: str, payload: str) -> None:
        await notify(self, channel, payload)
        done.append("asks")

    monkeypatch.setattr(AsyncpgPoolDriver, "add_listener", late_listen)
    monkeypatch.setattr(AsyncpgPoolDriver, "notify", noted_notify)
    consumer = queue_manager(database.pool, places=1)
    async with running(consumer):

        async def has_asked() -> bool:
            return len(done) == 2

        async def has_its_answer() -> bool:
            return not consumer.pending_health_check

        await until(has_asked)
        await until(has_its_answer, seconds=5)  # without one it gives up after 10
    assert done == ["listens", "asks"]
