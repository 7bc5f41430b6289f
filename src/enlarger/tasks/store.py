"""A task's life, one transaction a step. `docs/how/states.md` draws it.

A worker's claim on a task is the task's epoch at that moment. Every write of a worker carries it, and finds nothing to
write to once another worker has claimed the task or its app has called it off: that is `StaleClaim`, and the outcome
is dropped. Each step may be done twice, because a commit that was cut off by a dying Postgres may have taken place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg

from enlarger.errors import IdempotencyConflict, RequestInFlight, UnknownTask
from enlarger.infra.database import Connection, Database
from enlarger.infra.queue import enqueue
from enlarger.protocol.codes import KEY_REUSED, NO_RECORD
from enlarger.protocol.records import State
from enlarger.tasks import endings
from enlarger.tasks.accounts import Caller
from enlarger.tasks.endings import Refund, end_local_attempt, stale
from enlarger.tasks.entrypoints import DELIVER, DISPATCH, change_to_long_lane, dispatch_again
from enlarger.tasks.ledger import reserve
from enlarger.tasks.limits import AccountLimits, check_limits
from enlarger.tasks.records import NewFile, NewTask, Task, TaskResult, to_task
from enlarger.tasks.sql import sql
from enlarger.translatable import sentence

_ID = re.compile("[0-9a-f]{32}")
_NOT_STORED = ("free", "for_engine")
"""Fields of a new task that have no column."""
_LOST_WORKERS = 3
"""How many workers may die on a task before it is taken for the cause."""


class TaskStore:
    """Tasks and their attempts."""

    def __init__(self, database: Database, limits: AccountLimits | None = None) -> None:
        """`limits` are those of accounts that have none of their own."""
        self._database = database
        self.limits: AccountLimits = limits or AccountLimits()

    def now(self) -> datetime:
        """The time by the database's clock, which all times in it are of."""
        return self._database.now()

    async def create(self, new: NewTask, caller: Caller | None = None) -> tuple[Task, bool]:
        """Make a task and wake a worker for it; the flag says that an idempotency key brought an earlier task back.

        The caller pays for it, and has to be within their limits; an earlier task is brought back without either.
        Raises IdempotencyConflict when that earlier task was made from another request, RequestInFlight when it is
        being made at this moment, RequestLimitReached, BalanceTooLow, KeyCapReached, or InvalidInput for a task that
        would cost nothing and is not free.
        """
        (made,) = await self.create_all((new,), caller)
        return made

    async def create_all(self, new: Sequence[NewTask], caller: Caller | None = None) -> list[tuple[Task, bool]]:
        """The same for several tasks, of which all are made or none. Raises what `create` raises."""

        async def work(connection: Connection) -> list[tuple[Task, bool]]:
            return [await _create(connection, one, caller, self.limits) for one in new]

        return await self._database.run(work)

    async def admit(self, new: Sequence[NewTask], caller: Caller) -> None:
        """Raise what `create_all` would raise now, and make nothing: files inside a request are stored afterwards."""

        async def work(connection: Connection) -> None:
            for one in new:
                await _create(connection, one, caller, self.limits)
            raise _Rehearsed

        with suppress(_Rehearsed):
            await self._database.run(work)

    async def get(self, account_id: str, task_id: str) -> Task:
        """An account's task. Raises UnknownTask, also for another account's."""
        check_id(task_id)

        async def work(connection: Connection) -> Any:
            return await sql.find_task(connection, id=task_id, account_id=account_id)

        row = await self._database.read(work)
        if row is None:
            raise unknown_task()
        return to_task(row)

    async def newest(
        self, account_id: str, *, states: Sequence[State] | None, model: str | None, after: str | None, most: int
    ) -> list[Task]:
        """An account's tasks, newest first: those in one of `states`, of `model`, made before the task `after`.

        Raises UnknownTask when there is no task `after`.
        """
        before = None if after is None else (await self.get(account_id, after)).created_at

        async def work(connection: Connection) -> list[Task]:
            found = sql.list_tasks(
                connection,
                account_id=account_id,
                states=states,
                model=model,
                before=before,
                before_id=after,
                most=most,
            )
            return [to_task(row) async for row in found]

        return await self._database.read(work)

    async def cancel(self, account_id: str, task_id: str, *, refund: Refund = "unpaid") -> Task:
        """Cancel a task; one that has ended stays as it is. Raises UnknownTask.

        With the refund `unpaid` its credits are kept while a hosted provider was, or may have been, paid for it. They
        are given back later if it turns out that nothing was.
        """
        check_id(task_id)

        async def work(connection: Connection) -> Any:
            if await sql.find_task(connection, id=task_id, account_id=account_id) is None:
                return None
            await endings.cancel(connection, task_id, refund=refund)
            return await sql.find_task(connection, id=task_id, account_id=account_id)  # with what it cost

        row = await self._database.run(work)
        if row is None:
            raise unknown_task()
        return to_task(row)

    # What workers do

    async def claim(self, task_id: str, provider: str) -> Task | None:
        """Take a task over for this machine's engine and write the attempt down; None when there is nothing to do.

        A task on which several workers have died already is failed here.
        """

        async def work(connection: Connection) -> Task | None:
            row = await sql.claim_task(connection, id=task_id)
            if row is None:
                return None
            task = to_task(row)
            await sql.close_lost_attempts(connection, task_id=task_id)
            lost = await sql.count_lost_attempts(connection, task_id=task_id)
            if lost >= _LOST_WORKERS:
                message = (
                    f"The worker died {lost} times on this task: the picture may be more than this machine can take."
                )
                await endings.fail_claimed(connection, task, "501", message)
                return None
            await sql.insert_attempt(connection, task_id=task_id, epoch=task.epoch, provider=provider)
            return task

        return await self._database.run(work)

    async def move_to_long_lane(self, claim: Task) -> None:
        """Release a claimed task and move it to the engine's long lane, with its turn. Raises StaleClaim.

        The engine was not started, so no attempt is recorded and the turn has not begun.
        """

        async def work(connection: Connection) -> None:
            if not await sql.release_task(connection, id=claim.id, epoch=claim.epoch):
                raise stale(claim)
            await sql.remove_attempt(connection, task_id=claim.id, epoch=claim.epoch)
            await change_to_long_lane(connection, claim.id, claim.turn)

        await self._database.run(work)

    async def start_generating(self, claim: Task) -> None:
        """Record that this machine's engine starts, which begins the task's turn. Raises StaleClaim."""

        async def work(connection: Connection) -> None:
            if not await sql.start_generating(connection, id=claim.id, epoch=claim.epoch):
                raise stale(claim)
            await sql.begin_turn(connection, turn=claim.turn)

        await self._database.run(work)

    async def report_progress(self, claim: Task, percent: int) -> None:
        """Write progress down, 0 to 100. Raises StaleClaim, which is how a worker learns of a cancellation."""
        await self._write(claim, sql.report_progress, progress=percent)

    async def succeed(
        self, claim: Task, result: TaskResult, files: list[NewFile], *, cost: Decimal = Decimal(0)
    ) -> None:
        """End a task well, with the files it made and what it costs. Raises StaleClaim."""

        async def work(connection: Connection) -> None:
            await endings.succeed_claimed(connection, claim, result, files, cost=cost)

        await self._database.run(work)

    async def fail(self, claim: Task, code: str, message: str) -> None:
        """End a task badly. Raises StaleClaim."""

        async def work(connection: Connection) -> None:
            await endings.fail_claimed(connection, claim, code, message)

        await self._database.run(work)

    async def pass_on(self, claim: Task, code: str, message: str) -> None:
        """This machine's engine cannot do it: let another provider. Raises StaleClaim."""

        async def work(connection: Connection) -> None:
            if not await sql.release_task(connection, id=claim.id, epoch=claim.epoch):
                raise stale(claim)
            await end_local_attempt(connection, claim, "failed", message, code=code)
            await dispatch_again(connection, claim.id)

        await self._database.run(work)

    async def release(self, claim: Task, reason: str = "released by a worker that stopped") -> None:
        """Give a task back unfinished; waking another worker is the caller's. A lost claim is no error here."""

        async def work(connection: Connection) -> None:
            if await sql.release_task(connection, id=claim.id, epoch=claim.epoch):
                await end_local_attempt(connection, claim, "failed", reason, final=False)

        await self._database.run(work)

    async def wake_forgotten(self, *, older_than: timedelta, most: int = 100) -> list[str]:
        """Wake workers for open tasks and owed callbacks that are not in the queue any longer; returns their ids."""

        async def work(connection: Connection) -> list[str]:
            woken: list[str] = []
            for entrypoint, find in ((DISPATCH, sql.find_forgotten_tasks), (DELIVER, sql.find_forgotten_deliveries)):
                found = [row async for row in find(connection, seconds=older_than.total_seconds(), most=most)]
                for row in found:
                    await enqueue(connection, entrypoint, row["id"], turn=row.get("turn", 0))
                woken += [row["id"] for row in found]
            return woken

        return await self._database.run(work)

    async def trim(self, *, older_than: timedelta, most: int) -> int:
        """Remove `most` of the tasks that ended longer ago than this and have no files left; how many they were."""

        async def work(connection: Connection) -> int:
            return int(await sql.trim_tasks(connection, seconds=older_than.total_seconds(), most=most))

        return await self._database.run(work)

    async def trim_queue_log(self, *, days: int) -> None:
        """Remove what the queue has noted about rows that are done with."""

        async def work(connection: Connection) -> None:
            await sql.trim_queue_log(connection, days=days)

        await self._database.run(work)

    async def _write(self, claim: Task, statement: Any, **values: Any) -> None:
        async def work(connection: Connection) -> None:
            if not await statement(connection, id=claim.id, epoch=claim.epoch, **values):
                raise stale(claim)

        await self._database.run(work)


