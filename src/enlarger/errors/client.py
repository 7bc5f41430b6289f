"""The client's errors: what a service answered, or that it did not. All are exported by `enlarger`, too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from enlarger.errors.base import EnlargerError, InvalidInput


class ServiceError(EnlargerError):
    """What a service answered, or that it did not answer."""

    code: int = 0
    """The body code, or else the HTTP status; 0 when there was no answer."""

    def __init__(
        self, message: str = "", *, code: int | None = None, request_id: str | None = None, remedy: str | None = None
    ) -> None:
        """`message` is the service's or ours, `remedy` says what to do about it."""
        Exception.__init__(self, message)  # InputRefused has another parent, with other arguments
        self.message = message
        self.code: int = type(self).code if code is None else code
        self.request_id = request_id
        """The service's own name for the request, for its support and its log; None when it gave none."""
        self.response: Any = None
        """The response, with `status_code`, `headers`, `content` and `text`; None without one."""
        self.remedy = remedy
        self.task_id: str | None = None
        """The task that it is about, where there is one."""
        self.refused = False
        """Whether it is certain that nothing was done; a request that costs money may then be sent again."""

    def __str__(self) -> str:
        text = self.message
        if self.code or self.request_id:
            facts = [f"code {self.code}"] if self.code else []
            facts += [f"request {self.request_id}"] if self.request_id else []
            text = f"{text.rstrip('.')} ({', '.join(facts)})."
        return f"{text} {self.remedy}" if self.remedy else text


class AuthenticationFailed(ServiceError):
    """The service rejects the API key, or no key was sent."""

    code: int = 401


class AccessBlocked(ServiceError):
    """The service, or what stands before it, refuses requests from this machine's address."""

    code: int = 403


class InsufficientCredits(ServiceError):
    """The account has too few credits for the task, or the key has reached its limit."""

    code: int = 402


class NotFound(ServiceError):
    """The task, result or model does not exist, or no longer does."""

    code: int = 404


class InputRefused(ServiceError, InvalidInput):
    """The service rejects a field of the task; `field` and `faults` say which, where the service does."""

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


class FeatureDisabled(InputRefused):
    """The service does not offer what was asked for: its operator has switched off the model, or the feature.

    Inside an Enlarger service, the error is ModelSwitchedOff. Sending the request again does not help.
    """

    code: int = 505


class RateLimited(ServiceError):
    """The service answered that it gets too many requests; this one was not carried out."""

    code: int = 429
    retry_after: float | None = None
    """Seconds after which the service wants to be asked again, where it says so."""


class Maintenance(ServiceError):
    """The service is closed for maintenance."""

    code: int = 455


class NotSupported(ServiceError):
    """The service has no such route; an Enlarger service may."""


class ServiceUnavailable(ServiceError):
    """The service failed, or could not accept the request."""

    code: int = 500
    retry_after: float | None = None
    """Seconds after which the service wants to be asked again, where it says so."""


class ServiceUnreachable(ServiceUnavailable):
    """The service gave no answer."""

    code: int = 0


class DeadlineExceeded(ServiceUnreachable, TimeoutError):
    """The deadline passed before the task was sent; no task was created."""


class SubmissionUnknown(ServiceUnavailable):
    """A task was sent, but no answer says whether it was created, so it is not sent again automatically.

    With the same `idempotency_key` it can safely be sent again to a service that honours such keys.
    """

    code: int = 0
    idempotency_key: str = ""


class ProtocolError(ServiceError):
    """The answer is not the jobs API's: the base URL may be another service's."""


class InvalidSignature(ServiceError):
    """A callback is not certainly the service's: its signature is missing, wrong or too old."""


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
    """The task was cancelled by its app."""


class WaitTimeout(TaskError, TimeoutError):
    """The wait ended before the task did; the task goes on, and nothing is lost.

    `resume` is the line of code that resumes the wait.
    """

    resume: str = ""
