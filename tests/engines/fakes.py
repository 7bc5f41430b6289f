"""Backends that behave in every way there is. `python -m tests.engines.fakes` measures them.

What they do wrong only in the engine's process is what a measurement cannot foresee.
"""

from __future__ import annotations

import mmap
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from enlarger.engines import measure
from enlarger.engines.backend import Backend, Device, Loading
from enlarger.engines.networks import Network, Pixels, out_of_memory
from enlarger.errors import EngineUnavailable, NetworkUnsupported

ENGINE_MODULE = "tests.engines.fake_engine"
MEASURER = "tests.engines.fakes"
in_engine = False
_NO_RESERVE = 0x4000
"""Linux's MAP_NORESERVE, which Python's `mmap` has only since 3.13."""

Spoil = Callable[[Pixels, Pixels], Pixels]
"""Gets a tile and its enlargement, and returns what the backend does."""


class FakeNetwork:
    def __init__(self, loading: Loading, seconds: float, spoil: Spoil) -> None:
        self.spec, self.scale = loading.spec, loading.scale
        self._seconds, self._spoil = seconds, spoil
        _log("FAKE_LOG", "loaded")

    def __call__(self, tile: Pixels) -> Pixels:
        if in_engine:
            _log("FAKE_TILES", f"{self.spec.name} {tile.shape[0]}")
        time.sleep(self._seconds)  # it is a slow one
        return self._spoil(tile, tile.repeat(self.scale, axis=0).repeat(self.scale, axis=1))


def _log(name: str, line: str) -> None:
    """Write a line into the file that an environment variable names."""
    if log := os.environ.get(name):
        with Path(log).open("a") as file:
            file.write(f"{line}\n")


def fake(name: str, *, precision: str = "bf16", seconds: float = 0, spoil: Spoil, gpu: bool = False) -> Backend:
    def load(loading: Loading) -> Network:
        return FakeNetwork(loading, seconds, spoil)

    return Backend(name=name, library="numpy", precision=precision, gpu=gpu, find=partial(_find, name), load=load)


def _load_slowed(loading: Loading) -> Network:
    """As when other work takes the machine, until something has been loaded twice."""
    log = Path(os.environ["FAKE_LOG"])
    busy = len(log.read_text().splitlines()) < 2
    return FakeNetwork(loading, 0.08 if busy else 0.01, right)


def _load_unsupported(_: Loading) -> Network:
    raise NetworkUnsupported("The layer 7 is a Crop, which is not known here.")


def _load_but_denoisers(loading: Loading) -> Network:
    if loading.spec.native_scale == 1:
        return _load_unsupported(loading)
    return FakeNetwork(loading, 0, right)


def _find(name: str) -> Device:
    match name:
        case "missing":
            raise EngineUnavailable("there is none")
        case "crashing-driver":
            die()
        case "software":
            return Device("a CPU", chosen_by_itself=False)
    return Device(os.environ.get("FAKE_DEVICE", "fake"))


def die(*_: Pixels) -> Pixels:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def hang(*_: Pixels) -> Pixels:
    threading.Event().wait()
    raise AssertionError


def lose(*_: Pixels) -> Pixels:
    raise RuntimeError("the device is lost")


def exhaust(tile: Pixels, _: Pixels) -> Pixels:
    raise out_of_memory(tile)


def exhaust_beyond(side: int, tile: Pixels, output: Pixels) -> Pixels:
    return exhaust(tile, output) if max(tile.shape) > side else output


def right(_: Pixels, output: Pixels) -> Pixels:
    return output


def later(spoil: Spoil, tile: Pixels, output: Pixels) -> Pixels:
    """Right when it is measured, and wrong at work."""
    return spoil(tile, output) if in_engine else output


def need_address_space(_: Pixels, output: Pixels) -> Pixels:
    """As a driver does, which maps far more than it uses."""
    mapped = mmap.mmap(-1, 8 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NO_RESERVE)
    mapped.close()
    return output


def _black(_: Pixels, output: Pixels) -> Pixels:
    return np.zeros_like(output)


def _nan(_: Pixels, output: Pixels) -> Pixels:
    return np.full_like(output, np.nan)


_ALL = (
    fake("steady", precision="f32", seconds=0.05, spoil=right),
    fake("quick", spoil=right),
    fake("black", spoil=_black),
    fake("nan", spoil=_nan),
    fake("crash", spoil=die),
    fake("hang", spoil=hang),
    fake("lost", spoil=lose),
    fake("exhausted", spoil=exhaust),
    fake("missing", spoil=right),
    fake("software", gpu=True, spoil=right),
    fake("crashing-driver", gpu=True, spoil=right),
    fake("gpu", gpu=True, spoil=right),
    fake("cpu-cramped", precision="f32", seconds=0.05, spoil=partial(exhaust_beyond, 96)),
    fake("gpu-cramped", gpu=True, spoil=partial(exhaust_beyond, 96)),
    fake("gpu-full", gpu=True, spoil=partial(later, exhaust)),
    fake("gpu-crash", gpu=True, spoil=partial(later, die)),
    fake("gpu-lost", gpu=True, spoil=partial(later, lose)),
    fake("gpu-nan", gpu=True, spoil=partial(later, _nan)),
    fake("gpu-black", gpu=True, spoil=partial(later, _black)),
    fake("gpu-mapping", gpu=True, spoil=partial(later, need_address_space)),
    replace(fake("unknowing", spoil=right), load=_load_unsupported),
    replace(fake("half-knowing", precision="int8", spoil=right), load=_load_but_denoisers),
    replace(fake("slowed", spoil=right), load=_load_slowed),
    fake("cpu-full", spoil=partial(later, exhaust)),
    fake("misreading", precision="f32", spoil=_black),
    replace(fake("exact", precision="f32", seconds=0.05, spoil=right), library="ncnn"),
)
FAKES = {backend.name: backend for backend in _ALL}

if __name__ == "__main__":
    measure.main(FAKES)
