"""One progress bar for a batch, of which every picture has an equal share."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn


class BatchBar:
    """The bar, on the terminal's last line while its block runs; what is said meanwhile scrolls by above it."""

    def __init__(self, console: Console, *, pictures: int) -> None:
        self._pictures = pictures
        self._ended = 0
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
        )
        self._task = self._progress.add_task("starting", total=100.0 * pictures)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and not self._ended:
            self._progress.update(self._task, visible=False)  # an error alone says more than a bar that never moved
        self._progress.stop()

    def say(self, line: str) -> None:
        """Print a line of Rich markup above the bar."""
        self._progress.console.print(line, soft_wrap=True)

    def share(self, name: str) -> Share:
        """The share of the picture `name`."""
        return Share(self, name)

    def _advance(self, by: float, name: str) -> None:
        self._progress.update(self._task, advance=by, description=self._describe(name))

    def _end(self, left: float, name: str) -> None:
        self._ended += 1
        self._advance(left, name)

    def _describe(self, name: str) -> str:
        return f"{name}  {self._ended}/{self._pictures}" if self._pictures > 1 else name


class Share:
    """One picture's share of a bar."""

    def __init__(self, bar: BatchBar, name: str) -> None:
        self._bar = bar
        self._name = name
        self._value = 0.0

    def set(self, value: float) -> None:
        """The picture is done to `value` in hundred."""
        self._bar._advance(value - self._value, self._name)
        self._value = value

    def end(self) -> None:
        """The picture is done, or given up."""
        self._bar._end(100 - self._value, self._name)
