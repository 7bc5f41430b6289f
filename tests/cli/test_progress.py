"""A task's progress on a terminal's last line."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from enlarger.cli.progress import TaskProgress
from enlarger.client.records import read_status


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_the_line_fits_the_terminal_and_nothing_in_it_is_cut_off(columns: int) -> None:
    drawn = io.StringIO()
    console = Console(file=drawn, force_terminal=True, width=columns, color_system=None, _environ={})
    with TaskProgress(console, "google/nano-banana") as progress:
        progress.wait()
        progress(read_status({"taskId": "a" * 32, "state": "generating", "progress": 42}))
    lines = [line for line in drawn.getvalue().replace("\r", "\n").splitlines() if "generating" in line]
    assert lines
    assert "…" not in drawn.getvalue()
    assert "42%" in lines[-1]
    assert "0:00:0" in lines[-1]
    assert ("usually" in lines[-1]) is (columns >= 60)


@pytest.mark.parametrize(
    ("estimate", "says"),
    [
        ({"startsIn": 0, "endsIn": 40}, "about 40 s left"),
        ({"startsIn": 5900, "endsIn": 6000}, "about 100 min left"),
        ({"startsIn": None, "endsIn": None}, "usually"),
        (None, "usually"),
    ],
)
def test_the_line_says_how_long_it_will_still_take_or_usually_takes(estimate: object, says: str) -> None:
    drawn = io.StringIO()
    console = Console(file=drawn, force_terminal=True, width=60, color_system=None, _environ={})
    with TaskProgress(console, "google/nano-banana") as progress:
        progress.wait()
        progress(read_status({"taskId": "a" * 32, "state": "generating", "progress": 42, "estimate": estimate}))
    lines = [line for line in drawn.getvalue().replace("\r", "\n").splitlines() if "generating" in line]
    assert says in lines[-1]
    assert "…" not in drawn.getvalue()
