"""Brings a database up to the schema of this version."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg

from enlarger.errors import ConfigurationError, DatabaseUnavailable
from enlarger.infra import queue
from enlarger.infra.database import CANNOT_CONNECT, LOST, cannot_reach

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 0x656E6C61
"""Key of the advisory lock under which one process at a time migrates ("enla")."""
_PAUSE_SECONDS = 0.5
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
            await run_alembic(url, _upgrade)
        await queue.install(connection)
    except Exception as error:
        lost = _lost(error)
        if lost is None:
            raise
        raise cannot_reach(url, lost) from lost
    finally:
        with suppress(*CANNOT_CONNECT):
            await connection.close(timeout=10)


async def migrate_when_up(url: str, *, seconds: float, on_wait: Callable[[DatabaseUnavailable], None]) -> None:
    """As `migrate`, but for up to so many seconds wait for a Postgres that is still coming up, or goes away meanwhile.

    `on_wait` is called once, when the wait begins. What waiting cannot mend, such as a wrong password, is raised at
    once.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    waiting = False
    while True:
        try:
            return await migrate(url)
        except DatabaseUnavailable as error:
            if _lost(error) is None or loop.time() >= deadline:
                raise
            if not waiting:
                on_wait(error)
            waiting = True
        await asyncio.sleep(_PAUSE_SECONDS)


def _lost(error: BaseException | None) -> Exception | None:
    """The error that says that Postgres is not there, or not yet, in `error` or what it was raised from.

    SQLAlchemy wraps what asyncpg raises, twice.
    """
    while error is not None:
        # A URL that cannot be read is an InterfaceError, too.
        if isinstance(error, LOST) and not isinstance(error, ValueError):
            return error
        error = error.__cause__ or error.__context__
    return None


def _head() -> str:
    """The newest revision: their files start with their numbers."""
    return max(path.name.partition("_")[0] for path in (_FOLDER / "versions").glob("[0-9]*.py"))


async def _revision(connection: asyncpg.Connection) -> str | None:
    try:
        revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        return None
    return revision


def _upgrade(config: Config) -> None:
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise ConfigurationError(
            f"The database was made by a newer version of Enlarger ({error}): upgrade this one."
        ) from error


async def run_alembic(url: str, work: Callable[[Config], None]) -> None:
    """Do `work`, one of Alembic's commands, on the database at `url`, in one transaction."""
    # Alembic and SQLAlchemy take a second to import, and are needed only here.
    from alembic.config import Config
    from sqlalchemy import Connection, NullPool
    from sqlalchemy.ext.asyncio import create_async_engine

    def run(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(_FOLDER))
        config.attributes["connection"] = connection
        work(config)

    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url), poolclass=NullPool
    )
    try:
        async with engine.begin() as connection:
            await connection.run_sync(run)
    finally:
        await engine.dispose()
