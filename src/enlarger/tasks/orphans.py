"""Orphans: what was paid for at a provider, or may have been, and came to no end of a task."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from enlarger.infra.database import Connection, Database
from enlarger.tasks.records import StoredFile, to_file
from enlarger.tasks.sql import sql


class Orphan(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt that its task has gone on, or ended, without."""

    id: int
    task_id: str
    account_id: str
    model: str
    base_url: str
    """Where the app reached the service."""
    provider: str
    provider_task_id: str | None
    state: Literal["succeeded", "unknown"]
    """It came too late, or nobody knows whether there is anything."""
    error: str | None
    dollars: Decimal
    started_at: datetime
    abandoned_at: datetime
    ended_at: datetime | None
    next_poll_at: datetime | None
    """When the provider is asked about it again; None if it is not."""
    files: tuple[StoredFile, ...] = ()
    """What it made, as far as it is still kept."""


class OrphanStore:
    """The `attempts` that are orphans, and their files."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self, *, most: int, before: int | None = None) -> list[Orphan]:
        """The newest orphans first; with `before`, those that follow the orphan of this id."""

        async def work(connection: Connection) -> list[Orphan]:
            rows = [row async for row in sql.list_orphans(connection, before=before, most=most)]
            files: dict[int, list[StoredFile]] = {}
            async for row in sql.find_orphans_files(connection, attempt_ids=[row["id"] for row in rows]):
                files.setdefault(row["attempt_id"], []).append(to_file(row))
            return [Orphan(**row, files=tuple(files.get(row["id"], ()))) for row in rows]

        return await self._database.run(work)
