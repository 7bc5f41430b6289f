"""Connections to Postgres, and transactions that outlive a restart of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import datetime
from math import inf
from typing import Any, NamedTuple, TypeVar

import asyncpg
import msgspec
import structlog

from enlarger.errors import DatabaseUnavailable, InvalidRequest
from enlarger.infra.clock import DatabaseClock
from enlarger.infra.silence import WatchedConnection, tell_server
from enlarger.retry import Backoff, Failure, retry
from enlarger.translatable import sentence

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
T = TypeVar("T")
Begin = Callable[[Connection], AbstractAsyncContextManager[object]]

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
EMBEDDED_URL = "postgresql://enlarger@/enlarger?host="
"""How the URL of the embedded database begins; the folder of its socket follows."""

CANNOT_CONNECT = (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What asyncpg raises when a connection cannot be made, for whatever reason."""
_AGAIN = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
_BACKOFF = Backoff(first=0.025, longest=0.5, spread=2.0)
_PATIENCE_SECONDS = 20.0
"""How long a restart of Postgres may take before callers are told of it."""

_STEP_SECONDS = 0.1
"""How often a request that waits for Postgres checks whether anybody has had an answer."""

_log = structlog.get_logger("enlarger.database")


class Connections(NamedTuple):
    """The connections of a pool."""

    open: int
    used: int
    most: int
    waiting: int
    """How many pieces of work wait for one."""


class _Contact:
    """Whether Postgres answers, and what time it has, as all users of one pool find it."""

    def __init__(self) -> None:
        self.clock: DatabaseClock = DatabaseClock()
        self.answered_at: float = -inf
        self.waiting: int = 0
        """How many wait for a connection."""
        self._lost_since: float | None = None

    def gone_for(self, now: float) -> float:
        """Seconds since Postgres was found to be away; 0 when it was not."""
        return 0.0 if self._lost_since is None else now - self._lost_since

    def found(self, now: float) -> None:
        """Postgres answered."""
        self.answered_at = now
        if self._lost_since is not None:
            _log.warning("database_back")
        self._lost_since = None

    def missed(self, now: float, error: Exception) -> None:
        """Postgres did not answer."""
        if self._lost_since is None:
            _log.warning("database_lost", reason=type(error).__name__)
            self._lost_since = now


class _SilenceWatch:
    """Ends a time limit when Postgres has answered nobody for `most` seconds, of which `silent` have already passed."""

    def __init__(self, contact: _Contact, limit: asyncio.Timeout, *, silent: float, most: float) -> None:
        self._contact = contact
        self._limit = limit
        self._silent = silent
        self._most = most
        self._heard_at = contact.answered_at
        self.connection: asyncpg.pool.PoolConnectionProxy | None = None
        """The connection to close when the limit ends; None until one is acquired."""
        self._loop = asyncio.get_running_loop()
        self._step()

    def end(self) -> None:
        """Stop watching."""
        self._timer.cancel()

    def _step(self) -> None:
        step = max(0.0, min(_STEP_SECONDS, self._most - self._silent))
        self._timer = self._loop.call_later(step, self._look, step)

    def _look(self, step: float) -> None:
        """Add the step to the silence, or start again if anybody has had an answer."""
        self._silent = self._silent + step if self._contact.answered_at == self._heard_at else 0.0
        self._heard_at = self._contact.answered_at
        if self._silent < self._most:
            self._step()
            return
        if self.connection is not None:
            self.connection.terminate()  # asking a silent server to cancel would be another wait
        self._limit.reschedule(self._loop.time())


