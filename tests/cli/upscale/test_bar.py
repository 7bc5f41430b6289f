"""The bar in terminals of any width."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from enlarger.cli.upscale.bar import BatchBar, crop, format_seconds
from tests.cli.upscale.test_meter import Clock


def shown(width: int, *names: str) -> str:
    """A batch in the middle of its second picture, in a terminal of so many columns."""
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    clock = Clock()
    bar = BatchBar(console, clock=clock)
    shares = [bar.add(name, 1e6) for name in names]
    for share in shares[:2]:
        for percent in (0, 25, 50):
            share.work(percent)
            clock.now += 10
        if share is shares[0] and len(shares) > 1:
            share.finish()
    with console.capture() as captured:
        console.print(bar.render())
    return captured.get()


def test_it_names_the_picture_and_counts_at_80_columns() -> None:
    line = shown(80, "a.jpg", "b.jpg", "c.jpg", "d.jpg")
    assert line.split()[:2] == ["1/4", "b.jpg"]
    assert line.split()[-4:] == ["38%", "1:00", "1:30", "left"]


@pytest.mark.parametrize("width", [20, 30, 40, 59, 60, 80, 200])
@pytest.mark.parametrize("name", ["a.jpg", "IMG_2024-05-01_holiday-at-the-sea_0001.jpeg", "照片" * 20 + ".png"])
def test_it_is_one_line_in_any_terminal(width: int, name: str) -> None:
    lines = shown(width, name, name, name).splitlines()
    assert len(lines) == 1
    assert cell_len(lines[0].rstrip()) <= width


def test_a_narrow_terminal_has_the_name_and_the_time_left() -> None:
    line = shown(40, "IMG_2024_0001.jpg", "IMG_2024_0002.jpg", "c.jpg")
    assert line.startswith("1/3 IM")
    assert "02.jpg" in line
    assert line.rstrip().endswith("left")
    assert "━" * 3 in line


def test_one_picture_is_not_counted() -> None:
    assert shown(80, "a.jpg").startswith("a.jpg    ━")


def test_nothing_is_named_that_is_not_worked_on() -> None:
    console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system=None)
    bar = BatchBar(console, clock=Clock())
    shares = [bar.add(name, 1e6) for name in ("a.jpg", "b.jpg")]
    with console.capture() as captured:
        console.print(bar.render())
        shares[0].finish()
        console.print(bar.render())
    first, second = captured.get().splitlines()
    assert first.startswith("0/2 starting")
    assert ".jpg" not in first + second


def test_without_a_terminal_there_is_no_bar() -> None:
    console = Console(file=io.StringIO(), width=80)
    with BatchBar(console) as bar:
        bar.add("a.jpg", 1e6).finish()
        bar.say("said")
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == "said\n"


def test_names_keep_both_ends() -> None:
    assert crop("IMG_20240501_0001.jpg", 12) == "IMG…0001.jpg"
    assert crop("a.jpg", 12) == "a.jpg"
    assert crop("abcdef", 2) == ""


@pytest.mark.parametrize(("seconds", "said"), [(7, "0:07"), (59.6, "1:00"), (750, "12:30"), (3723, "1:02:03")])
def test_times(seconds: float, said: str) -> None:
    assert format_seconds(seconds) == said
