"""Networks of the user's own in the engine of this machine: they are run, measured, replaced and missed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from enlarger.catalog import get_model
from enlarger.engines.adding import add, remove
from enlarger.errors import EngineUnavailable
from enlarger.protocol.records import Made
from enlarger.providers import LocalOrder
from enlarger.providers.local import LocalEngine
from enlarger.providers.local.settings import LocalSettings
from enlarger.settings import read_settings
from tests.data_directories import no_progress
from tests.engines.tiny_networks import Layer, convolution, deconvolution, keeping, repeating, write_network
from tests.engines.tiny_onnx import write_repeating_onnx
from tests.pictures import Array, load, photo, psnr, save

pytestmark = pytest.mark.integration


class Rig:
    """An engine with networks of its own, and a picture of 300x80 pixels."""

    def __init__(self, folder: Path, cache: Path, engine: str | None) -> None:
        self.models = folder / "models"
        self.models.mkdir()
        self.folder = folder
        settings = read_settings(LocalSettings, engine=engine, models_dir=self.models, engine_memory=1500)
        self.engine = LocalEngine(settings, cache)
        self.source = photo(300, 80)
        save(self.source, folder / "a.png")

    def add(self, layers: list[Layer], name: str) -> str:
        add(write_network(self.folder, layers, name).param, self.models)
        return name

    async def run(self, name: str, **input: Any) -> tuple[Array, Made]:
        work = self.folder / "work"
        work.mkdir(exist_ok=True)
        order = LocalOrder(
            model=get_model(f"own/{name}"),
            input={"image_url": "https://example.com/a.png", **input},
            picture=self.folder / "a.png",
            workspace=work,
        )
        outcome = await self.engine.run(order, no_progress)
        return load(outcome.path), outcome.made


@pytest.fixture
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    made = Rig(tmp_path, tmp_path / "cache", getattr(request, "param", "ncnn-cpu"))
    yield made
    await made.engine.close()


@pytest.fixture
async def measuring(tmp_path: Path) -> AsyncIterator[Rig]:
    """One whose engine is chosen by measurement."""
    made = Rig(tmp_path, tmp_path / "cache", None)
    yield made
    await made.engine.close()


def enlarged(picture: Array, times: int) -> Array:
    return picture.repeat(times, axis=0).repeat(times, axis=1)


@pytest.mark.parametrize("rig", ["openvino-cpu", "ncnn-cpu"], indirect=True)
async def test_a_network_enlarges_by_its_own_scale_or_any_other(rig: Rig) -> None:
    name = rig.add([convolution(keeping(3), pad=1), deconvolution(repeating(2), stride=2)], "twice")
    result, made = await rig.run(name)
    assert psnr(result, enlarged(rig.source, 2)) > 50
    assert made.network is not None
    assert made.network.startswith("own/twice@")
    for input, size in (
        ({"upscale_factor": 1}, (80, 300)),
        ({"upscale_factor": 1.5}, (120, 450)),
        ({"long_side": 900}, (240, 900)),
        ({"upscale_factor": 6}, (480, 1800)),
    ):
        assert (await rig.run(name, **input))[0].shape[:2] == size
    plain, made = await rig.run(name, strength=0)
    assert made.network is None
    assert plain.shape == (160, 600, 3)


async def test_a_network_of_scale_1_cleans_up_and_another_one_enlarges(rig: Rig) -> None:
    blur = np.zeros((3, 3, 3, 3), np.float32)
    blur[range(3), range(3)] = 1 / 9
    name = rig.add([convolution(blur, pad=1)], "soft")
    soft, _ = await rig.run(name)
    assert soft.shape == rig.source.shape
    assert np.diff(soft.astype(int), axis=1).std() < np.diff(rig.source.astype(int), axis=1).std()
    assert (await rig.run(name, upscale_factor=2))[0].shape[:2] == (160, 600)


async def test_tiles_show_what_the_whole_picture_would(rig: Rig) -> None:
    """Whatever the network's reach, the margins of its output and the sides that it takes."""
    far = keeping(61)
    far[range(3), range(3), 30, 0] = far[range(3), range(3), 30, 60] = 0.2
    far[range(3), range(3), 30, 30] = 0.6
    for name, layers in {
        "far": [convolution(far, pad=30)],
        "losing": [convolution(keeping(5)), deconvolution(repeating(2), stride=2)],
    }.items():
        rig.add(layers, name)
        whole, _ = await rig.run(name)
        tiled, _ = await rig.run(name, tile=56)
        assert psnr(tiled, whole) > 45, name


async def test_an_onnx_network_runs_whatever_engine_was_chosen_by_hand(rig: Rig) -> None:
    write_repeating_onnx(rig.folder / "thrice.onnx", 3)
    add(rig.folder / "thrice.onnx", rig.models)
    result, made = await rig.run("thrice")
    assert psnr(result, enlarged(rig.source, 3)) > 50
    assert made.engine.startswith("openvino-cpu")


async def test_engines_are_measured_for_it_and_the_right_one_is_the_reference(measuring: Rig) -> None:
    """OpenVINO's graph is made by us, and knows few layers: it is left out for others."""
    name = measuring.add([convolution(keeping(3), pad=1), ("HardSigmoid 0=1.0 1=0.0", ())], "odd")
    result, made = await measuring.run(name)
    assert made.engine.startswith("ncnn-cpu")
    assert psnr(result, measuring.source) > 45
    name = measuring.add([convolution(keeping(3), pad=1)], "plain")
    result, made = await measuring.run(name, precision="f32")
    assert made.precision == "f32"
    assert psnr(result, measuring.source) > 50


async def test_a_network_that_replaces_another_is_used_at_once(rig: Rig) -> None:
    rig.add([deconvolution(repeating(2), stride=2)], "sharp")
    bright, first = await rig.run("sharp")
    remove("sharp", rig.models)
    with pytest.raises(EngineUnavailable, match=r"own/sharp is not on the machine .*ENLARGER_MODELS_DIR"):
        await rig.run("sharp")
    rig.add([deconvolution(repeating(2) * 0.9, stride=2)], "sharp")
    dark, second = await rig.run("sharp")
    assert dark.mean() == pytest.approx(bright.mean() * 0.9, abs=1)
    assert first.network != second.network
