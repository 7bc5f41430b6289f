"""Attempts: what was submitted to hosted providers, and what became of it. `docs/how/states.md` draws it.

An attempt is written down before its request leaves, and a rule of the database allows a task one open attempt at a
time. What is learnt of an attempt only ever adds to what is known: `submitting` may turn out as accepted, refused or
unknown, `unknown` as accepted or refused, and an end is an end. So reports may come twice, late, in any order, and from
workers that were taken for dead; what comes too late changes nothing, or is kept as an orphan.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from enlarger.infra.database import Connection
from enlarger.tasks.collecting import Collecting
from enlarger.tasks.polls import Polls
from enlarger.tasks.records import Attempt, to_attempt
from enlarger.tasks.sql import sql
from enlarger.tasks.submissions import Submissions


class AttemptStore(Submissions, Polls, Collecting):
    """The `attempts` table, and what it means for tasks: one module for each part of an attempt's life."""

    def now(self) -> datetime:
        """The time by the database's clock, which all times in it are of."""
        return self._database.now()

    async def of_task(self, task_id: str) -> list[Attempt]:
        """A task's attempts, in their order."""

        async def work(connection: Connection) -> list[Attempt]:
            return [to_attempt(row) async for row in sql.find_attempts(connection, task_id=task_id)]

        return await self._database.read(work)

    async def provider_task(self, task_id: str, provider: str) -> str | None:
        """A provider's own id of the task whose result it made; None when another made it."""

        async def work(connection: Connection) -> Any:
            return await sql.find_provider_task(connection, task_id=task_id, provider=provider)

        row = await self._database.read(work)
        return None if row is None else row["provider_task_id"]

    async def taken(self, provider: str, model: str, *, within: timedelta) -> frozenset[str]:
        """A provider's ids of a model's latest tasks that are known to be some attempt's."""

        async def work(connection: Connection) -> frozenset[str]:
            rows = sql.find_taken(connection, provider=provider, model=model, seconds=within.total_seconds())
            return frozenset([row["provider_task_id"] async for row in rows])

        return await self._database.read(work)

    async def is_taken(self, provider: str, provider_task_id: str) -> bool:
        """Whether a provider's task is known to be some attempt's."""

        async def work(connection: Connection) -> bool:
            return bool(await sql.is_taken(connection, provider=provider, provider_task_id=provider_task_id))

        return await self._database.read(work)
