"""How often something may be done: counted exactly, over all processes, in one statement of the database."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from enlarger.infra.database import Connection, Database
from enlarger.tasks.sql import sql

_SHORTEST = 0.05


class Paces:
    """The `paces` table."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def take(self, name: str, most: int, seconds: float) -> float | None:
        """Note that something is done now; if that would be too often, returns the seconds until it may be done."""

        async def work(connection: Connection) -> float | None:
            return await take_place(connection, name, most, seconds)

        return await self._database.run(work)

    async def wait(self, name: str, most: int, seconds: float) -> None:
        """Wait until it may be done, and note it; first come, first served, and one of a process asks for all."""
        async with self._waiting[name]:
            while True:
                left = await self.take(name, most, seconds)
                if left is None:
                    return
                await asyncio.sleep(left)


async def take_place(connection: Connection, name: str, most: int, seconds: float) -> float | None:
    """The same as a part of a transaction."""
    if await sql.take_place(connection, name=name, most=most, seconds=seconds):
        return None
    left = await sql.find_next_place(connection, name=name, seconds=seconds)
    return max(float(left or 0), _SHORTEST)
