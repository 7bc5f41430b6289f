"""Makes the pictures of docs/guides/controls.md, which show what each control does.

    uv run python -m tools.controls

The sources are crops of our own example photo, made half as large, so that details are at the edge of what can be seen.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyvips
from numpy.typing import NDArray

from enlarger.engines.backend import Loading
from enlarger.engines.backends import BACKENDS
from enlarger.engines.enlarge import enlarge
from enlarger.engines.messages import Order
from enlarger.engines.networks import Network
from enlarger.engines.progress import Progress
from enlarger.engines.resources import available_cpus
from enlarger.engines.spec import NetworkSpec
from enlarger.engines.weights.files import INSTALLED

_ROOT = Path(__file__).parents[1]
_PICTURES = _ROOT / "docs/images/pictures"
_WIDE, _HIGH = 80, 64
"""Pixels of a source."""
_AMPLIFIED = 8
_GAP, _LABEL, _QUALITY = 4, 18, 78

Samples = NDArray[np.uint8]


class Studio:
    """Enlarges one picture in different ways."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self, source: Samples, *, backend: str = "openvino-cpu", jpeg: int | None = None, **asked: Any) -> Samples:
        """The source, saved as a JPEG of this quality or without loss, enlarged 4 times by SPAN."""
        path = self._folder / ("source.jpg" if jpeg else "source.png")
        image = _image(source)
        image.jpegsave(str(path), Q=jpeg) if jpeg else image.pngsave(str(path))

        def load(spec: NetworkSpec, scale: int) -> Network:
            weights, threads = INSTALLED.find(spec.weights), available_cpus()
            return BACKENDS[backend].open(
                Loading(spec=spec, scale=scale, weights=weights, cache=self._folder, threads=threads)
            )

        target = self._folder / "result"
        order = Order(
            source=str(path),
            target=str(target),
            **{"network": "span-x4", "factor": 4, "format": "png", **asked},
            memory=4 << 30,
            max_pixels=10**7,
            max_side=20_000,
        )
        enlarge(order, load, Progress())
        return np.asarray(pyvips.Image.new_from_buffer(target.read_bytes(), "").numpy()[..., :3], np.uint8)


def main() -> None:
    """Write all of the pictures."""
    pyvips.cache_set_max(0)
    photo = pyvips.Image.new_from_file(str(_ROOT / "examples" / "still-life.jpg")).resize(0.5, kernel="lanczos3")
    fabric: Samples = photo.crop(10, 100, _WIDE, _HIGH).numpy()
    pear: Samples = photo.crop(110, 60, _WIDE, _HIGH).numpy()
    grain = np.random.default_rng(3).normal(0, 8, (*pear.shape[:2], 1))
    grainy = np.clip(np.rint(pear + grain), 0, 255).astype(np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(Path(folder))
        percents = (0, 50, 100)
        strengths = {f"strength {percent}": studio.make(grainy, strength=percent) for percent in percents}
        _write("control-strength", strengths)
        denoised = {f"denoise {percent}": studio.make(pear, jpeg=60, denoise=percent) for percent in percents}
        _write("control-denoise", denoised)
        floats, drafts = studio.make(fabric), studio.make(fabric, backend="openvino-cpu-int8")
        _write("control-precision", {"f32": floats, "int8": drafts, "difference x8": _difference(floats, drafts)})
        wide: Samples = photo.crop(0, 60, 2 * _WIDE, _HIGH).numpy()
        whole, tiled = studio.make(wide), studio.make(wide, tile=56)
        _write("control-tile", {"whole": whole, "tile 56": tiled, "difference x8": _difference(whole, tiled)}, across=1)


def _difference(one: Samples, other: Samples) -> Samples:
    """Grey where two pictures are alike; eight times as far from it as they are from each other."""
    values = 128 + _AMPLIFIED * (one.astype(np.int16) - other)
    return np.asarray(np.clip(values, 0, 255), np.uint8)


def _write(name: str, pictures: dict[str, Samples], across: int = 3) -> None:
    cells = []
    for label, pixels in pictures.items():
        text = pyvips.Image.text(label, font="sans 10").embed(2, 2, pixels.shape[1], _LABEL)
        paper = (255 - text).bandjoin([255 - text, 255 - text]).copy(interpretation="srgb")
        cells.append(paper.join(_image(pixels), "vertical"))
    sheet = pyvips.Image.arrayjoin(cells, across=across, shim=_GAP, background=255)
    sheet.jpegsave(str(_PICTURES / f"{name}.jpg"), Q=_QUALITY, keep="none")


def _image(pixels: Samples) -> pyvips.Image:
    return pyvips.Image.new_from_array(np.ascontiguousarray(pixels)).copy(interpretation="srgb")


if __name__ == "__main__":
    main()
