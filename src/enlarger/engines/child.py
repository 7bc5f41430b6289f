"""The engine's own process: `python -m enlarger.engines.child`.

Reads orders as lines of JSON on stdin, writes what happens as lines of JSON on stdout, one order at a time. It ends
when stdin does, so it never outlives the worker that started it.
"""

from __future__ import annotations

import errno
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import msgspec
import pyvips

from enlarger.engines.enlarge import enlarge
from enlarger.engines.messages import Event, Order, Start
from enlarger.engines.networks import Network, NetworkSpec
from enlarger.engines.openvino_cpu import ENGINE, OpenVinoNetwork
from enlarger.engines.progress import Progress
from enlarger.engines.resources import available_cpus
from enlarger.engines.weights import find_weights
from enlarger.errors import EngineOutOfMemory, EnlargerError, StorageFull

_TICK_SECONDS = 0.25
_NICENESS = 5
"""The engine uses every core for minutes; the API on the same machine goes first."""


def main() -> None:
    """Serve orders until stdin ends."""
    events = _take_stdout()
    for request in (signal.SIGINT, signal.SIGTERM):
        signal.signal(request, signal.SIG_IGN)  # sent to the whole group, and for the parent to handle
    lines: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, lines), daemon=True).start()

    start = msgspec.json.decode(lines.get(), type=Start)
    _limit(start.memory)
    load = _Loader(start)
    progress = Progress()
    while True:
        order = msgspec.json.decode(lines.get(), type=Order)
        events(_carry_out(order, load, progress, events))


def _carry_out(
    order: Order, load: Callable[[NetworkSpec, int], Network], progress: Progress, events: Callable[[Event], None]
) -> Event:
    finished = threading.Event()
    ticker = threading.Thread(target=_tick, args=(progress, finished, events), daemon=True)
    ticker.start()
    try:
        return Event(outcome=enlarge(order, load, progress, engine=ENGINE))
    except EnlargerError as error:
        return Event(error=str(error), kind=type(error).__name__)
    except MemoryError:
        return Event(error="The engine ran out of memory: free some on this machine.", kind=EngineOutOfMemory.__name__)
    except OSError as error:
        kind = StorageFull.__name__ if _is_full(error) else None
        return Event(error=f"The picture cannot be written: {error.strerror or error}.", kind=kind)
    except Exception as error:  # noqa: BLE001 - told to the worker, which must not wait for nothing
        return Event(error=f"{type(error).__name__}: {error}")
    finally:
        finished.set()
        ticker.join()


def _is_full(error: OSError) -> bool:
    """Whether it is because of a full disk; libvips tells that in words."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT) or os.strerror(errno.ENOSPC) in f"{error} {error.__cause__}"


def _tick(progress: Progress, finished: threading.Event, events: Callable[[Event], None]) -> None:
    while not finished.wait(_TICK_SECONDS):
        events(Event(fraction=round(progress.fraction, 4)))


class _Loader:
    """Loads networks and keeps the last two, which is what a factor of 8 needs."""

    def __init__(self, start: Start) -> None:
        self._cache = Path(start.cache)
        self._weights = Path(start.weights) if start.weights else None
        self._loaded: dict[tuple[str, int], Network] = {}

    def __call__(self, spec: NetworkSpec, scale: int) -> Network:
        key = spec.name, scale
        network = self._loaded.pop(key, None) or OpenVinoNetwork(
            spec,
            scale=scale,
            weights=find_weights(spec.weights, self._weights),
            cache=self._cache,
            threads=available_cpus(),
        )
        self._loaded[key] = network
        while len(self._loaded) > 2:
            self._loaded.pop(next(iter(self._loaded)))
        return network


def _take_stdout() -> Callable[[Event], None]:
    """Keep stdout for events: whatever else prints there, a C library perhaps, goes to stderr."""
    stream = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    lock = threading.Lock()

    def write(event: Event) -> None:
        with lock:
            stream.write(msgspec.json.encode(event) + b"\n")

    return write


def _read(stream: BinaryIO, lines: queue.Queue[bytes]) -> None:
    for line in stream:
        lines.put(line)
    os._exit(0)  # the worker is gone, and what is being made has no taker


def _limit(memory: int) -> None:
    os.nice(_NICENESS)
    # libvips' cache would keep decoded pictures; nothing here is read twice.
    pyvips.cache_set_max(0)
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


if __name__ == "__main__":
    main()
