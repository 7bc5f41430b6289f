"""Every error that Enlarger raises on purpose, in one tree.

    EnlargerError                      500
    ├── InvalidRequest                 400  the request is not what the route takes
    │   └── BodyTooSlow                408  its body does not arrive
    ├── NotAuthenticated               401  no key, or a wrong one
    ├── InvalidInput                   422  a field of the task is wrong; `field` names it
    │   ├── UnknownModel
    │   ├── ModelUnavailable                no provider that is set up here runs it
    │   ├── ModelSwitchedOff           505  the operator does not offer it
    │   └── IdempotencyConflict             the key was used with another body
    ├── UnknownTask                    422  no such task on this account
    ├── NotEnoughCredits               402  the account cannot afford the task
    ├── KeyCapReached                  433  the key may not spend so much
    ├── TooManyRequests                429  more than the account or the key may ask for; `retry_after`
    ├── RequestInFlight                409  the same request is being carried out; `retry_after`
    ├── UnderMaintenance               455  the operator has closed the service for new tasks; `retry_after`
    ├── ServiceOverloaded              503  it cannot take more at the moment; `retry_after`
    ├── PictureError                   422  the picture cannot be used
    │   ├── PictureUnreadable               empty, truncated, or not a picture
    │   ├── PictureUnsupported              a type or kind that is not taken
    │   └── PictureTooLarge                 too many bytes or pixels
    ├── SourceUnavailable              451  the picture's address gave no picture
    │   └── AddressRefused                  it is one that is never reached
    ├── EngineError                    501  the engine could not do it
    │   ├── EngineUnavailable               its weights or libraries are missing
    │   ├── EngineOutOfMemory
    │   ├── EngineTimeout
    │   ├── EngineCrashed
    │   └── BadOutput                       black, broken, or not like its source
    ├── StaleClaim                     500  another worker holds the task now
    ├── ProviderError                  500  a provider did not do what it was asked to; `retry_after`
    │   ├── SubmissionRefused               it surely did not take the task; `reason` says why
    │   ├── SubmissionUnclear               it may have taken it: nobody can say yet
    │   ├── ProviderSilent                  it does not tell now what became of a task, or takes no files
    │   ├── ResultGone                      what it made is there no longer
    │   └── ResultUnusable                  what it made cannot be fetched, however often that is tried
    │       └── ResultTooLarge
    ├── RouteUnfit                     422  a provider cannot do what the task asks for
    ├── BudgetReached                  402  a provider or an account may not spend so many dollars
    ├── StorageError                   500  a stored file cannot be read or written
    │   ├── FileMissing                404  it is not there, or no longer
    │   └── StorageUnavailable         503  the storage, or this machine's disk, does not work now; `retry_after`
    │       └── StorageFull                 its disk is full
    ├── StorageQuotaReached            413  the account may not keep so many bytes
    ├── DatabaseUnavailable            503  Postgres cannot be reached; `retry_after`
    │   └── PostgresError                   the embedded Postgres cannot run
    ├── ConfigurationError             500  a setting is missing or wrong
    │   └── DataDirectoryError              the data directory cannot be used
    │       └── DataDirectoryInUse          another process holds it
    ├── Interrupted                    —    a command was stopped, by Ctrl-C or SIGTERM
    └── ServiceError                   —    what a client was answered by a service
        ├── AuthenticationFailed       401  no key, or a wrong one
        ├── AccessBlocked              403  the service refuses this machine's address
        ├── InsufficientCredits        402  the account, or the key, has too few credits left
        ├── NotFound                   404  no such task, result or model
        ├── InputRefused               422  a field is wrong; an InvalidInput, too
        ├── RateLimited                429  too many requests; `retry_after`
        ├── Maintenance                455  closed for maintenance
        ├── NotSupported               —    this service has no such route
        ├── ServiceUnavailable         500  it failed, or could not take the request
        │   ├── ServiceUnreachable          no answer at all
        │   │   └── DeadlineExceeded            the deadline passed before the task was sent
        │   └── SubmissionUnknown           nobody can say whether it took the task
        ├── ProtocolError              —    an answer that is not the jobs API's
        ├── InvalidSignature           —    a callback that is not surely the service's
        └── TaskError                  —    about one task; `task_id`
            ├── TaskFailed                  it ended in `fail`, for the provider's reason
            │   └── TaskCancelled           because its app called it off
            └── WaitTimeout                 it has not ended yet; `resume` takes the wait up again

`code` is the KIE body code that goes with an error's meaning: it is what the API answers, and what a
failed task's `failCode` says. An error's text is one sentence for the person who can mend it: it names the
field, what is wrong with the value, and the remedy. It never holds a key, a token or a URL's query.

Errors below `ServiceError` are a client's: their `code` is the one that the service answered with.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

__all__ = [
    "AccessBlocked",
    "AddressRefused",
    "AuthenticationFailed",
    "BadOutput",
    "BodyTooSlow",
    "BudgetReached",
    "ConfigurationError",
    "DataDirectoryError",
    "DataDirectoryInUse",
    "DatabaseUnavailable",
    "DeadlineExceeded",
    "EngineCrashed",
    "EngineError",
    "EngineOutOfMemory",
    "EngineTimeout",
    "EngineUnavailable",
    "EnlargerError",
    "FileMissing",
    "IdempotencyConflict",
    "InputRefused",
    "InsufficientCredits",
    "Interrupted",
    "InvalidInput",
    "InvalidRequest",
    "InvalidSignature",
    "KeyCapReached",
    "Maintenance",
    "ModelSwitchedOff",
    "ModelUnavailable",
    "NotAuthenticated",
    "NotEnoughCredits",
    "NotFound",
    "NotSupported",
    "PictureError",
    "PictureTooLarge",
    "PictureUnreadable",
    "PictureUnsupported",
    "PostgresError",
    "ProtocolError",
    "ProviderError",
    "ProviderSilent",
    "RateLimited",
    "RequestInFlight",
    "ResultGone",
    "ResultTooLarge",
    "ResultUnusable",
    "RouteUnfit",
    "ServiceError",
    "ServiceOverloaded",
    "ServiceUnavailable",
    "ServiceUnreachable",
    "SourceUnavailable",
    "StaleClaim",
    "StorageError",
    "StorageFull",
    "StorageQuotaReached",
    "StorageUnavailable",
    "SubmissionRefused",
    "SubmissionUnclear",
    "SubmissionUnknown",
    "TaskCancelled",
    "TaskError",
    "TaskFailed",
    "TooManyRequests",
    "UnderMaintenance",
    "UnknownModel",
    "UnknownTask",
    "WaitTimeout",
]

RefusalReason = Literal["input", "busy", "credits", "access", "down"]
"""Why a provider did not take a task: what it asks for, too much at a time, no money, no right to ask, out of order."""


class EnlargerError(Exception):
    """The root of the tree."""

    code: int = 500


class InvalidRequest(EnlargerError):
    """The request's body or parameters are not what the route takes."""

    code: int = 400


