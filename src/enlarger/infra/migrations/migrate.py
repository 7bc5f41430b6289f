"""Brings a database up to the schema of this version."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg

from enlarger.errors import ConfigurationError, DatabaseUnavailable
from enlarger.infra import queue
from enlarger.infra.closed import require_open
from enlarger.infra.database import CANNOT_CONNECT, cannot_reach, describe, name_database
from enlarger.retry import Failure, retry

if TYPE_CHECKING:
    from alembic.config import Config

LOCK = 0x656E6C61
"""Key of the advisory lock under which one process at a time migrates ("enla")."""
OLDEST_POSTGRES = 15
_ANSWER_SECONDS = 15.0
_PAUSE_SECONDS = 0.5
_FOLDER = Path(__file__).parent
_AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)
"""What asyncpg raises when Postgres is gone, going, not yet there, or has no connection to spare."""
_REFUSALS = {
    asyncpg.InsufficientPrivilegeError: "let its user create tables (GRANT CREATE ON SCHEMA public TO …)",
    asyncpg.ReadOnlySQLTransactionError: "name a server that can be written to, not a standby",
    asyncpg.DiskFullError: "free some space on the disk of Postgres",
    asyncpg.QueryCanceledError: "raise the statement_timeout of its user",
    asyncpg.LockNotAvailableError: "raise the lock_timeout of its user",
}
"""Why Postgres may refuse to change the schema, and what to do about it."""


async def migrate(
    url: str, *, on_wait: Callable[[str], None] = lambda _: None, answer_seconds: float = _ANSWER_SECONDS
) -> None:
    """Bring the database at `url` up to date; any number of processes may do this at once.

    `on_wait` gets a sentence when another process has been migrating for a second. A server that does not answer a new
    connection within `answer_seconds` counts as gone, also in the middle of a migration, however long that takes.

    Raises DatabaseUnavailable when the database cannot be reached or changed, ConfigurationError when it belongs to a
    newer version of Enlarger, is run by too old a Postgres, or is closed (`infra/closed.py`).
    """
    connection = await _connect(url, answer_seconds)
    try:
        async with _watched(url, connection, answer_seconds):
            check_server(connection)
            await lock_for_migrating(connection, on_wait)
            await require_open(connection)
            await bring_to(connection, None)
    except asyncio.CancelledError:
        connection.terminate()  # a server that has fallen silent would be waited for
        raise
    except Exception as error:
        for cause in _causes(error):
            if isinstance(cause, _AWAY):
                raise cannot_reach(url, cause) from cause
            if isinstance(cause, asyncpg.PostgresError) and (advice := _REFUSALS.get(type(cause))):
                raise DatabaseUnavailable(
                    f"{name_database(url)} cannot be brought up to date ({describe(cause)}): {advice}."
                ) from cause
        if connection.is_closed():
            lost = ConnectionResetError("the connection was lost")
            raise cannot_reach(url, lost) from lost
        raise
    finally:
        with suppress(*CANNOT_CONNECT):
            await connection.close(timeout=answer_seconds)


async def bring_to(connection: asyncpg.Connection, revision: str | None) -> None:
    """Bring the database of `connection` to a revision; None is the newest, with the queue's tables.

    In a transaction it is a part of it. Raises ConfigurationError when the revision is a newer version's.
    """
    if revision is not None and revision > newest_revision():
        raise ConfigurationError(
            f"This was made by a newer version of Enlarger (its schema is {revision}, and the newest one known here is"
            f" {newest_revision()}): upgrade this one."
        )
    wanted = revision or newest_revision()
    if await revision_of(connection) != wanted:
        await run_alembic(connection, partial(_upgrade, revision=wanted))
    if revision is None:
        await queue.install(connection)


async def migrate_when_up(
    url: str,
    *,
    seconds: float,
    on_wait: Callable[[str], None],
    pause: float = _PAUSE_SECONDS,
    answer_seconds: float = _ANSWER_SECONDS,
) -> None:
    """As `migrate`, but wait for up to `seconds` for a Postgres that is still coming up, or goes away meanwhile.

    What waiting cannot mend, such as a wrong password, is raised at once.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds

    def pauses(failure: Failure) -> float | None:
        over = not isinstance(failure.error.__cause__, _AWAY) or loop.time() >= deadline
        return None if over else pause

    def note(failure: Failure) -> None:
        if failure.attempt == 1:
            on_wait(f"Waiting up to {seconds:g} s for Postgres. {failure.error}")

    await retry(
        lambda: migrate(url, on_wait=on_wait, answer_seconds=answer_seconds),
        on=DatabaseUnavailable,
        pauses=pauses,
        note=note,
    )


