"""How a task ends: the one place that writes its terminal state, settles its credits and owes its callback.

Every function is a part of a transaction, and may be done twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Literal

import asyncpg

from enlarger.errors import StaleClaim
from enlarger.infra import tracing
from enlarger.infra.database import Connection
from enlarger.infra.queue import enqueue
from enlarger.protocol.codes import CANCELLED
from enlarger.tasks.entrypoints import DELIVER
from enlarger.tasks.files import insert_file
from enlarger.tasks.ledger import settle
from enlarger.tasks.records import NewFile, Task, TaskResult
from enlarger.tasks.sql import sql

Refund = Literal["unpaid", "all"]
"""What a cancelled task gives back."""
EARLIEST_CALLBACK = timedelta(seconds=1.5)
"""After the end of a task whose app may have been answered only then. It has to have written the task's id down before
it is told of its end.
"""


async def succeed_open(
    connection: Connection, task_id: str, result: TaskResult, files: Sequence[NewFile], *, cost: Decimal
) -> bool:
    """End a task well, whoever has it; whether it was open."""
    row = await sql.succeed_task(connection, id=task_id, epoch=None, result=result)
    if row is None:
        return False
    await _succeeded(connection, row, files, cost)
    return True


async def fail_open(connection: Connection, task_id: str, code: str, message: str) -> None:
    """End a task badly, whoever has it; one that has ended stays as it is."""
    row = await sql.fail_task(connection, id=task_id, epoch=None, code=code, message=message)
    if row is not None:
        await _failed(connection, row)


async def succeed_claimed(
    connection: Connection, claim: Task, result: TaskResult, files: Sequence[NewFile], *, cost: Decimal
) -> None:
    """End the task of this machine's engine well. Raises StaleClaim."""
    row = await sql.succeed_task(connection, id=claim.id, epoch=claim.epoch, result=result)
    if row is not None:
        await _succeeded(connection, row, files, cost)
        await end_local_attempt(connection, claim, "succeeded", None, seconds=result.made.seconds)
    elif await sql.claim_ended_as(connection, id=claim.id, epoch=claim.epoch) != "success":
        raise stale(claim)


async def fail_claimed(connection: Connection, claim: Task, code: str, message: str) -> None:
    """End the task of this machine's engine badly. Raises StaleClaim."""
    row = await sql.fail_task(connection, id=claim.id, epoch=claim.epoch, code=code, message=message)
    if row is not None:
        await _failed(connection, row)
        await end_local_attempt(connection, claim, "failed", message, code=code)
    elif await sql.claim_ended_as(connection, id=claim.id, epoch=claim.epoch) != "fail":
        raise stale(claim)


async def cancel(connection: Connection, task_id: str, *, refund: Refund) -> None:
    """End a task because its app says so; one that has ended stays as it is."""
    message = "The task was cancelled by its app."
    row = await sql.fail_task(connection, id=task_id, epoch=None, code=CANCELLED, message=message)
    if row is None:
        return
    await sql.end_local_attempt(
        connection,
        task_id=task_id,
        epoch=None,
        state="failed",
        error="cancelled",
        code=None,
        final=True,
        seconds=None,
    )
    await sql.abandon_cancelled(connection, task_id=task_id)
    # Only now: whoever wrote an attempt's end at the same time has been waited for.
    paid = refund == "unpaid" and await sql.may_be_paid(connection, task_id=task_id)
    await _failed(connection, row, cost=row["credits_reserved"] if paid else None)


async def refund_cancelled(connection: Connection, task_id: str) -> None:
    """Give back what a cancelled task was charged, if nothing was or may have been paid for it; twice is once."""
    # Lock the task in a statement of its own: of two attempts that end at once, the later has to see the other's end.
    await sql.hold_task(connection, id=task_id)
    row = await sql.find_unpaid_cancelled(connection, id=task_id, code=CANCELLED)
    if row is not None:
        await settle(connection, row, "refund", Decimal(0))


async def end_local_attempt(
    connection: Connection,
    claim: Task,
    state: str,
    error: str | None,
    *,
    code: str | None = None,
    final: bool = True,
    seconds: float | None = None,
) -> None:
    """Record how this machine's engine ended a claim; `seconds` is how long it worked, if known."""
    await sql.end_local_attempt(
        connection,
        task_id=claim.id,
        epoch=claim.epoch,
        state=state,
        error=error,
        code=code,
        final=final,
        seconds=seconds,
    )


def stale(claim: Task) -> StaleClaim:
    """The error for a claim that is over."""
    return StaleClaim(f"The claim {claim.epoch} on task {claim.id} is over: another worker has it, or it has ended.")


async def _succeeded(connection: Connection, row: asyncpg.Record, files: Sequence[NewFile], cost: Decimal) -> None:
    with tracing.task_span("finish", row["trace_parent"], task_id=row["id"], state="success"):
        for file in files:
            await insert_file(connection, file)
        await settle(connection, row, "settle", cost)
        await _owe_callback(connection, row)


async def _failed(connection: Connection, row: asyncpg.Record, *, cost: Decimal | None = None) -> None:
    with tracing.task_span("finish", row["trace_parent"], task_id=row["id"], state="fail", code=row["fail_code"]):
        await settle(connection, row, "release" if cost is None else "settle", cost or Decimal(0))
        await _owe_callback(connection, row)


async def _owe_callback(connection: Connection, row: asyncpg.Record) -> None:
    """Note the callback, and wake whoever sends it."""
    if row["callback_url"]:
        await sql.insert_delivery(connection, task_id=row["id"])
        early = row["completed_at"] < row["answered_by"]
        await enqueue(connection, DELIVER, row["id"], after=EARLIEST_CALLBACK if early else None)