class BodyTooSlow(InvalidRequest):
    """The request's body does not arrive, or too slowly."""

    code: int = 408


class NotAuthenticated(EnlargerError):
    """The request carries no API key, or one that is not known."""

    code: int = 401


class InvalidInput(EnlargerError):
    """A field of a task is missing or wrong; `field` is its name on the wire."""

    code: int = 422

    def __init__(self, field: str, message: str, faults: Sequence[tuple[str, str, str]] = ()) -> None:
        """`faults` are all that were found, where there may be several: field, code and message of each."""
        super().__init__(message)
        self.field = field
        self.faults: tuple[tuple[str, str, str], ...] = tuple(faults)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.field, str(self), self.faults)


class UnknownModel(InvalidInput):
    """The catalogue has no model of this name."""


class ModelUnavailable(InvalidInput):
    """No provider that is set up here runs the model."""


class ModelSwitchedOff(InvalidInput):
    """The operator of the service does not offer the model."""

    code: int = 505


class IdempotencyConflict(InvalidInput):
    """The `Idempotency-Key` was used before, with another body."""


class UnknownTask(EnlargerError):
    """The account has no task of this id."""

    code: int = 422


class NotEnoughCredits(EnlargerError):
    """The account cannot afford the task."""

    code: int = 402


class KeyCapReached(EnlargerError):
    """The key may not spend so much in an hour, in a day or in all."""

    code: int = 433


