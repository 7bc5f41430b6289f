"""How busy a batch keeps the engine: `enlarger upscale` on a folder, beside the bare network on the same pictures.

    uv run python -m bench.batch [--pictures 50] [--side 256] [--model real-esrgan/fast] [--engine openvino-cpu]

The bare network runs in this process before and after the batch, one picture after the other, without reading, tiling
or writing anything. The batch's rate is that from its first to its last picture, so that starting the service does not
count. A ratio of 1 means that everything else costs nothing; it is worth something on a quiet machine only.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from enlarger.catalog import get_model
from enlarger.engines.backend import Loading
from enlarger.engines.backends import BACKENDS
from enlarger.engines.networks import NETWORKS
from enlarger.engines.resources import available_cpus
from enlarger.engines.weights.files import WeightsFolders

_EXAMPLE = Path(__file__).parents[1] / "examples" / "still-life.jpg"


def make_pictures(folder: Path, count: int, side: int) -> list[Path]:
    """Crops of the example photo, each another one, as JPEG files."""
    random = np.random.default_rng(7)
    paths = []
    with Image.open(_EXAMPLE) as example:
        for number in range(count):
            left, top = (int(random.integers(0, most - side + 1)) for most in example.size)
            paths.append(folder / f"{number:03}.jpg")
            example.crop((left, top, left + side, top + side)).save(paths[-1], quality=92)
    return paths


def bare_rate(paths: list[Path], network: str, engine: str, cache: Path) -> float:
    """Pictures a second of the network alone."""
    spec = NETWORKS[network]
    weights = WeightsFolders().find(spec.weights)
    loading = Loading(spec=spec, scale=spec.native_scale, weights=weights, cache=cache, threads=available_cpus())
    run = BACKENDS[engine].open(loading)
    pictures = [np.asarray(np.asarray(Image.open(path)) / 255, np.float32) for path in paths]
    run(pictures[0])
    began = time.perf_counter()
    for picture in pictures:
        run(picture)
    return len(pictures) / (time.perf_counter() - began)


def batch_rate(folder: Path, model: str, engine: str, data: Path) -> float:
    """Pictures a second of `enlarger upscale`, from the first result to the last."""
    command = [sys.executable, "-m", "enlarger", "upscale", str(folder), "-m", model, "-f", "4", "--engine", engine]
    environment = os.environ | {"ENLARGER_DATA_DIR": str(data), "ENLARGER_ENGINE": engine, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        times = [time.perf_counter() for line in process.stdout if line.startswith("✓")]
    if process.returncode:
        raise SystemExit(f"enlarger upscale ended with {process.returncode}")
    return (len(times) - 1) / (times[-1] - times[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=50)
    parser.add_argument("--side", type=int, default=256, help="pixels a side of a picture")
    parser.add_argument("--model", default="real-esrgan/fast")
    parser.add_argument("--engine", default="openvino-cpu", choices=BACKENDS)
    options = parser.parse_args()
    route = get_model(options.model).engine
    if route is None or route.network not in NETWORKS:
        raise SystemExit(f"{options.model} is not a model of one network of this machine")
    with tempfile.TemporaryDirectory(prefix="enlarger-batch-") as place:
        folder = Path(place)
        folder.chmod(0o755)  # Postgres may run as another user
        (folder / "photos").mkdir()
        paths = make_pictures(folder / "photos", options.pictures, options.side)
        bare = [bare_rate(paths, route.network, options.engine, folder / "cache")]
        batch = batch_rate(folder / "photos", options.model, options.engine, folder / "data")
        bare.append(bare_rate(paths, route.network, options.engine, folder / "cache"))
    print(f"bare network: {bare[0]:.2f} and {bare[1]:.2f} pictures a second, before and after the batch")
    print(f"enlarger upscale: {batch:.2f}, so {batch / (sum(bare) / 2):.2f} of the bare rate")


if __name__ == "__main__":
    main()
