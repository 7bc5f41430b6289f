"""A database as it is at one moment, read without disturbing those who work with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from graphlib import TopologicalSorter

import asyncpg
import msgspec

from enlarger.errors import ConfigurationError
from enlarger.infra.backup.manifest import StoredPart
from enlarger.infra.closed import TABLE as CLOSED
from enlarger.infra.closed import find_closed
from enlarger.infra.database import CANNOT_CONNECT, Connection, cannot_reach

Figures = Callable[[Connection], Awaitable[dict[str, str]]]
"""Counts and sums of a database, whatever version made it, by names for people."""

QUEUE = "pgqueuer"
"""What the names of the queue's tables begin with. It only wakes workers for what other tables say."""
REVISION = "alembic_version"
_BUFFERED = 4
"""Chunks of a table that are read ahead of who takes them."""
_SETTINGS = (
    "SET datestyle = 'ISO, MDY'",
    "SET intervalstyle = 'postgres'",
    "SET timezone = 'UTC'",
    "SET extra_float_digits = 1",
    "SET bytea_output = 'hex'",
    "SET statement_timeout = 0",
    "SET lock_timeout = 0",
    "SET idle_in_transaction_session_timeout = 0",
)
_TABLES = """
SELECT relname AS name,
       (SELECT array_agg(attname ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '') AS columns,
       ARRAY(SELECT confrelid::regclass::text FROM pg_constraint
             WHERE conrelid = pg_class.oid AND contype = 'f' AND confrelid <> conrelid) AS needs
FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
  AND relpersistence = 'p' AND NOT starts_with(relname, $1) AND relname <> ALL($2)
ORDER BY relname
"""
"""The tables to keep. Unlogged ones are empty after every crash, so nothing depends on them."""
_SEQUENCES = """
SELECT sequencename AS name, last_value FROM pg_sequences
WHERE schemaname = current_schema() AND NOT starts_with(sequencename, $1) AND last_value IS NOT NULL
"""
_FILES = """
SELECT key, encode(sha256, 'hex') AS sha256, size AS bytes, mime_type FROM files WHERE expires_at > now() ORDER BY key
"""

_FILES_BYTES = "SELECT coalesce(sum(size), 0) FROM files WHERE expires_at > now()"


class TableShape(msgspec.Struct, frozen=True):
    """A table, and the columns that are kept of it."""

    name: str
    columns: tuple[str, ...]


class Snapshot:
    """What a database held at one moment; its tables in an order in which they can be filled."""

    def __init__(
        self,
        connection: asyncpg.Connection,
        *,
        revision: str,
        taken_at: datetime,
        tables: tuple[TableShape, ...],
        sequences: dict[str, int],
        figures: dict[str, str],
    ) -> None:
        self._connection = connection
        self.revision = revision
        self.taken_at = taken_at
        self.tables = tables
        self.sequences = sequences
        self.figures = figures
        self._counts: dict[str, int] = {}

    async def rows(self, table: TableShape) -> AsyncGenerator[bytes]:
        """A table's rows in Postgres' COPY text."""
        ahead: asyncio.Queue[bytes] = asyncio.Queue(_BUFFERED)

        async def read() -> None:
            try:
                done = await self._connection.copy_from_table(table.name, columns=table.columns, output=ahead.put)
                self._counts[table.name] = int(done.removeprefix("COPY "))
            finally:
                await ahead.put(b"")

        reading = asyncio.create_task(read())
        try:
            while chunk := await ahead.get():
                yield chunk
            await reading
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    def count(self, table: TableShape) -> int:
        """How many rows a table has, once they have been read."""
        return self._counts[table.name]

    async def count_bytes(self) -> int:
        """The bytes of all files."""
        return int(await self._connection.fetchval(_FILES_BYTES))

    async def files(self) -> AsyncGenerator[StoredPart]:
        """The stored files that have not expired, by their keys."""
        async for row in self._connection.cursor(_FILES, prefetch=1000):
            yield StoredPart(row["key"], row["sha256"], row["bytes"], row["mime_type"])


@asynccontextmanager
async def open_snapshot(url: str, figures: Figures, *, closed_for: str | None = None) -> AsyncIterator[Snapshot]:
    """The database at `url` as it is now, around a block; others go on reading and writing it meanwhile.

    Only a change of the schema waits for the block's end. Raises DatabaseUnavailable, and ConfigurationError when it
    is no database of Enlarger's, or is closed for another purpose than `closed_for`.
    """
    connection = await connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            taken_at = await connection.fetchval("SELECT now()")
            closed = await find_closed(connection)
            if closed is not None and closed.purpose != closed_for:
                raise ConfigurationError(closed.reason)
            tables = await _tables(connection)
            names = ", ".join(f'"{table.name}"' for table in tables)
            await connection.execute(f'LOCK TABLE {names or REVISION}, "{REVISION}" IN ACCESS SHARE MODE')
            yield Snapshot(
                connection,
                revision=await connection.fetchval("SELECT version_num FROM alembic_version"),
                taken_at=taken_at,
                tables=tables,
                sequences={row["name"]: row["last_value"] for row in await connection.fetch(_SEQUENCES, QUEUE)},
                figures=await figures(connection),
            )
    except asyncpg.UndefinedTableError:
        raise ConfigurationError(
            "The database holds nothing of Enlarger's: check DATABASE_URL or --data-dir."
        ) from None
    finally:
        connection.terminate()


async def connect(url: str) -> asyncpg.Connection:
    """A connection on which values are written and read as the same texts everywhere. Raises DatabaseUnavailable."""
    try:
        connection = await asyncpg.connect(url, timeout=15, server_settings={"application_name": "enlarger backup"})
        try:
            await connection.execute("; ".join(_SETTINGS))
        except BaseException:  # also a cancellation: nobody else knows this connection
            connection.terminate()
            raise
    except CANNOT_CONNECT as error:
        raise cannot_reach(url, error) from error
    return connection


async def _tables(connection: Connection) -> tuple[TableShape, ...]:
    """Every table after those that its rows refer to."""
    found = {row["name"]: row for row in await connection.fetch(_TABLES, QUEUE, [REVISION, CLOSED])}
    ordered = TopologicalSorter({name: row["needs"] for name, row in found.items()}).static_order()
    return tuple(TableShape(name, tuple(found[name]["columns"])) for name in ordered)