class TooManyRequests(EnlargerError):
    """More requests than the account or the key may make in a time."""

    code: int = 429

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds."""


class RequestInFlight(TooManyRequests):
    """A request with the same idempotency key is being carried out."""

    code: int = 409


class UnderMaintenance(TooManyRequests):
    """The operator has closed the service for new tasks; a client's word for it is Maintenance."""

    code: int = 455


class ServiceOverloaded(EnlargerError):
    """The service cannot take more at the moment."""

    code: int = 503

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds."""


class PictureError(EnlargerError):
    """The picture cannot be used."""

    code: int = 422


class PictureUnreadable(PictureError):
    """The picture is empty, truncated, or not a picture at all."""


class PictureUnsupported(PictureError):
    """The picture's type, or something about it, is not taken."""


class PictureTooLarge(PictureError):
    """The picture has too many bytes or pixels."""


class SourceUnavailable(EnlargerError):
    """The address of an input gave no picture."""

    code: int = 451


class AddressRefused(SourceUnavailable):
    """The address is written in an unusual way, or leads to what is not public: it is never reached."""


class EngineError(EnlargerError):
    """The engine could not make the picture."""

    code: int = 501


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


class ProviderError(EnlargerError):
    """A provider did not do what it was asked to. The text is for the operator and holds nothing of a reply's body."""

    retry_after: float | None = None
    """Seconds after which it wants to be asked again, where it says so."""

    def __init__(self, message: str, *, code: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.code: int = type(self).code if code is None else code
        self.retry_after = retry_after


class SubmissionRefused(ProviderError):
    """The provider surely did not take the task: another one may have it."""

    def __init__(
        self, message: str, *, reason: RefusalReason, code: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message, code=code, retry_after=retry_after)
        self.reason = reason


class SubmissionUnclear(ProviderError):
    """The provider may have taken the task; nobody can say, and it must not be sent again."""


class ProviderSilent(ProviderError):
    """The provider does not tell now what became of a task, or takes no file; later it may."""


class ResultGone(ProviderError):
    """What a provider made is there no longer."""


class ResultUnusable(ProviderError):
    """What a provider made cannot be fetched from where it is said to be, and nothing says that it ever can."""

    tries = 4
    """After so many it is believed that it never can."""


class ResultTooLarge(ResultUnusable):
    """What a provider made has more bytes or pixels than are accepted; trying again would change nothing."""

    tries = 1


class RouteUnfit(EnlargerError):
    """A provider cannot do what the task asks for."""

    code: int = 422


class BudgetReached(EnlargerError):
    """A provider or an account may not spend so many dollars in a day or a month."""

    code: int = 402


class StaleClaim(EnlargerError):
    """Another worker has taken the task over, or it has ended; this outcome is dropped."""


class StorageError(EnlargerError):
    """A stored file cannot be read or written."""


class FileMissing(StorageError):
    """A stored file is not there, or no longer."""

    code: int = 404


class StorageUnavailable(StorageError):
    """The storage cannot be reached, read or written now; what is needed from it may be there all the same."""

    code: int = 503
    retry_after: float = 30.0
    """Seconds."""


class StorageFull(StorageUnavailable):
    """The disk that files are to be written to is full."""


class StorageQuotaReached(EnlargerError):
    """The account may not keep so many bytes."""

    code: int = 413


class DatabaseUnavailable(EnlargerError):
    """Postgres cannot be reached."""

    code: int = 503
    retry_after: float = 2
    """Seconds after which it is worth another try."""


class PostgresError(DatabaseUnavailable):
    """The embedded Postgres cannot be made or started."""


class ConfigurationError(EnlargerError):
    """A setting is missing or wrong."""


class DataDirectoryError(ConfigurationError):
    """The data directory cannot be used."""


class DataDirectoryInUse(DataDirectoryError):
    """Another process holds the data directory."""


class Interrupted(EnlargerError):
    """A command was stopped from outside, by Ctrl-C or SIGTERM; `task_id` is what it was waiting for, if anything."""

    def __init__(self, message: str, *, task_id: str | None = None) -> None:
        super().__init__(message)
        self.task_id: str | None = task_id


class ServiceError(EnlargerError):
    """What a service answered, or did not answer."""

    code: int = 0
    """The body code, or else the HTTP status; 0 when there was no answer."""

    def __init__(
        self, message: str = "", *, code: int | None = None, request_id: str | None = None, remedy: str | None = None
    ) -> None:
        """`message` is in the service's words or in ours, `remedy` says what to do about it."""
        Exception.__init__(self, message)  # InputRefused has another parent, with other arguments
        self.message = message
        self.code: int = type(self).code if code is None else code
        self.request_id = request_id
        """The service's own name for the request, for its support and its log; None when it gave none."""
        self.response: Any = None
        """The answer that it is about, with `status_code`, `headers`, `content` and `text`; None without one."""
        self.remedy = remedy
        self.task_id: str | None = None
        """The task that it is about, where there is one."""
        self.refused = False
        """Whether it surely says that nothing was done; a request that costs money may then be sent again."""

    def __str__(self) -> str:
        text = self.message
        if self.code or self.request_id:
            facts = [f"code {self.code}"] if self.code else []
            facts += [f"request {self.request_id}"] if self.request_id else []
            text = f"{text.rstrip('.')} ({', '.join(facts)})."
        return f"{text} {self.remedy}" if self.remedy else text


class AuthenticationFailed(ServiceError):
    """The service does not know the key, or was given none."""

    code: int = 401


class AccessBlocked(ServiceError):
    """The service, or what stands before it, refuses requests from this machine's address."""

    code: int = 403


class InsufficientCredits(ServiceError):
    """The account has too few credits for the task, or the key has reached its limit."""

    code: int = 402


class NotFound(ServiceError):
    """The service has no such task, result or model, or no longer."""

    code: int = 404


class InputRefused(ServiceError, InvalidInput):
    """The service refuses a field of the task; `field` and `faults` say which, where the service does."""

    code: int = 422

    def __init__(
        self,
        message: str = "",
        *,
        code: int | None = None,
        request_id: str | None = None,
        remedy: str | None = None,
        faults: Sequence[tuple[str, str, str]] = (),
    ) -> None:
        """`faults` are the field, the code and the message of each."""
        ServiceError.__init__(self, message, code=code, request_id=request_id, remedy=remedy)
        self.field: str = faults[0][0] if faults else "input"
        self.faults: tuple[tuple[str, str, str], ...] = tuple(faults)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message,), self.__dict__


