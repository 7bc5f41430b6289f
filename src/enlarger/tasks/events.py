"""The events of tasks, for those who follow them. A trigger writes them, in the transaction that changes the task."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from enlarger.errors import DatabaseUnavailable
from enlarger.infra.database import LOST, Connection, Database
from enlarger.tasks.records import Event, Task, to_event, to_task
from enlarger.tasks.sql import sql
from enlarger.tasks.store import check_id, unknown_task

CHANNEL = "enlarger_events"
"""Where Postgres tells the id of a task that has a new event."""


class EventStore:
    """The `events` table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def start(self, account_id: str, task_id: str) -> tuple[Task, int]:
        """An account's task, and the number of its latest event at that moment; 0 when its events are gone.

        Raises UnknownTask, also for another account's.
        """
        check_id(task_id)

        async def work(connection: Connection) -> Any:
            return await sql.find_task_to_follow(connection, id=task_id, account_id=account_id)

        row = await self._database.read(work)
        if row is None:
            raise unknown_task()
        return to_task(row), row["latest"]

    async def after(self, task_id: str, number: int) -> list[Event]:
        """A task's events after the one of this number.

        Raises DatabaseUnavailable at once, without patience: whoever follows looks again soon.
        """
        try:
            async with self._database.pool.acquire() as connection:
                return [to_event(row) async for row in sql.find_events(connection, task_id=task_id, after=number)]
        except LOST as error:
            raise DatabaseUnavailable("The database cannot be reached: try again in a moment.") from error

    async def trim(self, *, older_than: timedelta, most: int) -> int:
        """Remove the events of `most` of the tasks that ended longer ago than this; how many they were."""

        async def work(connection: Connection) -> int:
            return int(await sql.trim_events(connection, seconds=older_than.total_seconds(), most=most))

        return await self._database.run(work)
