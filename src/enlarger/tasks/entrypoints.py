"""The entrypoints of the queue: what workers are woken for."""

from __future__ import annotations

from enlarger.infra.database import Connection
from enlarger.infra.queue import enqueue, withdraw
from enlarger.tasks.sql import sql

DISPATCH = "dispatch"
"""Finds a provider for a task."""
ENGINE = "engine"
"""Runs a task on this machine's engine, unless that would take long."""
ENGINE_LONG = "engine_long"
"""Runs a long task on this machine's engine. Tasks move here from `ENGINE`, which measures their pictures."""
COLLECT = "collect"
"""Stores what a provider made; its rows name attempts."""
DELIVER = "deliver"
"""Tells a task's app of its end."""

LONG_SECONDS = 30.0
"""A task that is expected to take longer on this machine's engine is a long one.

A short task may have to wait this long. On two slow cores, a small network takes less for a picture of 640x480.
"""


async def hand_to_engine(connection: Connection, task_id: str, turn: int) -> None:
    """Enqueue a task for this machine's engine, unless it is in the long lane already."""
    if not await _is_long(connection, task_id):
        await enqueue(connection, ENGINE, task_id, turn=turn)


async def offer_again(connection: Connection, task_id: str, turn: int) -> None:
    """Enqueue a task that a worker has picked again in the same lane, so that other workers are woken for it."""
    lane = ENGINE_LONG if await _is_long(connection, task_id) else ENGINE
    await withdraw(connection, lane, task_id)
    await enqueue(connection, lane, task_id, turn=turn)


async def change_to_long_lane(connection: Connection, task_id: str, turn: int) -> None:
    """Move a task that a worker has picked in the short lane to the long one.

    The short lane's row is removed in the same transaction. If it were left to the worker and that died, another worker
    would later take the task out of the long lane.
    """
    await withdraw(connection, ENGINE, task_id)
    await enqueue(connection, ENGINE_LONG, task_id, turn=turn)


async def _is_long(connection: Connection, task_id: str) -> bool:
    return bool(await sql.is_queued(connection, entrypoint=ENGINE_LONG, id=task_id))


async def dispatch_again(connection: Connection, task_id: str) -> None:
    """Have a provider found for a task once more, also while the row that found the last one is still in the queue."""
    await withdraw(connection, DISPATCH, task_id)
    await enqueue(connection, DISPATCH, task_id, turn=await sql.find_turn(connection, id=task_id))
