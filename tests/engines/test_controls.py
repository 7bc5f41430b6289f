"""Any size, the strength of the network's detail, and tiles: with a network that repeats pixels, which is quick."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvips
from numpy.typing import NDArray
from PIL import Image

from enlarger.engines import resampling
from enlarger.engines.enlarge import enlarge
from enlarger.engines.messages import Order, Outcome
from enlarger.engines.networks import Pixels
from enlarger.engines.progress import Progress
from enlarger.engines.spec import NetworkSpec
from enlarger.errors import InvalidInput, PictureTooLarge
from tests.pictures import Array, load, photo, psnr, save, shrink


@dataclass
class Repeating:
    spec: NetworkSpec
    scale: int
    largest: int = 0

    def __call__(self, tile: Pixels) -> Pixels:
        self.largest = max(self.largest, *tile.shape[:2])
        return tile.repeat(self.scale, axis=0).repeat(self.scale, axis=1)


@dataclass
class Bench:
    folder: Path
    used: list[Repeating] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)

    def load(self, spec: NetworkSpec, scale: int) -> Repeating:
        self.used.append(Repeating(spec, scale))
        return self.used[-1]

    def run(self, picture: NDArray[Any], name: str = "a.png", **asked: Any) -> Array:
        outcome = self.outcome(picture, name, **asked)
        result = load(self.folder / "result")
        assert result.shape[:2] == (outcome.height, outcome.width)
        return result

    def outcome(self, picture: NDArray[Any], name: str = "a.png", **asked: Any) -> Outcome:
        order = Order(
            source=str(keep(picture, self.folder / name)),
            target=str(self.folder / "result"),
            **{
                "network": "real-esrgan-x4plus", "memory": 2 << 30, "max_pixels": 10**7, "max_side": 20_000, **asked
            },
        )  # fmt: skip
        return enlarge(order, self.load, Watched(self.seen))


class Watched(Progress):
    def __init__(self, seen: list[float]) -> None:
        super().__init__()
        self._seen = seen

    def advance(self, share: float) -> None:
        super().advance(share)
        self._seen.append(self.fraction)

    def finish(self) -> None:
        self._seen.append(self.fraction)
        super().finish()
        self._seen.append(self.fraction)


def keep(picture: NDArray[Any], path: Path) -> Path:
    """Write a picture; Pillow writes no colours of 16 bits."""
    if picture.dtype == np.uint8:
        return save(picture, path)
    pyvips.Image.new_from_array(picture, interpretation="rgb16").write_to_file(str(path))
    return path


def read(path: Path) -> NDArray[Any]:
    """A picture with all its bits."""
    return np.asarray(pyvips.Image.new_from_file(str(path)).numpy())


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def deep(width: int, height: int) -> NDArray[Any]:
    return photo(width, height).astype(np.uint16) * 257 + 3


def with_alpha(picture: NDArray[Any]) -> NDArray[Any]:
    """A disc on nothing, with a soft edge; 8 or 16 bits."""
    full = np.iinfo(picture.dtype).max
    rows, columns = np.mgrid[: picture.shape[0], : picture.shape[1]]
    distance = np.hypot(rows - picture.shape[0] / 2, columns - picture.shape[1] / 2)
    alpha = (np.clip(picture.shape[0] / 3 - distance, 0, 1) * full).astype(picture.dtype)
    return np.dstack([picture[..., :3], alpha])


@pytest.mark.parametrize("strength", [100, 50, 0])
@pytest.mark.parametrize("factor", [1, 1.5, 2, 3, 4, 5.3, 8, 11, 16])
def test_any_factor_gives_the_exact_size(bench: Bench, factor: float, strength: int) -> None:
    picture = photo(37, 23)
    result = bench.run(picture, factor=factor, strength=strength)
    assert result.shape == (int(23 * factor + 0.5), int(37 * factor + 0.5), 3)
    again = Image.fromarray(result).resize((37, 23), Image.Resampling.BOX)
    assert psnr(np.asarray(again), picture) > 22


@pytest.mark.parametrize("make", [photo, deep])
@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("asked", [{"long_side": 111}, {"size": "200x101"}, {"megapixels": 0.01}, {"factor": 2.6}])
@pytest.mark.parametrize("strength", [100, 40, 0])
def test_bits_and_alpha_are_kept_in_any_size(
    bench: Bench, make: Any, asked: dict[str, Any], strength: int, alpha: bool
) -> None:
    picture = with_alpha(make(37, 23)) if alpha else make(37, 23)
    outcome = bench.outcome(picture, "a.tiff", strength=strength, **asked)
    result = read(bench.folder / "result")
    assert result.dtype == picture.dtype
    assert result.shape == (outcome.height, outcome.width, picture.shape[2])


@pytest.mark.parametrize(
    ("network", "times", "passes"),
    [
        ("real-esrgan-x4plus", 1.5, [("real-esrgan-x4plus", 2)]),
        ("real-esrgan-x4plus", 3, [("real-esrgan-x4plus", 4)]),
        ("real-esrgan-x4plus", 6, [("real-esrgan-x4plus", 4), ("real-esrgan-fast", 2)]),
        ("real-esrgan-x4plus", 9, [("real-esrgan-x4plus", 4), ("real-esrgan-fast", 4)]),
        ("span-x4", 1.5, [("span-x4", 2)]),
        ("span-x4", 16, [("span-x4", 4), ("span-x4", 4)]),
    ],
)
def test_the_next_larger_scale_is_made(bench: Bench, network: str, times: float, passes: list[Any]) -> None:
    bench.run(photo(24, 16), network=network, factor=times)
    assert [(one.spec.name, one.scale) for one in bench.used] == passes


@pytest.mark.parametrize("make", [photo, deep])
@pytest.mark.parametrize("factor", [1.5, 3, 4])
def test_no_strength_is_a_plain_lanczos_enlargement_without_a_network(bench: Bench, make: Any, factor: float) -> None:
    picture = make(40, 30)
    outcome = bench.outcome(picture, "a.tiff", factor=factor, strength=0)
    result = read(bench.folder / "result").astype(float)
    assert not bench.used
    assert outcome.network is None
    full, edge = np.iinfo(picture.dtype).max, int(4 * factor)
    for band in range(3):
        floats = Image.fromarray(picture[..., band].astype(np.float32), "F")
        right = np.asarray(floats.resize((result.shape[1], result.shape[0]), Image.Resampling.LANCZOS))
        right = np.clip(right, 0, full)
        assert np.abs(result[..., band] - right)[edge:-edge, edge:-edge].max() <= 1


def test_strength_mixes_the_two(bench: Bench) -> None:
    picture = photo(40, 30)
    all_of_it, none, some = (bench.run(picture, factor=3, strength=strength).astype(float) for strength in (100, 0, 25))
    assert np.abs(all_of_it - none).max() > 20
    assert np.abs(all_of_it * 0.25 + none * 0.75 - some).max() <= 1


def test_full_strength_is_the_network_alone(bench: Bench) -> None:
    picture = photo(40, 30)
    np.testing.assert_array_equal(bench.run(picture, factor=4), picture.repeat(4, axis=0).repeat(4, axis=1))


def test_a_plain_enlargement_in_strips_has_no_seams(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = with_alpha(photo(40, 30))
    whole = bench.run(picture, factor=2.5, strength=0)
    monkeypatch.setattr(resampling, "_STRIP_SAMPLES", 1000)
    np.testing.assert_array_equal(bench.run(picture, factor=2.5, strength=0), whole)


@pytest.mark.parametrize("strength", [100, 0])
def test_hidden_colours_do_not_bleed_into_visible_ones(bench: Bench, strength: int) -> None:
    picture = np.full((40, 40, 4), 255, np.uint8)
    picture[:, 20:] = (0, 0, 0, 0)
    result = bench.run(picture, factor=1.5, strength=strength, keep_hidden_colours=True)
    seen = result[..., 3] > 0
    assert seen.any()
    assert result[seen][:, :3].min() >= 254
    assert result[:, 40:, :3].max() <= 20  # and they are still what they were
    assert (result[:, :20, 3] == 255).all()


@pytest.mark.parametrize("strength", [100, 50, 0])
@pytest.mark.parametrize("factor", [1, 2.5])
def test_progress_rises_to_1(bench: Bench, strength: int, factor: float) -> None:
    bench.run(photo(400, 300), factor=factor, strength=strength)
    assert bench.seen == sorted(bench.seen)
    assert bench.seen[-1] == 1


def test_a_tile_is_no_larger_than_asked_for(bench: Bench) -> None:
    bench.run(photo(300, 200), factor=2, tile=128)
    assert 96 < bench.used[-1].largest <= 128
    bench.run(photo(300, 200), factor=2, tile=8)
    assert 64 < bench.used[-1].largest <= 96  # the smallest that is worth running


@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [
        ({"long_side": 301}, PictureTooLarge, "301 with long_side 301; the limit is 300: give a smaller long_side"),
        ({"long_side": 20}, InvalidInput, "ask for 40 or more"),
        ({"factor": 17}, InvalidInput, "choose a number from 1 to 16"),
    ],
)  # fmt: skip
def test_limits_name_the_field(bench: Bench, asked: dict[str, Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        bench.run(photo(40, 30), max_side=300, **asked)


def test_what_is_reduced_lies_where_it_was(bench: Bench) -> None:
    """No shift between what libvips reduces and what is enlarged here."""
    picture = photo(60, 40)
    detail, plain = (bench.run(picture, factor=3, strength=strength) for strength in (100, 0))
    assert psnr(shrink(detail, 3), shrink(plain, 3)) > 30
