"""The entrypoints of the queue: what workers are woken for."""

from __future__ import annotations

from enlarger.infra.database import Connection
from enlarger.infra.queue import enqueue, withdraw
from enlarger.tasks.sql import sql

DISPATCH = "dispatch"
"""Finds a provider for a task."""
ENGINE = "engine"
"""Carries a task out on this machine, unless that would take long."""
ENGINE_LONG = "engine_long"
"""Carries a task out on this machine that takes long; a task comes from `ENGINE`, where its picture is measured."""
COLLECT = "collect"
"""Stores what a provider made; its rows name attempts."""
DELIVER = "deliver"
"""Tells a task's app of its end."""

LONG_SECONDS = 30.0
"""What this machine's engine is expected to take longer for counts as long.

Short enough to wait for, and long enough for a picture of 640x480 with a small network on two slow cores.
"""


async def hand_to_engine(connection: Connection, task_id: str, turn: int) -> None:
    """Have this machine's engine carry a task out; one that is known to take long stays where it is."""
    if not await _is_long(connection, task_id):
        await enqueue(connection, ENGINE, task_id, turn=turn)


async def offer_again(connection: Connection, task_id: str, turn: int) -> None:
    """Wake other workers for a task that a worker has from the engine's queue at the moment, in the same lane."""
    lane = ENGINE_LONG if await _is_long(connection, task_id) else ENGINE
    await withdraw(connection, lane, task_id)
    await enqueue(connection, lane, task_id, turn=turn)


async def change_to_long_lane(connection: Connection, task_id: str, turn: int) -> None:
    """Wake the engine's long lane for a task that the short one has at the moment.

    The row of the short lane is withdrawn here: if its worker dies now, nobody takes the task from the long lane later.
    """
    await withdraw(connection, ENGINE, task_id)
    await enqueue(connection, ENGINE_LONG, task_id, turn=turn)


async def _is_long(connection: Connection, task_id: str) -> bool:
    return bool(await sql.is_queued(connection, entrypoint=ENGINE_LONG, id=task_id))


async def dispatch_again(connection: Connection, task_id: str) -> None:
    """Have a provider found for a task once more, also while the row that found the last one is still in the queue."""
    await withdraw(connection, DISPATCH, task_id)
    await enqueue(connection, DISPATCH, task_id, turn=await sql.find_turn(connection, id=task_id))