class Database:
    """A pool of connections."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        url: str,
        *,
        contact: _Contact | None = None,
        read_seconds: float | None = None,
        write_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        self.pool = pool
        self._url = url
        self._contact = contact or _Contact()
        self._read_seconds = read_seconds
        self._write_seconds = write_seconds

    @property
    def clock(self) -> DatabaseClock:
        """Postgres's clock."""
        return self._contact.clock

    @clock.setter
    def clock(self, clock: DatabaseClock) -> None:
        self._contact.clock = clock

    @property
    def connections(self) -> Connections:
        """The pool's connections now."""
        size = self.pool.get_size()
        return Connections(
            open=size,
            used=size - self.pool.get_idle_size(),
            most=self.pool.get_max_size(),
            waiting=self._contact.waiting,
        )

    def now(self) -> datetime:
        """The time by the database's clock, by which times that are written down are judged."""
        return self.clock.now()

    def for_requests(self, *, read_seconds: float, write_seconds: float = _PATIENCE_SECONDS) -> Database:
        """The same pool, for work on behalf of a request: it is given up after so many seconds without any answer."""
        return Database(
            self.pool, self._url, contact=self._contact, read_seconds=read_seconds, write_seconds=write_seconds
        )

    @asynccontextmanager
    async def async_commit_pool(self, *, connections: int) -> AsyncIterator[asyncpg.Pool]:
        """A separate pool whose transactions commit asynchronously: the commit returns before it is on disk.

        A crash of Postgres may lose the latest commits, but never a part of one. Use it for work that is repeated when
        its result is missing. Raises DatabaseUnavailable.
        """

        async def prepare(connection: asyncpg.Connection) -> None:
            await _prepare(connection)
            await connection.execute("SET synchronous_commit = off")

        pool = await _open_pool(self._url, least=0, most=connections, prepare=prepare)
        try:
            yield pool
        finally:
            await _close(pool)

    async def connect(self, *, name: str) -> asyncpg.Connection:
        """A connection beside the pool, for who keeps it; `name` is what Postgres shows. Raises CANNOT_CONNECT."""
        connection: asyncpg.Connection = await asyncpg.connect(
            self._url, timeout=15, server_settings={"application_name": name}, connection_class=WatchedConnection
        )
        try:
            await tell_server(connection)
        except BaseException:  # also a cancellation: nobody else knows this connection
            connection.terminate()
            raise
        return connection

    async def run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do `work` in a transaction, and again from its start when Postgres goes away in the middle of it.

        Whether a commit that was cut off took place is not known, so `work` must be such that doing it twice is the
        same as doing it once. Raises DatabaseUnavailable when Postgres does not come back in time, and InvalidRequest
        for a text with a NUL character, the only one that Postgres does not accept.
        """
        return await self._carry_out(_transaction, work, self._write_seconds)

    async def run_statement(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do `work` as `run` does, but without BEGIN and COMMIT, which saves two round trips.

        At most one of its statements may write; each is a transaction by itself.
        """
        return await self._carry_out(nullcontext, work, self._write_seconds)

    async def read(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do `work`, one statement that may be done twice, without a transaction; otherwise as `run`."""
        return await self._carry_out(nullcontext, work, self._read_seconds or self._write_seconds)

    async def _carry_out(self, begin: Begin, work: Callable[[Connection], Awaitable[T]], seconds: float) -> T:
        """Do `work` on a connection; on behalf of a request, give it up even if Postgres is connected but silent."""
        if self._read_seconds is None:
            return await self._persist(lambda _: self._do(begin, work), seconds)
        return await self._persist(lambda since: self._do_soon(begin, work, since, seconds), seconds)

    async def _do(
        self, begin: Begin, work: Callable[[Connection], Awaitable[T]], watch: _SilenceWatch | None = None
    ) -> T:
        self._contact.waiting += 1
        try:
            connection = await self.pool.acquire()
        finally:
            self._contact.waiting -= 1
        try:
            if watch is not None:
                watch.connection = connection
            if not self.clock.is_fresh:
                await self.clock.read(connection)
            async with begin(connection):
                return await work(connection)
        finally:
            if watch is not None:
                watch.connection = None
            await self.pool.release(connection)

    async def _do_soon(
        self, begin: Begin, work: Callable[[Connection], Awaitable[T]], since: float, seconds: float
    ) -> T:
        """Do `work` as long as Postgres answers anybody. Raises TimeoutError once it has been silent for `seconds`.

        When many requests come at once, one may wait longer than that for a connection although Postgres is healthy.
        Silence is counted in steps, because a process that was too busy to read an answer cannot call it silence.
        """
        silent = asyncio.get_running_loop().time() - max(since, self._contact.answered_at)
        async with asyncio.timeout(None) as limit:
            watch = _SilenceWatch(self._contact, limit, silent=silent, most=seconds)
            try:
                return await self._do(begin, work, watch)
            finally:
                watch.end()

    async def _persist(self, attempt: Callable[[float], Awaitable[T]], seconds: float) -> T:
        """`attempt`, again and again until it has been without an answer, or Postgres has been away, for so long."""
        clock = asyncio.get_running_loop().time
        started = clock()

        def pauses(failure: Failure) -> float:
            pause = _BACKOFF.pause(failure.attempt)
            if isinstance(failure.error, _AGAIN):
                return pause
            self._contact.missed(clock(), failure.error)
            rest = seconds - self._waited(started, clock(), seconds)
            if rest <= 0:
                message = sentence("The database cannot be reached: try again in a moment.")
                raise DatabaseUnavailable(message) from failure.error
            return min(pause, rest)

        try:
            result = await retry(lambda: attempt(started), on=(*_AGAIN, *LOST), pauses=pauses)
        except asyncpg.CharacterNotInRepertoireError:
            raise InvalidRequest(
                sentence("A text has a NUL character (U+0000), which cannot be kept: leave it out.")
            ) from None
        self._contact.found(clock())
        return result

    def _waited(self, started: float, now: float, seconds: float) -> float:
        if seconds >= self._write_seconds:
            return now - started
        # The first to find Postgres away has waited for those that come later.
        return max(now - started, self._contact.gone_for(now))


@asynccontextmanager
async def open_database(url: str, *, connections: int = 10) -> AsyncIterator[Database]:
    """A pool on the Postgres at `url`. Raises DatabaseUnavailable when it cannot be reached."""
    contact = _Contact()

    async def prepare(connection: asyncpg.Connection) -> None:
        await _prepare(connection)
        contact.found(asyncio.get_running_loop().time())

    pool = await _open_pool(url, least=1, most=connections, prepare=prepare)
    try:
        database = Database(pool, url, contact=contact)
        async with pool.acquire() as connection:
            await database.clock.read(connection)
        yield database
    finally:
        await _close(pool)


async def _open_pool(
    url: str, *, least: int, most: int, prepare: Callable[[asyncpg.Connection], Coroutine[Any, Any, None]]
) -> asyncpg.Pool:
    """A pool of `least` to `most` connections, each prepared once. Raises DatabaseUnavailable."""
    try:
        return await asyncpg.create_pool(
            url,
            min_size=least,
            max_size=most,
            init=prepare,
            reset=_leave,
            timeout=15,
            command_timeout=60,
            connection_class=WatchedConnection,
        )
    except CANNOT_CONNECT as error:
        raise cannot_reach(url, error) from error


async def _close(pool: asyncpg.Pool) -> None:
    try:
        await asyncio.wait_for(pool.close(), 10)
    except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        pool.terminate()


async def _prepare(connection: asyncpg.Connection) -> None:
    await tell_server(connection)
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: b"\x01" + msgspec.json.encode(value),
        decoder=lambda data: msgspec.json.decode(data[1:]),
    )


async def _leave(_: asyncpg.Connection) -> None:
    """Give a connection back as it is: nothing here outlives its transaction, and a reset is another round trip."""


def _transaction(connection: Connection) -> AbstractAsyncContextManager[object]:
    return connection.transaction()


def cannot_reach(url: str, error: Exception) -> DatabaseUnavailable:
    """The error to raise when no connection to the Postgres at `url` can be made."""
    # Of a URL that cannot be read the error repeats parts, and the password may be one of them.
    reason = "the URL cannot be read" if isinstance(error, ValueError) else describe(error)
    if url.startswith(EMBEDDED_URL):
        advice = "try again, and if that does not help, see the log in its folder"
    else:
        advice = "check DATABASE_URL, and that Postgres runs"
    return DatabaseUnavailable(f"{name_database(url)} cannot be reached ({reason}): {advice}.")


def name_database(url: str) -> str:
    """What to call a database at the beginning of a sentence; users never see the socket of the embedded one."""
    return "The embedded database" if url.startswith(EMBEDDED_URL) else f"The database at {hide_password(url)}"


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