class _Rehearsed(Exception):
    """Takes a transaction back that went well."""


async def _create(
    connection: Connection, new: NewTask, caller: Caller | None, limits: AccountLimits
) -> tuple[Task, bool]:
    values = {name: getattr(new, name) for name in new.__struct_fields__ if name not in _NOT_STORED}
    values["weight"] = 1.0 if caller is None else caller.weight
    if new.idempotency_key is not None:
        await sql.wait_briefly(connection)
    try:
        row = await sql.insert_task(connection, **values)
    except asyncpg.LockNotAvailableError:
        raise RequestInFlight(
            sentence("A request with this Idempotency-Key is in progress: send it again in a moment.")
        ) from None
    if row is not None:
        if caller is not None:
            await reserve(connection, caller, new.id, new.credits_reserved, free=new.free)
            await check_limits(connection, limits.overridden_by(caller.limits), new)
        await enqueue(connection, DISPATCH, new.id, turn=row["turn"])
        return to_task(row), False
    existing = to_task(
        await sql.find_existing(connection, id=new.id, account_id=new.account_id, idempotency_key=new.idempotency_key)
    )
    if existing.request_sha256 != new.request_sha256:
        message = sentence("The Idempotency-Key was used before, for another request: use a new key for a new task.")
        raise IdempotencyConflict("Idempotency-Key", message, [("Idempotency-Key", KEY_REUSED, message)])
    return existing, existing.id != new.id


def check_id(task_id: str) -> None:
    """Raise UnknownTask for what is no task's id, before Postgres is asked for it."""
    if not _ID.fullmatch(task_id):
        raise unknown_task()


def unknown_task() -> UnknownTask:
    """The error for a task that the account does not have."""
    return UnknownTask(NO_RECORD)
