"""The pictures of `quality.py`: from packages that others publish, and drawn here. None is committed with the code."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyvips
from numpy.typing import NDArray

from bench.quality_drawings import drawing

SIDE = 256
"""Pixels a side of a tile, or less where the picture is smaller."""

Bytes = NDArray[np.uint8]
"""Height x width x 3, RGB."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A tile of a picture, and how to get it."""

    name: str
    kind: str
    file: str
    """After `skimage:`, `sklearn:` or `matplotlib:` a file in that package, after `debian:` one in an unpacked Debian
    package, after `drawn:` an SVG of ours, after `ours:` a file of this repository."""
    left: int = 0
    top: int = 0
    shrink: int = 1
    """Divides the picture before the crop: photos of many megapixels are soft when seen pixel by pixel."""
    grain: float = 0.0
    """The standard deviation of film grain that is added, in 8-bit values."""


PICTURES = (
    Picture("astronaut", "face", "skimage:astronaut.png", 90, 0),
    Picture("hopper", "face", "matplotlib:grace_hopper.jpg", 90, 40),
    Picture("camera", "face", "skimage:camera.png", 110, 60),
    Picture("cat", "animal", "skimage:chelsea.png", 80, 0),
    Picture("bird", "animal", "debian:Kleiber_by_Lukas_Baubkus.jpg", 1150, 620, 2),
    Picture("ladybird", "animal", "debian:mate/nature/LadyBird.jpg", 820, 350, 2),
    Picture("rocket", "things", "skimage:rocket.jpg", 180, 100),
    Picture("coffee", "things", "skimage:coffee.png", 140, 40),
    Picture("motorcycle", "things", "skimage:motorcycle_left.png", 230, 130),
    Picture("coins", "things", "skimage:coins.png", 30, 0),
    Picture("still-life", "things", "ours:examples/still-life.jpg"),
    Picture("temple", "buildings", "sklearn:china.jpg", 180, 60),
    Picture("page", "text", "skimage:page.png"),
    Picture("handwriting", "text", "skimage:text.png", 20, 0),
    Picture("poster", "text", "drawn:poster"),
    Picture("dahlia", "foliage", "sklearn:flower.jpg", 160, 60),
    Picture("dune", "foliage", "debian:mate/nature/Dune.jpg", 700, 480),
    Picture("leaves", "foliage", "debian:mate/nature/RainDrops.jpg", 700, 300, 2),
    Picture("meadow", "foliage", "debian:mate/nature/GreenMeadow.jpg", 300, 250, 2),
    Picture("grass", "foliage", "skimage:grass.png", 100, 100),
    Picture("dandelion", "foliage", "debian:mate/nature/TwoWings.jpg", 820, 250, 2),
    Picture("brick", "texture", "skimage:brick.png", 100, 100),
    Picture("gravel", "texture", "skimage:gravel.png", 100, 100),
    Picture("planks", "texture", "debian:mate/nature/Wood.jpg", 480, 400, 2),
    Picture("retina", "texture", "skimage:retina.jpg", 250, 200, 2),
    Picture("galaxies", "sky", "skimage:hubble_deep_field.jpg", 300, 300),
    Picture("moon", "sky", "skimage:moon.png", 100, 100),
    Picture("astronaut-grain", "grain", "skimage:astronaut.png", 90, 0, grain=10.0),
    Picture("coffee-grain", "grain", "skimage:coffee.png", 140, 40, grain=14.0),
    Picture("line-drawing", "drawing", "drawn:line-drawing"),
    Picture("cartoon", "drawing", "drawn:cartoon"),
    Picture("diagram", "drawing", "drawn:diagram"),
    Picture("stripes", "drawing", "debian:Painting-Colors_by__herobrine7gamer.jpg", 150, 120, 8),
)

_FOLDERS = {
    "skimage": ("skimage", "data"),
    "sklearn": ("sklearn", "datasets/images"),
    "matplotlib": ("matplotlib", "mpl-data/sample_data"),
}


def load(picture: Picture, debian: Path | None) -> Bytes | None:
    """The tile; None when the Debian packages are not there."""
    source, _, name = picture.file.partition(":")
    if source == "debian" and debian is None:
        return None
    if source == "drawn":
        image = pyvips.Image.svgload_buffer(drawing(name).encode()).flatten(background=255)
    else:
        image = pyvips.Image.new_from_file(str(_folder(source, debian) / name))
    image = image.colourspace("srgb")
    image = image.flatten(background=255) if image.hasalpha() else image
    if picture.shrink > 1:
        image = image.resize(1 / picture.shrink, kernel="lanczos3")
    width = min(SIDE, image.width - picture.left) // 32 * 32
    height = min(SIDE, image.height - picture.top) // 32 * 32
    image = image.crop(picture.left, picture.top, width, height)
    if picture.grain:
        # Film grain is soft, and the same in all colours.
        noise = pyvips.Image.gaussnoise(width, height, sigma=1, mean=0, seed=7).gaussblur(0.7)
        image = image + noise * (picture.grain / noise.deviate())
    pixels: Bytes = image.rint().cast("uchar").numpy()
    return pixels


def _folder(source: str, debian: Path | None) -> Path:
    if source == "ours":
        return Path(__file__).parents[1]
    if source == "debian":
        assert debian is not None
        return debian / "usr/share/backgrounds"
    package, folder = _FOLDERS[source]
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"{package} is not installed: see the command at the top of quality.py.")
    return Path(spec.submodule_search_locations[0]) / folder
