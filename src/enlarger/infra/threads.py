"""Threads that can be left behind."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")

DECODE_SECONDS = 300.0
"""The limit for reading one picture; the largest that is accepted needs a tenth of it."""


async def run_abandonable(work: Callable[[], T], *, seconds: float = DECODE_SECONDS) -> T:
    """Run `work` in a thread, which is left behind if it takes longer than `seconds` or the caller is cancelled.

    Python does not exit before the threads of `asyncio.to_thread` have ended, so a decoder that hangs on a stranger's
    file would keep the process from stopping there. Raises TimeoutError, and whatever `work` raises.
    """
    outcome: Future[T] = Future()
    outcome.set_running_or_notify_cancel()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            outcome.set_exception(error)
        else:
            outcome.set_result(result)

    threading.Thread(target=run, name="enlarger-decoder", daemon=True).start()
    async with asyncio.timeout(seconds):
        return await asyncio.wrap_future(outcome)
