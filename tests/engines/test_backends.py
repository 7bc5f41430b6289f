"""Every backend computes the same from the same weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from enlarger.engines.backend import Backend, Loading
from enlarger.engines.backends import BACKENDS
from enlarger.engines.choosing import LEAST_DECIBELS, LEAST_DECIBELS_OF_DRAFTS
from enlarger.engines.devices import find_devices
from enlarger.engines.measure import test_picture as measured_picture
from enlarger.engines.networks import NETWORKS, Network, Pixels
from enlarger.engines.spec import NetworkSpec
from enlarger.engines.weights.files import WeightsFolders
from enlarger.engines.weights.packages import REAL_CUGAN, WAIFU2X
from enlarger.errors import EngineUnavailable, NetworkUnsupported
from tests.pictures import load as picture_of
from tests.pictures import psnr

_EXAMPLE = Path(__file__).parents[2] / "examples" / "still-life.jpg"
Load = Callable[[str, NetworkSpec, int], Network]

_INSTALLED = [
    spec for spec in NETWORKS.values() if spec.name == spec.measured_as and spec.weights.package is not REAL_CUGAN
]
"""Those whose weights are installed with Enlarger, or for its tests; of those with the same layers one."""


@pytest.fixture
def load(cache: Path) -> Load:
    devices = find_devices(cache, BACKENDS)

    def load_network(name: str, spec: NetworkSpec, scale: int) -> Network:
        if devices[name].device is None:
            hint = " (Debian: apt-get install mesa-vulkan-drivers)" if name == "ncnn-vulkan" else ""
            pytest.skip(f"{name} has no device here: {devices[name].why_not}{hint}")
        loading = Loading(spec=spec, scale=scale, weights=WeightsFolders().find(spec.weights), cache=cache, threads=2)
        return BACKENDS[name].open(loading)

    return load_network


def tile(width: int, height: int) -> Pixels:
    """A part of the example photo: what 8-bit integers are for."""
    return np.asarray(picture_of(_EXAMPLE)[200 : 200 + height, 150 : 150 + width] / 255, np.float32)


def least(backend: Backend) -> float:
    return {"f32": 60, "int8": 30}.get(backend.precision, LEAST_DECIBELS)


@pytest.mark.parametrize("spec", _INSTALLED, ids=lambda spec: str(spec.name))
@pytest.mark.parametrize("name", [name for name in BACKENDS if name != "openvino-cpu"])
def test_the_output_is_that_of_openvino_in_32_bit_floats(name: str, spec: NetworkSpec, load: Load) -> None:
    picture, scale = tile(40, 28), spec.native_scale
    if BACKENDS[name].precision == "int8" and spec.weights.package is WAIFU2X:
        with pytest.raises(NetworkUnsupported, match="which 8-bit integers need, have not been measured"):
            load(name, spec, scale)
        return
    expected = load("openvino-cpu", spec, scale)(picture).copy()
    output = load(name, spec, scale)(picture)
    assert output.shape == (28 * scale, 40 * scale, 3)
    assert psnr(output.clip(0, 1), expected.clip(0, 1), full=1) >= least(BACKENDS[name])


@pytest.mark.parametrize("name", ["real-esrgan-fast", "real-esrgan-x4plus-anime", "span-x4"])
def test_drafts_pass_the_measurement_and_garbage_does_not(name: str, load: Load) -> None:
    """Otherwise `--precision int8` would be refused on a machine that has nothing wrong with it."""
    spec, picture = NETWORKS[name], measured_picture()
    expected = load("openvino-cpu", spec, 4)(picture).copy().clip(0, 1)
    drafted = load("openvino-cpu-int8", spec, 4)(picture).clip(0, 1)
    assert psnr(drafted, expected, full=1) >= LEAST_DECIBELS_OF_DRAFTS + 2
    noise = np.random.default_rng(1).random(expected.shape, np.float32)
    for garbage in (np.zeros_like(expected), np.full_like(expected, 0.5), noise, expected[::-1]):
        assert psnr(garbage, expected, full=1) < LEAST_DECIBELS_OF_DRAFTS - 2


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("name", [name for name in BACKENDS if name != "openvino-cpu"])
def test_so_are_smaller_scales(name: str, scale: int, load: Load) -> None:
    """Also of a picture whose planes end nowhere in particular, which ncnn's Vulkan gets wrong by itself."""
    spec, picture = NETWORKS["real-esrgan-fast"], tile(41, 27)
    expected = load("openvino-cpu", spec, scale)(picture).copy()
    output = load(name, spec, scale)(picture)
    assert output.shape == (27 * scale, 41 * scale, 3)
    assert psnr(output.clip(0, 1), expected.clip(0, 1), full=1) >= least(BACKENDS[name])


@pytest.mark.parametrize("name", BACKENDS)
def test_outputs_of_several_tiles_are_each_ones_own(name: str, load: Load) -> None:
    """ncnn looks into the array that it is given, and may free it; a second tile must not change the first."""
    network = load(name, NETWORKS["real-esrgan-fast"], 2)
    first, second = tile(40, 32), tile(32, 24)
    expected = network(first).copy()
    network(second)
    assert psnr(network(first).clip(0, 1), expected.clip(0, 1), full=1) >= 60


def test_weights_that_are_damaged_are_told(tmp_path: Path) -> None:
    spec = NETWORKS["real-esrgan-fast"]
    (tmp_path / f"{spec.weights.stem}.param").write_text("nothing")
    (tmp_path / f"{spec.weights.stem}.bin").write_bytes(b"")
    weights = WeightsFolders(own=str(tmp_path)).find(spec.weights)
    with pytest.raises(EngineUnavailable, match=r"is not a usable ncnn \.param file"):
        BACKENDS["ncnn-cpu"].load(Loading(spec=spec, scale=4, weights=weights, cache=tmp_path, threads=1))
