"""Callbacks that are owed to apps, and what became of them."""

from __future__ import annotations

from enlarger.infra.database import Connection, Database
from enlarger.tasks.records import Task, to_task
from enlarger.tasks.sql import sql


class DeliveryStore:
    """The `deliveries` table. Its rows are made by the transactions that end tasks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def pending(self, task_id: str) -> tuple[Task, int] | None:
        """The task whose callback is still owed, and how often it was tried; None when it is settled."""

        async def work(connection: Connection) -> tuple[Task, int] | None:
            row = await sql.find_pending_delivery(connection, task_id=task_id)
            return (to_task(row), row["tries"]) if row is not None else None

        return await self._database.read(work)

    async def delivered(self, task_id: str, answer: str) -> None:
        """The app has taken the callback."""
        await self._note(task_id, "delivered", answer)

    async def failed(self, task_id: str, answer: str) -> None:
        """A try failed, and there will be another."""
        await self._note(task_id, "pending", answer)

    async def given_up(self, task_id: str, answer: str) -> None:
        """There will be no other try."""
        await self._note(task_id, "given_up", answer)

    async def _note(self, task_id: str, state: str, answer: str) -> None:
        async def work(connection: Connection) -> None:
            await sql.note_delivery(connection, task_id=task_id, state=state, answer=answer)

        await self._database.run(work)
