"""A foreground is cut out of every kind of picture, and what a picture carries is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest
import pyvips
from PIL import Image, ImageCms

from enlarger.engines.cut_out import cut_out
from enlarger.engines.foreground import WEIGHTS, Network
from enlarger.engines.messages import CutOut, Outcome
from enlarger.engines.openvino.onnx import OnnxNetwork
from enlarger.engines.process import EngineProcess
from enlarger.engines.progress import Progress
from enlarger.engines.weights.files import INSTALLED
from enlarger.errors import (
    BadOutput,
    EngineOutOfMemory,
    EngineUnavailable,
    NoForeground,
    PictureTooLarge,
    PictureUnreadable,
    StorageFull,
)
from tests.engines.objects import in_front, outline, overlap
from tests.environment import ENGINE
from tests.pictures import Array, load, photo, save

pytestmark = pytest.mark.integration

Cut = Callable[..., tuple[Outcome, Path]]

_COVERED = outline(480, 360)
_PICTURE = in_front(_COVERED)


@pytest.fixture(scope="session")
def network() -> Network:
    (file,) = INSTALLED.locate(WEIGHTS)
    return OnnxNetwork(file, threads=2)


@pytest.fixture
def run(tmp_path: Path, network: Network) -> Cut:
    def cut_file(source: Path, *, network: Network = network, **changes: Any) -> tuple[Outcome, Path]:
        target = tmp_path / "result"
        order = CutOut(
            source=str(source),
            target=str(target),
            **{"format": "png", "memory": 1 << 30, "max_pixels": 10**7, **changes},
        )
        return cut_out(order, lambda: network, Progress()), target

    return cut_file


def half(input: Any) -> Any:
    """A network that is sure of a picture's left half."""
    output = np.zeros((1, 1, 320, 320), np.float32)
    output[..., :160] = 1
    return output


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif", "a.bmp", "a.gif"])
def test_an_object_is_cut_out_of_every_format(run: Cut, tmp_path: Path, name: str) -> None:
    outcome, result = run(save(_PICTURE, tmp_path / name))
    cut = load(result)
    assert cut.shape == (360, 480, 4)
    assert (outcome.width, outcome.height, outcome.source_width, outcome.network) == (480, 360, 480, "u2netp")
    assert overlap(cut[..., 3] / 255, _COVERED) > 0.97
    assert np.abs(cut[..., 3] / 255 - _COVERED).mean() < 0.01
    assert not cut[cut[..., 3] == 0].any()  # nothing of the background is left
    inside = cut[..., 3] == 255
    assert np.abs(cut[inside][:, :3].astype(int) - load(tmp_path / name).reshape(360, 480, -1)[inside][:, :3]).max() < (
        3 if name != "a.gif" else 256
    )


@pytest.mark.parametrize(("format", "is_a"), [("png", "PNG"), ("webp", "WEBP"), ("tiff", "TIFF"), ("avif", "AVIF")])
def test_results_have_any_format_with_transparency(run: Cut, tmp_path: Path, format: str, is_a: str) -> None:
    outcome, result = run(save(_PICTURE, tmp_path / "a.jpg"), format=format)
    assert outcome.format == format
    with Image.open(result) as image:
        assert (image.format, image.mode) == (is_a, "RGBA")
    assert overlap(load(result)[..., 3] / 255, _COVERED) > 0.97


def test_metadata_is_kept_and_the_picture_is_upright(run: Cut, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    exif[0x010F] = "Maker"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    source = save(np.rot90(_PICTURE), tmp_path / "a.jpg", exif=exif, icc_profile=profile, dpi=(300, 300))
    outcome, result = run(source)
    assert (outcome.width, outcome.height) == (480, 360)
    assert overlap(load(result)[..., 3] / 255, _COVERED) > 0.97
    with Image.open(result) as image:
        assert image.getexif()[0x010F] == "Maker"
        assert image.getexif().get(0x0112, 1) == 1
        assert image.info["icc_profile"] == profile
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)


def test_16_bits_stay_16_bits(run: Cut, tmp_path: Path) -> None:
    deep = pyvips.Image.new_from_array(_PICTURE.astype(np.uint16) * 257 + 5).copy(interpretation="rgb16")
    deep.pngsave(str(tmp_path / "a.png"))
    _, result = run(tmp_path / "a.png")
    cut = pyvips.Image.new_from_file(str(result)).numpy()
    assert cut.dtype == np.uint16
    assert overlap(cut[..., 3] / 65_535, _COVERED) > 0.97
    inside = cut[..., 3] == 65_535
    np.testing.assert_allclose(cut[inside][:, :3], _PICTURE[inside] * 257.0 + 5, atol=200)


def test_grey_stays_grey(run: Cut, tmp_path: Path) -> None:
    _, result = run(save(_PICTURE[..., 0], tmp_path / "a.png"))
    with Image.open(result) as image:
        assert image.mode == "LA"
    assert overlap(load(result)[..., 1] / 255, _COVERED) > 0.95


