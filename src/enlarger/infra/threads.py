"""Threads that nobody has to wait for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")

DECODE_SECONDS = 300.0
"""The most that reading one picture may take: the largest that is taken needs a tenth of it."""


async def run_abandonable(work: Callable[[], T], *, seconds: float = DECODE_SECONDS) -> T:
    """What `work` returns, in a thread that is left behind when it takes longer or the caller is cancelled.

    Python does not end before the threads of `asyncio.to_thread` do: there, a decoder that hangs on what strangers sent
    would keep the process from stopping. Raises TimeoutError, and what `work` raises.
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
