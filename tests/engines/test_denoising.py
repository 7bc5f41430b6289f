"""Noise is removed before a picture is enlarged: as much as was asked for, and nothing but noise."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from enlarger.engines import resources
from enlarger.engines.backend import Loading
from enlarger.engines.backends import BACKENDS
from enlarger.engines.denoising import DENOISER, MOST
from enlarger.engines.enlarge import LoadNetwork, enlarge
from enlarger.engines.messages import Order, Outcome
from enlarger.engines.networks import Network, Pixels
from enlarger.engines.progress import Progress
from enlarger.engines.spec import NetworkSpec
from enlarger.engines.tiling import smallest_tile
from enlarger.engines.weights.files import INSTALLED
from enlarger.errors import StorageFull
from tests.engines.test_controls import Watched, deep, keep, read, with_alpha
from tests.pictures import photo, psnr

_SOURCE_SIDE = 40


@dataclass
class Fading:
    """Enlarges by repeating; the denoiser brings every value nearer to the middle."""

    spec: NetworkSpec
    scale: int
    largest: int = 0

    def __call__(self, tile: Pixels) -> Pixels:
        self.largest = max(self.largest, *tile.shape[:2])
        if self.spec is DENOISER:
            return tile + (np.float32(0.5) - tile) * np.float32(0.4)
        return tile.repeat(self.scale, axis=0).repeat(self.scale, axis=1)


@dataclass
class Bench:
    folder: Path
    used: list[Fading] = field(default_factory=list)
    runs: int = 0

    def load(self, spec: NetworkSpec, scale: int) -> Fading:
        self.used.append(Fading(spec, scale))
        return self.used[-1]

    def run(self, picture: NDArray[Any], *, load: LoadNetwork | None = None, **asked: Any) -> NDArray[Any]:
        self.used.clear()
        self.runs += 1
        folder = self.folder / str(self.runs)  # libvips remembers what it has read
        folder.mkdir()
        self.outcome = run(folder, picture, load or self.load, Progress(), **asked)
        return read(folder / "result")


def run(folder: Path, picture: NDArray[Any], load: LoadNetwork, progress: Progress, **asked: Any) -> Outcome:
    usual: dict[str, Any] = {"network": "span-x4", "factor": 4, "memory": 3 << 30}
    order = Order(
        source=str(keep(picture, folder / "a.tiff")),
        target=str(folder / "result"),
        **{**usual, "max_pixels": 10**7, "max_side": 20_000, **asked},
    )
    return enlarge(order, load, progress)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def faded(picture: NDArray[Any], denoise: int) -> NDArray[np.float64]:
    """What `Fading` makes of a picture's values."""
    middle = np.iinfo(picture.dtype).max / 2
    return picture + (middle - picture) * 0.4 * denoise / MOST


def test_nothing_is_removed_unless_it_is_asked_for(bench: Bench) -> None:
    picture = photo(_SOURCE_SIDE, 30)
    np.testing.assert_array_equal(bench.run(picture), picture.repeat(4, axis=0).repeat(4, axis=1))
    assert [one.spec.name for one in bench.used] == ["span-x4"]
    assert bench.outcome.denoise == 0


@pytest.mark.parametrize("make", [photo, deep])
@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("denoise", [1, 10, 25, 60, 100])
def test_as_much_is_removed_as_was_asked_for_and_alpha_stays(
    bench: Bench, make: Any, denoise: int, alpha: bool
) -> None:
    picture = make(_SOURCE_SIDE, 30)
    picture = with_alpha(picture) if alpha else picture
    result = bench.run(picture, denoise=denoise, keep_hidden_colours=True)
    assert bench.outcome.denoise == denoise
    assert result.dtype == picture.dtype
    visible = result[..., :3].astype(float) if not alpha else result[..., :3][result[..., 3] > 0].astype(float)
    large = picture.repeat(4, axis=0).repeat(4, axis=1)
    right = faded(large, denoise)[..., :3]
    assert np.abs(visible - (right if not alpha else right[large[..., 3] > 0])).max() <= 1.5
    if alpha:
        np.testing.assert_array_equal(result[..., 3], large[..., 3])


@pytest.mark.parametrize(
    ("network", "factor", "denoise", "passes"),
    [
        ("span-x4", 4, 50, [("span-x4", 4)]),
        ("span-x4", 1, 100, [("span-x4", 1)]),
        ("real-esrgan-x4plus", 8, 1, [("real-esrgan-x4plus", 4), ("real-esrgan-fast", 2)]),
    ],
)  # fmt: skip
def test_the_denoiser_goes_first(bench: Bench, network: str, factor: int, denoise: int, passes: list[Any]) -> None:
    result = bench.run(photo(24, 16), network=network, factor=factor, denoise=denoise)
    assert [(one.spec.name, one.scale) for one in bench.used] == [(DENOISER.name, 1), *passes]
    assert result.shape == (16 * factor, 24 * factor, 3)


