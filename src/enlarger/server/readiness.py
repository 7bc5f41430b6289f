"""Whether the database and the storage answer, looked at every few seconds however often it is asked."""

from __future__ import annotations

import asyncio

from enlarger.errors import DatabaseUnavailable, StorageError
from enlarger.infra.database import Connection, Database
from enlarger.infra.storage import Storage

OK = "ok"
READINESS_SECONDS = 5.0
"""How long an answer counts: anybody may ask, and the look at the storage writes an object and removes it."""
_LONGEST_LOOK = 10.0


class Readiness:
    """The state of what the service needs."""

    def __init__(self, database: Database, storage: Storage, *, seconds: float = READINESS_SECONDS) -> None:
        self._database = database
        self._storage = storage
        self._seconds = seconds
        self._looking = asyncio.Lock()
        self._checks: dict[str, str] = {}
        self._looked_at = 0.0

    async def checks(self) -> dict[str, str]:
        """`ok`, or what is wrong, of the database and the storage; those who ask at the same time share one look."""
        clock = asyncio.get_running_loop().time
        async with self._looking:
            if not self._checks or clock() - self._looked_at >= self._seconds:
                database, storage = await asyncio.gather(self._look_at_database(), self._look_at_storage())
                self._checks = {"database": database, "storage": storage}
                self._looked_at = clock()
            return self._checks

    async def _look_at_database(self) -> str:
        async def work(connection: Connection) -> None:
            await connection.execute("SELECT 1")

        try:
            await self._database.read(work)
        except DatabaseUnavailable as error:
            return str(error)
        return OK

    async def _look_at_storage(self) -> str:
        try:
            async with asyncio.timeout(_LONGEST_LOOK):
                await self._storage.check()
        except StorageError as error:
            return str(error)
        except TimeoutError:
            return "The storage does not answer."
        return OK
