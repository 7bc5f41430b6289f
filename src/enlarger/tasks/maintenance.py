"""The operator's switch that closes a service for new tasks. What was made before goes on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from enlarger.errors import NewTasksPaused
from enlarger.infra.database import Connection, Database
from enlarger.tasks.sql import sql
from enlarger.translatable import sentence

_CLOSED = sentence("The service is under maintenance: send the task again later. Earlier tasks continue")
_USUAL_SECONDS = 300.0
"""After which apps are to try again, where the operator does not say how long it takes."""
_SHORTEST_SECONDS = 30.0
"""The same once it takes longer than the operator thought."""


class Maintenance(msgspec.Struct, frozen=True, kw_only=True):
    """A service that takes no new tasks."""

    message: str | None
    """The operator's words for apps."""
    began_at: datetime
    seconds: float | None
    """Until it is over, as far as the operator knows; below 0 when it takes longer."""

    @property
    def retry_after(self) -> float:
        """Seconds after which a task is to be sent again."""
        return _USUAL_SECONDS if self.seconds is None else max(self.seconds, _SHORTEST_SECONDS)


class MaintenanceStore:
    """The `maintenance` table, which has one row or none."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, *, message: str | None = None, seconds: float | None = None) -> Maintenance:
        """Close the service, or change what is said: what is None stays as it is, and an empty message is removed.

        `seconds` is how long it will take from now.
        """

        async def work(connection: Connection) -> Any:
            return await sql.begin_maintenance(connection, message=message, seconds=seconds)

        return msgspec.convert(dict(await self._database.run(work)), Maintenance)

    async def end(self) -> bool:
        """Open the service; returns whether it was closed."""

        async def work(connection: Connection) -> Any:
            return await sql.end_maintenance(connection)

        return await self._database.run(work) is not None

    async def find(self) -> Maintenance | None:
        """What holds now; None when the service is open."""

        async def work(connection: Connection) -> Any:
            return await sql.find_maintenance(connection)

        row = await self._database.read(work)
        return None if row is None else msgspec.convert(dict(row), Maintenance)

    async def check(self) -> None:
        """Raise NewTasksPaused, in the operator's words where there are some, while the service is closed."""
        found = await self.find()
        if found is not None:
            raise NewTasksPaused(found.message or _CLOSED, found.retry_after)
