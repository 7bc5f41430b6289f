"""PgQueuer, as Enlarger uses it: a wake-up, never the truth.

A row in the queue says that something may be due for a task; what is due is read from the task itself. Rows are
enqueued in the transaction that makes them true, a task has at most one row an entrypoint, and a row whose worker has
given no sign of life for a lease is handed to another.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.models import Context, HealthCheckEvent, Job, TracebackRecord
from pgqueuer.domain.settings import DBSettings
from pgqueuer.domain.types import JobId
from pgqueuer.ports.driver import NotifyCallback
from pgqueuer.ports.repository import EntrypointExecutionParameter

from enlarger.infra.database import Connection
from enlarger.infra.queue_listener import READ_AGAIN, QueueListener
from enlarger.infra.wait_for_any import wait_for_any

_LAST_TURN = 2**31 - 1
"""PgQueuer's priorities are 32-bit integers."""
# The conditions on the status are written as the index of `dedupe_key` has it.
_WITHDRAW = "DELETE FROM pgqueuer WHERE dedupe_key = $1 AND status IN ('queued', 'picked')"
_CHANGE, _NEW = "table_changed_event", '"insert"'
"""Text in all notifications of changed rows, and in those of new rows."""
_ENTRYPOINT = '"entrypoint"'
"""Text in notifications that name their entrypoint."""
_PGQUEUER = DBSettings()
_WAKE = (
    # PgQueuer's own function does not name the entrypoint, and also notifies of deleted rows.
    f"""
    CREATE OR REPLACE FUNCTION {_PGQUEUER.function}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE OR REPLACE FUNCTION wake_entrypoints() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify(TG_ARGV[0], json_build_object(
            'channel', TG_ARGV[0], 'operation', 'insert', 'sent_at', now(),
            'table', TG_TABLE_NAME, 'type', 'table_changed_event', 'entrypoint', entrypoint)::text)
        FROM (SELECT DISTINCT entrypoint FROM added) AS added_to;
        RETURN NULL;
    END
    $$
    """,
    f"""
    CREATE OR REPLACE TRIGGER wake_entrypoints AFTER INSERT ON {_PGQUEUER.queue_table}
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION wake_entrypoints('{_PGQUEUER.channel}')
    """,
)
"""Notifies of new rows in PgQueuer's format, with their entrypoint."""
_KEEP_ERRORS_ONLY = (
    # PgQueuer logs each state of each row, and counts the log into statistics: more bytes for a task than in all of our
    # own tables.
    """
    CREATE OR REPLACE FUNCTION skip_row() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RETURN NULL;
    END
    $$
    """,
    f"""
    CREATE OR REPLACE TRIGGER keep_errors_only BEFORE INSERT ON {_PGQUEUER.queue_table_log}
    FOR EACH ROW WHEN (NEW.status <> 'exception') EXECUTE FUNCTION skip_row()
    """,
    f"DELETE FROM {_PGQUEUER.statistics_table}",  # noqa: S608 - the name is PgQueuer's own
)
"""Limits PgQueuer's log to errors of jobs, and removes the statistics that earlier versions have left."""
_IS_QUEUED = """
CREATE OR REPLACE FUNCTION is_queued(entrypoint text, id text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM pgqueuer WHERE dedupe_key = $1 || ':' || $2 AND status IN ('queued', 'picked'))
$$
"""
"""Whether an entrypoint will be woken for a task or an attempt: for statements that look for forgotten ones."""


async def enqueue(
    connection: Connection, entrypoint: str, task_id: str, *, turn: int = 0, after: timedelta | None = None
) -> None:
    """Wake `entrypoint` for a task, when the transaction of `connection` commits; `after` a while if given.

    Rows with lower turns are picked first, rows with the same turn in the order in which they were enqueued. Nothing
    happens when the task already has a row there.
    """
    await Queries(AsyncpgDriver(cast(asyncpg.Connection, connection))).enqueue(
        entrypoint,
        task_id.encode(),
        priority=-min(turn, _LAST_TURN),
        execute_after=after,
        dedupe_key=_key(entrypoint, task_id),
        on_conflict="skip",
    )


async def withdraw(connection: Connection, entrypoint: str, task_id: str) -> None:
    """Take a task's row out of the queue when the transaction commits, also one that a worker has at the moment.

    That worker goes on; but it cannot have the row back for later, and the task can be enqueued again.
    """
    await connection.execute(_WITHDRAW, _key(entrypoint, task_id))


def _key(entrypoint: str, task_id: str) -> str:
    return f"{entrypoint}:{task_id}"


async def install(connection: Connection) -> None:
    """Make PgQueuer's tables, or bring them up to its version, with our functions and our trigger over them."""
    queries = Queries(AsyncpgDriver(cast(asyncpg.Connection, connection)))
    if await queries.schema_is_installed():
        await queries.upgrade()
    else:
        await queries.install()
    for statement in (_IS_QUEUED, *_WAKE, *_KEEP_ERRORS_ONLY):
        await connection.execute(statement)


