"""How long orders take on this machine: measured at first, then learned."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from enlarger.engines.backends import BACKENDS
from enlarger.engines.choosing import Choices
from enlarger.engines.devices import find_devices
from enlarger.engines.messages import AUTO, AnyOrder, CutOut, Order, Outcome
from enlarger.engines.networks import network_spec
from enlarger.engines.record import Measurement, Record, write_record
from enlarger.engines.weights.files import INSTALLED
from enlarger.errors import InvalidInput
from enlarger.providers.local.durations import Durations, read_size
from tests.conftest import MakePhoto

_FAST, _SLOW = "real-esrgan-fast", "real-esrgan-x4plus"
_MEGAPIXEL = (1000, 1000)


def order(network: str = _FAST, factor: float | None = 2, **changes: object) -> Order:
    wanted = Order(
        source="a", target="b", network=network, factor=factor, memory=1 << 30, max_pixels=10**9, max_side=10**6
    )
    return msgspec.structs.replace(wanted, **changes)


_CUT_OUT = CutOut(source="a", target="b", format="png", memory=1 << 30, max_pixels=10**9)


def outcome(seconds: float, size: tuple[int, int] = _MEGAPIXEL, tile_seconds: float = 0.0) -> Outcome:
    return Outcome(
        network="a",
        format="png",
        width=1,
        height=1,
        source_width=size[0],
        source_height=size[1],
        seconds=seconds,
        tile_seconds=tile_seconds,
    )


def new_durations(cache: Path, engine: str | None = None) -> Durations:
    return Durations(cache, INSTALLED, engine=engine, memory=4 << 30)


@pytest.fixture
def durations(tmp_path: Path) -> Durations:
    return new_durations(tmp_path)


def test_what_was_not_measured_is_taken_to_be_slow(durations: Durations) -> None:
    assert durations.expect(order(), _MEGAPIXEL) == 200
    assert durations.expect(order(AUTO, denoise=None), (100, 100)) == 2
    assert durations.expect(order(factor=8), _MEGAPIXEL) == 200 + 16 * 200, "a second network doubles what one has made"
    assert durations.expect(order(strength=0), _MEGAPIXEL) == 4
    assert durations.expect(_CUT_OUT, _MEGAPIXEL) == 1


@pytest.mark.parametrize("wanted", [order(), order(AUTO, denoise=None), order(strength=0), _CUT_OUT])
def test_what_has_been_done_tells_how_long_the_next_takes(durations: Durations, wanted: AnyOrder) -> None:
    durations.learn(wanted, outcome(8.0))
    assert durations.expect(wanted, (3000, 1000)) == pytest.approx(24.0)


def test_kinds_of_orders_are_told_apart(durations: Durations) -> None:
    kinds: list[AnyOrder] = [
        order(),
        order(_SLOW),
        order(factor=8),
        order(denoise=50),
        order(strength=0),
        order(engine="ncnn-cpu"),
        order(precision="bf16"),
        _CUT_OUT,
    ]
    for number, kind in enumerate(kinds):
        durations.learn(kind, outcome(number + 1.0))
    assert [durations.expect(kind, _MEGAPIXEL) for kind in kinds] == pytest.approx(list(range(1, len(kinds) + 1)))


def test_loading_does_not_count_and_small_pictures_count_little(durations: Durations) -> None:
    durations.learn(order(), outcome(5.0, (10, 10), tile_seconds=0.1))
    durations.learn(order(), outcome(12.0, tile_seconds=10.0))
    assert durations.expect(order(), _MEGAPIXEL) == pytest.approx(10, rel=0.02)


def test_what_was_learned_long_ago_is_forgotten(durations: Durations) -> None:
    durations.learn(order(), outcome(100.0))
    for _ in range(20):
        durations.learn(order(), outcome(10.0))
    assert 10 < durations.expect(order(), _MEGAPIXEL) < 12


def test_a_size_that_cannot_be_made_is_the_inputs_fault(durations: Durations) -> None:
    with pytest.raises(InvalidInput):
        durations.expect(order(factor=17), _MEGAPIXEL)


def test_what_engines_were_measured_with_counts_at_first(tmp_path: Path) -> None:
    """A megapixel of 4 times its sides is 16 megapixels; tiles overlap, which takes a little more."""
    find_devices(tmp_path, BACKENDS)
    measured = [
        Measurement(backend="openvino-cpu", precision="f32", megapixels=1.6),
        Measurement(backend="ncnn-cpu", precision="f32", megapixels=0.8, decibels=60),
    ]
    write_record(tmp_path, Record(machine=Choices(tmp_path)._machine, networks={_FAST: measured}))
    assert network_spec(_FAST).native_scale == 4
    assert 10 < new_durations(tmp_path).expect(order(), _MEGAPIXEL) < 12
    assert 20 < new_durations(tmp_path).expect(order(engine="ncnn-cpu"), _MEGAPIXEL) < 24
    assert 20 < new_durations(tmp_path, "ncnn-cpu").expect(order(), _MEGAPIXEL) < 24
    assert new_durations(tmp_path).expect(order(_SLOW), _MEGAPIXEL) == 200


def test_the_size_of_a_picture_is_read_from_its_first_bytes(make_photo: MakePhoto, tmp_path: Path) -> None:
    assert read_size(make_photo("a.jpg", 70, 50)) == (70, 50)
    samples = Path(__file__).parents[1] / "engines" / "samples"
    assert read_size(samples / "photo.heic") == (64, 64), "as it is coded; 64x48 of it are shown"
    (tmp_path / "text").write_text("This is no picture.")
    assert read_size(tmp_path / "text") is None
