"""Networks whose convolutions do not pad give an output for every pixel, and tiles fit together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from enlarger.engines.backend import Loading
from enlarger.engines.backends import BACKENDS
from enlarger.engines.networks import NETWORKS, Network, Pixels
from enlarger.engines.spec import NetworkSpec
from enlarger.engines.tiling import blend, tiles
from enlarger.engines.weights.files import Weights
from tests.engines.tiny_networks import convolution, deconvolution, halving, keeping, repeating, write_network
from tests.pictures import psnr

_SPEC = replace(NETWORKS["waifu2x-photo-1"], name="tiny", native_scale=2, margin=2)
_SIZES = [(8, 8), (1, 1), (2, 5), (7, 9), (30, 21)]
_CPU = ["ncnn-cpu", "ncnn-cpu-bf16", "openvino-cpu"]


def picture(width: int, height: int) -> Pixels:
    """Values that 16-bit floats hold exactly."""
    return np.random.default_rng(width).integers(0, 128, (height, width, 3)).astype(np.float32) / np.float32(128)


def open_network(weights: Weights, spec: NetworkSpec, scale: int = 2, backend: str = "ncnn-cpu") -> Network:
    loading = Loading(spec=spec, scale=scale, weights=weights, cache=weights.bin.parent, threads=1)
    return BACKENDS[backend].open(loading)


def _layer(side: int) -> str:
    return f"0=3 1={side} 5=1 6={9 * side * side}"


def repeat(tile: Pixels, times: int) -> Pixels:
    return tile.repeat(times, axis=0).repeat(times, axis=1)


@pytest.mark.parametrize("backend", _CPU)
@pytest.mark.parametrize(("width", "height"), _SIZES)
def test_the_output_covers_a_tile_of_any_size_and_is_in_its_place(
    width: int, height: int, backend: str, tmp_path: Path
) -> None:
    weights = write_network(tmp_path, [convolution(keeping(5)), deconvolution(repeating(2), stride=2)])
    tile = picture(width, height)
    assert np.array_equal(open_network(weights, _SPEC, backend=backend)(tile), repeat(tile, 2))


@pytest.mark.parametrize("backend", _CPU)
@pytest.mark.parametrize(("width", "height"), _SIZES)
def test_sides_are_brought_to_the_multiple_that_strides_need(
    width: int, height: int, backend: str, tmp_path: Path
) -> None:
    there, back = halving()
    layers = [convolution(keeping(3)), convolution(keeping(3)), convolution(there, stride=2)]
    weights = write_network(tmp_path, [*layers, deconvolution(back, stride=2)])
    spec = replace(_SPEC, native_scale=1, multiple=2)
    tile = picture(width, height)
    assert np.array_equal(open_network(weights, spec, 1, backend)(tile), tile)


@pytest.mark.parametrize("crop", ["0=2 1=2", "-23309=2,2,2 -23310=2,-2,-2 -23311=2,-2,-1"])
@pytest.mark.parametrize("backend", _CPU)
def test_layers_that_are_cropped_and_weighted_by_averages(crop: str, backend: str, tmp_path: Path) -> None:
    """As in waifu2x's and Real-CUGAN's networks, whose two ways to crop are both here."""
    tile = picture(24, 16)
    inputs = "blob0b small" if crop.startswith("0") else "blob0b"
    lines = [
        "Input in 0 1 blob0", "Split split 1 3 blob0 blob0a blob0b blob0c",
        f"Convolution convolution 1 1 blob0a small {_layer(5)}", "Split split2 1 2 small small0 small1",
        f"Crop crop {len(inputs.split())} 1 {inputs.replace('small', 'small0')} cropped {crop}",
        "Eltwise sum 2 1 cropped small1 summed 0=1", "Pooling pool 1 1 blob0c average 0=1 4=1",
        "InnerProduct first 1 1 average first 0=3 1=1 2=9 9=1", "InnerProduct second 1 1 first second 0=3 1=1 2=9 9=4",
        "Scale scale 2 1 summed second scaled 0=-233",
    ]  # fmt: skip
    weights = Weights(tmp_path / "a.param", tmp_path / "a.bin")
    weights.param.write_text("\n".join(["7767517", f"{len(lines)} {len(lines) + 4}", *lines]) + "\n")
    eye, none = np.eye(3, dtype=np.float32), np.zeros(3, np.float32)
    full = [np.concatenate([np.zeros(1, np.float32), matrix.ravel(), none]) for matrix in (keeping(5), eye, eye)]
    weights.bin.write_bytes(b"".join(array.tobytes() for array in full))
    output = open_network(weights, replace(_SPEC, native_scale=1, margin=2), 1, backend)(tile)
    share = 1 / (1 + np.exp(-np.pad(tile, ((2, 2), (2, 2), (0, 0)), mode="reflect").mean(axis=(0, 1))))
    assert np.abs(output - 2 * tile * share).max() < (0.02 if backend.endswith("bf16") else 1e-5)


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_a_residual_is_added_to_the_pixels_repeated(scale: int, tmp_path: Path) -> None:
    weights = write_network(
        tmp_path, [convolution(np.zeros((3, 3, 5, 5), np.float32)), deconvolution(repeating(4), stride=4)]
    )
    tile = np.broadcast_to(np.array([0.25, 0.5, 0.75], np.float32), (6, 9, 3))
    output = open_network(weights, replace(_SPEC, native_scale=4, residual=True), scale)(tile)
    assert output.shape == (6 * scale, 9 * scale, 3)
    assert np.abs(output - repeat(tile, scale)).max() < 1e-6


@pytest.mark.parametrize("multiple", [1, 2, 4])
def test_tiles_are_the_whole_picture(multiple: int, tmp_path: Path) -> None:
    """Also where a stride makes it matter which pixels a tile begins with."""
    random = np.random.default_rng(3).normal(0, 0.2, (3, 3, 5, 5)).astype(np.float32)
    layers = [convolution(random), deconvolution(repeating(2), stride=2)]
    if multiple > 1:
        averaging = np.full((3, 3, multiple, multiple), 1 / (3 * multiple**2), np.float32)
        layers[1:1] = [convolution(averaging, stride=multiple), deconvolution(repeating(multiple), stride=multiple)]
    spec = replace(_SPEC, multiple=multiple, context=12, feather=8)
    network = open_network(write_network(tmp_path, layers), spec)
    source = picture(150, 93)
    whole = network(source).clip(0, 1)
    canvas = np.zeros((93 * 2, 150 * 2, 3), np.uint16)
    plan = tiles(150, 93, 61, spec)
    assert len(plan) > 4
    for tile in plan:
        output = network(source[tile.y.start : tile.y.stop, tile.x.start : tile.x.stop]).clip(0, 1)
        samples = (output * 65_535).round().astype(np.uint16)
        blend(canvas[tile.y.start * 2 : tile.y.stop * 2], tile, samples, 2)
    assert psnr(canvas / 65_535, whole, full=1) >= 90


def test_an_odd_reduction_keeps_things_in_their_place(tmp_path: Path) -> None:
    weights = write_network(tmp_path, [convolution(keeping(5)), deconvolution(repeating(3), stride=3)])
    ramp = np.linspace(0.1, 0.9, 60, dtype=np.float32)[None, :, None].repeat(20, axis=0).repeat(3, axis=2)
    output = open_network(weights, replace(_SPEC, native_scale=3), 1)(ramp)
    assert output.shape == ramp.shape
    assert np.abs(output - ramp)[5:-5, 5:-5].max() < 1e-3