class ListeningDriver(AsyncpgPoolDriver):
    """A driver that shares its listening connection, and reports many changes of the queue as one.

    Each notification reaches every queue manager in every process, and makes it run several statements. A manager only
    needs to hear of new rows of its own entrypoint and of rows that return to the queue, and one read finds them all.
    """

    def __init__(self, listener: QueueListener, entrypoint: str | None = None) -> None:
        """New rows of `entrypoint` are reported; None reports all."""
        super().__init__(listener.pool)
        self._listener = listener
        self._own = "" if entrypoint is None else f'"{entrypoint}"'
        self.listening: asyncio.Event = asyncio.Event()
        self.changed: bool = False
        """Whether a change was reported since the last read began."""
        self._heard: dict[NotifyCallback, NotifyCallback] = {}

    def begin_reading(self) -> None:
        """Report the next change: the read that begins now may miss it."""
        self.changed = False

    def report_return(self) -> None:
        """Report a row that returned to the queue."""
        for hear in self._heard.values():
            hear(READ_AGAIN)

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:  # noqa: ARG002 - there is one channel
        """Call `callback` with the queue's notifications."""

        def hear(payload: str | bytes | bytearray) -> None:
            text = str(payload)
            if _CHANGE in text:
                elsewhere = _ENTRYPOINT in text and self._own not in text
                if self.changed or _NEW not in text or elsewhere:
                    return
                self.changed = True
            callback(payload)

        await self._listener.add(hear)
        self._heard[callback] = hear
        self.listening.set()

    async def remove_listener(self, channel: str, callback: NotifyCallback) -> None:  # noqa: ARG002
        """Stop calling `callback`."""
        if (hear := self._heard.pop(callback, None)) is not None:
            await self._listener.remove(hear)

    async def __aexit__(self, *exception: object) -> None:
        """Stop calling anybody; PgQueuer removes no callback itself."""
        await super().__aexit__(*exception)
        for callback in tuple(self._heard) if self._entered == 0 else ():
            await self.remove_listener(_PGQUEUER.channel, callback)


class _Queries(Queries):
    """PgQueuer's queries for a manager, which also report the rows that it returns to the queue."""

    async def retry_job(self, job: Job, delay: timedelta, traceback_record: TracebackRecord | None) -> None:
        await super().retry_job(job, delay, traceback_record)
        assert isinstance(self.driver, ListeningDriver)
        self.driver.report_return()


@dataclass
class ConcurrencyLimitedQueueManager(QueueManager):
    """A queue manager that takes no more rows at a time than it has places, and none beforehand.

    PgQueuer's own limits are for the whole fleet, or let a busy worker hold a row that an idle one could do.
    """

    places: int = 1
    pause: float = 0.0
    """Seconds before each reading of the queue."""
    driver: ListeningDriver = field(kw_only=True)
    """That of the queries."""
    _row_ended: asyncio.Event = field(init=False, default_factory=asyncio.Event)

    async def listener_healthy(self, timeout: timedelta = timedelta(seconds=10)) -> HealthCheckEvent:
        """Ask oneself, by way of Postgres, whether notifications are heard. Raises FailingListenerError.

        PgQueuer asks for the first time while it begins to listen, on another connection. A question that is there
        before the driver listens is never answered, and a manager that is in order would be taken for deaf.
        """
        await self.driver.listening.wait()
        return await super().listener_healthy(timeout)

    async def fetch_jobs(
        self,
        batch_size: int,  # noqa: ARG002 - places decide
        global_concurrency_limit: int | None,
        heartbeat_timeout: timedelta,
    ) -> AsyncGenerator[Job, None]:
        """Rows that are due, as places become free."""
        if self.pause:
            await asyncio.sleep(self.pause)
        while await self._free_places():
            self.driver.begin_reading()
            places = self.places - len(self.job_context)
            rows = await self.queries.dequeue(
                batch_size=places,
                entrypoints={name: EntrypointExecutionParameter(0) for name in self.entrypoint_registry},
                queue_manager_id=self.queue_manager_id,
                global_concurrency_limit=global_concurrency_limit,
                heartbeat_timeout=heartbeat_timeout,
            )
            if not rows:
                return
            for row in rows:
                yield row
            if len(rows) < places and not self.driver.changed:
                return  # there were no more, and none has come since

    async def _free_places(self) -> bool:
        """Wait for a place; False when the manager is to end."""
        while not self.shutdown.is_set() and len(self.job_context) >= self.places:
            self._row_ended.clear()
            await wait_for_any(self._row_ended, self.shutdown)
        return not self.shutdown.is_set()

    def forget_job(self, job_id: JobId, context: Context, task: asyncio.Task[None]) -> None:
        """Called by the queue manager when a row has been dealt with."""
        super().forget_job(job_id, context, task)
        self._row_ended.set()


def queue_manager(
    listener: QueueListener, *, places: int, pause: float = 0.0, entrypoint: str | None = None
) -> ConcurrencyLimitedQueueManager:
    """A queue manager over the database of `listener`, for one entrypoint or for all that are registered with it.

    New rows make a manager read the queue; `pause` is the shortest time between two reads, in seconds.
    """
    driver = ListeningDriver(listener, entrypoint)
    return ConcurrencyLimitedQueueManager(_Queries(driver), places=places, pause=pause, driver=driver)
