"""One progress bar for a batch of pictures."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.cells import cell_len, set_cell_size
from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from enlarger.cli.output import plain
from enlarger.cli.upscale.meter import Meter, Part

_WIDE = 60
"""Columns from which on there is room for the time that has passed."""
_LEAST_BAR, _LONGEST_BAR = 6, 40
_LONGEST_NAME = 30
_STARTING = "starting"


class BatchBar:
    """The bar, on the terminal's last line while its block runs; what is said meanwhile scrolls by above it.

    It names the picture that is being worked on, and counts pixels. Where there is no terminal there is no bar.
    """

    def __init__(self, console: Console, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._began = clock()
        self._meter = Meter(clock)
        self._longest = cell_len(_STARTING)
        self._live = Live(
            get_renderable=self.render,
            console=console,
            refresh_per_second=4,
            # Data that goes elsewhere does not disturb the bar, and must not be drawn into the terminal.
            redirect_stdout=sys.stdout.isatty(),
        )
        self._moves = console.is_terminal and not console.quiet

    def __enter__(self) -> Self:
        if self._moves:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._moves:
            # An error alone says more than a bar that never moved.
            self._live.transient = error is not None and not self._meter.fraction
            self._live.stop()

    def say(self, line: str) -> None:
        """Print a line of Rich markup above the bar."""
        self._console.print(line, soft_wrap=True)

    def add(self, name: str, pixels: float) -> Share:
        """The share of a picture to come."""
        shown = plain(name)
        self._longest = max(self._longest, cell_len(shown))
        return Share(self._meter, self._meter.add(shown, pixels))

    def render(self) -> RenderableType:
        """The bar as it is now, in as many columns as the terminal has."""
        done, pictures = self._meter.counts
        ahead = f"{done}/{pictures}" if pictures > 1 else ""
        left = self._meter.seconds_left
        current = self._meter.current
        ended = self._meter.fraction >= 1 and current is None
        facts = [f"{self._meter.fraction:4.0%}"]
        if not ended:
            facts.append(f"{'-:--' if left is None else format_seconds(left)} left")
        if self._console.width >= _WIDE:
            facts.insert(1, format_seconds(self._clock() - self._began))
        behind = "  ".join(facts) if self._console.width >= _WIDE else " ".join(facts)
        room = self._console.width - cell_len(behind) - (cell_len(ahead) + 1 if ahead else 0) - 3
        # As wide for every name, so that the bar does not jump.
        width = 0 if ended else max(0, min(_LONGEST_NAME, self._longest, room - _LEAST_BAR - 1))
        name = crop(current or ("" if self._meter.fraction else _STARTING), width)
        length = max(1, min(_LONGEST_BAR, room - width - 1))
        cells: list[RenderableType] = [Text(text, no_wrap=True) for text in (ahead, set_cell_size(name, width)) if text]
        cells.append(ProgressBar(total=1.0, completed=self._meter.fraction, width=length))
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_row(*cells, Text(behind, no_wrap=True))
        return grid


class Share:
    """One picture's share of a bar."""

    def __init__(self, meter: Meter, part: Part) -> None:
        self._meter = meter
        self._part = part

    def work(self, percent: float) -> None:
        """The picture is being worked on, and done to `percent`."""
        self._meter.work(self._part, percent / 100)

    def finish(self) -> None:
        """The picture is done."""
        self._meter.finish(self._part)

    def drop(self) -> None:
        """The picture failed, or was done before: it is no progress."""
        self._meter.drop(self._part)


def format_seconds(seconds: float) -> str:
    """`0:07`, `12:30`, `1:02:03`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def crop(name: str, cells: int) -> str:
    """A name in so many cells of a terminal; of a long one the end above all, which tells pictures apart."""
    if cell_len(name) <= cells:
        return name
    if cells < 3:
        return ""
    behind = ""
    for letter in reversed(name):
        if cell_len(letter + behind) > cells * 2 // 3:
            break
        behind = letter + behind
    return set_cell_size(name, cells - 1 - cell_len(behind)).rstrip() + "…" + behind
