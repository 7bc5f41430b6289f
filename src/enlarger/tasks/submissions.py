"""Submitting a task to a hosted provider: from its claim to what the provider answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any

import msgspec

from enlarger.catalog.model import LOCAL
from enlarger.infra import tracing
from enlarger.infra.database import Connection, Database
from enlarger.settings import Limits
from enlarger.tasks.budgets import set_aside, settle
from enlarger.tasks.endings import fail_open, refund_cancelled, stale
from enlarger.tasks.entrypoints import dispatch_again, hand_to_engine
from enlarger.tasks.provider_lines import let_wait, submission_rate
from enlarger.tasks.records import Attempt, Task, to_attempt, to_task
from enlarger.tasks.sql import sql

_LOST = "The worker died while it was sending: nobody can say whether the task was taken."
_AT_ONCE = timedelta(0)
_FIRST_EPOCH = 1
"""The epoch after a task's first claim, when it has no attempts yet."""


class Claim(msgspec.Struct, frozen=True):
    """A task for which a provider is to be found, and what was tried before."""

    task: Task
    attempts: tuple[Attempt, ...]


class Waiting(msgspec.Struct, frozen=True):
    """The task waits for the provider, and will be called."""


class Submissions:
    """Attempts while they are being submitted, and what the provider answered."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim_for_dispatch(self, task_id: str) -> Claim | None:
        """Take a task in order to submit it; None when there is nothing to submit.

        A submission whose worker never came back is unknown from here on.
        """

        async def claim(connection: Connection) -> Claim | None:
            row = await sql.claim_for_dispatch(connection, id=task_id)
            if row is None:
                return None
            task = to_task(row)
            if task.epoch == _FIRST_EPOCH:
                return Claim(task, ())
            # A separate statement, which also sees what an earlier claim committed while this one waited for the lock.
            return Claim(task, tuple([to_attempt(one) async for one in sql.find_attempts(connection, task_id=task_id)]))

        claimed = await self._database.run_statement(claim)
        if claimed is not None and not any(one.open for one in claimed.attempts):
            return claimed
        await self._database.run(partial(_follow_open_attempt, task_id=task_id))
        return None

    async def hand_to_engine(self, claim: Task) -> None:
        """Leave a task to this machine's engine. Raises StaleClaim."""

        async def work(connection: Connection) -> None:
            await _check_claim(connection, claim)
            await hand_to_engine(connection, claim.id, claim.turn)

        await self._database.run(work)

    async def is_full(self, provider: str, *, most: int) -> bool:
        """Whether a provider has `most` tasks at the moment; `begin` decides."""

        async def work(connection: Connection) -> bool:
            return int(await sql.count_running(connection, provider=provider)) >= most

        return await self._database.read(work)

    async def begin(
        self,
        claim: Task,
        provider: str,
        *,
        reference: str,
        request: Mapping[str, Any],
        dollars: Decimal | None,
        deadline: float,
        limits: Limits,
    ) -> Attempt | Waiting:
        """Write down that a task is about to be submitted, and set aside what it may cost.

        `request` is what will be sent, and is stored here before it leaves. `dollars` are None where no price is known;
        `reference` is new for each submission; `deadline` is in seconds from now; `limits` are the provider's. If
        they are reached, or tasks with earlier turns are waiting, the task leaves the queue and waits to be called.
        Raises StaleClaim or BudgetReached, and then nothing is to be sent.
        """
        tries = count()

        async def work(connection: Connection) -> Attempt | Waiting:
            if next(tries):
                # The commit may have taken place before the connection was lost.
                row = await sql.find_attempt_by_reference(connection, reference=reference)
                if row is not None:
                    return to_attempt(row)
            await sql.lock_provider(connection, provider=provider)
            place = await sql.find_place(connection, id=claim.id, provider=provider)
            if place is None or place["epoch"] != claim.epoch:
                raise stale(claim)
            if (
                place["running"] >= limits.concurrency
                or place["behind"]
                or not await _acquire_submission(connection, provider, limits)
            ):
                await let_wait(connection, claim, provider)
                return Waiting()
            await set_aside(connection, provider=provider, account_id=claim.account_id, dollars=dollars)
            return to_attempt(
                await sql.begin_submission(
                    connection,
                    task_id=claim.id,
                    epoch=claim.epoch,
                    turn=claim.turn,
                    provider=provider,
                    reference=reference,
                    request=dict(request),
                    dollars=dollars or Decimal(0),
                    deadline=deadline,
                    trace_parent=tracing.context(),
                )
            )

        return await self._database.run(work)

    async def skip(self, claim: Task, provider: str, reason: str) -> None:
        """Write down why a provider is passed over."""

        async def work(connection: Connection) -> None:
            await sql.skip_provider(connection, task_id=claim.id, epoch=claim.epoch, provider=provider, error=reason)

        await self._database.run_statement(work)

    async def accepted(self, attempt: Attempt, provider_task_id: str, *, poll_in: timedelta) -> None:
        """The provider has it; also what was unknown before, or whose worker was taken for dead."""

        async def work(connection: Connection) -> None:
            seconds = poll_in.total_seconds()
            await sql.note_accepted(connection, id=attempt.id, provider_task_id=provider_task_id, seconds=seconds)

        await self._database.run_statement(work)

    async def unknown(self, attempt: Attempt, reason: str, *, poll_in: timedelta) -> None:
        """Nobody can say whether the provider has it: it is not sent again before that is known."""

        async def work(connection: Connection) -> None:
            await _note_unknown(connection, attempt.id, reason, poll_in)

        await self._database.run(work)

    async def refused(self, attempt: Attempt, reason: str, *, code: str, final: bool) -> None:
        """The provider surely does not have it. What was unknown before is free to go elsewhere."""

        async def work(connection: Connection) -> None:
            row = await sql.note_refused(connection, id=attempt.id, error=reason, code=code, final=final)
            if row is not None:
                await settle(connection, attempt_id=attempt.id, dollars=Decimal(0))
                if row["abandoned_at"] is not None:
                    await refund_cancelled(connection, attempt.task_id)
                elif attempt.state == "unknown":
                    await dispatch_again(connection, attempt.task_id)

        await self._database.run(work)

    async def give_up(self, claim: Task, code: str, message: str) -> None:
        """No provider accepts the task: it fails, unless one may have it. Raises StaleClaim."""

        async def work(connection: Connection) -> None:
            await _check_claim(connection, claim)
            if await sql.find_open_attempt(connection, task_id=claim.id) is None:
                await fail_open(connection, claim.id, code, message)

        await self._database.run(work)

    async def note_lost(self, *, older_than: timedelta) -> None:
        """Submissions that nobody answers for, of tasks that have ended meanwhile, are unknown from here on."""

        async def work(connection: Connection) -> None:
            await sql.note_lost(connection, error=_LOST, seconds=older_than.total_seconds())

        await self._database.run(work)


