"""Runs a backend on a network, or looks for devices, in a process that a driver may crash.

python -m enlarger.engines.measure RUN                   RUN being JSON; prints a Measurement
python -m enlarger.engines.measure --devices BACKEND...  prints a Found for each
"""

from __future__ import annotations

import faulthandler
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np

from enlarger.engines.backend import Backend, Loading
from enlarger.engines.backends import BACKENDS
from enlarger.engines.choosing import Run
from enlarger.engines.devices import look
from enlarger.engines.networks import Pixels
from enlarger.engines.record import Measurement
from enlarger.engines.resources import lift_memory_limit
from enlarger.errors import BadOutput, EngineError, EngineUnavailable

_SIDE = 96
"""Input pixels a side: large enough for ratios to be those of larger tiles, and quick."""
_SECONDS = 0.4
"""As long as this a backend is run again; what counts is its fastest run."""

_LONGEST_LIFE = 150
"""Seconds; a driver that hangs would keep this process for ever if the one that started it is gone."""


def main(backends: Mapping[str, Backend] = BACKENDS) -> None:
    """Do what the command line says with these backends."""
    faulthandler.dump_traceback_later(_LONGEST_LIFE, exit=True)
    stdout = os.dup(1)
    os.dup2(2, 1)  # libraries print to stdout
    lift_memory_limit()  # drivers map far more than they use; and how fast an engine is does not depend on the limit
    if sys.argv[1] == "--devices":
        for name in sys.argv[2:]:
            os.write(stdout, msgspec.json.encode(look(backends[name])) + b"\n")
    else:
        run = msgspec.json.decode(sys.argv[1], type=Run)
        os.write(stdout, msgspec.json.encode(_measure(backends[run.backend], run)))


def _measure(backend: Backend, run: Run) -> Measurement:
    found = Measurement(backend=backend.name, precision=backend.precision)
    try:
        device = backend.device()
        if not device.chosen_by_itself:
            raise EngineUnavailable(f"{device.name} is the CPU, which Vulkan presents as a GPU")
        network = backend.open(
            Loading(
                spec=run.spec,
                scale=run.spec.native_scale,
                weights=run.weights.find(run.spec.weights),
                cache=Path(run.cache),
                threads=run.threads,
            )
        )
        picture = test_picture()
        output = network(picture)  # the first run also compiles
        if not np.isfinite(output).all():
            raise BadOutput("its output has values that are not numbers")
        np.save(run.output, output)  # the array is the network's own, until it runs again
        fastest, until = float("inf"), time.perf_counter() + _SECONDS
        while fastest == float("inf") or time.perf_counter() < until:
            began = time.perf_counter()
            network(picture)
            fastest = min(fastest, time.perf_counter() - began)
    except (EngineError, RuntimeError, MemoryError) as error:
        return msgspec.structs.replace(found, why_not=str(error).rstrip(".") or type(error).__name__)
    return Measurement(
        backend=backend.name,
        precision=backend.precision,
        device=device.name,
        megapixels=round(output.shape[0] * output.shape[1] / 1e6 / fastest, 4),
    )


def test_picture() -> Pixels:
    """A picture with slopes, edges and noise, the same everywhere."""
    rows, columns = np.mgrid[0:_SIDE, 0:_SIDE].astype(np.float32) / _SIDE
    noise = np.random.default_rng(7).random((_SIDE, _SIDE, 3), np.float32)
    waves = 0.5 + 0.5 * np.sin(40 * rows * columns)
    edges = ((columns * 6).astype(int) + (rows * 6).astype(int)) % 2
    picture = np.stack([columns, waves, edges], axis=2) * 0.85 + noise * 0.15
    return np.asarray(picture, np.float32)


if __name__ == "__main__":
    main()
