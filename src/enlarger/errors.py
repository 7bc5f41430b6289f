"""Every error that Enlarger raises on purpose, in one tree.

    EnlargerError                      500
    ├── InvalidRequest                 400  the request is not what the route takes
    ├── NotAuthenticated               401  no key, or a wrong one
    ├── InvalidInput                   422  a field of the task is wrong; `field` names it
    │   ├── UnknownModel
    │   ├── ModelUnavailable                no provider that is set up here runs it
    │   └── IdempotencyConflict             the key was used with another body
    ├── UnknownTask                    422  no such task on this account
    ├── PictureError                   422  the picture cannot be used
    │   ├── PictureUnreadable               empty, truncated, or not a picture
    │   ├── PictureUnsupported              a type or kind that is not taken
    │   └── PictureTooLarge                 too many bytes or pixels
    ├── SourceUnavailable              451  the picture's address gave no picture
    ├── EngineError                    501  the engine could not do it
    │   ├── EngineUnavailable               its weights or libraries are missing
    │   ├── EngineOutOfMemory
    │   ├── EngineTimeout
    │   ├── EngineCrashed
    │   └── BadOutput                       black, broken, or not like its source
    ├── StaleClaim                     500  another worker holds the task now
    ├── StorageError                   500  a stored file cannot be read or written
    ├── DatabaseUnavailable            500  Postgres cannot be reached
    │   └── PostgresError                   the embedded Postgres cannot run
    ├── ConfigurationError             500  a setting is missing or wrong
    │   └── DataDirectoryError              the data directory cannot be used
    │       └── DataDirectoryInUse          another process holds it
    └── ServiceError                   —    what a client was answered; `code` is the service's
        └── ServiceUnreachable         —    no answer at all

`code` is the KIE body code that goes with an error's meaning: it is what the API answers, and what a
failed task's `failCode` says. An error's text is one sentence for the person who can mend it: it names the
field, what is wrong with the value, and the remedy. It never holds a key, a token or a URL's query.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

__all__ = [
    "BadOutput",
    "ConfigurationError",
    "DataDirectoryError",
    "DataDirectoryInUse",
    "DatabaseUnavailable",
    "EngineCrashed",
    "EngineError",
    "EngineOutOfMemory",
    "EngineTimeout",
    "EngineUnavailable",
    "EnlargerError",
    "IdempotencyConflict",
    "InvalidInput",
    "InvalidRequest",
    "ModelUnavailable",
    "NotAuthenticated",
    "PictureError",
    "PictureTooLarge",
    "PictureUnreadable",
    "PictureUnsupported",
    "PostgresError",
    "ServiceError",
    "ServiceUnreachable",
    "SourceUnavailable",
    "StaleClaim",
    "StorageError",
    "UnknownModel",
    "UnknownTask",
]


class EnlargerError(Exception):
    """The root of the tree."""

    code: ClassVar[int] = 500


class InvalidRequest(EnlargerError):
    """The request's body or parameters are not what the route takes."""

    code = 400


class NotAuthenticated(EnlargerError):
    """The request carries no API key, or one that is not known."""

    code = 401


class InvalidInput(EnlargerError):
    """A field of a task is missing or wrong; `field` is its name on the wire."""

    code = 422

    def __init__(self, field: str, message: str, faults: Sequence[tuple[str, str, str]] = ()) -> None:
        """`faults` are all that were found, where there may be several: field, code and message of each."""
        super().__init__(message)
        self.field = field
        self.faults = tuple(faults)


class UnknownModel(InvalidInput):
    """The catalogue has no model of this name."""


class ModelUnavailable(InvalidInput):
    """No provider that is set up here runs the model."""


class IdempotencyConflict(InvalidInput):
    """The `Idempotency-Key` was used before, with another body."""


class UnknownTask(EnlargerError):
    """The account has no task of this id."""

    code = 422


class PictureError(EnlargerError):
    """The picture cannot be used."""

    code = 422


class PictureUnreadable(PictureError):
    """The picture is empty, truncated, or not a picture at all."""


class PictureUnsupported(PictureError):
    """The picture's type, or something about it, is not taken."""


class PictureTooLarge(PictureError):
    """The picture has too many bytes or pixels."""


class SourceUnavailable(EnlargerError):
    """The address of an input gave no picture."""

    code = 451


class EngineError(EnlargerError):
    """The engine could not make the picture."""

    code = 501


class EngineUnavailable(EngineError):
    """The engine's weights or libraries are not there."""


class EngineOutOfMemory(EngineError):
    """The engine needs more memory than it may use."""


class EngineTimeout(EngineError):
    """The engine took longer than it may."""


class EngineCrashed(EngineError):
    """The engine's process died."""


class BadOutput(EngineError):
    """The engine's picture is black, broken, or not like its source."""


class StaleClaim(EnlargerError):
    """Another worker has taken the task over, or it has ended; this outcome is dropped."""


class StorageError(EnlargerError):
    """A stored file cannot be read or written."""


class DatabaseUnavailable(EnlargerError):
    """Postgres cannot be reached."""


class PostgresError(DatabaseUnavailable):
    """The embedded Postgres cannot be made or started."""


class ConfigurationError(EnlargerError):
    """A setting is missing or wrong."""


class DataDirectoryError(ConfigurationError):
    """The data directory cannot be used."""


class DataDirectoryInUse(DataDirectoryError):
    """Another process holds the data directory."""


class ServiceError(EnlargerError):
    """The service answered with an error; `status` is its code."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class ServiceUnreachable(ServiceError):
    """The service gave no answer."""

    def __init__(self, message: str) -> None:
        super().__init__(0, message)
