"""What a service has done and holds: figures for those who run it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import msgspec

from enlarger.infra.database import Connection, Database
from enlarger.tasks.sql import sql

_ZERO = Decimal(0)
_AGAIN_DAYS = 2
"""Days that are summed up once more, because costs are corrected and refunds made after a task has ended."""


class Usage(msgspec.Struct, kw_only=True):
    """The sums of a day, a model or a provider; of a provider, `tasks` and `failures` are attempts."""

    tasks: int = 0
    failures: int = 0
    credits: Decimal = _ZERO
    dollars: Decimal = _ZERO


class UsageReport(msgspec.Struct, frozen=True, kw_only=True):
    """The sums of a period. Tasks count on the day on which they end, attempts when they begin."""

    days: dict[date, Usage]
    """Every day of the period, the oldest first."""
    models: dict[str, Usage]
    """The busiest first."""
    providers: dict[str, Usage]

    @property
    def total(self) -> Usage:
        """The sums of all days."""
        return add_up(self.days.values())


def add_up(usages: Collection[Usage]) -> Usage:
    """Return the sums of all `usages`."""
    return Usage(
        tasks=sum(usage.tasks for usage in usages),
        failures=sum(usage.failures for usage in usages),
        credits=sum((usage.credits for usage in usages), _ZERO),
        dollars=sum((usage.dollars for usage in usages), _ZERO),
    )


class StoredFiles(msgspec.Struct, frozen=True, kw_only=True):
    """The files of one kind."""

    kind: Literal["results", "orphans", "uploads"]
    files: int
    bytes: int


class DatabaseFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Postgres."""

    version: str
    bytes: int


class UsageStore:
    """The `usage_days` table, and figures of tasks, attempts and files."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def report(self, *, days: int) -> UsageReport:
        """The sums of the last `days` days (UTC), today included."""

        async def work(connection: Connection) -> UsageReport:
            dates = [row["day"] async for row in sql.list_days(connection, days=days)]
            return _report(dates, [row async for row in sql.read_usage(connection, days=days)])

        return await self._database.read(work)

    async def totals(self) -> dict[tuple[str, str], Usage]:
        """The sums of all time by model and provider; the provider is empty where tasks and not attempts are counted.

        Tasks, attempts and failures only ever become more; credits and dollars are corrected downwards, too.
        """

        async def work(connection: Connection) -> dict[tuple[str, str], Usage]:
            return {
                (row["model"], row["provider"]): Usage(
                    tasks=row["tasks"], failures=row["failures"], credits=row["credits"], dollars=row["dollars"]
                )
                async for row in sql.read_usage_totals(connection)
            }

        return await self._database.read(work)

    async def roll_up(self) -> None:
        """Sum up the days that are over, so that reports do not have to read every task, and outlive the tasks."""

        async def work(connection: Connection) -> None:
            await sql.roll_up_usage(connection, again=_AGAIN_DAYS)

        await self._database.run(work)

    async def files(self) -> list[StoredFiles]:
        """What is stored, by kind."""

        async def work(connection: Connection) -> list[StoredFiles]:
            return [StoredFiles(**row) async for row in sql.sum_files_by_kind(connection)]

        return await self._database.read(work)

    async def database(self) -> DatabaseFacts:
        """The version and size of the database."""

        async def work(connection: Connection) -> Any:
            return await sql.describe_database(connection)

        return DatabaseFacts(**await self._database.read(work))


def _report(days: Sequence[date], rows: Sequence[Any]) -> UsageReport:
    by_day, by_model, by_provider = {day: Usage() for day in days}, {}, {}
    for row in rows:
        sums = Usage(tasks=row["tasks"], failures=row["failures"], credits=row["credits"], dollars=row["dollars"])
        if row["day"] is not None:
            by_day[row["day"]] = sums
        elif row["model"]:
            by_model[row["model"]] = sums
        elif row["provider"]:
            sums.tasks, sums.failures = row["attempts"], row["failed_attempts"]
            by_provider[row["provider"]] = sums
    return UsageReport(days=by_day, models=_ranked(by_model), providers=_ranked(by_provider))


def _ranked(sums: dict[str, Usage]) -> dict[str, Usage]:
    return dict(sorted(sums.items(), key=lambda item: (-item[1].tasks, item[0])))
