"""The client's errors: what a service answered, or that it did not. All are exported by `enlarger`, too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from enlarger.errors.base import EnlargerError, InvalidInput


class ServiceError(EnlargerError):
    """What a service answered, or that it did not answer. The errors below are more precise."""

    code: int = 0
    """The code in the body of the answer, or else the HTTP status; 0 if there was no answer."""

    def __init__(
        self, message: str = "", *, code: int | None = None, request_id: str | None = None, remedy: str | None = None
    ) -> None:
        """`message` is the service's or the client's, `remedy` says what to do about it."""
        Exception.__init__(self, message)  # InputRefused has another parent, with other arguments
        self.message = message
        self.code: int = type(self).code if code is None else code
        self.request_id = request_id
        """The service's id of the request, which its support and its log know; None if it gave none."""
        self.response: Any = None
        """The answer, with `status_code`, `headers`, `content` and `text`; None without one."""
        self.remedy = remedy
        self.task_id: str | None = None
        """The id of the task that the error is about, if there is one."""
        self.refused = False
        """Whether it is certain that the service did nothing, so that sending the request again costs nothing extra."""

    def __str__(self) -> str:
        text = self.message
        if self.code or self.request_id:
            facts = [f"code {self.code}"] if self.code else []
            facts += [f"request {self.request_id}"] if self.request_id else []
            text = f"{text.rstrip('.')} ({', '.join(facts)})."
        return f"{text} {self.remedy}" if self.remedy else text


class AuthenticationFailed(ServiceError):
    """The service rejects the API key, or no key was sent.

    Retry: safe, with a valid key.
    """

    code: int = 401


class AccessBlocked(ServiceError):
    """The service, or a proxy in front of it, refuses requests from this machine's address.

    Retry: safe, from an address that the service accepts.
    """

    code: int = 403


class InsufficientCredits(ServiceError):
    """The account has too few credits for the task, or the key has reached its spending limit.

    Retry: safe, after a top-up.
    """

    code: int = 402


class NotFound(ServiceError):
    """The task, result or model does not exist, or no longer does.

    Retry: safe, but it does not help.
    """

    code: int = 404


class InputRefused(ServiceError, InvalidInput):
    """The service rejects a field of the request; `field` and `faults` name it if the service does.

    Retry: safe, with a corrected input.
    """

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
    """The operator of the service has switched off the model or the feature.

    Retry: safe, but it does not help. Use another model.
    """

    code: int = 505


class RateLimited(ServiceError):
    """The service receives too many requests, and did not carry this one out.

    Retry: safe. The client retries by itself, up to `max_retries` times.
    """

    code: int = 429
    retry_after: float | None = None
    """Seconds after which the service wants to be asked again, where it says so."""


class Maintenance(ServiceError):
    """The service is under maintenance.

    Retry: safe. The client retries by itself, up to `max_retries` times.
    """

    code: int = 455


class NotSupported(ServiceError):
    """The service does not have this feature; an Enlarger service does.

    Retry: safe, but it does not help.
    """


class ServiceUnavailable(ServiceError):
    """The service failed, or could not accept the request.

    Retry: safe: no task was created, or SubmissionUnknown would have been raised. The client retries by itself.
    """

    code: int = 500
    retry_after: float | None = None
    """Seconds after which the service wants to be asked again, where it says so."""


class ServiceUnreachable(ServiceUnavailable):
    """The service gave no answer.

    Retry: safe: no task was created, or SubmissionUnknown would have been raised. The client retries by itself.
    """

    code: int = 0


class DeadlineExceeded(ServiceUnreachable, TimeoutError):
    """The deadline passed before the task was sent.

    Retry: safe: no task was created.
    """


class SubmissionUnknown(ServiceUnavailable):
    """A task was sent, and no answer says whether it was created, so the client does not send it again.

    Retry: only with the same `idempotency_key`, and only if the service honours such keys. Otherwise it may be paid
    for twice.
    """

    code: int = 0
    idempotency_key: str = ""
    """The key that the task was sent with."""


class ProtocolError(ServiceError):
    """The answer is not one of the jobs API: the base URL may be another service's.

    Retry: safe, after checking the base URL.
    """


class InvalidSignature(ServiceError):
    """A callback's signature is missing, wrong or too old, so it may not be the service's.

    Retry: not needed. Answer the callback with 401; a service that sent it tries again.
    """


class TaskError(ServiceError):
    """One task failed, or its result could not be delivered; `task_id` is the task's id.

    Retry: not with a new task. The task exists: get its result with `client.task(task_id).result()`.
    """

    def __init__(
        self, message: str = "", *, task_id: str = "", code: int | None = None, remedy: str | None = None
    ) -> None:
        super().__init__(message, code=code, remedy=remedy)
        self.task_id: str = task_id


class TaskFailed(TaskError):
    """The task ended in `fail`; `message` and `fail_code` are the provider's own.

    Retry: with a new task, which is charged like any other.
    """

    code: int = 501
    fail_code: str | None = None
    credits: float | None = None
    """What was charged nevertheless."""


class TaskCancelled(TaskFailed):
    """The app cancelled the task.

    Retry: with a new task, which is charged like any other.
    """


class WaitTimeout(TaskError, TimeoutError):
    """The wait ended before the task did; the task goes on.

    Retry: not with a new task. Resume the wait: `resume` is the line of code that does so.
    """

    resume: str = ""
    """The line of code that resumes the wait."""
