"""Stored files: written down, found again, forgotten when their time is over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from enlarger.errors import StorageQuotaReached
from enlarger.infra.database import Connection, Database
from enlarger.tasks.records import NewFile, StoredFile, to_file
from enlarger.tasks.sql import sql

_MEGABYTE = 1_000_000


class FileStore:
    """The `files` table; the bytes are in the storage."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, file: NewFile, *, quota: int | None = None) -> None:
        """Write a stored file down. Raises StorageQuotaReached when its account then had more than `quota` bytes."""

        async def work(connection: Connection) -> None:
            if quota is not None:
                await sql.lock_account(connection, account_id=file.account_id)
                stored = await sql.sum_files(connection, account_id=file.account_id, id=file.id)
                if stored + file.size > quota:
                    raise StorageQuotaReached(
                        f"The account has {stored / _MEGABYTE:.1f} of {quota / _MEGABYTE:g} MB stored, and this file"
                        f" has {file.size / _MEGABYTE:.1f}: remove files, or wait until they expire."
                    )
            await insert_file(connection, file)

        await self._database.run(work)

    async def get(self, file_id: str) -> StoredFile | None:
        """A file that has not expired."""

        async def work(connection: Connection) -> Any:
            return await sql.find_file(connection, id=file_id)

        row = await self._database.read(work)
        return to_file(row) if row is not None else None

    async def some(self, ids: Sequence[str]) -> list[StoredFile]:
        """Those of these files that have not expired, in no order."""

        async def work(connection: Connection) -> list[StoredFile]:
            return [to_file(row) async for row in sql.find_some_files(connection, ids=ids)]

        return await self._database.read(work) if ids else []

    async def expired(self, *, most: int) -> list[StoredFile]:
        """Files whose time is over."""

        async def work(connection: Connection) -> list[StoredFile]:
            return [to_file(row) async for row in sql.find_expired_files(connection, most=most)]

        return await self._database.run(work)

    async def forget(self, file_id: str) -> bool:
        """Remove a file's row, after its bytes; whether it was still there."""

        async def work(connection: Connection) -> bool:
            return bool(await sql.delete_file(connection, id=file_id))

        return await self._database.run(work)


async def insert_file(connection: Connection, file: NewFile) -> None:
    """Write a stored file down, as a part of a transaction; twice is once."""
    await sql.insert_file(connection, **{name: getattr(file, name) for name in file.__struct_fields__})
