"""Says when a folder is to be looked at: when something changes in it, when something is due, and now and then.

What the system tells of changes is a wake-up, never the truth: it may lose some, and does on network file systems.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import watchfiles

from enlarger.errors import InvalidInput
from enlarger.infra.wait_for_any import wait_for_any

LONGEST_SECONDS = 60.0
"""Between two looks, whether anything was heard or not."""
_DEBOUNCE_MS = 400
"""Changes that come so soon after each other are one."""


class Wakeups:
    """Wake-ups from one folder."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop
        self._changed = asyncio.Event()

    def wake(self) -> None:
        """Have the folder looked at now."""
        self._changed.set()

    async def wait(self, seconds: float | None) -> bool:
        """Wait for a change, for at most so many seconds; returns False when the watch is to stop."""
        longest = LONGEST_SECONDS if seconds is None else min(seconds, LONGEST_SECONDS)
        await wait_for_any(self._changed, self._stop, seconds=longest)
        self._changed.clear()
        return not self._stop.is_set()


@asynccontextmanager
async def listening(
    folder: Path, stop: asyncio.Event, *, recursive: bool, poll: float | None
) -> AsyncIterator[Wakeups]:
    """Listen for changes in a folder around a block; with `poll` it is compared every so many seconds instead.

    Raises InvalidInput where the system cannot listen, as for too many folders.
    """
    wakeups, ended = Wakeups(stop), asyncio.Event()

    async def listen() -> None:
        changes = watchfiles.awatch(
            folder,
            watch_filter=None,
            debounce=_DEBOUNCE_MS,
            stop_event=ended,
            recursive=recursive,
            force_polling=poll is not None,
            poll_delay_ms=round((poll or 1) * 1000),
            ignore_permission_denied=True,
        )
        try:
            async for _ in changes:
                wakeups.wake()
        except (OSError, RuntimeError) as error:
            raise InvalidInput("FOLDER", f"{folder} cannot be watched ({error}): use --poll 10.") from error

    async with asyncio.TaskGroup() as group:
        group.create_task(listen())
        try:
            yield wakeups
        finally:
            ended.set()
