"""How long the networks of this machine take, in proportion to each other.

    uv run python -m bench.models [--engine openvino-cpu] [--data-dir DIR]

Each runs on one tile of the example photo. The seconds are CPU seconds for a megapixel of output (the margins that some
networks use up are counted as output, because a large tile hardly has any), divided by the number of threads: what a
machine takes that does nothing else, also when this one is busy. DIR is the data directory with weights that are not
installed.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from enlarger.engines.backend import Loading, this_cpu
from enlarger.engines.backends import BACKENDS
from enlarger.engines.networks import NETWORKS, Pixels
from enlarger.engines.resources import available_cpus
from enlarger.engines.weights.files import WeightsFolders
from enlarger.errors import EngineUnavailable
from enlarger.infra.data_directory import DataDirectory

_EXAMPLE = Path(__file__).parents[1] / "examples" / "still-life.jpg"
_SIDE = 96
_RUNS = 2


def seconds_a_megapixel(engine: str, name: str, weights: WeightsFolders, threads: int, cache: Path) -> float:
    """CPU seconds a thread, of the quickest of a few runs. Raises EngineUnavailable without its weights."""
    spec = NETWORKS[name]
    loading = Loading(
        spec=spec, scale=spec.native_scale, weights=weights.find(spec.weights), cache=cache, threads=threads
    )
    network = BACKENDS[engine].load(loading)
    side = _SIDE // spec.multiple * spec.multiple
    with Image.open(_EXAMPLE) as image:
        tile: Pixels = (np.asarray(image.convert("RGB").crop((0, 0, side, side))) / 255).astype(np.float32)
    taken = []
    for _ in range(_RUNS + 1):  # the first one warms up
        began = time.process_time()
        network(tile)
        taken.append(time.process_time() - began)
    return min(taken[1:]) / threads / ((side * spec.native_scale) ** 2 / 1e6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", default="openvino-cpu", choices=BACKENDS)
    parser.add_argument("--data-dir", type=Path)
    options = parser.parse_args()
    fetched = str(DataDirectory(options.data_dir).weights) if options.data_dir else None
    threads = available_cpus()
    print(f"{this_cpu().name}, {threads} threads, {options.engine}\n")
    print("| network | seconds a megapixel |\n| --- | ---: |")
    with tempfile.TemporaryDirectory() as cache:
        for name, spec in NETWORKS.items():
            if spec.measured_as == name:  # one of those that have the same layers
                try:
                    weights = WeightsFolders(fetched=fetched)
                    taken = seconds_a_megapixel(options.engine, name, weights, threads, Path(cache))
                except EngineUnavailable as error:
                    print(f"| {name} | {error} |")
                else:
                    print(f"| {name} | {taken:.2g} |", flush=True)


if __name__ == "__main__":
    main()
