"""Waiting for what another process does: looked for often, and an error when it does not come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from enlarger.infra.database import Database

_PAUSE = 0.02


async def until(condition: Callable[[], Awaitable[object]], *, seconds: float = 180.0) -> None:
    """Return when `condition` holds; fail when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, f"did not happen within {seconds} seconds"
        await asyncio.sleep(_PAUSE)


async def until_it_waits(database: Database, work: asyncio.Task[object]) -> None:
    """Return when some statement in the database waits for a lock, or `work` has ended, which it then has not to do."""

    async def waits() -> bool:
        waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return work.done() or await database.pool.fetchrow(waiting) is not None

    await until(waits)
