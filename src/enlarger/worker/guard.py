"""Long work that may be done again ends early when the worker has to stop, or when nobody needs it any more."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from enlarger.errors import DatabaseUnavailable

T = TypeVar("T")

LOOK_SECONDS = 2.0
"""How often it is looked whether work is still needed."""


class Stopping(Exception):
    """The worker has to stop."""


class NotNeeded(Exception):
    """Nobody needs the work any more."""


async def guard(
    work: Coroutine[Any, Any, T],
    stopping: asyncio.Event,
    needed: Callable[[], Awaitable[bool]] | None = None,
    *,
    look_seconds: float = LOOK_SECONDS,
) -> T:
    """What `work` returns. It is cancelled, and has put everything away, before Stopping or NotNeeded is raised.

    `needed` is asked every `look_seconds`; while the database does not answer the work goes on.
    """
    job, stop = asyncio.create_task(work), asyncio.create_task(stopping.wait())
    try:
        while True:
            await asyncio.wait((job, stop), timeout=look_seconds, return_when=asyncio.FIRST_COMPLETED)
            if job.done():
                return job.result()
            if stop.done():
                raise Stopping
            if needed is not None and not await _ask(needed):
                raise NotNeeded
    finally:
        stop.cancel()
        if not job.done():
            job.cancel()
            await asyncio.wait((job,))


async def _ask(needed: Callable[[], Awaitable[bool]]) -> bool:
    with contextlib.suppress(DatabaseUnavailable, TimeoutError):
        async with asyncio.timeout(LOOK_SECONDS):
            return await needed()
    return True
