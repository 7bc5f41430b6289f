"""Which backend runs a network: the fastest on this machine whose output is right, found by running them once.

What was found is kept in the cache folder, for this CPU, these GPUs, drivers and versions of the libraries.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec
import numpy as np

from enlarger.engines.backend import Backend
from enlarger.engines.backends import BACKENDS, find_backend
from enlarger.engines.networks import NetworkSpec, Pixels
from enlarger.engines.resources import available_cpus
from enlarger.engines.weights import Weights, find_weights
from enlarger.errors import EngineUnavailable

LEAST_DECIBELS = 45.0
"""What an output may differ from that in 32-bit floats (PSNR): nobody sees a difference beyond it."""
_FILE = "engines.json"
_LONGEST_MEASUREMENT = 120.0
"""Seconds; a driver that hangs is given up then."""


class Measurement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a backend ran a network here, or why it did not."""

    backend: str
    precision: str
    device: str = ""
    megapixels: float | None = None
    """Of the output, in a second."""
    decibels: float | None = None
    """The PSNR of its output against that in 32-bit floats; None for the reference itself."""
    why_not: str | None = None
    """Why it cannot be chosen."""


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    machine: str
    networks: dict[str, list[Measurement]]


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What `engines.measure` is told on its command line."""

    backend: str
    network: str
    param: str
    bin: str
    cache: str
    threads: int
    output: str
    """The file that it writes the output to."""


class Choices:
    """The measurements of this machine, made when they are needed."""

    def __init__(self, cache: Path, weights: Path | None = None) -> None:
        """`cache` is where they are kept; `weights` a folder of the user's own."""
        self._cache = cache
        self._weights = weights
        self._machine = _describe_machine()

    def known(self, spec: NetworkSpec) -> list[Measurement]:
        """What has been measured; nothing if that was on another machine, or with other versions."""
        return self._read().get(spec.name, [])

    def measure(self, spec: NetworkSpec, on_backend: Callable[[str], None] = lambda _: None) -> list[Measurement]:
        """Run every backend once, and keep the result; `on_backend` is told the name of each before it runs.

        Raises EngineUnavailable when the network's weights are not there.
        """
        found = list(_measure(spec, find_weights(spec.weights, self._weights), self._cache, on_backend))
        self._write({**self._read(), spec.name: found})
        return found

    def ranked(self, spec: NetworkSpec, wanted: str | None = None) -> list[Backend]:
        """The backends that may run the network, the fastest first; only `wanted`, if one is asked for by name.

        Raises EngineUnavailable when there is none.
        """
        if wanted:
            backend = find_backend(wanted)
            try:
                backend.device()
            except EngineUnavailable as error:
                raise EngineUnavailable(f"The engine {wanted} does not run on this machine: {error}.") from None
            return [backend]
        measured = self.known(spec) or self.measure(spec)
        best = usable(measured)
        if not best:
            reasons = "; ".join(f"{one.backend}: {one.why_not}" for one in measured)
            raise EngineUnavailable(f"No engine runs {spec.name} on this machine: {reasons}.")
        return [BACKENDS[one.backend] for one in best]

    def _read(self) -> dict[str, list[Measurement]]:
        try:
            kept = msgspec.json.decode((self._cache / _FILE).read_bytes(), type=_Kept)
        except (OSError, msgspec.MsgspecError):
            return {}
        return kept.networks if kept.machine == self._machine else {}

    def _write(self, networks: dict[str, list[Measurement]]) -> None:
        self._cache.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._cache, prefix=".engines-", delete=False) as file:
            file.write(msgspec.json.format(msgspec.json.encode(_Kept(machine=self._machine, networks=networks))))
        Path(file.name).replace(self._cache / _FILE)


def usable(measured: Sequence[Measurement]) -> list[Measurement]:
    """Those that may be chosen, the fastest first."""
    right = [one for one in measured if one.why_not is None]
    return sorted(right, key=lambda one: one.megapixels or 0.0, reverse=True)


def unmeasured() -> list[Measurement]:
    """Every backend, with its device here or why it has none."""
    found = []
    for backend in BACKENDS.values():
        one = Measurement(backend=backend.name, precision=backend.precision)
        try:
            found.append(msgspec.structs.replace(one, device=backend.device().name, why_not="not measured yet"))
        except EngineUnavailable as error:
            found.append(msgspec.structs.replace(one, why_not=str(error)))
    return found


def _measure(
    spec: NetworkSpec, weights: Weights, cache: Path, on_backend: Callable[[str], None]
) -> Iterator[Measurement]:
    """Measure one backend after the other, each in a process of its own: a driver may crash, or hang."""
    reference: Pixels | None = None
    with tempfile.TemporaryDirectory(prefix="enlarger-measure-") as folder:
        for backend in BACKENDS.values():
            on_backend(backend.name)
            output = Path(folder) / f"{backend.name}.npy"
            run = Run(
                backend=backend.name,
                network=spec.name,
                param=str(weights.param),
                bin=str(weights.bin),
                cache=str(cache),
                threads=available_cpus(),
                output=str(output),
            )
            found = _run(backend, run)
            if output.is_file():
                pixels = np.load(output)
                if reference is None and backend.precision == "f32":
                    reference = pixels
                elif reference is not None:
                    found = _compare(found, pixels, reference)
            yield found


def _run(backend: Backend, run: Run) -> Measurement:
    failed = Measurement(backend=backend.name, precision=backend.precision)
    command = [sys.executable, "-m", "enlarger.engines.measure", msgspec.json.encode(run).decode()]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_LONGEST_MEASUREMENT, check=False)
    except subprocess.TimeoutExpired:
        return msgspec.structs.replace(failed, why_not=f"it took longer than {_LONGEST_MEASUREMENT:.0f} seconds")
    try:
        return msgspec.json.decode(done.stdout, type=Measurement)
    except msgspec.MsgspecError:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        return msgspec.structs.replace(failed, why_not=f"it crashed ({last[0] if last else done.returncode})")


def _compare(found: Measurement, pixels: Pixels, reference: Pixels) -> Measurement:
    error = float(np.mean((np.clip(pixels, 0, 1) - np.clip(reference, 0, 1)) ** 2))
    decibels = round(float(10 * np.log10(1 / max(error, 1e-20))), 1)
    right = decibels >= LEAST_DECIBELS
    why_not = None if right else f"its output is {decibels} dB from the right one, and {LEAST_DECIBELS:.0f} are needed"
    return msgspec.structs.replace(found, decibels=decibels, why_not=found.why_not or why_not)


def _describe_machine() -> str:
    """A fingerprint of all that the measurements depend on."""
    parts: list[str] = [str(available_cpus())]
    for backend in BACKENDS.values():
        try:
            device = backend.device()
            parts.append(f"{backend.name} {_version(backend.library)} {device.name} {device.version}")
        except EngineUnavailable:
            parts.append(f"no {backend.name}")
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
