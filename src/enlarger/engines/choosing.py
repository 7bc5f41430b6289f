"""Which backend runs a network: the fastest on this machine whose output is right, found by running them once.

What was found is kept in the cache folder, for this CPU, these GPUs, drivers and versions of the libraries.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import msgspec
import numpy as np
from filelock import FileLock

from enlarger.engines.backend import Backend, Device
from enlarger.engines.backends import BACKENDS
from enlarger.engines.devices import MEASURER, Found, find_devices, version_of
from enlarger.engines.limited_process import how_it_ended
from enlarger.engines.networks import Pixels
from enlarger.engines.record import Measurement, Record, read_record, write_record
from enlarger.engines.resources import available_cpus
from enlarger.engines.spec import NetworkSpec
from enlarger.engines.tiling import useful_share
from enlarger.engines.weights.files import INSTALLED, WeightsFolders
from enlarger.errors import EngineUnavailable
from enlarger.translatable import sentence

LEAST_DECIBELS = 45.0
"""The least PSNR of an output against that in 32-bit floats: above it nobody sees a difference."""
LEAST_DECIBELS_OF_DRAFTS = 15.0
"""The same for drafts: 8-bit integers reach 18 to 32 dB on the picture of the measurement, whose noise and checks no
photo has, and an output that is black, grey or noise at most 10."""

_CLOSE = 2.0
"""Backends that are at most this many times slower than the fastest run a second time, in the opposite order."""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What `engines.measure` is told on its command line."""

    backend: str
    spec: NetworkSpec
    weights: WeightsFolders
    cache: str
    threads: int
    output: str
    """The file that it writes the output to."""


class Choices:
    """The measurements of this machine, made when they are needed."""

    def __init__(
        self,
        cache: Path,
        weights: WeightsFolders = INSTALLED,
        *,
        backends: Mapping[str, Backend] = BACKENDS,
        measurer: str = MEASURER,
        patience: float = 120.0,
    ) -> None:
        """`cache` is where they are kept; `weights` where weights are looked for.

        `measurer` is the module that measures one of the `backends`, which may take `patience` seconds: a driver that
        hangs is given up then.
        """
        self._cache = cache
        self._weights = weights
        self._backends = backends
        self._measurer = measurer
        self._patience = patience

    def known(self, spec: NetworkSpec) -> list[Measurement]:
        """What has been measured; nothing if that was on another machine, or with other versions."""
        return self._read().get(spec.measured_as, [])

    def has_weights(self, spec: NetworkSpec) -> bool:
        """Whether the network's weights are on this machine, so that it can be measured."""
        try:
            self._weights.find(spec.weights)
        except EngineUnavailable:
            return False
        return True

    def measure(self, spec: NetworkSpec, on_backend: Callable[[str], None] = lambda _: None) -> list[Measurement]:
        """Run every backend, the fastest ones twice, and keep the result; `on_backend` is told which one runs now.

        Raises EngineUnavailable when the network's weights are not there.
        """
        with self._turn():
            return self._measure(spec, on_backend)

    def ranked(
        self, spec: NetworkSpec, wanted: str | None = None, *, precision: str | None = None, memory: int
    ) -> list[Backend]:
        """The backends that may run the network in `memory` bytes, the fastest first.

        Only `wanted`, if that is named, and only those that compute in `precision`, if that is. Raises
        EngineUnavailable when there is none.
        """
        if wanted:
            return [self._find(wanted)]
        measured = self.known(spec)
        if not self._candidates(measured):
            with self._turn():  # another process may have measured meanwhile
                measured = self.known(spec)
                measured = measured if self._candidates(measured) else self._measure(spec)
        measured = [one for one in measured if precision in (None, one.precision)]
        best = self.order(measured, spec, memory, drafts=precision is not None)
        if not best:
            reasons = "; ".join(f"{one.backend}: {one.why_not}" for one in measured if one.why_not)
            in_precision = f" in {precision}" if precision else ""
            why = f": {reasons}" if reasons else ""
            raise EngineUnavailable(f"No engine runs {spec.name}{in_precision} on this machine{why}.")
        return [self._backends[one.backend] for one in best]

    def order(
        self, measured: Sequence[Measurement], spec: NetworkSpec, memory: int, *, drafts: bool = False
    ) -> list[Measurement]:
        """The usable ones, the fastest on a large picture first: where a pixel takes more memory, tiles are smaller.

        Those that are only good enough for drafts are left out, if `drafts` does not say otherwise.
        """

        def speed(one: Measurement) -> float:
            share = useful_share(self._backends[one.backend].sized(spec), memory)
            return (one.megapixels or 0.0) * share

        return sorted(self._candidates(measured, drafts=drafts), key=speed, reverse=True)

    def _candidates(self, measured: Sequence[Measurement], *, drafts: bool = False) -> list[Measurement]:
        """Those that may be chosen; without `drafts` only those that need not be asked for."""
        return [one for one in usable(measured) if drafts or not self._backends[one.backend].for_drafts]

    def unmeasured(self) -> list[Measurement]:
        """Every backend, with its device here or why it has none."""
        return [
            Measurement(
                backend=name,
                precision=self._backends[name].precision,
                device=found.device.name if found.device else "",
                why_not=found.why_not or sentence("not measured yet"),
            )
            for name, found in self._devices.items()
        ]

    def device(self, backend: Backend) -> Device:
        """What a backend runs on. Raises EngineUnavailable, which says what is missing."""
        if not backend.gpu:
            return backend.device()  # without a driver, and so without the process that looks for drivers
        found = self._devices[backend.name]
        if found.device is None:
            raise EngineUnavailable(found.why_not or "")
        return found.device

    def _find(self, name: str) -> Backend:
        backend = self._backends.get(name)
        if backend is None:
            raise EngineUnavailable(f"There is no engine {name!r}: choose one of {', '.join(self._backends)}.")
        try:
            self.device(backend)
        except EngineUnavailable as error:
            raise EngineUnavailable(f"The engine {name} does not run on this machine: {error}.") from None
        return backend

    @cached_property
    def _devices(self) -> Mapping[str, Found]:
        return find_devices(self._cache, self._backends, self._measurer)

    @cached_property
    def _machine(self) -> str:
        """A fingerprint of all that the measurements depend on."""
        parts: list[str] = [str(available_cpus())]
        for name, found in self._devices.items():
            parts.append(f"{name} {version_of(self._backends[name].library)} {found.device}")
        return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()

    def _turn(self) -> FileLock:
        """Keeps other processes from measuring: each would find the machine half as fast."""
        self._cache.mkdir(parents=True, exist_ok=True)
        return FileLock(self._cache / "engines.lock")

    def _measure(self, spec: NetworkSpec, on_backend: Callable[[str], None] = lambda _: None) -> list[Measurement]:
        """Measure one backend after the other, each in a process of its own: a driver may crash, or hang."""
        self._weights.find(spec.weights)
        with tempfile.TemporaryDirectory(prefix="enlarger-measure-") as folder:
            runs = {
                name: Run(
                    backend=name,
                    spec=spec,
                    weights=self._weights,
                    cache=str(self._cache),
                    threads=available_cpus(),
                    output=str(Path(folder) / f"{name}.npy"),
                )
                for name in self._backends
            }

            def measure(name: str) -> Measurement:
                on_backend(name)
                return self._run(self._backends[name], runs[name])

            first = self._compare([measure(name) for name in self._backends], runs, spec)
            again = {name: measure(name) for name in reversed(_close(self._candidates(first)))}
        measured = [_faster(one, again.get(one.backend)) for one in first]
        others = {name: one for name, one in self._read().items() if _before_digest(name) != _before_digest(spec.name)}
        known = {**others, spec.measured_as: measured}
        write_record(self._cache, Record(machine=self._machine, networks=known))
        return measured

    def _run(self, backend: Backend, run: Run) -> Measurement:
        failed = Measurement(backend=backend.name, precision=backend.precision)
        command = [sys.executable, "-m", self._measurer, msgspec.json.encode(run).decode()]
        try:
            done = subprocess.run(command, capture_output=True, timeout=self._patience, check=False)
        except subprocess.TimeoutExpired:
            return msgspec.structs.replace(failed, why_not=f"it took longer than {self._patience:g} seconds")
        try:
            return msgspec.json.decode(done.stdout, type=Measurement)
        except msgspec.MsgspecError:
            return msgspec.structs.replace(failed, why_not=how_it_ended(done.returncode, done.stderr))

    def _compare(self, measured: list[Measurement], runs: Mapping[str, Run], spec: NetworkSpec) -> list[Measurement]:
        """Compare the outputs with the first one in 32-bit floats, which is the reference.

        For a network of the user's own that is ncnn's, if it runs there: in its graph, OpenVINO's may err.
        """
        ran = {one.backend: np.load(runs[one.backend].output) for one in usable(measured)}
        exact = [one.backend for one in usable(measured) if one.precision == "f32"]
        if spec.own:
            exact.sort(key=lambda name: self._backends[name].library != "ncnn")
        reference = next(iter(exact), None)
        if reference is None:
            return measured

        def judge(one: Measurement) -> Measurement:
            if one.backend not in ran or one.backend == reference:
                return one
            least = LEAST_DECIBELS_OF_DRAFTS if self._backends[one.backend].for_drafts else LEAST_DECIBELS
            return _judge(one, least, ran[one.backend], ran[reference])

        return [judge(one) for one in measured]

    def _read(self) -> dict[str, list[Measurement]]:
        record = read_record(self._cache)
        return record.networks if record and record.machine == self._machine else {}


