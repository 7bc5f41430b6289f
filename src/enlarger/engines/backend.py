"""What a backend is: a way to run networks, on one kind of device and in one precision."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from enlarger.engines.networks import Network
from enlarger.engines.padding import padded
from enlarger.engines.spec import NetworkSpec
from enlarger.engines.weights.files import Weights
from enlarger.errors import EngineUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """What a backend needs to load a network."""

    spec: NetworkSpec
    scale: int
    """The network's own, or what divides it."""
    weights: Weights
    cache: Path
    """A folder for what is compiled."""
    threads: int


@dataclass(frozen=True, slots=True)
class Device:
    """What a backend runs on."""

    name: str
    """As its maker calls it."""
    version: str = ""
    """Its driver's."""
    chosen_by_itself: bool = True
    """Whether it may be chosen without being asked for; the CPU dressed up as a GPU may not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """A way to run networks."""

    name: str
    """As in ENLARGER_ENGINE, in records and in `enlarger engines`."""
    library: str
    """The module that it needs."""
    precision: str
    gpu: bool = False
    for_drafts: bool = False
    """Whether its output is good enough for drafts and previews only: it is used when it is asked for."""
    memory: float = 1.0
    """How much memory a pixel takes, compared to OpenVINO in 32-bit floats."""
    find: Callable[[], Device]
    """Look for its device. Raises EngineUnavailable when this machine has none."""
    load: Callable[[Loading], Network]
    """Load a network as its files have it."""

    def open(self, loading: Loading) -> Network:
        """Load a network for tiles of any size. Raises EngineUnavailable when its files are not usable."""
        return padded(self.load(loading))

    def sized(self, spec: NetworkSpec) -> NetworkSpec:
        """A network as this backend runs it: with the memory that it takes here."""
        return replace(spec, bytes_per_pixel=round(spec.bytes_per_pixel * self.memory))

    def device(self) -> Device:
        """What it runs on. Raises EngineUnavailable, which says what is missing."""
        if find_spec(self.library) is None:
            raise EngineUnavailable(f"the package {self.library} is not installed")
        return self.find()


def this_cpu() -> Device:
    """The CPU of this machine."""
    return Device(_cpu_name())


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "CPU")
