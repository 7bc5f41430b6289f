"""Where conversations stand, in Postgres: aiogram's states, which a restart of the bot does not forget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, DefaultKeyBuilder, StateType, StorageKey

from enlarger.bot.sql import sql
from enlarger.infra.database import Connection, Database

_KEPT_SECONDS = 30 * 86_400.0


class PostgresStorage(BaseStorage):
    """aiogram's storage on the `bot_state` table. What is kept must be JSON."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = DefaultKeyBuilder(with_bot_id=True, with_business_connection_id=True, with_destiny=True)

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        """The conversation is in this state now, or in none."""
        name = state.state if isinstance(state, State) else state

        async def work(connection: Connection) -> None:
            await sql.set_bot_state(connection, key=self._keys.build(key), state=name)
            await sql.forget_bot_state(connection, key=self._keys.build(key))

        await self._database.run(work)

    async def get_state(self, key: StorageKey) -> str | None:
        """The state that the conversation is in."""
        row = await self._get(key)
        return None if row is None else row["state"]

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        """The conversation keeps this in mind, and nothing else."""

        async def work(connection: Connection) -> None:
            await sql.set_bot_data(connection, key=self._keys.build(key), data=dict(data))
            await sql.forget_bot_state(connection, key=self._keys.build(key))

        await self._database.run(work)

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        """What the conversation keeps in mind."""
        row = await self._get(key)
        return {} if row is None else row["data"]

    async def update_data(self, key: StorageKey, data: Mapping[str, Any]) -> dict[str, Any]:
        """The conversation keeps this in mind, too: in one statement, whatever else is written meanwhile."""

        async def work(connection: Connection) -> Any:
            return await sql.update_bot_data(connection, key=self._keys.build(key), data=dict(data))

        return dict(await self._database.run(work))

    async def trim(self) -> None:
        """Forget conversations that nobody has gone on with for a month."""

        async def work(connection: Connection) -> None:
            await sql.trim_bot_state(connection, seconds=_KEPT_SECONDS)

        await self._database.run(work)

    async def close(self) -> None:
        """Nothing: the database belongs to others."""

    async def _get(self, key: StorageKey) -> Any:
        async def work(connection: Connection) -> Any:
            return await sql.get_bot_state(connection, key=self._keys.build(key))

        return await self._database.read(work)
