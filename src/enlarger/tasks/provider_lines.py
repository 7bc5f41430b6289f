"""Tasks that wait for a hosted provider whose limit of concurrency or rate is reached.

A waiting task has no row in the queue. When the provider may have it, the task is called, the earliest turn first: it
is put back into the queue. A task that is called and does not start, because its worker died, is called again later.
"""

from __future__ import annotations

from datetime import timedelta

from enlarger.infra.database import Connection, Database
from enlarger.infra.queue import enqueue, withdraw
from enlarger.settings import Limits
from enlarger.tasks.endings import stale
from enlarger.tasks.entrypoints import DISPATCH
from enlarger.tasks.records import Task
from enlarger.tasks.sql import sql

_CALL_LASTS = timedelta(seconds=30)
"""How long a place is reserved for a task that was called."""
_MOST_CALLS = 100
"""How many tasks are called at a time."""


class ProviderLines:
    """The waiting tasks, in a line for each provider."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def join(self, claim: Task, provider: str) -> None:
        """Let a task wait until it is called. Raises StaleClaim."""

        async def work(connection: Connection) -> None:
            await let_wait(connection, claim, provider)

        await self._database.run(work)

    async def call(self, provider: str, limits: Limits) -> bool:
        """Call as many tasks as the provider's limits allow; returns whether any were waiting."""
        most, seconds = limits.creates or (0, 0.0)

        async def read(connection: Connection) -> tuple[bool, int]:
            row = await sql.read_line(
                connection,
                provider=provider,
                lasts=_CALL_LASTS.total_seconds(),
                rate=submission_rate(provider),
                seconds=float(seconds),
            )
            places = limits.concurrency - row["running"]
            if limits.creates is not None:
                places = min(places, most - row["submitted"])
            return row["waiting"], places - row["called"]

        waiting, places = await self._database.read(read)
        if waiting and places > 0:
            await self._call(provider, places)
        return waiting

    async def call_all(self, provider: str) -> bool:
        """Call waiting tasks regardless of the limits, as they need not wait; returns whether there were any."""
        return await self._call(provider, _MOST_CALLS) > 0

    async def _call(self, provider: str, places: int) -> int:
        async def work(connection: Connection) -> int:
            lasts = _CALL_LASTS.total_seconds()
            found = sql.call_waiting_tasks(connection, provider=provider, places=min(places, _MOST_CALLS), lasts=lasts)
            called = [row async for row in found]
            for row in called:
                await enqueue(connection, DISPATCH, row["id"], turn=row["turn"])
            return len(called)

        return await self._database.run(work)


async def let_wait(connection: Connection, claim: Task, provider: str) -> None:
    """Take a claimed task out of the queue until it is called for a provider. Raises StaleClaim."""
    if not await sql.let_task_wait(connection, id=claim.id, epoch=claim.epoch, provider=provider):
        raise stale(claim)
    await withdraw(connection, DISPATCH, claim.id)


def submission_rate(provider: str) -> str:
    """The name under which a provider's submissions are counted."""
    return f"submit to {provider}"
