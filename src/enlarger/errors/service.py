"""The service's errors: why it rejects a request, or cannot carry it out."""

from __future__ import annotations

from enlarger.errors.base import EnlargerError, InvalidInput, StorageError


class InvalidRequest(EnlargerError):
    """The request's body or parameters are not what the route accepts."""

    code: int = 400


class BodyTooSlow(InvalidRequest):
    """The request's body arrives too slowly, or not at all."""

    code: int = 408


class ApiKeyRejected(EnlargerError):
    """The request has no API key, or an unknown one."""

    code: int = 401


class ModelUnavailable(InvalidInput):
    """No provider that is set up can run the task."""


class ModelSwitchedOff(InvalidInput):
    """The operator of the service has switched the model off."""

    code: int = 505


class IdempotencyConflict(InvalidInput):
    """The `Idempotency-Key` was used before, for another request."""


class UnknownTask(EnlargerError):
    """The account has no task with this id."""

    code: int = 422


class BalanceTooLow(EnlargerError):
    """The account's balance does not cover the task."""

    code: int = 402


class KeyCapReached(EnlargerError):
    """The API key would exceed its spending limit for an hour, for a day or in total."""

    code: int = 433


class RetryLater(EnlargerError):
    """The service cannot carry out the request now; the same request may succeed later."""

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds."""


class RequestLimitReached(RetryLater):
    """The account or the key has reached its limit of requests or of open tasks."""

    code: int = 429


class RequestInFlight(RetryLater):
    """A request with the same `Idempotency-Key` is still being processed."""

    code: int = 409


class NewTasksPaused(RetryLater):
    """The operator has paused new tasks."""

    code: int = 455


class ServiceOverloaded(RetryLater):
    """The service cannot accept more requests at the moment."""

    code: int = 503


class SourceUnavailable(EnlargerError):
    """The URL of an input did not return an image."""

    code: int = 451


class AddressRefused(SourceUnavailable):
    """The URL of an input is written in an unusual way or is not public, so it is never requested."""


class BudgetReached(EnlargerError):
    """A provider or account would exceed its daily or monthly budget in dollars."""

    code: int = 402


class StorageQuotaReached(EnlargerError):
    """The account would store more than its quota."""

    code: int = 413


class FileMissing(StorageError):
    """A stored file does not exist, or no longer does."""

    code: int = 404


class StorageUnavailable(StorageError):
    """The storage cannot be reached, read or written at the moment."""

    code: int = 503
    retry_after: float = 30.0
    """Seconds."""


class StorageFull(StorageUnavailable):
    """The disk for files is full."""


class DatabaseUnavailable(EnlargerError):
    """Postgres cannot be reached."""

    code: int = 503
    retry_after: float = 2
    """Seconds after which a retry is worthwhile."""


class PostgresError(DatabaseUnavailable):
    """The embedded Postgres cannot be created or started."""


class ToolRefusal(EnlargerError):
    """A tool for agents did not do what it was asked for; the message is for the agent."""


class BackupError(EnlargerError):
    """A backup cannot be made, is not whole, or does not fit where it is to be restored."""


class StaleClaim(EnlargerError):
    """Another worker has taken the task over, or it has ended; this outcome is dropped."""