def test_cmyk_is_cut_out(run: Cut, tmp_path: Path) -> None:
    Image.fromarray(_PICTURE).convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    _, result = run(tmp_path / "a.jpg")
    assert overlap(load(result)[..., 3] / 255, _COVERED) > 0.95


def test_what_was_transparent_already_stays_so(run: Cut, tmp_path: Path) -> None:
    alpha = np.full((360, 480), 255, np.uint8)
    alpha[:180] = 0
    alpha[180:200] = 128
    _, result = run(save(np.dstack([_PICTURE, alpha]), tmp_path / "a.png"), network=half)
    cut = load(result)
    assert not cut[:180].any()
    assert abs(int(cut[190, 100, 3]) - 128) <= 1
    assert cut[300, 100, 3] == 255
    assert cut[300, 400, 3] == 0


@pytest.mark.parametrize(("width", "height"), [(1, 1), (2, 1), (3, 2000), (2000, 3), (641, 17)])
def test_every_size_is_kept(run: Cut, tmp_path: Path, width: int, height: int) -> None:
    outcome, result = run(save(photo(width, height), tmp_path / "a.png"), network=half)
    assert (outcome.width, outcome.height) == (width, height)
    assert load(result).shape == (height, width, 4)


def test_a_picture_of_one_colour_has_no_foreground(run: Cut, tmp_path: Path) -> None:
    with pytest.raises(NoForeground, match="Nothing in the picture stands out from its background"):
        run(save(np.full((60, 80, 3), 200, np.uint8), tmp_path / "a.png"))
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_an_empty_cut_out_is_never_a_success(run: Cut, tmp_path: Path) -> None:
    """Here because the picture has nothing where the foreground is."""
    alpha = np.zeros((360, 480), np.uint8)
    alpha[:, 400:] = 255
    with pytest.raises(NoForeground, match="Nothing in the picture stands out from its background"):
        run(save(np.dstack([_PICTURE, alpha]), tmp_path / "a.png"), network=half)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize("value", [0, np.nan])
def test_an_empty_or_broken_mask_leaves_nothing_behind(run: Cut, tmp_path: Path, value: float) -> None:
    with pytest.raises(BadOutput, match="mask is empty or broken"):
        run(save(_PICTURE, tmp_path / "a.png"), network=lambda _: np.full((1, 1, 320, 320), value, np.float32))
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_limits_hold_as_for_every_picture(run: Cut, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = save(_PICTURE, tmp_path / "a.png")
    with pytest.raises(PictureTooLarge, match="raise ENLARGER_MAX_MEGAPIXELS"):
        run(source, max_pixels=1000)
    wide = save(photo(16_400, 2), tmp_path / "wide.png")
    with pytest.raises(PictureTooLarge, match="a webp file holds at most 16383"):
        run(wide, format="webp", network=half)
    (tmp_path / "cut.png").write_bytes(source.read_bytes()[:2000])
    with pytest.raises(PictureUnreadable):
        run(tmp_path / "cut.png")
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=1 << 20, total=1 << 40))
    with pytest.raises(StorageFull, match="has 1 MiB free and this picture needs"):
        run(source)


def test_a_file_that_is_no_network_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "u2netp.onnx").write_bytes(b"nothing")
    with pytest.raises(EngineUnavailable, match=r"u2netp\.onnx is no network that can be used: remove it"):
        OnnxNetwork(tmp_path / "u2netp.onnx", threads=1)


async def test_a_large_picture_is_cut_out_in_the_least_memory_that_the_engine_is_given(tmp_path: Path) -> None:
    """What is computed is reduced, and the rest is a stream: 512 MiB are what a machine with 1 GiB left gives it."""
    large: Array = np.asarray(Image.fromarray(_PICTURE).resize((4800, 3600)))
    source, target = save(large, tmp_path / "a.jpg"), tmp_path / "result"
    memory = 512 << 20
    engine = EngineProcess(cache=tmp_path, weights=INSTALLED, engine=ENGINE, memory=memory, order_seconds=240)
    shares: list[float] = []

    async def note(share: float) -> None:
        shares.append(share)

    order = CutOut(source=str(source), target=str(target), format="png", memory=memory, max_pixels=10**8)
    try:
        outcome = await engine.run(order, note)
        with pytest.raises(EngineOutOfMemory, match=r"4800x3600 pixels takes 489 MiB .* may use 480: raise ENLARGER_"):
            await engine.run(msgspec.structs.replace(order, memory=480 << 20), note)
    finally:
        await engine.close()
    assert (outcome.engine, outcome.precision, outcome.width) == ("openvino-cpu", "f32", 4800)
    assert overlap(load(target)[::10, ::10, 3] / 255, _COVERED) > 0.97
    assert {0.0} < set(shares)
    assert any(0.2 < share < 0.7 for share in shares)
