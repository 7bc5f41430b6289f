"""Credits: reserved when a task is made, settled or released when it ends, each in one statement.

A balance is changed only together with a line of the ledger, in the transaction that changes the task. So the balance
is the ledger's sum at every moment, whatever dies in between, and two requests can never spend the same credits.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

import asyncpg
import msgspec

from enlarger.errors import BalanceTooLow, InvalidInput, KeyCapReached, RequestLimitReached
from enlarger.infra.database import Connection, Database
from enlarger.tasks.accounts import Caller
from enlarger.tasks.once import is_first
from enlarger.tasks.rate_limits import acquire_slot
from enlarger.tasks.sql import sql
from enlarger.translatable import sentence

_STEP = Decimal("0.0001")
_CREATE_SECONDS = 10.0
_QUERY_SECONDS = 1.0
_RATE_LIMITS_SECONDS = 3600.0
"""After which a pace is forgotten; longer than any that is kept."""


class LedgerLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an account's ledger."""

    id: int
    task_id: str | None
    kind: Literal["top_up", "reserve", "settle", "release", "refund"]
    credits: Decimal
    """What it adds to the balance."""
    note: str | None
    at: datetime


class Difference(msgspec.Struct, frozen=True):
    """An account whose balance is not what its ledger says."""

    account_id: str
    balance: Decimal
    ledger: Decimal


def to_credits(amount: float | Decimal | None) -> Decimal:
    """An amount as it is kept: to the ten-thousandth."""
    return Decimal(str(amount or 0)).quantize(_STEP, ROUND_HALF_UP)


class Ledger:
    """The `ledger` table, and the limits beside it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def balance(self, account_id: str) -> Decimal | None:
        """The credits of an account; None is without limit."""

        async def work(connection: Connection) -> Any:
            return await sql.find_credit(connection, account_id=account_id)

        row = await self._database.read(work)
        return None if row is None else row["balance"]

    async def top_up(
        self, account_id: str, credits: Decimal, *, note: str | None = None, token: str | None = None
    ) -> Decimal:
        """Give an account credits, or take some away; returns its balance. Raises InvalidInput.

        It is done once for each `token`, however often it is asked for.
        """
        token = token or secrets.token_hex(16)  # or a lost answer would book the credits twice

        async def work(connection: Connection) -> Any:
            if not await is_first(connection, token):
                account = await sql.find_credit(connection, account_id=account_id)
                return account and account["balance"]
            return await sql.top_up(connection, account_id=account_id, credits=credits, note=note)

        balance: Decimal | None = await self._database.run(work)
        if balance is None:
            raise InvalidInput(
                "account", f"There is no account {account_id!r} with a balance: `enlarger accounts list` shows them."
            )
        return balance

    async def lines(self, account_id: str, *, before: int | None, most: int) -> list[LedgerLine]:
        """An account's lines, the newest first; with `before`, those that follow the line of this id."""

        async def work(connection: Connection) -> list[LedgerLine]:
            return [
                LedgerLine(**row)
                async for row in sql.list_ledger(connection, account_id=account_id, before=before, most=most)
            ]

        return await self._database.read(work)

    async def check(self) -> list[Difference]:
        """Every account whose balance is not its ledger's sum; there should be none."""

        async def work(connection: Connection) -> list[Difference]:
            return [Difference(*row) async for row in sql.find_differences(connection)]

        return await self._database.read(work)

    async def admit_query(self, caller: Caller) -> None:
        """Count a recordInfo. Raises RequestLimitReached when the key asks too often."""
        if caller.query_limit is None:
            return
        name, most = f"query {caller.key_sha256.hex()}", caller.query_limit

        async def work(connection: Connection) -> float | None:
            return await acquire_slot(connection, name, most, _QUERY_SECONDS)

        # It only counts, and is part of a read: two places for one request are better than to let its caller wait.
        retry_after = await self._database.read(work)
        if retry_after is not None:
            message = sentence("Too many requests: at most {most} queries in a second for this key.", most=most)
            raise RequestLimitReached(message, retry_after)

    async def trim(self, *, key_days: int) -> None:
        """Forget rate limits that nobody comes near, and idempotency keys and forms that are older than this."""

        async def work(connection: Connection) -> None:
            await sql.forget_rate_limits(connection, seconds=_RATE_LIMITS_SECONDS)
            await sql.forget_idempotency_keys(connection, days=key_days)
            await sql.forget_requests(connection, days=key_days)

        await self._database.run(work)


async def reserve(connection: Connection, caller: Caller, task_id: str, credits: Decimal, *, free: bool) -> None:
    """Let a new task in, and set its credits aside; a part of the transaction that makes it.

    Only a `free` task may cost nothing, and no task less than that: one whose price went wrong is not run.
    Raises RequestLimitReached, BalanceTooLow, KeyCapReached or InvalidInput, and then nothing of the transaction may be
    kept.
    """
    if caller.pays and (credits < 0 or (credits == 0 and not free)):
        message = sentence(
            "The task was not made: its price comes to {credits} credits, and its model is not free."
            " Check the numbers in the input.",
            credits=say_credits(credits),
        )
        raise InvalidInput("input", message)
    if caller.create_limit is not None:
        most = caller.create_limit
        retry_after = await acquire_slot(connection, f"create {caller.account_id}", most, _CREATE_SECONDS)
        if retry_after is not None:
            raise RequestLimitReached(
                sentence(
                    "Too many requests: at most {most} new tasks in {seconds} seconds for this account.",
                    most=most,
                    seconds=f"{_CREATE_SECONDS:g}",
                ),
                retry_after,
            )
    if caller.has_balance and not await sql.reserve_credits(
        connection, account_id=caller.account_id, task_id=task_id, credits=credits
    ):
        account = await sql.find_credit(connection, account_id=caller.account_id)
        raise BalanceTooLow(
            sentence(
                "Credits insufficient: the task costs {cost}, the account has {balance}. Top it up.",
                cost=say_credits(credits),
                balance=say_credits(account["balance"]),
            )
        )
    if caller.has_caps and not await sql.spend_by_key(connection, sha256=caller.key_sha256, credits=credits):
        message = sentence(
            "This API key has reached its limit of credits: the task costs {cost}.", cost=say_credits(credits)
        )
        raise KeyCapReached(message)


async def settle(
    connection: Connection, task: asyncpg.Record, kind: Literal["settle", "release", "refund"], cost: Decimal
) -> None:
    """A task has ended, in this transaction: it pays its cost, at most what was reserved; the rest is given back.

    A `refund` comes later, once, and gives back what was settled in full. A negative cost counts as zero.
    """
    reserved: Decimal = task["credits_reserved"]
    if not reserved:
        return
    consumed = max(Decimal(0), min(cost, reserved))
    await sql.settle_credits(connection, task_id=task["id"], kind=kind, consumed=consumed)
    if task["key_sha256"] is not None and consumed < reserved:
        await sql.unspend_by_key(
            connection, sha256=task["key_sha256"], credits=reserved - consumed, created_at=task["created_at"]
        )


def say_credits(credits: Decimal) -> str:
    """An amount in words, without zeros that say nothing."""
    return f"{credits.normalize():f}"
