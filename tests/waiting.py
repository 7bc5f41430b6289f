"""Waiting for what another process does: looked for often, and an error when it does not come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

_PAUSE = 0.02


async def until(condition: Callable[[], Awaitable[object]], *, seconds: float = 60.0) -> None:
    """Return when `condition` holds; fail when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, f"did not happen within {seconds} seconds"
        await asyncio.sleep(_PAUSE)
