"""Errors that any part may raise: wrong input, wrong configuration, unusable files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class EnlargerError(Exception):
    """The base class of every error that Enlarger raises on purpose."""

    code: int = 500


class InvalidInput(EnlargerError):
    """A field of a task is missing or wrong; `field` is its name in the request.

    Retry: safe, with a corrected input. A client raises it before anything is sent.
    """

    code: int = 422

    def __init__(self, field: str, message: str, faults: Sequence[tuple[str, str, str]] = ()) -> None:
        """`faults` are all the problems that were found: field, code and message of each."""
        super().__init__(message)
        self.field = field
        self.faults: tuple[tuple[str, str, str], ...] = tuple(faults)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.field, str(self), self.faults)


class UnknownModel(InvalidInput):
    """The catalogue has no model of this name.

    Retry: safe, with another model. A client raises it before anything is sent.
    """


class ConfigurationError(EnlargerError):
    """A setting or an option of a client is missing or wrong, or the client is closed.

    Retry: safe, once the setting is right. Nothing was sent.
    """


class DataDirectoryError(ConfigurationError):
    """The data directory cannot be used."""


class DataDirectoryInUse(DataDirectoryError):
    """Another process holds the data directory."""


class StorageError(EnlargerError):
    """A file cannot be read or written.

    Retry: safe. A client raises it when it cannot write a download; the task keeps its result.
    """


class Interrupted(EnlargerError):
    """A command was stopped by Ctrl-C or SIGTERM; `task_id` is the task it was waiting for, if any."""

    def __init__(self, message: str, *, task_id: str | None = None) -> None:
        super().__init__(message)
        self.task_id: str | None = task_id
