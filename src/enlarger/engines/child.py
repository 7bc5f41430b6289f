"""The engine's own process: `python -m enlarger.engines.child`.

Reads orders as lines of JSON on stdin, writes what happens as lines of JSON on stdout, one order at a time. An order
can be paused between two tiles. The process ends when stdin does, so it never outlives the worker that started it.
"""

from __future__ import annotations

import errno
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

import msgspec
import pyvips

from enlarger.engines import foreground
from enlarger.engines.auto import resolve
from enlarger.engines.backend import Backend, Loading, this_cpu
from enlarger.engines.backends import BACKENDS
from enlarger.engines.choosing import Choices
from enlarger.engines.cut_out import cut_out
from enlarger.engines.devices import MEASURER
from enlarger.engines.enlarge import enlarge, read_source
from enlarger.engines.gate import Gate
from enlarger.engines.loading import is_out_of_memory
from enlarger.engines.messages import PAUSE, RESUME, AnyOrder, CutOut, Event, Order, Outcome, Start
from enlarger.engines.networks import Network, Pixels, network_spec
from enlarger.engines.progress import Progress
from enlarger.engines.resources import available_cpus, lift_memory_limit, limit_memory
from enlarger.engines.spec import NetworkSpec
from enlarger.engines.tiling import smallest_tile
from enlarger.errors import (
    EngineError,
    EngineOutOfMemory,
    EngineUnavailable,
    EnlargerError,
    InvalidInput,
    NetworkUnsupported,
    StorageFull,
)

_TICK_SECONDS = 0.25
_PLAIN = "lanczos"
"""What is said to have done the work where no network did."""
_KEPT = 3
"""Networks: one for denoising, and two for a factor of 8."""
_CUTTER = "openvino-cpu"
"""What cuts out, whatever engine enlarges pictures."""
_OUT_OF_MEMORY = (
    "The engine ran out of memory: free some on this machine, raise ENLARGER_ENGINE_MEMORY, or use a smaller picture."
)
_NICENESS = 5
"""The engine uses every core for minutes; the API on the same machine goes first."""


def main(backends: Mapping[str, Backend] = BACKENDS, measurer: str = MEASURER) -> None:
    """Serve orders until stdin ends, on these backends."""
    events = _take_stdout()
    for request in (signal.SIGINT, signal.SIGTERM):
        signal.signal(request, signal.SIG_IGN)  # sent to the whole group, and for the parent to handle
    lines: queue.Queue[bytes] = queue.Queue()
    gate = Gate()
    threading.Thread(target=_read, args=(sys.stdin.buffer, lines, gate), daemon=True).start()

    start = msgspec.json.decode(lines.get(), type=Start)
    _limit(start.memory)
    load = _Loader(start, Choices(Path(start.cache), start.weights, backends=backends, measurer=measurer), events)
    progress = Progress(gate)
    while True:
        order = msgspec.json.decode(lines.get(), type=AnyOrder)
        waited = gate.waited
        event = _carry_out(order, load, progress, events)
        if event.outcome is not None:
            seconds = event.outcome.seconds - (gate.waited - waited)
            outcome = msgspec.structs.replace(event.outcome, seconds=seconds, tile_seconds=progress.spent)
            event = msgspec.structs.replace(event, outcome=outcome)
        events(event)


def _carry_out(order: AnyOrder, load: _Loader, progress: Progress, events: Callable[[Event], None]) -> Event:
    finished = threading.Event()
    ticker = threading.Thread(target=_tick, args=(progress, finished, events), daemon=True)
    ticker.start()
    try:
        made = _cut_out(order, load, progress) if isinstance(order, CutOut) else _enlarge(order, load, progress)
        return Event(outcome=made)
    except InvalidInput as error:
        return Event(error=str(error), kind=InvalidInput.__name__, field=error.field)
    except EnlargerError as error:
        return Event(error=str(error), kind=type(error).__name__)
    except MemoryError:
        return Event(error=_OUT_OF_MEMORY, kind=EngineOutOfMemory.__name__)
    except pyvips.Error as error:
        if not is_out_of_memory(error):
            return Event(error=f"{type(error).__name__}: {error}")
        return Event(error=_OUT_OF_MEMORY, kind=EngineOutOfMemory.__name__)
    except OSError as error:
        kind = StorageFull.__name__ if _is_full(error) else None
        return Event(error=f"The picture cannot be written: {error.strerror or error}.", kind=kind)
    except Exception as error:  # noqa: BLE001 - told to the worker, which must not wait for nothing
        return Event(error=f"{type(error).__name__}: {error}")
    finally:
        finished.set()
        ticker.join()