class RateLimited(ServiceError):
    """Too many requests in a short time; none of this one was carried out."""

    code: int = 429
    retry_after: float | None = None
    """Seconds after which the service wants to be asked again, where it says so."""


class Maintenance(ServiceError):
    """The service is closed for maintenance."""

    code: int = 455


class NotSupported(ServiceError):
    """The service has no such route; ours may."""


class ServiceUnavailable(ServiceError):
    """The service failed, or could not take the request."""

    code: int = 500
    retry_after: float | None = None
    """Seconds after which the service wants to be asked again, where it says so."""


class ServiceUnreachable(ServiceUnavailable):
    """The service gave no answer."""

    code: int = 0


class DeadlineExceeded(ServiceUnreachable, TimeoutError):
    """The deadline passed before the task was sent: none was made."""


class SubmissionUnknown(ServiceUnavailable):
    """A task was sent, and no answer, or none that rules it out: it may have been made, so it is not sent again.

    With the same `idempotency_key` it can safely be sent again to a service that honours such keys.
    """

    code: int = 0
    idempotency_key: str = ""


class ProtocolError(ServiceError):
    """The answer is not one of the jobs API: the address may be another service's."""


class InvalidSignature(ServiceError):
    """A callback is not surely the service's: it is not signed, wrongly, or too long ago."""


class TaskError(ServiceError):
    """About one task."""

    def __init__(
        self, message: str = "", *, task_id: str = "", code: int | None = None, remedy: str | None = None
    ) -> None:
        super().__init__(message, code=code, remedy=remedy)
        self.task_id: str = task_id


class TaskFailed(TaskError):
    """The task ended in `fail`; `message` and `fail_code` are the provider's own words."""

    code: int = 501
    fail_code: str | None = None
    credits: float | None = None
    """What was charged all the same."""


class TaskCancelled(TaskFailed):
    """The task was called off by its app."""


class WaitTimeout(TaskError, TimeoutError):
    """The time to wait is over and the task is not; it goes on, and nothing is lost.

    `resume` is the line of code that takes the wait up again.
    """

    resume: str = ""
