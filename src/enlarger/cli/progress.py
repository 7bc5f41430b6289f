"""A task's progress, on the terminal's last line during a wait."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from enlarger.cli.output import plain
from enlarger.client import TaskStatus
from enlarger.client.schedule import usual_duration

_ROOM_FOR_ALL = 60
"""A narrower terminal, in columns, does not show the time that is left, or the usual one."""
_MINUTE = 60


class TaskProgress:
    """Shows a task's state, what share of it is done where the service tells, and the time.

    Where there is no terminal it is a line for every state.
    """

    def __init__(self, console: Console, model: str | None) -> None:
        self._console = console
        self._moves = console.is_terminal and not console.quiet
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[share]}"),
            TimeElapsedColumn(),
            *([TextColumn("{task.fields[hint]}", style="dim")] if console.width >= _ROOM_FOR_ALL else []),
            console=console,
            transient=True,
            disable=not self._moves,
        )
        self._state = ""
        self._usual = f"usually {usual_duration(model).usual:.0f} s" if model else ""
        self._task = self._progress.add_task("sending", total=None, share="", hint=self._usual)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def wait(self) -> None:
        """The task is made, and nothing is known of it yet."""
        self._show("waiting")

    def __call__(self, status: TaskStatus) -> None:
        """A record was seen."""
        self._show(status.state)
        self._progress.update(self._task, hint=_say_left(status.ends_in) or self._usual)
        if status.progress:
            self._progress.update(self._task, total=100, completed=status.progress, share=f"{status.progress}%")

    def _show(self, state: str) -> None:
        if state == self._state:
            return
        self._state = state
        self._progress.update(self._task, description=escape(plain(state)))
        if not self._moves:
            self._console.print(plain(state), markup=False)


def _say_left(seconds: float | None) -> str:
    """An estimate in words, as exact as it is; nothing where there is none."""
    if seconds is None:
        return ""
    if seconds < _MINUTE:
        return f"about {seconds:.0f} s left"
    return f"about {seconds / _MINUTE:.0f} min left"
