"""What becomes of tasks in a database that was restored from a backup, or moved.

A backup is older than what its service did afterwards. What it says was being submitted, or was waiting, may have been
paid for since; nothing in the backup tells.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from enlarger.infra.database import Connection
from enlarger.infra.queue import enqueue
from enlarger.tasks.endings import fail_open
from enlarger.tasks.entrypoints import COLLECT, DELIVER, DISPATCH
from enlarger.tasks.sql import sql

Waiting = Literal["run", "fail"]
"""What to do with tasks that no provider is known to have: carry them out, or end them."""
UNSUBMITTED = "open tasks that no provider has"
"""The name of their number among the figures."""

_INTERRUPTED = "The backup was made while it was being sent: nobody can say whether the task was taken."
_FAILED = (
    "The service was restored from a backup of {time:%Y-%m-%d %H:%M} UTC, and nobody can say whether the task was"
    " carried out after that: send it again if you still need it."
)
_CODE = "500"
_ALL = 2_000_000_000
_NO_TIME = timedelta(0).total_seconds()


class Resumed(msgspec.Struct, frozen=True):
    """What was done about open tasks."""

    unknown: int
    """Submissions whose fate nobody knows; providers are asked, and nothing is submitted again."""
    failed: int
    """Tasks that were ended, and their credits released."""
    woken: int
    """Tasks, results and callbacks that were put into the queue."""


async def read_figures(connection: Connection) -> dict[str, str]:
    """What has to be the same after a restore, by names for people; of a database that any version has made."""
    figures = {f"tasks in {row['state']}": str(row["tasks"]) async for row in sql.count_states(connection)}
    figures[UNSUBMITTED] = str(await sql.count_unsubmitted(connection))
    if await connection.fetchval("SELECT to_regclass('ledger')") is not None:
        kinds = sql.sum_ledger(connection)
        figures |= {f"credits in the ledger, {row['kind']}": row["credits"] async for row in kinds}
        figures["credits of all accounts"] = await sql.sum_balances(connection)
    return figures


async def resume(connection: Connection, *, waiting: Waiting, taken_at: datetime) -> Resumed:
    """Let tasks go on from what a backup of the moment `taken_at` says of them, as a part of a transaction.

    What was being submitted is of unknown fate, and is not submitted again before that is known. Everything else that
    is due is put into the queue.
    """
    interrupted = [row async for row in sql.note_interrupted(connection, error=_INTERRUPTED)]
    for row in interrupted:
        if row["abandoned_at"] is None:
            await sql.show_generating(connection, id=row["task_id"])
    failed = [row["id"] async for row in sql.find_unsubmitted(connection)] if waiting == "fail" else []
    for task_id in failed:
        await fail_open(connection, task_id, _CODE, _FAILED.format(time=taken_at))
    return Resumed(len(interrupted), len(failed), await _wake(connection))


async def _wake(connection: Connection) -> int:
    """Put what is due into the queue, as the sweep would after a while."""
    await sql.leave_lines(connection)
    woken = 0
    for entrypoint, find in (
        (DISPATCH, sql.find_forgotten_tasks),
        (COLLECT, sql.find_uncollected),
        (DELIVER, sql.find_forgotten_deliveries),
    ):
        for row in [row async for row in find(connection, seconds=_NO_TIME, most=_ALL)]:
            await enqueue(connection, entrypoint, str(row["id"]), turn=row.get("turn", 0))
            woken += 1
    return woken
