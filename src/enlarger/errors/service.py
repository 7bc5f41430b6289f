"""The service's errors: why it rejects a request, and what it lacks to carry one out."""

from __future__ import annotations

from enlarger.errors.base import EnlargerError, InvalidInput, StorageError


class InvalidRequest(EnlargerError):
    """The request's body or parameters are not what the route accepts."""

    code: int = 400


class BodyTooSlow(InvalidRequest):
    """The request's body arrives too slowly, or not at all."""

    code: int = 408


class ApiKeyRejected(EnlargerError):
    """A request to the service carries no API key, or an unknown one. A client raises AuthenticationFailed for it."""

    code: int = 401


class ModelUnavailable(InvalidInput):
    """No configured provider runs the model."""


class ModelSwitchedOff(InvalidInput):
    """The operator of the service does not offer the model."""

    code: int = 505


class IdempotencyConflict(InvalidInput):
    """The `Idempotency-Key` was used before, with another body."""


class UnknownTask(EnlargerError):
    """The account has no task of this id."""

    code: int = 422


class BalanceTooLow(EnlargerError):
    """The account's balance does not cover the task. A client raises InsufficientCredits for it."""

    code: int = 402


class KeyCapReached(EnlargerError):
    """The API key would exceed its spending limit for an hour, a day or in total."""

    code: int = 433


class RetryLater(EnlargerError):
    """The service cannot carry out the request now; the same request may succeed later."""

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds."""


class RequestLimitReached(RetryLater):
    """The account or the key has reached its limit of requests or open tasks. A client raises RateLimited for it."""

    code: int = 429


class RequestInFlight(RetryLater):
    """A request with the same idempotency key is still being processed."""

    code: int = 409


class NewTasksPaused(RetryLater):
    """The operator has paused new tasks. A client raises Maintenance for it."""

    code: int = 455


class ServiceOverloaded(RetryLater):
    """The service cannot take more at the moment."""

    code: int = 503


class SourceUnavailable(EnlargerError):
    """The URL of an input did not return a picture."""

    code: int = 451


class AddressRefused(SourceUnavailable):
    """The address is written in an unusual way or is not public, so it is never requested."""


class BudgetReached(EnlargerError):
    """A provider or account would exceed its daily or monthly budget in dollars."""

    code: int = 402


class StorageQuotaReached(EnlargerError):
    """The account would store more bytes than it may."""

    code: int = 413


class FileMissing(StorageError):
    """A stored file does not exist, or no longer does."""

    code: int = 404


class StorageUnavailable(StorageError):
    """The storage cannot be reached, read or written at the moment; the file may exist all the same."""

    code: int = 503
    retry_after: float = 30.0
    """Seconds."""


class StorageFull(StorageUnavailable):
    """The disk that files are written to is full."""


class DatabaseUnavailable(EnlargerError):
    """Postgres cannot be reached."""

    code: int = 503
    retry_after: float = 2
    """Seconds after which it is worth another try."""


class PostgresError(DatabaseUnavailable):
    """The embedded Postgres cannot be created or started."""


class ToolRefusal(EnlargerError):
    """A tool for agents did not do what it was asked for; the message is for the agent."""


class BackupError(EnlargerError):
    """A backup cannot be made, is not whole, or does not fit where it is to be restored."""


class StaleClaim(EnlargerError):
    """Another worker has taken the task over, or it has ended; this outcome is dropped."""
