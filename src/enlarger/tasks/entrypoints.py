"""The entrypoints of the queue: what workers are woken for."""

from __future__ import annotations

from enlarger.infra.database import Connection
from enlarger.infra.queue import enqueue, withdraw
from enlarger.tasks.sql import sql

DISPATCH = "dispatch"
"""Finds a provider for a task."""
ENGINE = "engine"
"""Carries a task out on this machine."""
COLLECT = "collect"
"""Stores what a provider made; its rows name attempts."""
DELIVER = "deliver"
"""Tells a task's app of its end."""


async def dispatch_again(connection: Connection, task_id: str) -> None:
    """Have a provider found for a task once more, also while the row that found the last one is still in the queue."""
    await withdraw(connection, DISPATCH, task_id)
    await enqueue(connection, DISPATCH, task_id, turn=await sql.find_turn(connection, id=task_id))
