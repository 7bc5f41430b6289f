"""The running workers with their engines, and the tasks that they decline in favour of each other."""

from __future__ import annotations

from datetime import datetime

import msgspec

from enlarger.infra.database import Connection, Database
from enlarger.tasks.endings import end_local_attempt, stale
from enlarger.tasks.entrypoints import offer_again
from enlarger.tasks.records import Task
from enlarger.tasks.sql import sql

ALIVE_SECONDS = 20.0
"""A worker that was not seen for this long is considered gone."""


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker announces about itself."""

    id: str
    """New for each start."""
    name: str
    """Its machine and process."""
    runs_engine: bool
    problem: str | None = None
    """Why its engine cannot run."""
    engine: str | None = None
    """The engine, device and speed of its latest pictures; None before the first one."""
    device: str | None = None
    speed: float | None = None
    """Megapixels of output per second."""


class AnnouncedWorker(Announcement, frozen=True, kw_only=True):
    """A worker's latest announcement."""

    since: datetime
    silent: float
    """Seconds since it was last seen."""

    @property
    def alive(self) -> bool:
        """Whether it was seen recently."""
        return self.silent < ALIVE_SECONDS


class WorkerStore:
    """The tables `workers` and `declined_tasks`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def announce(self, worker: Announcement) -> None:
        """Insert or update a worker's row."""

        async def work(connection: Connection) -> None:
            await sql.announce_worker(connection, **msgspec.structs.asdict(worker))

        await self._database.run(work)

    async def remove(self, worker_id: str) -> None:
        """Delete the row of a worker that has stopped."""

        async def work(connection: Connection) -> None:
            await sql.remove_worker(connection, id=worker_id)

        await self._database.run(work)

    async def trim(self, *, seconds: float) -> int:
        """Delete workers that were not seen for so many seconds; returns how many."""

        async def work(connection: Connection) -> int:
            return int(await sql.trim_workers(connection, seconds=seconds))

        return await self._database.run(work)

    async def all(self, *, most: int) -> list[AnnouncedWorker]:
        """The workers, most recently seen first."""
        return await self._database.read(lambda connection: list_workers(connection, most=most))

    async def leave_to_others(self, task_id: str, worker_id: str) -> bool:
        """Return a task to the queue if this worker cannot run it and another may; returns whether it did."""

        async def work(connection: Connection) -> bool:
            if not await sql.cannot_do(connection, task_id=task_id, worker_id=worker_id):
                return False
            if not await _another_can(connection, task_id, worker_id):
                return False
            await _enqueue_again(connection, task_id)
            return True

        return await self._database.run(work)

    async def decline(self, claim: Task, worker_id: str, reason: str) -> bool:
        """Return a claimed task to the queue because this worker cannot run it; False, and no change, if no other may.

        Raises StaleClaim.
        """

        async def work(connection: Connection) -> bool:
            if not await _another_can(connection, claim.id, worker_id):
                return False
            if not await sql.release_task(connection, id=claim.id, epoch=claim.epoch):
                raise stale(claim)
            await sql.decline_task(connection, task_id=claim.id, worker_id=worker_id)
            await end_local_attempt(connection, claim, "failed", reason, final=False)
            await _enqueue_again(connection, claim.id)
            return True

        return await self._database.run(work)


async def list_workers(connection: Connection, *, most: int) -> list[AnnouncedWorker]:
    """The workers, most recently seen first."""
    return [AnnouncedWorker(**row) async for row in sql.list_announced_workers(connection, most=most)]


async def _another_can(connection: Connection, task_id: str, worker_id: str) -> bool:
    return bool(await sql.another_can(connection, task_id=task_id, worker_id=worker_id, seconds=ALIVE_SECONDS))


async def _enqueue_again(connection: Connection, task_id: str) -> None:
    """Replace the row that this worker has picked, because a new one wakes the other workers."""
    await offer_again(connection, task_id, await sql.find_turn(connection, id=task_id))
