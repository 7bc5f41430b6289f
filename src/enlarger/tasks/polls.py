"""Asking hosted providers what has become of attempts, and writing down what they say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from enlarger.infra.database import Connection, Database
from enlarger.infra.queue import enqueue
from enlarger.tasks.budgets import settle
from enlarger.tasks.endings import fail_open, refund_cancelled
from enlarger.tasks.entrypoints import COLLECT, dispatch_again
from enlarger.tasks.records import Attempt, to_attempt
from enlarger.tasks.sql import sql

NEWS = "enlarger_news"
"""Where Postgres tells the name of a provider that has announced something."""


class Due(msgspec.Struct, frozen=True):
    """An attempt that is to be looked at, and its task's model."""

    attempt: Attempt
    model: str


class Polls:
    """Attempts that a provider has, or may have, until their end is known."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, provider: str, *, most: int, lease: timedelta) -> tuple[list[Due], float | None]:
        """Attempts to be looked at now, which nobody else gets for a while, and the seconds until there are more."""

        async def work(connection: Connection) -> tuple[list[Due], float | None]:
            rows = sql.take_due_attempts(connection, provider=provider, most=most, seconds=lease.total_seconds())
            found = [Due(to_attempt(row), row["model"]) async for row in rows]
            return found, await sql.find_next_poll(connection, provider=provider)

        return await self._database.run_statement(work)

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
            if row is not None:
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

    async def announce(self, reference: str, webhook: Mapping[str, Any]) -> None:
        """A provider has told something about an attempt: it is looked at at once; what has ended stays as it is."""

        async def work(connection: Connection) -> None:
            await sql.note_webhook(connection, reference=reference, webhook=dict(webhook), channel=NEWS)

        await self._database.run_statement(work)
