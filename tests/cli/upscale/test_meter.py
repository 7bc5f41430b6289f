"""How much of a batch is done and how long the rest takes, by a clock that the test turns."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import pytest

from enlarger.cli.upscale.meter import Meter

_POLL = 0.5


class Clock:
    """The time, which passes when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Batch:
    """A batch as a service works it off: so long for a picture as such, and so long for a million pixels."""

    megapixels: Sequence[float]
    picture_seconds: float
    megapixel_seconds: float
    lanes: int = 1
    """How many are worked on at once."""
    cold: float = 0.0
    """Seconds that the first picture takes longer."""
    noise: float = 0.0
    tells: bool = True
    """Whether progress is told inside of pictures."""
    fails: Sequence[int] = ()
    second_half: float = 1.0
    """How many times as long the second half of the pictures takes, on a machine that has got busy or idle."""

    def run(self) -> list[tuple[float, float | None, float]]:
        """What is seen at every poll: the share that is done, the time left as estimated, and as it really is."""
        clock, noise = Clock(), random.Random(7)
        meter = Meter(clock)
        parts = [meter.add(str(number), size * 1e6) for number, size in enumerate(self.megapixels)]
        free = [clock.now + 3] * self.lanes
        spans: list[tuple[float, float, float]] = []
        for number, size in enumerate(self.megapixels):
            lane = free.index(min(free))
            work = free[lane] + self.picture_seconds + (self.cold if number == 0 else 0)
            pace = self.second_half if number >= len(self.megapixels) / 2 else 1.0
            end = work + self.megapixel_seconds * pace * size * (1 + noise.uniform(-self.noise, self.noise))
            spans.append((free[lane], work, end))
            free[lane] = end
        seen: list[tuple[float, float | None, float]] = []
        ended: set[int] = set()
        while clock.now < max(free):
            clock.now += _POLL
            for number, (begin, work, end) in enumerate(spans):
                if number in ended or clock.now < begin:
                    continue
                if clock.now < end:
                    share = max(0.0, (clock.now - work) / (end - work)) if self.tells else 0.0
                    meter.work(parts[number], int(share * 100) / 100)
                else:
                    (meter.drop if number in self.fails else meter.finish)(parts[number])
                    ended.add(number)
            seen.append((meter.fraction, meter.seconds_left, max(free) - clock.now))
        return seen


_MIXED = (1, 4, 0.1, 0.2, 8, 2, 0.5, 0.5, 12, 1, 1, 1)


@pytest.mark.parametrize(
    "batch",
    [
        pytest.param(Batch([1] * 12, 0.3, 5), id="alike"),
        pytest.param(Batch([1] * 12, 0.3, 5, cold=5, noise=0.15), id="alike, with an engine that is cold"),
        pytest.param(Batch(_MIXED, 0.3, 4, noise=0.15), id="mixed"),
        pytest.param(Batch(sorted(_MIXED), 0.3, 4, cold=6, noise=0.15), id="small ones first"),
        pytest.param(Batch(sorted(_MIXED, reverse=True), 0.3, 4, noise=0.15), id="large ones first"),
        pytest.param(Batch([20], 1, 6), id="one"),
        pytest.param(Batch([0.01] * 100, 0.25, 1, cold=3), id="icons"),
        pytest.param(Batch(_MIXED, 0.3, 5, lanes=2, noise=0.1), id="two at once"),
        pytest.param(Batch([1] * 12, 10, 0, lanes=3, tells=False), id="a hosted service"),
        pytest.param(Batch(_MIXED, 0.3, 5, noise=0.1, fails=(1, 8)), id="some that fail"),
    ],
)
def test_the_time_left_is_right_within_a_third_after_the_first_tenth(batch: Batch) -> None:
    later = [(left, real) for done, left, real in batch.run() if done >= 0.1 and real >= 5]
    assert len(later) > 20
    for left, real in later:
        assert left is not None
        assert abs(left - real) <= 0.3 * real


@pytest.mark.parametrize("pace", [0.6, 2.0])
def test_a_machine_that_gets_idle_or_busy_is_noticed(pace: float) -> None:
    seen = Batch([1] * 24, 0.3, 5, second_half=pace, noise=0.1).run()
    later = [(left, real) for done, left, real in seen if done >= 0.8 and real >= 5]
    assert len(later) > 5
    assert all(left is not None and abs(left - real) <= 0.3 * real for left, real in later)


def test_icons_before_a_large_picture_are_not_taken_for_its_measure() -> None:
    seen = Batch([0.01] * 50 + [10], 1, 6).run()
    assert all(left is not None and abs(left - real) <= 0.3 * real for done, left, real in seen if 0.2 < done < 0.9)


def test_pixels_count_and_not_files() -> None:
    meter = Meter(Clock())
    small, large = meter.add("small", 1e6), meter.add("large", 9e6)
    meter.finish(small)
    assert meter.fraction == pytest.approx(0.1)
    assert meter.counts == (1, 2)
    meter.work(large, 0.5)
    assert meter.fraction == pytest.approx(0.55)


def test_what_failed_or_was_there_already_is_no_progress() -> None:
    meter = Meter(Clock())
    failed, there, done, rest = (meter.add(name, 1e6) for name in ("failed", "there", "done", "rest"))
    meter.work(failed, 0.9)
    meter.drop(failed)
    meter.drop(there)
    assert (meter.fraction, meter.counts) == (0, (0, 2))
    meter.finish(done)
    assert (meter.fraction, meter.counts) == (0.5, (1, 2))
    meter.drop(rest)
    assert (meter.fraction, meter.counts) == (1, (1, 1))


def test_the_picture_that_is_worked_on_is_named() -> None:
    clock = Clock()
    meter = Meter(clock)
    first, second = meter.add("first", 1), meter.add("second", 1)
    named = [meter.current]
    steps: list[Callable[[], None]] = [
        partial(meter.work, second, 0),
        partial(meter.work, first, 0),
        partial(meter.finish, second),
        partial(meter.drop, first),
    ]
    for step in steps:
        clock.now += 1
        step()
        named.append(meter.current)
    assert named == [None, "second", "second", "first", None]


def test_the_time_left_goes_by_between_two_looks() -> None:
    clock = Clock()
    meter = Meter(clock)
    part = meter.add("a", 1e6)
    for share in (0.1, 0.2, 0.3):
        meter.work(part, share)
        clock.now += 2
    before = meter.seconds_left
    clock.now += 3
    after = meter.seconds_left
    assert before is not None
    assert after == pytest.approx(before - 3)
    clock.now += 1000
    assert meter.seconds_left == 0
