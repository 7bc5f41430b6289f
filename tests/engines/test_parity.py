"""Smaller scales are the same picture, and tiles leave no trace."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from enlarger.engines.networks import NETWORKS, Network, Pixels
from enlarger.engines.openvino.network import OpenVinoNetwork
from enlarger.engines.tiling import blend, tiles
from enlarger.engines.weights.files import WeightsFolders
from tests.pictures import load as picture_of
from tests.pictures import photo, psnr, shrink

_EXAMPLE = Path(__file__).parents[2] / "examples" / "still-life.jpg"


def load(name: str, cache: Path, *, scale: int = 4) -> OpenVinoNetwork:
    spec = NETWORKS[name]
    return OpenVinoNetwork(spec, scale=scale, weights=WeightsFolders().find(spec.weights), cache=cache, threads=2)


def floats(width: int, height: int) -> Pixels:
    return np.asarray(photo(width, height) / 255, np.float32)


@pytest.mark.parametrize("scale", [1, 2])
def test_a_smaller_scale_is_the_same_picture_reduced(scale: int, cache: Path) -> None:
    tile = floats(48, 40)
    full, reduced = load("real-esrgan-fast", cache)(tile).copy(), load("real-esrgan-fast", cache, scale=scale)(tile)
    assert reduced.shape == (40 * scale, 48 * scale, 3)
    boxed = full.reshape(40 * scale, 4 // scale, 48 * scale, 4 // scale, 3).mean(axis=(1, 3))
    assert psnr(reduced, boxed, full=1) >= 28  # a box and a Lanczos filter differ, but not in where things are


def test_tiles_are_put_together_without_seams(cache: Path) -> None:
    """On the weave of the example photo, with tiles far smaller than in use: four, and seams everywhere."""
    network = load("real-esrgan-x4plus", cache)
    picture = np.asarray(picture_of(_EXAMPLE)[180:300, 20:188] / 255, np.float32)
    whole = network(picture).clip(0, 1)
    tiled = enlarge_in_tiles(picture, network, side=136)
    assert psnr(tiled, whole, full=1) >= 50


def test_the_fast_network_tiles_exactly(cache: Path) -> None:
    network = load("real-esrgan-fast", cache)
    picture = np.asarray(photo(150, 90) / 255, np.float32)
    tiled = enlarge_in_tiles(picture, network, side=64)
    assert psnr(tiled, network(picture).clip(0, 1), full=1) >= 55


def enlarge_in_tiles(picture: Pixels, network: Network, *, side: int) -> Pixels:
    height, width = picture.shape[:2]
    canvas = np.zeros((height * 4, width * 4, 3), np.uint8)
    plan = tiles(width, height, side, network.spec)
    assert len(plan) > 1
    for tile in plan:
        output = network(picture[tile.y.start : tile.y.stop, tile.x.start : tile.x.stop])
        samples = (output.clip(0, 1) * 255).round().astype(np.uint8)
        blend(canvas[tile.y.start * 4 : tile.y.stop * 4], tile, samples, 4)
    return np.asarray(canvas / 255, np.float32)


def test_enlarging_keeps_the_picture_what_it_was(cache: Path) -> None:
    picture = photo(64, 48)
    enlarged = (load("real-esrgan-x4plus", cache)(np.asarray(picture / 255, np.float32)).clip(0, 1) * 255).round()
    assert psnr(shrink(enlarged.astype(np.uint8), 4), picture) >= 25


def test_a_damaged_cache_is_made_anew(tmp_path: Path) -> None:
    tile = floats(16, 16)
    expected = load("real-esrgan-fast", tmp_path)(tile).copy()
    for file in tmp_path.rglob("*"):
        if file.is_file():
            file.write_bytes(b"not a graph")
    assert psnr(load("real-esrgan-fast", tmp_path)(tile), expected, full=1) == 200
