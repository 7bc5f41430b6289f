"""Attempts: what was submitted to hosted providers, and what became of it. `docs/states.md` draws it.

An attempt is written down before its request leaves, and a rule of the database allows a task one open attempt at a
time. What is learnt of an attempt only ever adds to what is known: `submitting` may turn out as accepted, refused or
unknown, `unknown` as accepted or refused, and an end is an end. So news may come twice, late and in any order, and from
workers that were taken for dead; what comes too late changes nothing, or is kept as an orphan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from enlarger.catalog.model import LOCAL
from enlarger.errors import StaleClaim
from enlarger.infra.database import Connection, Database
from enlarger.infra.queue import enqueue
from enlarger.tasks.budgets import set_aside, settle
from enlarger.tasks.endings import fail_open, refund_cancelled, stale, succeed_open
from enlarger.tasks.entrypoints import COLLECT, ENGINE, dispatch_again
from enlarger.tasks.files import insert_file
from enlarger.tasks.records import Attempt, NewFile, Task, TaskResult, to_attempt, to_task
from enlarger.tasks.sql import sql

NEWS = "enlarger_news"
"""Where Postgres tells the name of a provider that has announced something."""

_LOST = "The worker died while it was sending: nobody can say whether the task was taken."
_AT_ONCE = timedelta(0)


class Claim(msgspec.Struct, frozen=True):
    """A task for which a provider is to be found, and what was tried before."""

    task: Task
    attempts: tuple[Attempt, ...]


class Due(msgspec.Struct, frozen=True):
    """An attempt that is to be looked at, and its task's model."""

    attempt: Attempt
    model: str


class Full(msgspec.Struct, frozen=True):
    """A provider has as many tasks as it may have."""


