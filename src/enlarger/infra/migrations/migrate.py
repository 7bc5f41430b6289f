"""Brings a database up to the schema of this version."""

from __future__ import annotations

from pathlib import Path

import asyncpg

from enlarger.errors import ConfigurationError
from enlarger.infra import queue
from enlarger.infra.database import CANNOT_CONNECT, cannot_reach

_LOCK = 0x656E6C61
"""Key of the advisory lock under which one process at a time migrates ("enla")."""
_FOLDER = Path(__file__).parent


async def migrate(url: str) -> None:
    """Bring the database at `url` up to date; any number of processes may do this at once.

    Raises DatabaseUnavailable when it cannot be reached, ConfigurationError when it belongs to a newer version.
    """
    try:
        connection = await asyncpg.connect(url, timeout=15)
    except CANNOT_CONNECT as error:
        raise cannot_reach(url, error) from error
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        if await _revision(connection) != _head():
            await _upgrade(url)
        await queue.install(connection)
    finally:
        await connection.close()


def _head() -> str:
    """The newest revision: their files start with their numbers."""
    return max(path.name.partition("_")[0] for path in (_FOLDER / "versions").glob("[0-9]*.py"))


async def _revision(connection: asyncpg.Connection) -> str | None:
    try:
        revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        return None
    return revision


async def _upgrade(url: str) -> None:
    # Alembic and SQLAlchemy take a second to import, and are needed only here.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError
    from sqlalchemy import Connection, NullPool
    from sqlalchemy.ext.asyncio import create_async_engine

    def run(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(_FOLDER))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise ConfigurationError(
                f"The database was made by a newer version of Enlarger ({error}): upgrade this one."
            ) from error

    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url), poolclass=NullPool
    )
    try:
        async with engine.begin() as connection:
            await connection.run_sync(run)
    finally:
        await engine.dispose()
