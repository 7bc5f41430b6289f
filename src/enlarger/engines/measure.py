"""Runs one backend once on one network, for `choosing`: `python -m enlarger.engines.measure RUN`, `RUN` being JSON."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import msgspec
import numpy as np

from enlarger.engines.backend import Loading
from enlarger.engines.backends import find_backend
from enlarger.engines.choosing import Measurement, Run
from enlarger.engines.networks import NATIVE_SCALE, Pixels, network_spec
from enlarger.engines.weights import Weights
from enlarger.errors import EngineError, EngineUnavailable

_SIDE = 96
"""Input pixels a side: large enough for ratios to be those of larger tiles, and quick."""
_SECONDS = 0.4
"""As long as this a backend is run again; what counts is its fastest run."""


def main() -> None:
    """Print a Measurement as JSON, and write the output as an array."""
    stdout = os.dup(1)
    os.dup2(2, 1)  # libraries print to stdout
    run = msgspec.json.decode(sys.argv[1], type=Run)
    os.write(stdout, msgspec.json.encode(_measure(run)))


def _measure(run: Run) -> Measurement:
    backend = find_backend(run.backend)
    found = Measurement(backend=backend.name, precision=backend.precision)
    try:
        device = backend.device()
        if not device.chosen_by_itself:
            raise EngineUnavailable(f"{device.name} is the CPU, which Vulkan presents as a GPU")
        network = backend.load(
            Loading(
                spec=network_spec(run.network),
                scale=NATIVE_SCALE,
                weights=Weights(Path(run.param), Path(run.bin)),
                cache=Path(run.cache),
                threads=run.threads,
            )
        )
        picture = test_picture()
        output = network(picture)  # the first run also compiles
        np.save(run.output, output)
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
