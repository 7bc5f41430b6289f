"""The secrets that all processes of a service share."""

from __future__ import annotations

import secrets
from typing import Any

from enlarger.infra.database import Connection, Database
from enlarger.tasks.sql import sql

_SECRET_BYTES = 32


class SharedSecrets:
    """The `secrets` table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rotate_secret(self, name: str, former: str) -> None:
        """Replace the secret of this name; the one that it had is kept under the name `former`."""
        value = secrets.token_bytes(_SECRET_BYTES)

        async def work(connection: Connection) -> None:
            await sql.lock_secrets(connection)
            if await sql.find_secret(connection, name=name) != value:  # else it is done, and its answer was lost
                await sql.retire_secret(connection, name=name, former=former)
                await sql.set_secret(connection, name=name, value=value)

        await self._database.run(work)

    async def forget_secret(self, name: str) -> None:
        """Remove a secret; nothing happens when there is none."""

        async def work(connection: Connection) -> None:
            await sql.forget_secret(connection, name=name)

        await self._database.run(work)

    async def find_secret(self, name: str) -> bytes | None:
        """The secret of this name, if there is one."""

        async def work(connection: Connection) -> Any:
            return await sql.find_secret(connection, name=name)

        return await self._database.read(work)

    async def shared_secret(self, name: str) -> bytes:
        """The secret of this name, made by whoever asks first."""

        async def work(connection: Connection) -> Any:
            await sql.make_secret(connection, name=name, value=secrets.token_bytes(_SECRET_BYTES))
            return await sql.find_secret(connection, name=name)

        return bytes(await self._database.run(work))
