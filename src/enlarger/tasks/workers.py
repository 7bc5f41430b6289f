"""The workers of a service: what the engine of each is, and which tasks they leave to each other."""

from __future__ import annotations

from datetime import datetime

import msgspec

from enlarger.infra.database import Connection, Database
from enlarger.tasks.endings import end_local_attempt, stale
from enlarger.tasks.entrypoints import offer_again
from enlarger.tasks.records import Task
from enlarger.tasks.sql import sql

ALIVE_SECONDS = 20.0
"""A worker that has not been seen for so long is not counted on."""


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker says of itself."""

    id: str
    """Another one for each start."""
    name: str
    """Its machine and process."""
    runs_engine: bool
    problem: str | None = None
    """Why its engine cannot run."""
    engine: str | None = None
    """That of its latest pictures, as are the device and the speed; None before the first one."""
    device: str | None = None
    speed: float | None = None
    """Megapixels of output a second."""


class AnnouncedWorker(Announcement, frozen=True, kw_only=True):
    """A worker, as the others know it."""

    since: datetime
    silent: float
    """Seconds since it was last seen."""

    @property
    def alive(self) -> bool:
        """Whether it was seen lately."""
        return self.silent < ALIVE_SECONDS


class WorkerStore:
    """The tables `workers` and `declined_tasks`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def announce(self, worker: Announcement) -> None:
        """Say that a worker is alive, and what it is."""

        async def work(connection: Connection) -> None:
            await sql.announce_worker(connection, **msgspec.structs.asdict(worker))

        await self._database.run(work)

    async def remove(self, worker_id: str) -> None:
        """Forget a worker that has stopped."""

        async def work(connection: Connection) -> None:
            await sql.remove_worker(connection, id=worker_id)

        await self._database.run(work)

    async def trim(self, *, seconds: float) -> int:
        """Forget workers that have not been seen for so long; how many they were."""

        async def work(connection: Connection) -> int:
            return int(await sql.trim_workers(connection, seconds=seconds))

        return await self._database.run(work)

    async def all(self, *, most: int) -> list[AnnouncedWorker]:
        """The workers, those that were seen last first."""
        return await self._database.read(lambda connection: list_workers(connection, most=most))

    async def leave_to_others(self, task_id: str, worker_id: str) -> bool:
        """Put a task back into the queue if this worker cannot do it and another one can; whether that is so."""

        async def work(connection: Connection) -> bool:
            if not await sql.cannot_do(connection, task_id=task_id, worker_id=worker_id):
                return False
            if not await _another_can(connection, task_id, worker_id):
                return False
            await _enqueue_again(connection, task_id)
            return True

        return await self._database.run(work)

    async def decline(self, claim: Task, worker_id: str, reason: str) -> bool:
        """Give a claimed task back because this worker cannot do it; False, and no change, if no other one can.

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
    """The same by a connection."""
    return [AnnouncedWorker(**row) async for row in sql.list_announced_workers(connection, most=most)]


async def _another_can(connection: Connection, task_id: str, worker_id: str) -> bool:
    return bool(await sql.another_can(connection, task_id=task_id, worker_id=worker_id, seconds=ALIVE_SECONDS))


async def _enqueue_again(connection: Connection, task_id: str) -> None:
    """In place of the row that this worker has: a new row wakes the other ones."""
    await offer_again(connection, task_id, await sql.find_turn(connection, id=task_id))