def _enlarge(order: Order, load: _Loader, progress: Progress) -> Outcome:
    """Carry out `order` on the fastest backend; where a GPU's memory is too small, in smaller tiles.

    Where the backend fails, the next one does the work, also of later orders.
    """
    if not order.strength:
        outcome = enlarge(order, load, progress)
        return msgspec.structs.replace(outcome, engine=_PLAIN, device=this_cpu().name, precision="f32")
    began = time.perf_counter()
    picture = read_source(order)
    reading = time.perf_counter() - began
    order, reason = resolve(order, picture, load.has_weights)
    load.begin(order)
    asked_tile = order.tile
    while True:
        used = load.backend(order.network)
        load.forget()
        try:
            outcome = enlarge(order, load, progress, picture)
            return msgspec.structs.replace(
                outcome,
                engine=used.name,
                device=load.device(used).name,
                precision=used.precision,
                note=load.note(),
                reason=reason,
                seconds=outcome.seconds + reading,
            )
        except (EngineError, RuntimeError) as error:
            if load.last is None:
                raise
            network, failed = load.last
            if isinstance(error, EngineOutOfMemory):
                if not failed.gpu:
                    raise
                tile = (order.tile or network.tile_limit) // 2
                if tile >= smallest_tile(network):
                    order = msgspec.structs.replace(order, tile=tile)
                    continue
            if not load.give_up(network, failed, error):
                raise
            order = msgspec.structs.replace(order, tile=asked_tile)


def _cut_out(order: CutOut, load: _Loader, progress: Progress) -> Outcome:
    """Carry out `order`. The network is small: it runs on the CPU, whatever engine enlarges pictures."""
    outcome = cut_out(order, load.foreground_network, progress)
    return msgspec.structs.replace(outcome, engine=_CUTTER, device=this_cpu().name, precision="f32")


