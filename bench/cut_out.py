"""How much sharper cut-outs are for following the picture's edges: `uv run python -m bench.cut_out`.

Pictures of a disc with and without thin lines sticking out, in front of texture, whose outlines are known: the
network's mask enlarged by a bicubic filter alone, and as the engine makes it. Intersection over union, the mean
absolute error of the whole mask and of its edges, and that of the edges put on blue, white and black, in percent; then
the seconds of whole orders.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
import pyvips
from PIL import Image
from tests.engines.objects import Plane, in_front, outline, overlap

from enlarger.engines.cut_out import cut_out
from enlarger.engines.foreground import WEIGHTS, find_foreground
from enlarger.engines.matting import reduced, separate
from enlarger.engines.messages import CutOut
from enlarger.engines.openvino.onnx import OnnxNetwork
from enlarger.engines.progress import Progress
from enlarger.engines.resources import available_cpus
from enlarger.engines.weights.files import INSTALLED

_PAPERS = np.array(((0.1, 0.2, 0.8), (1, 1, 1), (0, 0, 0)))


def _row(title: str, alpha: Plane, colours: Plane, covered: Plane, pure: Plane) -> str:
    edge = (covered > 0) & (covered < 1)
    grown = (
        np.asarray(pyvips.Image.new_from_array(edge.astype(np.uint8)).gaussblur(4, precision="float").numpy()) > 0.02
    )
    wrong = 0.0
    for paper in _PAPERS:
        put = alpha[..., None] * colours + (1 - alpha[..., None]) * paper
        wanted = covered[..., None] * pure + (1 - covered[..., None]) * paper
        wrong += float(np.abs(put - wanted)[grown].mean()) / len(_PAPERS)
    error = np.abs(alpha - covered)
    return (
        f"{title:28} IoU {overlap(alpha, covered):.4f}  all {error.mean():6.2%}  edges {error[grown].mean():6.2%}"
        f"  put on colours {wrong:6.2%}"
    )


def main() -> None:
    """Print the tables."""
    (file,) = INSTALLED.locate(WEIGHTS)
    network = OnnxNetwork(file, threads=available_cpus())
    for width, height in ((800, 600), (1600, 1200), (3200, 2400)):
        for hairs in (0, 120):
            covered = outline(width, height, hairs=hairs)
            picture, pure = in_front(covered), in_front(np.ones_like(covered)) / 255
            image = pyvips.Image.new_from_array(picture).cast("float") / 255
            mask = find_foreground(network, image)
            plain = pyvips.Image.new_from_array(mask).resize(width / 320, vscale=height / 320, kernel="cubic").numpy()
            cut = separate(image, reduced(image), mask).numpy()
            title = f"{width}x{height}, {hairs} lines"
            print(_row(f"{title}, plain", plain.clip(0, 1), picture / 255, covered, pure))
            print(_row(f"{title}, refined", cut[..., 3], cut[..., :3], covered, pure))
    small = Image.fromarray(in_front(outline(800, 600)))
    for megapixels in (1, 12, 50):
        width = round((megapixels * 1e6 * 4 / 3) ** 0.5)
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "source.jpg"
            small.resize((width, width * 3 // 4)).save(source)
            for format in ("png", "webp"):
                target = str(Path(folder) / "result")
                limits = {"memory": 4 << 30, "max_pixels": 10**9}
                order = CutOut(source=str(source), target=target, format=format, **limits)
                began = time.perf_counter()
                cut_out(order, lambda: network, Progress())
                print(f"{megapixels:3} megapixels, {format:4} {time.perf_counter() - began:6.1f} s")


if __name__ == "__main__":
    main()
