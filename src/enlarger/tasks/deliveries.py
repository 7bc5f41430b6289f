"""Callbacks that are owed to apps, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from enlarger.infra.database import Connection, Database
from enlarger.infra.queue import enqueue, withdraw
from enlarger.tasks.endings import EARLIEST_CALLBACK
from enlarger.tasks.entrypoints import DELIVER
from enlarger.tasks.records import Task, to_task
from enlarger.tasks.sql import sql

_MOST_TRIES = 100
"""How many of a callback's tries are told."""


class NewTry(msgspec.Struct, frozen=True, kw_only=True):
    """A try that was made, and what follows from it."""

    at: datetime
    milliseconds: int
    answer: str
    """An HTTP status, or in words why there was none."""
    state: Literal["pending", "delivered", "given_up"]
    pause: timedelta = timedelta(0)
    """Until the next one, if it is pending."""


class Try(msgspec.Struct, frozen=True, kw_only=True):
    """A try as it was noted; numbers count all tries of a task's callback."""

    number: int
    at: datetime
    milliseconds: int
    answer: str
    accepted: bool


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A callback as it stands, with its newest tries, oldest first."""

    state: Literal["pending", "delivered", "given_up"]
    next_try_at: datetime
    tries: list[Try] = []


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """The callbacks that are owed."""

    due: int
    later: int
    """Those that were tried, and are tried again later."""
    oldest: float
    """Seconds for which the first has been due; 0 when none is."""


class DeliveryStore:
    """The `deliveries` table and its log. The transactions that end tasks make the rows.

    A callback that is due is in the queue, or has come out of it to stand in a line: there it waits for others, and
    whoever is done with one of those calls it. Lines are only names here; the worker gives them their meaning.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def now(self) -> datetime:
        """The time by the database's clock, which all times in it are of."""
        return self._database.now()

    async def pending(self, task_id: str) -> tuple[Task, int] | None:
        """The task whose callback is still owed, and how often it was tried; None when it is settled."""

        async def work(connection: Connection) -> tuple[Task, int] | None:
            row = await sql.find_pending_delivery(connection, task_id=task_id)
            return (to_task(row), row["tries"]) if row is not None else None

        return await self._database.read(work)

    async def note(self, task_id: str, new: NewTry, places: Mapping[str, int]) -> None:
        """Write a try down, and call those who wait in lines that have places."""

        async def work(connection: Connection) -> bool:
            return bool(
                await sql.note_try(
                    connection,
                    task_id=task_id,
                    at=new.at,
                    milliseconds=new.milliseconds,
                    answer=new.answer,
                    accepted=new.state == "delivered",
                    state=new.state,
                    pause=new.pause.total_seconds(),
                    lines=list(places),
                )
            )

        if await self._database.run_statement(work):
            await self.call(places)

    async def wait(self, task_id: str, line: str) -> None:
        """Let a callback wait in a line: it leaves the queue until it is called."""

        async def work(connection: Connection) -> None:
            await sql.let_delivery_wait(connection, line=line, task_id=task_id)
            await withdraw(connection, DELIVER, task_id)

        await self._database.run(work)

    async def call(self, places: Mapping[str, int]) -> None:
        """Call the first ones in each line, as many as it has places for."""

        async def work(connection: Connection) -> None:
            await _call(connection, places)

        await self._database.run(work)

    async def call_delayed(self, *, older_than: timedelta, most: int) -> None:
        """Put those who have waited for so long back into the queue: they are sent, or wait in a line again."""

        async def work(connection: Connection) -> None:
            seconds = older_than.total_seconds()
            delayed = sql.find_delayed_deliveries(connection, seconds=seconds, most=most)
            for task_id in [row["task_id"] async for row in delayed]:
                await enqueue(connection, DELIVER, task_id)

        await self._database.run(work)

    async def find(self, task_id: str) -> Delivery | None:
        """A task's callback as it stands; None when none is owed yet, or ever."""

        async def work(connection: Connection) -> Delivery | None:
            row = await sql.find_delivery(connection, task_id=task_id)
            if row is None:
                return None
            tries = [dict(found) async for found in sql.find_tries(connection, task_id=task_id, most=_MOST_TRIES)]
            return msgspec.convert({**row, "tries": tries[::-1]}, Delivery)

        return await self._database.run(work)

    async def renew(self, task: Task) -> None:
        """Send the callback of a task that has ended anew, at once, whatever has become of it."""

        async def work(connection: Connection) -> None:
            await sql.renew_delivery(connection, task_id=task.id)
            await withdraw(connection, DELIVER, task.id)
            assert task.completed_at is not None
            early = task.completed_at + EARLIEST_CALLBACK - self.now()
            await enqueue(connection, DELIVER, task.id, after=max(early, timedelta(0)))

        await self._database.run(work)

    async def backlog(self) -> Backlog:
        """How many callbacks are owed, and for how long."""

        async def work(connection: Connection) -> Backlog:
            return Backlog(**await sql.count_pending_deliveries(connection))

        return await self._database.read(work)

    async def trim(self, *, older_than: timedelta, most: int) -> int:
        """Remove the oldest tries from the log; how many they were."""

        async def work(connection: Connection) -> int:
            return int(await sql.trim_tries(connection, seconds=older_than.total_seconds(), most=most))

        return await self._database.run(work)


async def _call(connection: Connection, places: Mapping[str, int]) -> None:
    called = sql.call_waiting_deliveries(connection, lines=list(places), places=list(places.values()))
    for task_id in [row["task_id"] async for row in called]:
        await enqueue(connection, DELIVER, task_id)
