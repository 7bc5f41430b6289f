"""How often something may be done: counted exactly, over all processes, in one statement of the database."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from enlarger.infra.database import Connection, Database
from enlarger.tasks.sql import sql

_SHORTEST = 0.05


class RateLimiter:
    """The `rate_limits` table."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def try_acquire(self, name: str, most: int, seconds: float) -> float | None:
        """Note that something is done now; if that would be too often, returns the seconds until it may be done."""

        async def work(connection: Connection) -> float | None:
            return await acquire_slot(connection, name, most, seconds)

        return await self._database.run_statement(work)

    async def acquire(self, name: str, most: int, seconds: float) -> None:
        """Wait until it may be done, and note it; first come, first served, and one of a process asks for all."""
        async with self._waiting[name]:
            while True:
                left = await self.try_acquire(name, most, seconds)
                if left is None:
                    return
                await asyncio.sleep(left)


async def acquire_slot(connection: Connection, name: str, most: int, seconds: float) -> float | None:
    """The same as a part of a transaction."""
    if await sql.acquire_slot(connection, name=name, most=most, seconds=seconds):
        return None
    left = await sql.find_next_slot(connection, name=name, seconds=seconds)
    return max(float(left or 0), _SHORTEST)
