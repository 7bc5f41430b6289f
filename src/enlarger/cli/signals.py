"""The signals that ask a command to stop: Ctrl-C, SIGTERM, and SIGHUP when the terminal is closed."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, TypeVar

T = TypeVar("T")

Handler = Callable[[int, Any], Any]


def stop_signals() -> list[signal.Signals]:
    """The signals to stop at. SIGHUP is not one of them under `nohup`, which ignores it."""
    found = [signal.SIGINT, signal.SIGTERM]
    hang_up = getattr(signal, "SIGHUP", None)  # not on Windows
    if hang_up is not None and signal.getsignal(hang_up) is not signal.SIG_IGN:
        found.append(hang_up)
    return found


def set_handler(handler: Handler) -> dict[signal.Signals, Any]:
    """Handle each of the signals with `handler`, unless it is ignored; returns the previous handlers."""
    if not _in_main_thread():
        return {}
    numbers = [number for number in stop_signals() if signal.getsignal(number) is not signal.SIG_IGN]
    return {number: signal.signal(number, handler) for number in numbers}


@contextmanager
def handling(handler: Handler) -> Iterator[None]:
    """Handle each of the signals with `handler` while the block runs."""
    before = set_handler(handler)
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


def interrupting() -> AbstractContextManager[None]:
    """A context in which each of the signals raises KeyboardInterrupt."""
    # asyncio replaces exactly this handler of SIGINT with one that cancels the main task.
    return handling(signal.default_int_handler)


def run(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine function. Each of the signals cancels it, and raises KeyboardInterrupt once it has cleaned up."""
    import asyncio  # not for commands that need no event loop

    async def stoppable() -> T:
        main = asyncio.current_task()
        assert main is not None
        for number in stop_signals() if _in_main_thread() else ():
            if number is not signal.SIGINT:
                with suppress(NotImplementedError):  # Windows
                    asyncio.get_running_loop().add_signal_handler(number, main.cancel)
        return await work()

    try:
        with interrupting():  # asyncio does not restore handlers
            return asyncio.run(stoppable())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def _in_main_thread() -> bool:
    """Whether this is the main thread, the only one that may set signal handlers."""
    return threading.current_thread() is threading.main_thread()
