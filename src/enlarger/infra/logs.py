"""Structured logs: lines for people on a terminal, JSON for machines elsewhere, always on stderr."""

from __future__ import annotations

import logging
import re
import sys
from functools import partial
from typing import Any, TextIO

import structlog

_URL = re.compile(r"([a-z][a-z0-9+.-]*://)(?:[^\s/?#'\"]*@)?([^\s/?#'\"]*)([/?#][^\s'\"]*)?", re.IGNORECASE)
_KEY = re.compile(r"\b(enl_|whsec_|r8_|(?:Bearer|Basic) )[^\s'\",]+", re.IGNORECASE)
_BOT_TOKEN = re.compile(r"\d{5,}:[\w-]{30,}", re.ASCII)
"""A Telegram bot's; in URLs it stands behind `/bot`."""
_SUSPECT = frozenset("_: ")
"""Each pattern above needs at least one of these characters, so a text without them has no secret."""

_CHATTY = (
    *("httpx2", "httpcore2", "alembic", "_granian", "granian", "pgqueuer", "filelock", "pyvips"),
    *("aiogram", "aiohttp"),
)


def set_up_logs(level: str, *, process: int | None = None) -> None:
    """Send everything from `level` up to stderr, our own events and those of the libraries alike.

    `process` is this process's number, added to each event, when several processes write to the same log.
    """

    def number(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        return event if process is None else {**event, "process": process}

    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        number,
        structlog.processors.add_log_level,
        _add_name,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    rendering: list[structlog.typing.Processor] = [
        structlog.processors.format_exc_info,
        _hide_secrets,
        structlog.dev.ConsoleRenderer(colors=True) if sys.stderr.isatty() else structlog.processors.JSONRenderer(),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
    # Its pools complain with tracebacks while Postgres is away; our own events say so in a line.
    logging.getLogger("asyncpg").setLevel(max(logging.ERROR, root.level))
    # Written directly to stderr: through `logging` an event takes more than twice as long.
    structlog.configure(
        processors=[*shared, *rendering],
        logger_factory=partial(_Logger, sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(root.level),
    )


class _Logger(structlog.PrintLogger):
    """A logger with a name that writes to a file."""

    def __init__(self, file: TextIO, name: str = "enlarger") -> None:
        super().__init__(file)
        self.name = name


def _add_name(logger: Any, _: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Add the logger's name."""
    record = event.get("_record")
    return {**event, "logger": logger.name if record is None else record.name}


def _hide_secrets(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Leave of URLs their hosts, and of keys their kind.

    Our own events have neither; libraries say what they like, and an exception may hold whatever a request did.
    """
    return {name: _hide(value) for name, value in event.items()}


def _hide(value: Any) -> Any:
    match value:
        case str() if not _SUSPECT.intersection(value):
            return value
        case str():
            return _BOT_TOKEN.sub("***", _KEY.sub(r"\1***", _URL.sub(_host, value)))
        case dict():
            return {name: _hide(item) for name, item in value.items()}
        case list() | tuple():
            return [_hide(item) for item in value]
        case _:
            return value


def _host(url: re.Match[str]) -> str:
    return url[1] + url[2] + ("/…" if url[3] else "")
