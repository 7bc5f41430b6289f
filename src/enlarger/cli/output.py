"""What commands say: data on stdout, hints and progress on stderr; in words, as JSON, or as little as possible."""

from __future__ import annotations

import sys
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from rich.console import Console
from rich.markup import escape

from enlarger.errors import InvalidInput, ServiceError


class Style(StrEnum):
    """How a command says what it has to say."""

    HUMAN = "human"
    JSON = "json"
    QUIET = "quiet"


class Output:
    """Where a command's words go. NO_COLOR is heeded, and so is an output that is no terminal."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.hints = Console(stderr=True, highlight=False, soft_wrap=True, quiet=style is Style.QUIET)
        self._errors = Console(stderr=True, highlight=False, soft_wrap=True)
        self._tables = Console(highlight=False)

    def hint(self, markup: str) -> None:
        """Something beside the data, in Rich markup, on stderr; not with `--quiet`."""
        self.hints.print(markup)

    def lines(self, lines: list[str], data: Any) -> None:
        """The data: a line each, or with `--json` the whole of `data`."""
        if self.style is Style.JSON:
            self.json(data)
        else:
            for line in lines:
                print(line)
        sys.stdout.flush()

    def line(self, line: str, data: Any) -> None:
        """One of many events: a line, or with `--json` a JSON document on a line."""
        print(msgspec.json.encode(data, enc_hook=_encode).decode() if self.style is Style.JSON else line, flush=True)

    def table(self, renderable: Any, lines: list[str], data: Any) -> None:
        """The data as a table for people; with `--quiet` its `lines`, with `--json` the whole of `data`."""
        if self.style is Style.HUMAN:
            self._tables.print(renderable)
        else:
            self.lines(lines, data)

    def json(self, data: Any) -> None:
        """One JSON document on stdout."""
        print(msgspec.json.format(msgspec.json.encode(data, enc_hook=_encode), indent=2).decode(), flush=True)

    def error(self, error: BaseException) -> None:
        """What went wrong: in words on stderr, and with `--json` also as the one document on stdout."""
        self._errors.print(f"[bold red]error:[/] {escape(str(error))}")
        if self.style is Style.JSON:
            self.json({"error": describe(error)})


def describe(error: BaseException) -> dict[str, Any]:
    """An error as data; what it does not have is left out."""
    facts: dict[str, Any] = {"type": type(error).__name__, "message": str(error)}
    if isinstance(error, ServiceError):
        facts |= {"code": error.code or None, "requestId": error.request_id, "taskId": error.task_id}
    if isinstance(error, InvalidInput):
        facts |= {"field": error.field}
    return {name: value for name, value in facts.items() if value is not None}


def _encode(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)
