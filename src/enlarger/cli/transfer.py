"""How far a backup, a restore or a move is, on the terminal's last line."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

_WORTH_A_LINE = 100 << 20
"""Bytes from which on a step is announced where there is no terminal."""


class Transfer:
    """Shows the steps of long work around a block; where there is no terminal, a line when a long one begins."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._moves = console.is_terminal and not console.quiet
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not self._moves,
        )
        self._step: TaskID | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def begin(self, step: str, total: int | None) -> None:
        """A step begins, of so many bytes; None where that is not known."""
        if self._step is not None:
            self._progress.remove_task(self._step)
        self._step = self._progress.add_task(step, total=total)
        if not self._moves and total is not None and total >= _WORTH_A_LINE:
            self._console.print(f"{step}: {total / 1e6:,.0f} MB", markup=False)

    def advance(self, amount: int) -> None:
        """So many bytes more are done."""
        assert self._step is not None, "no step has begun"
        self._progress.advance(self._step, amount)
