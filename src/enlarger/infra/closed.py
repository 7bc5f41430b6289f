"""A mark in a database that no service may work with: it is being restored, or its data has been moved elsewhere."""

from __future__ import annotations

import msgspec

from enlarger.errors import ConfigurationError
from enlarger.infra.database import Connection

TABLE = "enlarger_closed"
_CREATE = "CREATE TABLE IF NOT EXISTS enlarger_closed (purpose text NOT NULL, reason text NOT NULL)"


class Closed(msgspec.Struct, frozen=True):
    """Why a database may not be used."""

    purpose: str
    """What it is closed for, by which who closed it knows it again."""
    reason: str
    """A sentence for those who try to start a service on it."""


async def close_database(connection: Connection, closed: Closed) -> None:
    """Mark a database, in place of an earlier mark."""
    await connection.execute(_CREATE)
    await connection.execute("DELETE FROM enlarger_closed")
    await connection.execute(
        "INSERT INTO enlarger_closed (purpose, reason) VALUES ($1, $2)", closed.purpose, closed.reason
    )


async def reopen_database(connection: Connection) -> None:
    """Remove the mark."""
    await connection.execute("DROP TABLE enlarger_closed")


async def find_closed(connection: Connection) -> Closed | None:
    """The mark of a database, if it has one."""
    if await connection.fetchval("SELECT to_regclass($1)", TABLE) is None:
        return None
    row = await connection.fetchrow("SELECT purpose, reason FROM enlarger_closed")
    return None if row is None else Closed(row["purpose"], row["reason"])


async def require_open(connection: Connection) -> None:
    """Raise ConfigurationError, with the reason, when the database is closed."""
    if (closed := await find_closed(connection)) is not None:
        raise ConfigurationError(closed.reason)
