"""Connections to Postgres, transactions that outlive a restart of it, and SQL by name."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from importlib.resources import files
from typing import Any, TypeVar

import aiosql
import asyncpg
import msgspec
import structlog

from enlarger.errors import DatabaseUnavailable
from enlarger.infra.clock import DatabaseClock
from enlarger.sentences import sentence

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
T = TypeVar("T")

LOST = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.InsufficientResourcesError,
    asyncpg.QueryCanceledError,
    asyncpg.ReadOnlySQLTransactionError,
)
"""What asyncpg raises when Postgres is gone, going, not yet there, or cannot write now: full, overloaded, read-only."""
CANNOT_CONNECT = (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What asyncpg raises when a connection cannot be made, for whatever reason."""
_AGAIN = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
_PATIENCE_SECONDS = 20.0
"""How long a restart of Postgres may take before callers are told of it."""

_log = structlog.get_logger("enlarger.database")


class Database:
    """A pool of connections."""

    def __init__(self, pool: asyncpg.Pool, url: str) -> None:
        self.pool = pool
        self._url = url
        self._lost = False
        self.clock = DatabaseClock()

    def now(self) -> datetime:
        """The time by the database's clock, by which times that are written down are judged."""
        return self.clock.now()

    async def connect(self, *, name: str) -> asyncpg.Connection:
        """A connection beside the pool, for who keeps it; `name` is what Postgres shows. Raises CANNOT_CONNECT."""
        return await asyncpg.connect(self._url, timeout=15, server_settings={"application_name": name})

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """One connection, in a transaction that is committed at the block's end."""
        async with self.pool.acquire() as connection, connection.transaction():
            yield connection

    async def run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do `work` in a transaction, and again from its start when Postgres goes away in the middle of it.

        Whether a commit that was cut off took place is not known, so `work` must be such that doing it twice is the
        same as doing it once. Raises DatabaseUnavailable when Postgres does not come back in time.
        """
        return await self._persist(self.transaction, work)

    async def read(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do `work`, one statement that changes nothing; otherwise as `run`."""
        return await self._persist(self.pool.acquire, work)

    async def _persist(
        self,
        connect: Callable[[], AbstractAsyncContextManager[Connection]],
        work: Callable[[Connection], Awaitable[T]],
    ) -> T:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _PATIENCE_SECONDS
        pause = 0.05
        while True:
            try:
                async with connect() as connection:
                    if not self.clock.is_fresh:
                        await self.clock.read(connection)
                    result = await work(connection)
                self._tell(lost=None)
                return result
            except _AGAIN:
                pass
            except LOST as error:
                self._tell(lost=error)
                if loop.time() > deadline:
                    message = sentence("The database cannot be reached: try again in a moment.")
                    raise DatabaseUnavailable(message) from error
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))
            pause = min(pause * 2, 1.0)

    def _tell(self, *, lost: Exception | None) -> None:
        """Log that the database went away or came back, once each."""
        if lost is not None and not self._lost:
            _log.warning("database_lost", reason=type(lost).__name__)
        elif lost is None and self._lost:
            _log.warning("database_back")
        self._lost = lost is not None


@asynccontextmanager
async def open_database(url: str, *, connections: int = 10) -> AsyncIterator[Database]:
    """A pool on the Postgres at `url`. Raises DatabaseUnavailable when it cannot be reached."""
    try:
        pool = await asyncpg.create_pool(
            url, min_size=1, max_size=connections, init=_prepare, reset=_leave, timeout=15, command_timeout=60
        )
    except CANNOT_CONNECT as error:
        raise cannot_reach(url, error) from error
    try:
        database = Database(pool, url)
        async with pool.acquire() as connection:
            await database.clock.read(connection)
        yield database
    finally:
        try:
            await asyncio.wait_for(pool.close(), 10)
        except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            pool.terminate()


async def _prepare(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: b"\x01" + msgspec.json.encode(value),
        decoder=lambda data: msgspec.json.decode(data[1:]),
    )


async def _leave(_: asyncpg.Connection) -> None:
    """Give a connection back as it is: nothing here outlives its transaction, and a reset is another round trip."""


def load_queries(package: str) -> Any:
    """The SQL of a package's `.sql` files, a method a statement; aiosql's format."""
    pages = [page for page in files(package).iterdir() if page.name.endswith(".sql")]
    return aiosql.from_str("\n".join(page.read_text(encoding="utf-8") for page in pages), "asyncpg")


def cannot_reach(url: str, error: Exception) -> DatabaseUnavailable:
    """The error to raise when no connection to the Postgres at `url` can be made."""
    # Of a URL that cannot be read the error repeats parts, and the password may be one of them.
    reason = "the URL cannot be read" if isinstance(error, ValueError) else describe(error)
    return DatabaseUnavailable(
        f"The database at {hide_password(url)} cannot be reached ({reason}):"
        " check DATABASE_URL, and that Postgres runs."
    )


def describe(error: Exception) -> str:
    """An error in one line: asyncpg adds lines of details and hints to what Postgres says."""
    return f"{type(error).__name__}: {error}".splitlines()[0].removesuffix(": ")


def hide_password(url: str) -> str:
    """A database's URL as it may be shown: without the password, wherever it stands, and whatever it is made of."""
    scheme, mark, rest = url.partition("://")
    if not mark:
        return "***"
    account, _, place = rest.rpartition("@")
    user, colon, _ = account.partition(":")
    if set(user) & set("/?#="):  # the @ is not where an account ends
        user, colon, place = "", ":", "***"
    shown = re.sub(r"(?i)([?&](?:[a-z]*password|passfile|sslkey)=)[^&#]*", r"\1***", place)
    return f"{scheme}://{user}{':***' if colon else ''}{'@' if account else ''}{shown}"
