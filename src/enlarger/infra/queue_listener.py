"""The connection on which all queue managers of a process hear Postgres' notifications."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime

import asyncpg
from pgqueuer.domain.models import TableChangedEvent
from pgqueuer.domain.settings import DBSettings
from pgqueuer.domain.types import Channel
from pgqueuer.ports.driver import NotifyCallback

from enlarger.infra.database import LOST

_SETTINGS = DBSettings()
READ_AGAIN = TableChangedEvent(
    channel=Channel(_SETTINGS.channel),
    operation="insert",
    sent_at=datetime(2000, 1, 1, tzinfo=UTC),  # required, but not used
    table=_SETTINGS.queue_table,
    type="table_changed_event",
).model_dump_json()
"""Makes a queue manager read the queue, as the notification of a new row does."""


class QueueListener:
    """Passes notifications of one channel on to any number of callbacks, over one connection of a pool.

    PgQueuer's driver uses a connection per queue manager. Most of a worker's connections would only listen, and
    Postgres would send every notification to each of them.
    """

    def __init__(self, pool: asyncpg.Pool, channel: str = _SETTINGS.channel) -> None:
        self.pool: asyncpg.Pool = pool
        self._channel = channel
        self._callbacks: list[NotifyCallback] = []
        self._connection: asyncpg.pool.PoolConnectionProxy | None = None
        self._changing = asyncio.Lock()

    async def add(self, callback: NotifyCallback) -> None:
        """Call `callback` with each payload from now on.

        If the connection was lost, a new one is made for all callbacks. The others may have missed notifications and
        are called with `READ_AGAIN`. Raises asyncpg's errors when it cannot connect.
        """
        async with self._changing:
            if self._connection is None:
                await self._listen()
                for other in self._callbacks:
                    other(READ_AGAIN)
            self._callbacks.append(callback)

    async def remove(self, callback: NotifyCallback) -> None:
        """Stop calling `callback`. After the last one, the connection is returned to the pool."""
        async with self._changing:
            with contextlib.suppress(ValueError):
                self._callbacks.remove(callback)
            if not self._callbacks:
                await self._leave()

    async def _listen(self) -> None:
        connection = await self.pool.acquire()
        try:
            connection.add_termination_listener(self._on_loss)
            await connection.add_listener(self._channel, self._on_notification)
        except BaseException:
            await self.pool.release(connection)
            raise
        self._connection = connection

    async def _leave(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            with contextlib.suppress(*LOST):
                connection.remove_termination_listener(self._on_loss)
                await connection.remove_listener(self._channel, self._on_notification)
        finally:
            await self.pool.release(connection)

    def _on_loss(self, _connection: object) -> None:
        self._connection = None  # the pool has removed it already

    def _on_notification(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        for callback in tuple(self._callbacks):
            callback(str(payload))
