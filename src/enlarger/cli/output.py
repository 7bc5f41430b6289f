"""The output of commands: data on stdout, hints and progress on stderr; as text, as JSON, or quiet."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.markup import escape
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table

from enlarger.cli.streams import write_line, writing
from enlarger.errors import EnlargerError, Interrupted, InvalidInput, ServiceError, SubmissionUnknown

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ANY_WIDTH = 100_000
"""Of an output that is no terminal: nothing is cut off or broken there."""

_LEAST_COLUMN = 12
"""The least width of a column whose words may be broken."""


class Style(StrEnum):
    """The style of a command's output."""

    HUMAN = "human"
    JSON = "json"
    QUIET = "quiet"


class Output:
    """A command's output. Respects NO_COLOR, and prints plainly if the output is not a terminal."""

    def __init__(self, style: Style, *, quiet: bool = False) -> None:
        """`quiet` leaves out hints and progress in every style."""
        self.style = style
        quiet = quiet or style is Style.QUIET
        self.hints: Console = Console(stderr=True, highlight=False, soft_wrap=True, quiet=quiet)
        self._errors = Console(stderr=True, highlight=False, soft_wrap=True)
        self._data = Console(highlight=False)
        if not self._data.is_terminal:
            self._data.width = _ANY_WIDTH

    def done(self, markup: str) -> None:
        """A completed step, in Rich markup: on stdout, with `--json` on stderr, not with `--quiet`."""
        if self.style is Style.HUMAN:
            self._draw(markup, soft_wrap=True)
        else:
            self.hints.print(markup)

    def hint(self, markup: str) -> None:
        """Additional information, in Rich markup, on stderr; not with `--quiet`."""
        self.hints.print(markup)

    def warn(self, words: str) -> None:
        """A warning that does not stop the command; not with `--quiet`."""
        self.hints.print(f"[yellow]note:[/] {escape(plain(words))}")

    def caution(self, words: str) -> None:
        """A warning that money may be wasted, though the command goes on; also with `--quiet`."""
        self._errors.print(f"[yellow]warning:[/] {escape(plain(words))}")

    def say(self, line: str) -> None:
        """A status line of a long-running command: on stdout, with `--json` on stderr, not with `--quiet`."""
        if self.style is Style.HUMAN:
            write_line(line)
        else:
            self.hints.print(line, markup=False)

    def lines(self, lines: list[str], data: Any) -> None:
        """The data: a line each, or with `--json` the whole of `data`."""
        if self.style is Style.JSON:
            self.json(data)
        else:
            for line in lines:
                write_line(plain(line))

    def item(self, line: str) -> None:
        """One of several results, printed immediately, since a later one may fail; not with `--json`."""
        if self.style is not Style.JSON:
            write_line(plain(line))

    def line(self, line: str, data: Any) -> None:
        """One of many events: a line, or with `--json` a JSON document on a line."""
        write_line(to_json(data) if self.style is Style.JSON else plain(line))

    def text(self, text: str, data: Any) -> None:
        """The data as a text of several lines, or with `--json` the whole of `data`."""
        if self.style is Style.JSON:
            self.json(data)
        else:
            write_line(text)

    def facts(self, facts: list[tuple[str, str]], lines: list[str], data: Any) -> None:
        """The data as names and values for people; with `--quiet` its `lines`, with `--json` the whole of `data`."""
        if self.style is not Style.HUMAN:
            self.lines(lines, data)
            return
        width = max((len(name) for name, _ in facts), default=0)
        for name, value in facts:
            self._draw(f"[bold]{name:<{width}}[/]  {escape(plain(value))}", soft_wrap=True)

    def table(self, table: Table, lines: list[str], data: Any) -> None:
        """The data as a table for people; with `--quiet` its `lines`, with `--json` the whole of `data`."""
        if self.style is Style.HUMAN:
            self.draw(table)
        else:
            self.lines(lines, data)

    def draw(self, table: Table) -> None:
        """A table for people: on a terminal that is too narrow for it, a paragraph for each of its rows."""
        if not self._data.is_terminal:
            with self._data.capture() as drawn:
                self._data.print(table)
            for line in drawn.get().splitlines():
                write_line(line.rstrip())
        elif self._least_width(table) <= self._data.width:
            self._draw(table)
        else:
            for paragraph in _paragraphs(table):
                self._draw(paragraph)

    def show(self, renderable: RenderableType) -> None:
        """A part of the data that is shown to people only."""
        self._draw(renderable, soft_wrap=True)

    def _least_width(self, table: Table) -> int:
        """The least width at which the words in a table's cells stay readable."""
        options = self._data.options.update(width=_ANY_WIDTH)
        least = 0
        for column in table.columns:
            widths = [Measurement.get(self._data, options, cell) for cell in (column.header, *column.cells)]
            if column.no_wrap:
                least += max(width.maximum for width in widths)
            else:
                least += min(max(width.minimum for width in widths), _LEAST_COLUMN)
        return least + 2 * (len(table.columns) - 1)

    def _draw(self, renderable: RenderableType, *, soft_wrap: bool = False) -> None:
        with writing():
            self._data.print(renderable, soft_wrap=soft_wrap)
            self._data.file.flush()

    def json(self, data: Any) -> None:
        """One JSON document on stdout."""
        write_line(to_json(data, indent=2))

    def complain(self, markup: str) -> None:
        """An error message, in Rich markup, on stderr; also with `--quiet`."""
        self._errors.print(markup)

    def fault(self, name: str, reason: str) -> None:
        """What is wrong with one of many: on a line, or where the terminal is too narrow for it, below the name."""
        name, reason = plain(name), plain(reason)
        if not self._errors.is_terminal or cell_len(name) + cell_len(reason) + 4 <= self._errors.width:
            self._errors.print(f"  {escape(name)}: {escape(reason)}")
            return
        self._errors.print(f"  {escape(name)}:")
        self._errors.print(Padding(escape(reason), (0, 0, 0, 4)), soft_wrap=False)

    def error(self, error: EnlargerError, *, alone: bool = True) -> None:
        """What went wrong: in words on stderr, and with `--json`, where it is `alone`, as the document on stdout."""
        text = "\n".join(map(plain, str(error).splitlines()))
        label = "" if isinstance(error, Interrupted) else "[bold red]error:[/] "
        self._errors.print(label + escape(text))
        if alone and self.style is Style.JSON:
            self.json({"error": describe(error)})