def _is_full(error: OSError) -> bool:
    """Whether it is because of a full disk; libvips tells that in words."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT) or os.strerror(errno.ENOSPC) in f"{error} {error.__cause__}"


def _tick(progress: Progress, finished: threading.Event, events: Callable[[Event], None]) -> None:
    while not finished.wait(_TICK_SECONDS):
        events(Event(fraction=round(progress.fraction, 4)))


_Asked = tuple[str, str | None, str | None]
"""A network, and the backend and the precision that an order asks for."""


class _Loader:
    """Loads networks on the backends that are best for them, and keeps the last three: no order needs more."""

    def __init__(self, start: Start, choices: Choices, events: Callable[[Event], None]) -> None:
        self._start = start
        self._events = events
        self._choices = choices
        self._wanted: tuple[str | None, str | None] = None, None
        """The backend and the precision that the order asks for."""
        self._network = ""
        """The one that the order asks for; others help it."""
        self._helpers: dict[str, None] = {}
        self._own: NetworkSpec | None = None
        """The network of the user's own that the order asks for."""
        self._ranked: dict[_Asked, list[Backend]] = {}
        self._given_up = dict(start.given_up)
        self._unfit: dict[_Asked, str] = {}
        """What the backend chosen by hand cannot run, with the reason."""
        self._loaded: dict[tuple[str, int, str], Network] = {}
        self.last: tuple[NetworkSpec, Backend] | None = None
        """What is being loaded, or was run last: a failure is its."""
        self.device = choices.device

    def begin(self, order: Order) -> None:
        """Begin an order: it may ask for a backend, a precision or a network of its own."""
        self._wanted = order.engine, order.precision
        self._network = order.network
        self._own = order.own

    def forget(self) -> None:
        """No failure is a backend's until one is used again."""
        self.last = None
        self._helpers = {}

    def has_weights(self, network: str) -> bool:
        """Whether the network's weights are on this machine."""
        try:
            self._start.weights.find(network_spec(network).weights)
        except EngineUnavailable:
            return False
        return True

    def __call__(self, spec: NetworkSpec, scale: int) -> Network:
        backend = self.backend(spec.name)
        self.last = spec, backend
        if spec.name != self._network:
            self._helpers[spec.name] = None
        if backend.gpu:
            self._events(Event(gpu=backend.name))
            lift_memory_limit()  # drivers map far more than they use
        key = spec.name, scale, backend.name
        network = self._loaded.pop(key, None) or _Noted(self, backend, spec, self._load(backend, spec, scale))
        self._loaded[key], self.last = network, None
        while len(self._loaded) > _KEPT:
            self._loaded.pop(next(iter(self._loaded)))
        return network

    def _load(self, backend: Backend, spec: NetworkSpec, scale: int) -> Network:
        loading = Loading(
            spec=backend.sized(spec),
            scale=scale,
            weights=self._start.weights.find(spec.weights),
            cache=Path(self._start.cache),
            threads=available_cpus(),
        )
        return backend.open(loading)

    def foreground_network(self) -> foreground.Network:
        """Load the network that finds a picture's foreground, in the place of all others: it takes 270 MB.

        Raises EngineUnavailable when its weights are not usable.
        """
        from enlarger.engines.openvino.onnx import OnnxNetwork  # OpenVINO is loaded only when it is used

        self._loaded.clear()
        (file,) = self._start.weights.locate(foreground.WEIGHTS)
        return OnnxNetwork(file, threads=available_cpus())

    def backend(self, network: str) -> Backend:
        """The backend that runs this network. Raises EngineUnavailable when none does, InvalidInput when none may."""
        ranked = self._rank(network)
        left = [backend for backend in ranked if backend.name not in self._given_up]
        return left[0] if left else ranked[-1]

    def _spec(self, network: str) -> NetworkSpec:
        return self._own if self._own and self._own.name == network else network_spec(network)

    def _rank(self, network: str) -> list[Backend]:
        engine, precision = self._wanted
        key = network, engine, precision
        if key not in self._ranked:
            try:
                self._ranked[key] = self._rank_anew(network, engine, precision)
            except EngineUnavailable as error:
                field = "engine" if engine else "precision" if precision else None
                if field is None:
                    raise
                raise InvalidInput(field, f"{str(error).rstrip('.')}: choose another one, or leave it out.") from None
        return self._ranked[key]

    def _rank_anew(self, network: str, engine: str | None, precision: str | None) -> list[Backend]:
        usual = None if precision else self._start.engine
        spec, memory = self._spec(network), self._start.memory
        try:
            return self._choices.ranked(spec, engine or usual, precision=precision, memory=memory)
        except EngineUnavailable:
            if not precision or network == self._network:
                raise
            # A network that helps, such as the denoiser, may not exist in the precision that was asked for.
            return self._choices.ranked(spec, self._start.engine, memory=memory)

    def give_up(self, network: NetworkSpec, backend: Backend, why: Exception) -> bool:
        """Use a backend no longer in this process; False, and nothing changes, if the network has no other.

        One that was chosen by hand is replaced for a network that it cannot run, and used for all others.
        """
        if isinstance(why, NetworkUnsupported) and backend.name == (self._wanted[0] or self._start.engine):
            asked = network.name, *self._wanted
            self._ranked[asked] = self._choices.ranked(network, memory=self._start.memory)
            self._unfit[asked] = f"{backend.name} cannot run {network.name} ({str(why).rstrip('.')})"
            return True
        others = {one.name for one in self._rank(network.name)} - {backend.name, *self._given_up}
        if not others:
            return False
        self._given_up[backend.name] = str(why)
        self._loaded = {key: network for key, network in self._loaded.items() if key[2] != backend.name}
        return True

    def note(self) -> str | None:
        """What the user should know: which backends were given up, and what the one chosen by hand cannot run."""
        failed = [one.name for one in self._rank(self._network) if one.name in self._given_up]
        unfit = self._unfit.get((self._network, *self._wanted))
        reasons = [unfit] if unfit else []
        reasons += [f"{name} failed ({self._given_up[name].rstrip('.')})" for name in failed]
        words = ", and ".join(reasons)
        work = self.backend(self._network).name
        notes = [f"The engine {words}; {work} has done the work instead."] if reasons else []
        notes += [
            f"The engine {unfit}; {self.backend(helper).name} has run that instead."
            for helper in self._helpers
            if (unfit := self._unfit.get((helper, *self._wanted)))
        ]
        return " ".join(notes) or None


class _Noted:
    """A network that tells its loader when it runs, so that a failure is laid to the right backend."""

    def __init__(self, loader: _Loader, backend: Backend, spec: NetworkSpec, network: Network) -> None:
        self.spec, self.scale = network.spec, network.scale
        self._network = network
        self._loader = loader
        self._of = spec, backend

    def __call__(self, tile: Pixels) -> Pixels:
        self._loader.last = self._of
        return self._network(tile)


def _take_stdout() -> Callable[[Event], None]:
    """Keep stdout for events: whatever else prints there, a C library perhaps, goes to stderr."""
    stream = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    lock = threading.Lock()

    def write(event: Event) -> None:
        with lock:
            stream.write(msgspec.json.encode(event) + b"\n")

    return write


def _read(stream: BinaryIO, lines: queue.Queue[bytes], gate: Gate) -> None:
    for line in stream:
        if line == PAUSE:
            gate.close()
            continue
        gate.open()
        if line != RESUME:
            lines.put(line)
    os._exit(0)  # the worker is gone, and what is being made has no taker


def _limit(memory: int) -> None:
    os.nice(_NICENESS)
    # libvips' cache would keep decoded pictures; nothing here is read twice.
    pyvips.cache_set_max(0)
    limit_memory(memory)


if __name__ == "__main__":
    main()
