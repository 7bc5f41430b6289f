"""Collecting the results of attempts that have succeeded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import msgspec

from enlarger.errors import StaleClaim
from enlarger.infra.database import Connection, Database
from enlarger.infra.queue import enqueue
from enlarger.tasks.budgets import settle
from enlarger.tasks.endings import succeed_open
from enlarger.tasks.entrypoints import COLLECT
from enlarger.tasks.files import insert_file
from enlarger.tasks.records import Attempt, NewFile, Task, TaskResult, to_attempt, to_task
from enlarger.tasks.sql import sql


class Collecting:
    """Attempts whose provider has a result, until it is stored here."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def to_collect(self, attempt_id: int) -> tuple[Attempt, Task] | None:
        """An attempt whose result is to be collected, and its task; None when somebody has."""

        async def work(connection: Connection) -> tuple[Attempt, Task] | None:
            row = await sql.find_to_collect(connection, id=attempt_id)
            if row is None:
                return None
            task = await sql.find_any_task(connection, id=row["task_id"])
            return to_attempt(row), to_task(task)

        return await self._database.read(work)

    async def collected(
        self,
        attempt: Attempt,
        result: TaskResult,
        files: Sequence[NewFile],
        *,
        cost: Decimal,
        dollars: Decimal | None,
    ) -> bool:
        """A result is stored: its task ends well, if it is open; else the files are kept as an orphan's.

        Returns whether the task has it. `cost` is in credits; `dollars` are what the provider has taken, None when
        that is what was set aside. Raises StaleClaim when somebody else has collected it: the files are not needed.
        """

        async def work(connection: Connection) -> bool:
            row = await sql.note_collected(connection, id=attempt.id)
            if row is None:
                known = [await sql.find_file(connection, id=file.id) for file in files]
                if not files or None in known:
                    raise StaleClaim(f"The result of attempt {attempt.id} has been collected by another worker.")
                return bool(known[0]["attempt_id"] is None)  # the commit was cut off, but it took place
            if used := await succeed_open(connection, attempt.task_id, result, files, cost=cost):
                if row["abandoned_at"] is not None:
                    await sql.note_used(connection, id=attempt.id)
                await sql.end_other_attempts(connection, task_id=attempt.task_id, id=attempt.id)
            else:
                await sql.note_orphan(connection, id=attempt.id)
                for file in files:
                    await insert_file(connection, msgspec.structs.replace(file, attempt_id=attempt.id))
            if dollars is not None:
                await settle(connection, attempt_id=attempt.id, dollars=dollars)
            return used

        return await self._database.run(work)

    async def uncollected(self, attempt: Attempt, reason: str, *, counts: bool) -> int:
        """Write down why a result could not be collected now; returns how many of these failures counted."""

        async def work(connection: Connection) -> int:
            return int(await sql.note_uncollected(connection, id=attempt.id, error=reason, counts=counts) or 0)

        return await self._database.run(work)

    async def is_needed(self, attempt: Attempt) -> bool:
        """Whether anybody still waits for an attempt's result: its task has not ended, or gone on, without it."""

        async def work(connection: Connection) -> bool:
            return bool(await sql.is_needed(connection, id=attempt.id))

        return await self._database.read(work)

    async def wake_uncollected(self, *, older_than: timedelta, most: int) -> None:
        """Put results back into the queue that have fallen out of it."""

        async def work(connection: Connection) -> None:
            found = sql.find_uncollected(connection, seconds=older_than.total_seconds(), most=most)
            for attempt_id in [row["id"] async for row in found]:
                await enqueue(connection, COLLECT, str(attempt_id))

        await self._database.run(work)
