"""What is waiting, who is at work, and what is uncertain: for those who run the service."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from enlarger.infra.database import Connection, Database
from enlarger.tasks.provider_states import WORKER_PREFIX, read_worker_name
from enlarger.tasks.sql import sql


class QueueLine(msgspec.Struct, frozen=True, kw_only=True):
    """The rows of one entrypoint."""

    entrypoint: str
    due: int
    later: int
    held: int
    oldest: float | None
    """Seconds for which the oldest row has been due."""


class OpenTasks(msgspec.Struct, frozen=True, kw_only=True):
    """The open tasks of a model that one provider has; no provider has those that wait for one."""

    model: str
    provider: str | None
    tasks: int
    waiting: int
    queuing: int
    generating: int
    """How many of them are in which state."""
    oldest: float
    """Seconds since the oldest was created."""


class RunningWorker(msgspec.Struct, frozen=True, kw_only=True):
    """A worker that is connected."""

    address: str | None
    """None is a socket of this machine."""
    since: datetime
    silent: float
    """Seconds since it was last heard."""
    providers: tuple[str, ...]
    """Those that get tasks from it."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the queue that a worker has."""

    entrypoint: str
    holder: str | None
    task_id: str | None
    seconds: float
    """Since it was taken."""
    silent: float
    """Since the worker's last heartbeat."""


class UnknownFate(msgspec.Struct, frozen=True, kw_only=True):
    """A submission of which nobody knows whether the provider has it; its task waits."""

    id: int
    task_id: str
    account_id: str
    model: str
    provider: str
    error: str | None
    dollars: Decimal
    started_at: datetime
    next_poll_at: datetime | None
    """When the provider is asked again."""
    deadline_at: datetime | None
    """When the submission is given up."""


class Unfinished(msgspec.Struct, frozen=True, kw_only=True):
    """The attempts at a provider whose end nobody knows yet, in one state."""

    provider: str
    state: Literal["submitting", "accepted", "unknown", "abandoned"]
    """Nobody waits any more for those that were abandoned."""
    attempts: int
    oldest: float
    """Seconds since the oldest began."""


class Uncollected(msgspec.Struct, frozen=True, kw_only=True):
    """A provider's results that are not yet in our storage."""

    provider: str
    results: int
    expires_in: float | None
    """Seconds until the provider deletes the first of them, if it deletes any."""


class QueueState:
    """Reads the queue, the connections of workers, and what is open."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def queue(self) -> list[QueueLine]:
        """The queue by entrypoint."""

        async def work(connection: Connection) -> list[QueueLine]:
            return [QueueLine(**row) async for row in sql.read_queue(connection)]

        return await self._database.read(work)

    async def open_tasks(self, *, most: int) -> list[OpenTasks]:
        """Open tasks by model and provider."""

        async def work(connection: Connection) -> list[OpenTasks]:
            return [OpenTasks(**row) async for row in sql.read_open_tasks(connection, most=most)]

        return await self._database.read(work)

    async def workers(self) -> list[RunningWorker]:
        """The workers that are connected, the oldest first."""

        async def work(connection: Connection) -> list[RunningWorker]:
            return [
                RunningWorker(
                    address=row["address"],
                    since=row["since"],
                    silent=row["silent"],
                    providers=tuple(read_worker_name(row["name"])[0]),
                )
                async for row in sql.list_workers(connection, prefix=WORKER_PREFIX)
            ]

        return await self._database.read(work)

    async def held(self, *, most: int) -> list[Held]:
        """The rows that workers have, the oldest first."""

        async def work(connection: Connection) -> list[Held]:
            return [Held(**row) async for row in sql.list_held(connection, most=most)]

        return await self._database.read(work)

    async def unknown(self, *, most: int) -> list[UnknownFate]:
        """Submissions whose fate is unknown while their tasks wait, the oldest first."""

        async def work(connection: Connection) -> list[UnknownFate]:
            return [UnknownFate(**row) async for row in sql.list_unknown(connection, most=most)]

        return await self._database.read(work)

    async def unfinished(self) -> list[Unfinished]:
        """Attempts that have not ended, by provider and state."""

        async def work(connection: Connection) -> list[Unfinished]:
            return [Unfinished(**row) async for row in sql.count_unfinished(connection)]

        return await self._database.read(work)

    async def uncollected(self) -> list[Uncollected]:
        """Results that have to be collected, by provider."""

        async def work(connection: Connection) -> list[Uncollected]:
            return [Uncollected(**row) async for row in sql.count_uncollected(connection)]

        return await self._database.read(work)
