"""Budgets: the most dollars that may be spent at a provider, or for an account, in a day and in a month (UTC).

Dollars are set aside when an attempt is written down and settled when its cost is known. Both are one statement, which
counts in the sums of provider and account, day and month, in one order everywhere.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import msgspec

from enlarger.errors import BudgetReached, InvalidInput
from enlarger.infra.database import Connection, Database
from enlarger.tasks.sql import sql

Kind = Literal["provider", "account"]


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """What may be spent, and what was."""

    kind: Kind
    name: str
    day_cap: Decimal | None
    month_cap: Decimal | None
    """None is without limit."""
    today: Decimal = Decimal(0)
    this_month: Decimal = Decimal(0)


class Overcharge(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider has charged this month beyond what was reserved for its tasks; the budgets have counted it."""

    provider: str
    tasks: int
    dollars: Decimal


class BudgetStore:
    """The `budgets` table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[Budget]:
        """Every provider and account that has a cap, or for which something was spent this month."""

        async def work(connection: Connection) -> list[Budget]:
            return [Budget(**row) async for row in sql.list_budgets(connection)]

        return await self._database.read(work)

    async def overcharges(self) -> list[Overcharge]:
        """The providers that have charged more than was reserved."""

        async def work(connection: Connection) -> list[Overcharge]:
            return [Overcharge(**row) async for row in sql.read_overcharges(connection)]

        return await self._database.read(work)

    async def set(
        self,
        kind: Kind,
        name: str,
        *,
        day: Decimal | Literal["none"] | None = None,
        month: Decimal | Literal["none"] | None = None,
    ) -> Budget:
        """Set the caps that are given; "none" takes one away, None leaves it. Raises InvalidInput.

        Whether there is such a provider is for the caller to know.
        """

        async def work(connection: Connection) -> Budget:
            if kind == "account" and not await sql.account_exists(connection, id=name):
                raise InvalidInput("NAME", f"There is no account {name!r}: `enlarger accounts list` shows them.")
            row = await sql.set_budget(
                connection,
                kind=kind,
                name=name,
                keep_day=day is None,
                day_cap=None if day == "none" else day,
                keep_month=month is None,
                month_cap=None if month == "none" else month,
            )
            return Budget(**row)

        return await self._database.run(work)


async def set_aside(connection: Connection, *, provider: str, account_id: str, dollars: Decimal | None) -> None:
    """Count what an attempt may cost; a part of the transaction that writes it down, with the same dollars.

    None is a price that nobody knows: no budget can hold it. Raises BudgetReached, which must end the transaction.
    """
    if dollars is None:
        async for row in sql.find_caps(connection, provider=provider, account_id=account_id):
            raise BudgetReached(
                f"The dollars of the {row['kind']} {row['name']} are limited, and no price of the model is known:"
                f" `enlarger budgets set {row['kind']} {row['name']} --day none --month none` takes the limit away."
            )
        dollars = Decimal(0)
    async for row in sql.set_aside(connection, provider=provider, account_id=account_id, dollars=dollars):
        left = max(row["cap"] - row["before"], Decimal(0))
        raise BudgetReached(
            f"The {row['kind']} {row['name']} may spend ${say_dollars(row['cap'])} in a {row['span']} (UTC), of"
            f" which ${say_dollars(left)} are left, and the task may cost ${say_dollars(dollars)}:"
            f" `enlarger budgets set {row['kind']} {row['name']} --{row['span']} DOLLARS` allows more."
        )


async def settle(connection: Connection, *, attempt_id: int, dollars: Decimal) -> None:
    """Correct the sums of the day and month in which an attempt was sent to what it cost; 0 when it was refused.

    Doing it twice is doing it once.
    """
    await sql.settle_dollars(connection, id=attempt_id, dollars=dollars)


def say_dollars(dollars: Decimal) -> str:
    """An amount in words, with cents at least."""
    text = f"{dollars.normalize():f}"
    whole, _, parts = text.partition(".")
    return f"{whole}.{parts:0<2}"