def test_a_plain_enlargement_is_one_of_the_source(bench: Bench) -> None:
    picture = np.full((20, 30, 3), 250, np.uint8)
    cleaned = faded(picture, 100)[0, 0, 0]
    assert np.abs(bench.run(picture, denoise=100, strength=50).astype(float) - (250 + cleaned) / 2).max() <= 1
    assert (bench.run(picture, denoise=100, strength=0) == 250).all()
    assert (bench.outcome.denoise, bench.outcome.network) == (0, None)


def test_progress_counts_the_denoiser(tmp_path: Path) -> None:
    seen: list[float] = []
    begun: list[list[tuple[str, int]]] = []

    class Counted(Watched):
        def begin(self, work: Any) -> None:
            begun.append([(network.spec.name, area) for network, area in work])
            super().begin(work)

    run(tmp_path, photo(60, 40), Bench(tmp_path).load, Counted(seen), denoise=60, strength=50)
    assert begun == [[(DENOISER.name, 2400), ("span-x4", 2400)]]
    assert seen[-1] == 1


@pytest.mark.parametrize("asked", [8, 128, 256])
def test_tiles_of_the_denoiser_are_no_larger_than_asked_for_and_not_too_small(bench: Bench, asked: int) -> None:
    bench.run(photo(400, 300), factor=1, tile=asked, denoise=50)
    assert [one.spec.name for one in bench.used] == [DENOISER.name, "span-x4"]
    for one in bench.used:
        assert one.largest <= max(asked, smallest_tile(one.spec), 64)  # 64 is what a network is timed with


def test_the_disk_must_have_room_for_what_is_cleaned(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    wide, high = 400, 300
    result, level, spare = 16 * wide * high * 3, wide * high * 3, 64 << 20

    def free(space: int) -> None:
        usage = SimpleNamespace(free=space, total=1 << 40)
        monkeypatch.setattr(resources, "shutil", SimpleNamespace(disk_usage=lambda _: usage))

    free(spare + result)
    bench.run(photo(wide, high))
    with pytest.raises(StorageFull):
        bench.run(photo(wide, high), denoise=50)
    free(spare + result + level)
    bench.run(photo(wide, high), denoise=50)


class Real:
    """The true denoiser before a network that repeats pixels."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache

    def __call__(self, spec: NetworkSpec, scale: int) -> Network:
        if spec is not DENOISER:
            return Fading(spec, scale)
        weights = INSTALLED.find(spec.weights)
        return BACKENDS["openvino-cpu"].open(
            Loading(spec=spec, scale=scale, weights=weights, cache=self._cache, threads=2)
        )


def noisy(picture: NDArray[Any], deviation: float = 10) -> NDArray[Any]:
    noise = np.random.default_rng(5).normal(0, deviation, picture.shape)
    return np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("deviation", [4, 12])
def test_more_is_removed_the_more_is_asked_for(bench: Bench, cache: Path, deviation: float) -> None:
    clean = np.rint(np.mgrid[0:90, 0:120][1][..., None] + np.array([40, 80, 60])).astype(np.uint8)
    source = noisy(clean, deviation)
    results = [
        bench.run(source, load=Real(cache), denoise=denoise, factor=1).astype(float)
        for denoise in (0, 10, 25, 50, 51, 75, 100)
    ]
    moved = [np.abs(result - results[0]).mean() for result in results]
    assert moved == sorted(moved)
    assert moved[1] > 0
    assert np.abs(results[4] - results[3]).mean() < 0.3  # without steps
    noise = [(result - clean).std() for result in results]
    assert noise == sorted(noise, reverse=True)
    assert noise[-1] < 0.7 * noise[0]


def test_tiles_are_cleaned_as_the_whole_picture_is(bench: Bench, cache: Path) -> None:
    """But for the denoiser's averages, which are each tile's own."""
    source = noisy(photo(300, 210))
    whole = bench.run(source, load=Real(cache), denoise=60, factor=1)
    tiled = bench.run(source, load=Real(cache), denoise=60, factor=1, tile=128)
    assert psnr(tiled, whole) >= 45


def test_bits_are_kept(bench: Bench, cache: Path) -> None:
    source = (noisy(photo(60, 50)).astype(np.uint16) * 257).astype(np.uint16)
    eight = bench.run(noisy(photo(60, 50)), load=Real(cache), denoise=40, factor=1)
    sixteen = bench.run(source, load=Real(cache), denoise=40, factor=1)
    assert sixteen.dtype == np.uint16
    assert np.abs(sixteen / 257 - eight).max() <= 1.5
    assert len(np.unique(sixteen % 257)) > 100
