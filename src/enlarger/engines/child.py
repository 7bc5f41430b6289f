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

from enlarger.engines.backend import Backend, Loading
from enlarger.engines.choosing import Choices
from enlarger.engines.enlarge import enlarge
from enlarger.engines.messages import Event, Order, Outcome, Start
from enlarger.engines.networks import Network, NetworkSpec, network_spec
from enlarger.engines.progress import Progress
from enlarger.engines.resources import available_cpus
from enlarger.engines.weights import find_weights
from enlarger.errors import EngineError, EngineOutOfMemory, EnlargerError, StorageFull

_TICK_SECONDS = 0.25
_SMALLEST_TILE = 64
"""Input pixels a side, below which a GPU with too little memory is given up."""
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


def _carry_out(order: Order, load: _Loader, progress: Progress, events: Callable[[Event], None]) -> Event:
    finished = threading.Event()
    ticker = threading.Thread(target=_tick, args=(progress, finished, events), daemon=True)
    ticker.start()
    try:
        return Event(outcome=_enlarge(order, load, progress))
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


def _enlarge(order: Order, load: _Loader, progress: Progress) -> Outcome:
    """Carry out `order` on the fastest backend; where that fails, in smaller tiles, and then on the next one."""
    note = None
    while True:
        try:
            outcome = enlarge(order, load, progress)
            used = load.backend(order.network)
            return msgspec.structs.replace(
                outcome, engine=used.name, device=used.device().name, precision=used.precision, note=note
            )
        except (EngineError, RuntimeError) as error:
            failed = load.backend(order.network)
            if isinstance(error, EngineOutOfMemory):
                tile = (order.tile or network_spec(order.network).tile_limit) // 2
                if failed.gpu and tile >= _SMALLEST_TILE:
                    order = msgspec.structs.replace(order, tile=tile)
                    continue
                if not failed.gpu:
                    raise
            if not load.give_up(order.network):
                raise
            instead = load.backend(order.network).name
            note = f"The engine {failed.name} failed ({str(error).rstrip('.')}); {instead} has done the work instead."
            order = msgspec.structs.replace(order, tile=None)


def _is_full(error: OSError) -> bool:
    """Whether it is because of a full disk; libvips tells that in words."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT) or os.strerror(errno.ENOSPC) in f"{error} {error.__cause__}"


def _tick(progress: Progress, finished: threading.Event, events: Callable[[Event], None]) -> None:
    while not finished.wait(_TICK_SECONDS):
        events(Event(fraction=round(progress.fraction, 4)))


class _Loader:
    """Loads networks on the backends that are best for them, and keeps the last two: a factor of 8 needs two."""

    def __init__(self, start: Start) -> None:
        self._cache = Path(start.cache)
        self._weights = Path(start.weights) if start.weights else None
        self._wanted = start.engine
        self._choices = Choices(self._cache, self._weights)
        self._ranked: dict[str, list[Backend]] = {}
        self._given_up: set[str] = set()
        self._loaded: dict[tuple[str, int, str], Network] = {}

    def __call__(self, spec: NetworkSpec, scale: int) -> Network:
        backend = self.backend(spec.name)
        key = spec.name, scale, backend.name
        network = self._loaded.pop(key, None) or backend.load(
            Loading(
                spec=spec,
                scale=scale,
                weights=find_weights(spec.weights, self._weights),
                cache=self._cache,
                threads=available_cpus(),
            )
        )
        self._loaded[key] = network
        while len(self._loaded) > 2:
            self._loaded.pop(next(iter(self._loaded)))
        return network

    def backend(self, network: str) -> Backend:
        """The backend that runs this network. Raises EngineUnavailable when none does."""
        if network not in self._ranked:
            self._ranked[network] = self._choices.ranked(network_spec(network), self._wanted)
        return next(backend for backend in self._ranked[network] if backend.name not in self._given_up)

    def give_up(self, network: str) -> bool:
        """Use this network's backend no longer in this process; False, and nothing changes, if there is no other."""
        failed, *others = [one.name for one in self._ranked.get(network, ()) if one.name not in self._given_up] or [""]
        if not others:
            return False
        self._given_up.add(failed)
        self._loaded = {key: network for key, network in self._loaded.items() if key[2] != failed}
        return True


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
