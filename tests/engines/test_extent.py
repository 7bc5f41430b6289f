"""How large a result is to be, in four ways of saying it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enlarger.engines.extent import Extent
from enlarger.errors import InvalidInput

SIDES = st.integers(1, 5000)


@pytest.mark.parametrize(
    ("asked", "source", "result"),
    [
        ({"factor": 1}, (37, 23), (37, 23)),
        ({"factor": 1.5}, (37, 23), (56, 35)),
        ({"factor": 16}, (37, 23), (592, 368)),
        ({"size": "4000x3000"}, (1500, 1000), (4000, 2667)),
        ({"size": "4000x3000"}, (1000, 1500), (2000, 3000)),
        ({"size": "4000x3000"}, (1001, 751), (3999, 3000)),
        ({"long_side": 4000}, (1500, 999), (4000, 2664)),
        ({"long_side": 4000}, (999, 1500), (2664, 4000)),
        ({"long_side": 100}, (100, 1), (100, 1)),
        ({"megapixels": 24}, (1500, 1000), (6000, 4000)),
        ({"megapixels": 1}, (333, 777), (655, 1528)),
    ],
)
def test_sizes_are_exact(asked: dict[str, Any], source: tuple[int, int], result: tuple[int, int]) -> None:
    assert Extent(**asked).result(*source) == result


@pytest.mark.parametrize(
    ("asked", "source", "field", "says"),
    [
        ({"factor": 0.5}, (9, 9), "upscale_factor", "The factor 0.5 is not known: choose a number from 1 to 16"),
        ({"factor": float("nan")}, (9, 9), "upscale_factor", "choose a number from 1 to 16"),
        ({"size": "4000"}, (9, 9), "size", "write 4000x3000"),
        ({"size": "0x9"}, (9, 9), "size", "write 4000x3000"),
        ({"size": "400x300"}, (500, 100), "size", "more than size 400x300 asks for.*ask for 500x100 or more"),
        ({"long_side": 499}, (500, 100), "long_side", "ask for 500 or more"),
        (
            {"long_side": 8001},
            (500, 100),
            "long_side",
            "16.0 times its sides, and 16 are the most: ask for 8000 or less",
        ),
        ({"megapixels": 0.04}, (500, 100), "megapixels", "ask for 0.05 or more"),
        ({"megapixels": 24}, (500, 100), "megapixels", "ask for 12.8 or less"),
        ({}, (9, 9), "upscale_factor", "Give one of factor, size, long_side and megapixels, not none of them"),
        ({"factor": 2, "size": "9x9"}, (9, 9), "upscale_factor", "not factor and size"),
    ],
)
def test_what_cannot_be_done_is_named_with_what_can(
    asked: dict[str, Any], source: tuple[int, int], field: str, says: str
) -> None:
    with pytest.raises(InvalidInput, match=says) as caught:
        Extent(**asked).result(*source)
    assert caught.value.field == field


@given(SIDES, SIDES, st.integers(1, 16))
def test_what_is_advised_can_be_done(width: int, height: int, times: int) -> None:
    box = Extent(size=f"{width * times}x{height * times}").result(width, height)
    assert box == Extent(long_side=max(width, height) * times).result(width, height) == (width * times, height * times)


@given(SIDES, SIDES, SIDES, SIDES)
def test_a_picture_in_a_box_keeps_its_ratio(width: int, height: int, most_wide: int, most_high: int) -> None:
    try:
        wide, high = Extent(size=f"{most_wide}x{most_high}").result(width, height)
    except InvalidInput:
        return
    assert wide <= most_wide
    assert high <= most_high
    assert wide == most_wide or high == most_high
    assert abs(wide * height - high * width) <= max(width, height)


def test_the_factor_of_an_input_may_be_text() -> None:
    assert Extent.of({"upscale_factor": "2"}) == Extent(factor=2)
    assert Extent.of({"size": "9x9", "strength": 3}) == Extent(size="9x9")
    with pytest.raises(InvalidInput, match="The factor 'two' is no number"):
        Extent.of({"upscale_factor": "two"})


def test_the_sizes_that_the_documents_give_are_those_that_come_out() -> None:
    page = (Path(__file__).parents[2] / "docs/guides/controls.md").read_text()
    table = re.findall(r"^\| `(--?[a-z-]+) (\S+)` \| (\d+x\d+) \| (\d+x\d+) \|$", page, re.MULTILINE)
    assert len(table) == 5
    for option, value, *sizes in table:
        field = {"-f": "factor"}.get(option, option.removeprefix("--").replace("-", "_"))
        asked = msgspec.convert({field: value}, Extent, strict=False)
        assert [f"{wide}x{high}" for wide, high in (asked.result(640, 480), asked.result(1000, 667))] == sizes