class AttemptStore:
    """The `attempts` table, and what it means for tasks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def now(self) -> datetime:
        """The time by the database's clock, which all times in it are of."""
        return self._database.now()

    # Submitting

    async def claim_for_dispatch(self, task_id: str) -> Claim | None:
        """Take a task in order to submit it; None when there is nothing to submit.

        A submission whose worker never came back is unknown from here on.
        """

        async def work(connection: Connection) -> Claim | None:
            if await sql.lock_task(connection, id=task_id) is None:
                return None
            row = await sql.find_open_attempt(connection, task_id=task_id)
            if row is None:
                task = to_task(await sql.claim_for_dispatch(connection, id=task_id))
                found = [to_attempt(one) async for one in sql.find_attempts(connection, task_id=task_id)]
                return Claim(task, tuple(found))
            attempt = to_attempt(row)
            if attempt.provider == LOCAL:
                await enqueue(connection, ENGINE, task_id)
            elif attempt.state == "submitting":
                await _note_unknown(connection, attempt.id, _LOST, _AT_ONCE)
            return None

        return await self._database.run(work)

    async def hand_to_engine(self, claim: Task) -> None:
        """Leave a task to this machine's engine. Raises StaleClaim."""

        async def work(connection: Connection) -> None:
            await _check_claim(connection, claim)
            await enqueue(connection, ENGINE, claim.id)

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
        most: int,
    ) -> Attempt | Full:
        """Write down that a task is about to be submitted, and set aside what it may cost.

        `request` is what will be sent, and is stored here before it leaves. `dollars` are None where no price is known;
        `reference` is new for each submission; `deadline` is in seconds from now; `most` is how many tasks the provider
        may have at once. Raises StaleClaim or BudgetReached, and then nothing is to be sent.
        """

        async def work(connection: Connection) -> Attempt | Full:
            if (row := await sql.find_attempt_by_reference(connection, reference=reference)) is not None:
                return to_attempt(row)  # the commit was cut off, but it took place
            await sql.wait_for_turn(connection, provider=provider)
            await _check_claim(connection, claim)
            if await sql.count_running(connection, provider=provider) >= most:
                return Full()
            await set_aside(connection, provider=provider, account_id=claim.account_id, dollars=dollars)
            return to_attempt(
                await sql.begin_submission(
                    connection,
                    task_id=claim.id,
                    epoch=claim.epoch,
                    provider=provider,
                    reference=reference,
                    request=dict(request),
                    dollars=dollars or Decimal(0),
                    deadline=deadline,
                )
            )

        return await self._database.run(work)

    async def skip(self, claim: Task, provider: str, reason: str) -> None:
        """Write down why a provider is passed over."""

        async def work(connection: Connection) -> None:
            await sql.skip_provider(connection, task_id=claim.id, epoch=claim.epoch, provider=provider, error=reason)

        await self._database.run(work)

    async def accepted(self, attempt: Attempt, provider_task_id: str, *, poll_in: timedelta) -> None:
        """The provider has it; also what was unknown before, or whose worker was taken for dead."""

        async def work(connection: Connection) -> None:
            seconds = poll_in.total_seconds()
            row = await sql.note_accepted(connection, id=attempt.id, provider_task_id=provider_task_id, seconds=seconds)
            if row is not None and row["abandoned_at"] is None:
                await sql.show_generating(connection, id=attempt.task_id)

        await self._database.run(work)

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

    # Looking

    async def due(self, provider: str, *, most: int, lease: timedelta) -> tuple[list[Due], float | None]:
        """Attempts to be looked at now, which nobody else gets for a while, and the seconds until there are more."""

        async def work(connection: Connection) -> tuple[list[Due], float | None]:
            rows = sql.take_due_attempts(connection, provider=provider, most=most, seconds=lease.total_seconds())
            found = [Due(to_attempt(row), row["model"]) async for row in rows]
            return found, await sql.find_next_poll(connection, provider=provider)

        return await self._database.run(work)

    async def polled(
        self,
        attempt: Attempt,
        *,
        again_in: timedelta,
        asked: bool,
        progress: int = 0,
        trouble: str | None = None,
    ) -> None:
        """It has not ended: look again in a while, or at once when the provider has told something meanwhile.

        `trouble` is why that could not be found out.
        """

        async def work(connection: Connection) -> None:
            await sql.note_poll(
                connection,
                id=attempt.id,
                seconds=again_in.total_seconds(),
                asked=asked,
                webhook=attempt.webhook,
                trouble=trouble,
            )
            if progress and attempt.abandoned_at is None:
                await sql.show_progress(connection, id=attempt.task_id, progress=min(progress, 99))

        await self._database.run(work)

    async def succeeded(
        self,
        attempt: Attempt,
        provider_task_id: str,
        report: Mapping[str, Any],
        *,
        finished_at: datetime | None,
        keeps: float | None,
        asked: bool,
    ) -> None:
        """The provider has a result: it is to be collected, before the provider deletes it in `keeps` seconds."""

        async def work(connection: Connection) -> None:
            row = await sql.note_report(
                connection,
                id=attempt.id,
                provider_task_id=provider_task_id,
                report=dict(report),
                asked=asked,
                finished_at=finished_at,
                keeps=keeps,
            )
            if row is None:
                return
            if row["abandoned_at"] is None:
                await sql.show_generating(connection, id=attempt.task_id)
            await enqueue(connection, COLLECT, str(attempt.id))

        await self._database.run(work)

    async def failed(
        self,
        attempt: Attempt,
        message: str,
        *,
        code: str,
        ends_task: bool,
        provider_task_id: str | None = None,
        dollars: Decimal | None = Decimal(0),
        asked: bool = False,
    ) -> None:
        """The provider has failed: the task fails, too, or goes to the next provider."""

        async def work(connection: Connection) -> None:
            row = await sql.note_failure(
                connection,
                id=attempt.id,
                provider_task_id=provider_task_id,
                error=message,
                code=code,
                final=True,
                asked=asked,
                reported=attempt.report is not None,
            )
            if row is None:
                return
            if row["abandoned_at"] is None:
                if ends_task:
                    await fail_open(connection, attempt.task_id, code, message)
                else:
                    await dispatch_again(connection, attempt.task_id)
            if dollars is not None:
                await settle(connection, attempt_id=attempt.id, dollars=dollars)
            if row["abandoned_at"] is not None:
                await refund_cancelled(connection, attempt.task_id)

        await self._database.run(work)

    async def abandon(
        self,
        attempt: Attempt,
        reason: str,
        *,
        certain: bool,
        code: str,
        message: str,
        resubmit: bool,
        poll_in: timedelta,
    ) -> bool:
        """Wait for an attempt no longer: its task fails, or is submitted once more, but not a third time.

        Unless it is certain that the provider has it, it is unknown from here on; what it may cost stays counted.
        Returns False, and nothing has happened, when more has become known of it than `attempt` says, or when by
        the database's clock its time is not over.
        """

        async def work(connection: Connection) -> bool:
            row = await sql.abandon(
                connection,
                id=attempt.id,
                error=reason,
                seconds=poll_in.total_seconds(),
                webhook=attempt.webhook,
                provider_task_id=attempt.provider_task_id,
                certain=certain,
            )
            if row is None:
                return False
            if resubmit and await sql.count_abandoned(connection, task_id=attempt.task_id) == 1:
                await dispatch_again(connection, attempt.task_id)
            else:
                await fail_open(connection, attempt.task_id, code, message)
            return True

        return await self._database.run(work)

    async def stop_polling(self, attempt: Attempt, reason: str) -> None:
        """Nobody will know any more what became of an abandoned attempt; what it may have cost stays counted."""

        async def work(connection: Connection) -> None:
            await sql.stop_polling(connection, id=attempt.id, error=reason)

        await self._database.run(work)

    async def note_lost(self, *, older_than: timedelta) -> None:
        """Submissions that nobody answers for, of tasks that have ended meanwhile, are unknown from here on."""

        async def work(connection: Connection) -> None:
            await sql.note_lost(connection, error=_LOST, seconds=older_than.total_seconds())

        await self._database.run(work)

    async def announce(self, reference: str, webhook: Mapping[str, Any]) -> None:
        """A provider has told something about an attempt: it is looked at at once; what has ended stays as it is."""

        async def work(connection: Connection) -> None:
            provider = await sql.note_webhook(connection, reference=reference, webhook=dict(webhook))
            if provider is not None:
                await sql.ring(connection, channel=NEWS, payload=provider)

        await self._database.run(work)

    # Collecting

    async def to_collect(self, attempt_id: int) -> tuple[Attempt, Task] | None:
        """An attempt whose result is to be collected, and its task; None when somebody has."""

        async def work(connection: Connection) -> tuple[Attempt, Task] | None:
            row = await sql.find_to_collect(connection, id=attempt_id)
            if row is None:
                return None
            task = await sql.find_any_task(connection, id=row["task_id"])
            return to_attempt(row), to_task(task)

        return await self._database.run(work)

    async def collected(
        self,
        attempt: Attempt,
        result: TaskResult,
        files: Sequence[NewFile],
        *,
        cost: Decimal,
        dollars: Decimal | None,
    ) -> bool:
        """A result is stored: its task ends well, if it is open; else the files are kept as an orphan's.

        Returns whether the task has it. `cost` is in credits; `dollars` are what the provider has taken, None when
        that is what was set aside. Raises StaleClaim when somebody else has collected it: the files are not needed.
        """

        async def work(connection: Connection) -> bool:
            row = await sql.note_collected(connection, id=attempt.id)
            if row is None:
                known = [await sql.find_file(connection, id=file.id) for file in files]
                if not files or None in known:
                    raise StaleClaim(f"The result of attempt {attempt.id} has been collected by another worker.")
                return bool(known[0]["attempt_id"] is None)  # the commit was cut off, but it took place
            if used := await succeed_open(connection, attempt.task_id, result, files, cost=cost):
                await sql.note_used(connection, id=attempt.id)
                await sql.close_local_attempts(connection, task_id=attempt.task_id)
                await sql.abandon_others(connection, task_id=attempt.task_id, id=attempt.id)
            else:
                await sql.note_orphan(connection, id=attempt.id)
                for file in files:
                    await insert_file(connection, msgspec.structs.replace(file, attempt_id=attempt.id))
            if dollars is not None:
                await settle(connection, attempt_id=attempt.id, dollars=dollars)
            return used

        return await self._database.run(work)

    async def uncollected(self, attempt: Attempt, reason: str, *, counts: bool) -> int:
        """Write down why a result could not be collected now; returns how many of these failures counted."""

        async def work(connection: Connection) -> int:
            return int(await sql.note_uncollected(connection, id=attempt.id, error=reason, counts=counts) or 0)

        return await self._database.run(work)

    async def is_needed(self, attempt: Attempt) -> bool:
        """Whether anybody still waits for an attempt's result: its task has not ended, or gone on, without it."""

        async def work(connection: Connection) -> bool:
            return bool(await sql.is_needed(connection, id=attempt.id))

        return await self._database.read(work)

    async def wake_uncollected(self, *, older_than: timedelta, most: int) -> None:
        """Put results back into the queue that have fallen out of it."""

        async def work(connection: Connection) -> None:
            found = sql.find_uncollected(connection, seconds=older_than.total_seconds(), most=most)
            for attempt_id in [row["id"] async for row in found]:
                await enqueue(connection, COLLECT, str(attempt_id))

        await self._database.run(work)

    # Asking

    async def of_task(self, task_id: str) -> list[Attempt]:
        """A task's attempts, in their order."""

        async def work(connection: Connection) -> list[Attempt]:
            return [to_attempt(row) async for row in sql.find_attempts(connection, task_id=task_id)]

        return await self._database.read(work)

    async def provider_task(self, task_id: str, provider: str) -> str | None:
        """A provider's own id of the task whose result it made; None when another made it."""

        async def work(connection: Connection) -> Any:
            return await sql.find_provider_task(connection, task_id=task_id, provider=provider)

        row = await self._database.read(work)
        return None if row is None else row["provider_task_id"]

    async def taken(self, provider: str, model: str, *, within: timedelta) -> frozenset[str]:
        """A provider's ids of a model's latest tasks that are known to be some attempt's."""

        async def work(connection: Connection) -> frozenset[str]:
            rows = sql.find_taken(connection, provider=provider, model=model, seconds=within.total_seconds())
            return frozenset([row["provider_task_id"] async for row in rows])

        return await self._database.read(work)

    async def is_taken(self, provider: str, provider_task_id: str) -> bool:
        """Whether a provider's task is known to be some attempt's."""

        async def work(connection: Connection) -> bool:
            return bool(await sql.is_taken(connection, provider=provider, provider_task_id=provider_task_id))

        return await self._database.read(work)


async def _check_claim(connection: Connection, claim: Task) -> None:
    """Hold the task until the transaction's end. Raises StaleClaim when it is not this claim's any longer."""
    row = await sql.lock_task(connection, id=claim.id)
    if row is None or row["epoch"] != claim.epoch:
        raise stale(claim)


async def _note_unknown(connection: Connection, attempt_id: int, reason: str, poll_in: timedelta) -> None:
    row = await sql.note_unknown(connection, id=attempt_id, error=reason, seconds=poll_in.total_seconds())
    if row is not None and row["abandoned_at"] is None:
        await sql.show_generating(connection, id=row["task_id"])