def usable(measured: Sequence[Measurement]) -> list[Measurement]:
    """Those that ran, and whose output is right."""
    return [one for one in measured if one.why_not is None]


def _before_digest(name: str) -> str:
    """A network's name, without the digest that tells those of the user's own apart that have had the same name."""
    return name.partition("@")[0]


def _close(candidates: Sequence[Measurement]) -> list[str]:
    """The backends whose order is not certain, because other work on the machine may have slowed one of them down."""
    fastest = max((one.megapixels or 0.0 for one in candidates), default=0.0)
    close = [one.backend for one in candidates if (one.megapixels or 0.0) * _CLOSE >= fastest]
    return close if len(close) > 1 else []


def _faster(one: Measurement, again: Measurement | None) -> Measurement:
    """A measurement with the better speed of two turns; one that failed in either of them failed."""
    if again is None:
        return one
    if again.why_not is not None:
        return msgspec.structs.replace(one, why_not=again.why_not)
    return msgspec.structs.replace(one, megapixels=max(one.megapixels or 0.0, again.megapixels or 0.0))


def _judge(one: Measurement, least: float, pixels: Pixels, reference: Pixels) -> Measurement:
    error = float(np.mean((np.clip(pixels, 0, 1) - np.clip(reference, 0, 1)) ** 2))
    decibels = round(float(10 * np.log10(1 / max(error, 1e-20))), 1)
    if decibels >= least:
        return msgspec.structs.replace(one, decibels=decibels)
    why_not = f"its output is {decibels:.0f} dB from the right one, and {least:.0f} are needed"
    return msgspec.structs.replace(one, decibels=decibels, why_not=why_not)
