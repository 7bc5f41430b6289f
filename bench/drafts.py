"""How far 8-bit integers are from 32-bit floats, on ten pictures that they were not calibrated on.

    uv run --with scikit-image --with scikit-learn --with matplotlib --with ssimulacra2 python -m bench.drafts \\
        --debian FOLDER

The pictures are those of `quality.py`, reduced 4 times; what is compared is the two enlargements, in 8-bit values.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from bench.quality import Enlarge, _bytes, _image
from bench.quality_pictures import PICTURES, load
from enlarger.engines.backend import Loading, this_cpu
from enlarger.engines.backends import BACKENDS
from enlarger.engines.networks import network_spec
from enlarger.engines.weights.files import INSTALLED

NETWORKS = ("real-esrgan-x4plus", "real-esrgan-x4plus-anime", "real-esrgan-fast", "span-x4")
TEN = ("astronaut", "cat", "bird", "coffee", "temple", "page", "leaves", "planks", "galaxies", "cartoon")


def open_network(name: str, backend: str, cache: Path, threads: int) -> Enlarge:
    spec = network_spec(name)
    weights = INSTALLED.find(spec.weights)
    run = BACKENDS[backend].open(
        Loading(spec=spec, scale=spec.native_scale, weights=weights, cache=cache, threads=threads)
    )
    return lambda pixels: _bytes(run(np.asarray(pixels / 255, np.float32)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--debian", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, help="a folder for both enlargements of each picture")
    options = parser.parse_args()
    sources = {}
    for picture in PICTURES:
        original = load(picture, options.debian) if picture.name in TEN else None
        if original is not None:
            sources[picture.name] = _image(original).resize(0.25, kernel="lanczos3").numpy()
    print(f"{this_cpu().name}; PSNR in dB / SSIM\n\n| | {' | '.join(sources)} | mean |")
    print("| --- |" + " ---: |" * (len(sources) + 1))
    with tempfile.TemporaryDirectory() as folder:
        for name in NETWORKS:
            float_run, draft_run = (
                open_network(name, backend, Path(folder), options.threads)
                for backend in ("openvino-cpu", "openvino-cpu-int8")
            )
            found = []
            for source_name, source in sources.items():
                right, draft = float_run(source), draft_run(source)
                ssim = float(structural_similarity(right, draft, channel_axis=2))
                found.append((float(peak_signal_noise_ratio(right, draft)), ssim))
                if options.out:
                    options.out.mkdir(parents=True, exist_ok=True)
                    pair = _image(right).join(_image(draft), "horizontal")
                    pair.write_to_file(str(options.out / f"{name}-{source_name}.png"))
            found.append((float(np.mean([psnr for psnr, _ in found])), float(np.mean([ssim for _, ssim in found]))))
            print(f"| `{name}` | " + " | ".join(f"{psnr:.1f} / {ssim:.3f}" for psnr, ssim in found) + " |", flush=True)


if __name__ == "__main__":
    main()
