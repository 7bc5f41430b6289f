"""Fills an empty database with another one's rows, in one transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

import asyncpg
import msgspec

from enlarger.errors import BackupError
from enlarger.infra.backup.copying import Progress, counting
from enlarger.infra.backup.snapshot import Figures, connect
from enlarger.infra.closed import TABLE as CLOSED
from enlarger.infra.closed import Closed, close_database, find_closed, reopen_database
from enlarger.infra.database import CANNOT_CONNECT, Connection, describe, name_database
from enlarger.infra.migrations import bring_to, check_server, lock_for_migrating

_TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f') AND relname <> $1
ORDER BY relname
"""
_TRIGGERS = """
SELECT DISTINCT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE relnamespace = current_schema()::regnamespace AND NOT tgisinternal
"""


class Rows(msgspec.Struct, frozen=True):
    """A table's rows that are to come."""

    table: str
    columns: tuple[str, ...]
    read: Callable[[], AsyncIterator[bytes]]
    """Postgres' COPY text."""
    count: Callable[[], int]
    """How many they were; asked once they have been read."""


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """All that a database is to hold; the tables come in an order in which they can be filled."""

    revision: str
    tables: Sequence[Rows]
    sequences: Mapping[str, int]
    figures: Mapping[str, str]


@asynccontextmanager
async def open_for_filling(url: str, closed: Closed) -> AsyncIterator[asyncpg.Connection]:
    """A connection to the empty database at `url`, which is closed to services from now on, until it has been filled.

    Nobody else fills or migrates it meanwhile. A database that was closed for the same purpose, by one that was
    interrupted, counts as empty. Raises BackupError when there is something in it, and DatabaseUnavailable.
    """
    connection = await connect(url)
    try:
        check_server(connection)
        await lock_for_migrating(connection)
        found = await find_closed(connection)
        tables = [row["relname"] for row in await connection.fetch(_TABLES, CLOSED)]
        if tables:
            raise BackupError(
                f"{name_database(url)} is not empty (it has {', '.join(tables[:3])}"
                f"{', …' if len(tables) > 3 else ''}): name an empty one in DATABASE_URL, or a new --data-dir."
            )
        if found is not None and found.purpose != closed.purpose:
            raise BackupError(
                f"{name_database(url)} was closed for something else, which was interrupted:"
                f" finish that, or name another empty one. {found.reason}"
            )
        async with connection.transaction():
            await close_database(connection, closed)
        yield connection
    finally:
        with suppress(*CANNOT_CONNECT):
            await connection.close(timeout=15)


async def fill_database(
    connection: asyncpg.Connection,
    contents: Contents,
    *,
    figures: Figures,
    prepare: Callable[[Connection], Awaitable[None]],
    progress: Progress,
) -> None:
    """Fill the database of `open_for_filling`, compare it with what it is to hold, and bring it up to date.

    It is all one transaction: either everything is there and the database is open to services, or it is as it was.
    `prepare` is a part of it, done last, with the newest schema.

    Raises BackupError when the contents do not fit, ConfigurationError when a newer version of Enlarger made them.
    """
    async with connection.transaction(isolation="read_committed"):
        await bring_to(connection, contents.revision)
        try:
            await _load(connection, contents, progress)
        except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.UndefinedColumnError) as error:
            raise BackupError(
                f"The rows do not fit into the database ({describe(error)}): use another backup."
            ) from error
        await _compare(await figures(connection), contents.figures)
        await bring_to(connection, None)
        await prepare(connection)
        await reopen_database(connection)


async def _load(connection: asyncpg.Connection, contents: Contents, progress: Progress) -> None:
    known = {row["relname"] for row in await connection.fetch(_TABLES, CLOSED)}
    if unknown := [rows.table for rows in contents.tables if rows.table not in known]:
        raise BackupError(
            f"There is a table {unknown[0]!r}, which Enlarger does not have: make the backup of a database that is"
            " Enlarger's alone."
        )
    # What triggers would write is among the rows that are loaded.
    silenced = [row["relname"] for row in await connection.fetch(_TRIGGERS)]
    for table in silenced:
        await connection.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
    for rows in contents.tables:
        progress.begin(f"table {rows.table}", None)
        await connection.execute(f'DELETE FROM "{rows.table}"')  # noqa: S608 - what a migration has put into a known table
        done = await connection.copy_to_table(rows.table, columns=rows.columns, source=counting(rows.read(), progress))
        if done != f"COPY {rows.count()}":
            raise BackupError(f"The table {rows.table!r} has {done[5:]} rows instead of {rows.count()}: try again.")
    for table in silenced:
        await connection.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
    for name, value in contents.sequences.items():
        await connection.execute("SELECT setval($1::text::regclass, $2)", f'"{name}"', value)


async def _compare(found: Mapping[str, str], expected: Mapping[str, str]) -> None:
    for name, value in expected.items():
        if found.get(name) != value:
            raise BackupError(f"After loading, {name} is {found.get(name)} instead of {value}: nothing was changed.")