def _paragraphs(table: Table) -> Iterator[RenderableType]:
    """The rows of a table one below the other, each as names and values."""
    names = [str(column.header) for column in table.columns]
    width = max(map(cell_len, names), default=0) + 1
    for number, row in enumerate(zip(*(column.cells for column in table.columns), strict=True)):
        grid = Table.grid()
        grid.add_column(width=width, style="bold")
        grid.add_column(overflow="fold")
        for name, value in zip(names, row, strict=True):
            if value != "":
                grid.add_row(name, value)
        yield Padding(grid, (int(number > 0), 0, 0, 0))
    if table.caption:
        yield table.caption


def make_table(*columns: str) -> Table:
    """A table without lines, whose cells are broken rather than cut off."""
    table = Table(box=None, pad_edge=False, header_style="bold", caption_justify="left", caption_style="")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def format_time(moment: datetime) -> str:
    """A time in this machine's time zone."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def plain(text: str) -> str:
    """Untrusted text on one line, without control characters."""
    return _CONTROLS.sub(" ", readable(text))


def readable(text: str) -> str:
    """A text with `?` for the bytes of a file's name that are not in the system's encoding."""
    return text.encode(errors="replace").decode()


def to_json(data: Any, *, indent: int | None = None) -> str:
    """A JSON document, which can hold no file's name that is not in the system's encoding."""
    plain_data = msgspec.to_builtins(data, enc_hook=_encode, str_keys=True)
    separators = None if indent else (",", ":")
    return readable(json.dumps(plain_data, ensure_ascii=False, indent=indent, separators=separators))


def describe(error: EnlargerError) -> dict[str, Any]:
    """An error as data; what it does not have is left out."""
    facts: dict[str, Any] = {"type": type(error).__name__, "message": str(error)}
    if isinstance(error, ServiceError):
        facts |= {"code": error.code or None, "requestId": error.request_id}
    if isinstance(error, ServiceError | Interrupted):
        facts |= {"taskId": error.task_id or None}
    if isinstance(error, SubmissionUnknown):
        facts |= {"idempotencyKey": error.idempotency_key or None}
    if isinstance(error, InvalidInput):
        faults = [{"field": field, "code": code, "message": message} for field, code, message in error.faults]
        facts |= {"field": error.field, "faults": faults or None}
    return {name: value for name, value in facts.items() if value is not None}


def _encode(value: Any) -> Any:
    return str(value)