async def _acquire_submission(connection: Connection, provider: str, limits: Limits) -> bool:
    """Count a submission against the provider's rate; returns whether the rate allows it."""
    if limits.creates is None:
        return True
    most, seconds = limits.creates
    return bool(await sql.acquire_slot(connection, name=submission_rate(provider), most=most, seconds=seconds))


async def _follow_open_attempt(connection: Connection, task_id: str) -> None:
    """Handle a task that cannot be dispatched, because an attempt of it is open."""
    locked = await sql.lock_task(connection, id=task_id)
    row = await sql.find_open_attempt(connection, task_id=task_id) if locked is not None else None
    if row is None:
        return
    attempt = to_attempt(row)
    if attempt.provider == LOCAL:
        await hand_to_engine(connection, task_id, locked["turn"])
    elif attempt.state == "submitting":
        await _note_unknown(connection, attempt.id, _LOST, _AT_ONCE)


async def _check_claim(connection: Connection, claim: Task) -> None:
    """Hold the task until the transaction's end. Raises StaleClaim when it is not this claim's any longer."""
    row = await sql.lock_task(connection, id=claim.id)
    if row is None or row["epoch"] != claim.epoch:
        raise stale(claim)


async def _note_unknown(connection: Connection, attempt_id: int, reason: str, poll_in: timedelta) -> None:
    row = await sql.note_unknown(connection, id=attempt_id, error=reason, seconds=poll_in.total_seconds())
    if row is not None and row["abandoned_at"] is None:
        await sql.show_generating(connection, id=row["task_id"])