async def run_alembic(connection: asyncpg.Connection, work: Callable[[Config], None]) -> None:
    """Do `work`, one of Alembic's commands, on `connection`, in one transaction.

    The connection stays open, so that what is locked by its session stays locked.
    """
    # Alembic and SQLAlchemy take a second to import, and are needed only here.
    from alembic.config import Config
    from sqlalchemy import Connection, StaticPool
    from sqlalchemy.ext.asyncio import create_async_engine

    async def lend() -> asyncpg.Connection:
        return connection

    def run(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(_FOLDER))
        config.attributes["connection"] = connection
        work(config)

    # Never disposed of: that would close the connection.
    engine = create_async_engine("postgresql+asyncpg://", async_creator=lend, poolclass=StaticPool)
    async with engine.begin() as borrowed:
        await borrowed.run_sync(run)


async def _connect(url: str, answer_seconds: float) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(url, timeout=answer_seconds)
    except CANNOT_CONNECT as error:
        raise cannot_reach(url, error) from error


@asynccontextmanager
async def _watched(url: str, connection: asyncpg.Connection, answer_seconds: float) -> AsyncIterator[None]:
    """Cut `connection` when its server has gone without a word, so that nothing in the block waits for it forever."""
    backend = await connection.fetchval("SELECT pg_backend_pid()", timeout=answer_seconds)

    async def watch() -> None:
        works = True
        while works:
            await asyncio.sleep(answer_seconds)
            works = await _works(url, backend, answer_seconds)
        connection.terminate()

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _works(url: str, backend: int, answer_seconds: float) -> bool:
    """Whether the server still has the process `backend`; False when it does not answer."""
    try:
        connection = await asyncpg.connect(url, timeout=answer_seconds, command_timeout=answer_seconds)
        try:
            return bool(await connection.fetchval("SELECT true FROM pg_stat_activity WHERE pid = $1", backend))
        finally:
            await connection.close(timeout=answer_seconds)
    except asyncpg.PostgresError:
        return True  # an answer, if only that there are too many connections; a server that stops ends ours itself
    except CANNOT_CONNECT:
        return False


def check_server(connection: asyncpg.Connection) -> None:
    """Raise ConfigurationError when the server is too old a Postgres."""
    version = connection.get_server_version()
    if version.major < OLDEST_POSTGRES:
        raise ConfigurationError(
            f"The database is run by Postgres {version.major}.{version.minor}, and Enlarger needs version"
            f" {OLDEST_POSTGRES} or later: name another one in DATABASE_URL."
        )


async def lock_for_migrating(connection: asyncpg.Connection, on_wait: Callable[[str], None] = lambda _: None) -> None:
    """Have the database to oneself for migrating, until the connection is closed."""
    sentence = "Another process is bringing the database up to date: waiting for it."
    saying = asyncio.get_running_loop().call_later(1, on_wait, sentence)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
    finally:
        saying.cancel()


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it was raised from: SQLAlchemy wraps what asyncpg raises, twice."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def newest_revision() -> str:
    """The revision of this version's schema: the files start with their numbers."""
    return max(path.name.partition("_")[0] for path in (_FOLDER / "versions").glob("[0-9]*.py"))


async def revision_of(connection: asyncpg.Connection) -> str | None:
    """The revision of a database's schema; None where it has none yet."""
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        return None  # asked for first, since an error would end the transaction
    revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    return revision


def _upgrade(config: Config, revision: str) -> None:
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise ConfigurationError(
            f"The database was made by a newer version of Enlarger ({error}): upgrade this one."
        ) from error
