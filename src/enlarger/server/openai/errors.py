"""Errors in OpenAI's shape, with the statuses that its clients know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException
from litestar.openapi import ResponseSpec
from litestar.types import ExceptionHandlersMap

from enlarger.catalog.messages import localise
from enlarger.errors import (
    ApiKeyRejected,
    BalanceTooLow,
    BodyTooSlow,
    BudgetReached,
    DatabaseUnavailable,
    EnlargerError,
    FileMissing,
    IdempotencyConflict,
    InvalidInput,
    InvalidRequest,
    KeyCapReached,
    ModelSwitchedOff,
    ModelUnavailable,
    NewTasksPaused,
    PictureError,
    RequestInFlight,
    RequestLimitReached,
    ServiceOverloaded,
    SourceUnavailable,
    StorageQuotaReached,
    StorageUnavailable,
    UnknownModel,
    UnknownTask,
)
from enlarger.protocol.codes import KEY_REUSED
from enlarger.protocol.extensions import NOT_MADE, TASK
from enlarger.protocol.moderation import is_moderated
from enlarger.server import replies
from enlarger.server.bodies import AnyRequest
from enlarger.server.requests import locale_of
from enlarger.tasks.records import Task
from enlarger.translatable import sentence

IDEMPOTENCY_KEY = "Idempotency-Key"
SHOULD_RETRY = "x-should-retry"
"""The header by which OpenAI's own client is told whether to send a request again."""

_REQUEST, _QUOTA, _SERVER = "invalid_request_error", "insufficient_quota", "server_error"
_OWN_PATHS = ("/v1/tasks", "/v1/quote", "/v1/files")
"""Paths under /v1 that are Enlarger's own, and answer errors in its shape."""


class ApiError(msgspec.Struct, frozen=True, kw_only=True):
    """An error with OpenAI's fields."""

    message: str
    """The error in a sentence."""
    type: str
    """OpenAI's kind of error."""
    param: str | None = None
    """The field that is wrong."""
    code: str | None = None
    """The error, for programs."""
    task_ids: list[str] | msgspec.UnsetType = msgspec.UNSET
    """An extension: the tasks that were created for the request."""


class ApiErrorReply(msgspec.Struct, frozen=True):
    """The body of every error of the OpenAI routes."""

    error: ApiError


class _Meaning(msgspec.Struct, frozen=True):
    status: int
    type: str
    code: str


_MEANINGS: dict[type[EnlargerError], _Meaning] = {
    ApiKeyRejected: _Meaning(401, _REQUEST, "invalid_api_key"),
    UnknownModel: _Meaning(404, _REQUEST, "model_not_found"),
    ModelUnavailable: _Meaning(404, _REQUEST, "model_not_found"),
    ModelSwitchedOff: _Meaning(404, _REQUEST, "model_not_found"),
    IdempotencyConflict: _Meaning(400, _REQUEST, KEY_REUSED),
    InvalidInput: _Meaning(400, _REQUEST, "invalid_value"),
    PictureError: _Meaning(400, _REQUEST, "invalid_image"),
    SourceUnavailable: _Meaning(400, _REQUEST, "invalid_image_url"),
    BodyTooSlow: _Meaning(408, _REQUEST, "request_timeout"),
    InvalidRequest: _Meaning(400, _REQUEST, "invalid_request"),
    UnknownTask: _Meaning(404, _REQUEST, "task_not_found"),
    FileMissing: _Meaning(404, _REQUEST, "picture_not_kept"),
    BalanceTooLow: _Meaning(429, _QUOTA, "insufficient_quota"),
    BudgetReached: _Meaning(429, _QUOTA, "insufficient_quota"),
    KeyCapReached: _Meaning(429, _QUOTA, "insufficient_quota"),
    RequestLimitReached: _Meaning(429, "rate_limit_error", "rate_limit_exceeded"),
    RequestInFlight: _Meaning(409, _REQUEST, "request_in_progress"),
    StorageQuotaReached: _Meaning(413, _REQUEST, "storage_quota_reached"),
    NewTasksPaused: _Meaning(503, _SERVER, "maintenance"),
    ServiceOverloaded: _Meaning(503, _SERVER, "overloaded"),
    StorageUnavailable: _Meaning(503, _SERVER, "storage_unavailable"),
    DatabaseUnavailable: _Meaning(503, _SERVER, "database_unavailable"),
    EnlargerError: _Meaning(500, _SERVER, "internal_error"),
}
_CODES = {404: "unknown_url", 405: "method_not_allowed", 413: "request_too_large"}
"""Of what the web framework refuses."""


def refuses(*statuses: int) -> dict[int, ResponseSpec]:
    """With which statuses a route answers errors, for the API's description."""
    return {
        status: ResponseSpec(ApiErrorReply, description=f"Refused: {words}.", generate_examples=False)
        for status, words in _WORDS.items()
        if status in statuses
    }


_WORDS = {
    400: "a field is wrong, or the model cannot do what it asks for",
    401: "the key is missing or unknown",
    404: "the model does not exist, or does not run here",
    408: "the body arrives too slowly",
    409: "a request with this Idempotency-Key is being processed, or the task was cancelled",
    413: "the body is larger than the route accepts",
    429: "more requests than the account or the key may send, or too little credit",
    500: "the task has failed",
    503: "the service is overloaded, in maintenance, or unavailable",
    504: "the images are not finished; the tasks go on",
}


def on_error(request: AnyRequest, error: Exception) -> Response[ApiErrorReply]:
    """For every error on a route of the OpenAI API."""
    if isinstance(error, EnlargerError):
        reply: Response[Any] = replies.on_known_error(request, error)
        meaning = next(_MEANINGS[kind] for kind in type(error).__mro__ if kind in _MEANINGS)
    elif isinstance(error, HTTPException):
        reply = replies.on_http_error(request, error)
        status = error.status_code
        meaning = _Meaning(status, _REQUEST if status < 500 else _SERVER, _CODES.get(status, "invalid_request"))
    else:
        reply = replies.on_unexpected_error(request, error)
        meaning = _MEANINGS[EnlargerError]
    said = reply.content["message"] if isinstance(reply.content, dict) else reply.content.message
    param = error.field if isinstance(error, InvalidInput) else None
    headers = {name: value for name, value in reply.headers.items() if name in (TASK, "Retry-After")}
    if meaning.type == _QUOTA or not _may_be_repeated(request, headers):
        headers[SHOULD_RETRY] = "false"
    body = ApiError(message=said, type=meaning.type, param=param, code=meaning.code)
    return Response(ApiErrorReply(body), status_code=meaning.status, media_type="application/json", headers=headers)


def on_unknown_path(request: AnyRequest, error: HTTPException) -> Response[Any]:
    """For what the web framework refuses anywhere: in OpenAI's shape where only its clients ask for such a path."""
    path = request.scope["path"]
    of_the_path = isinstance(error, NotFoundException | MethodNotAllowedException)
    if of_the_path and path.startswith("/v1/") and not path.startswith(_OWN_PATHS):
        return on_error(request, error)
    return replies.on_http_error(request, error)


HANDLERS: ExceptionHandlersMap = {Exception: on_error, EnlargerError: on_error, HTTPException: on_error}
"""How the routes of the OpenAI API answer errors."""


def of_failure(request: AnyRequest, tasks: Sequence[Task]) -> tuple[int, ApiErrorReply]:
    """The status and body for tasks that have failed; the first one's reason is told."""
    failed = next(task for task in tasks if task.state == "fail")
    message, code = failed.fail_message or "", failed.fail_code
    if is_moderated(message, code):
        meaning = _Meaning(400, _REQUEST, "content_policy_violation")
    elif code == "cancelled":
        meaning = _Meaning(409, _REQUEST, "task_cancelled")
    elif code in ("400", "422"):
        meaning = _Meaning(400, _REQUEST, "invalid_value")
    else:
        meaning = _Meaning(500, _SERVER, "task_failed")
    return meaning.status, _about(request, meaning, message, tasks)


def of_unfinished(request: AnyRequest, tasks: Sequence[Task]) -> tuple[int, ApiErrorReply]:
    """The status and body for tasks that go on although their request is waited for no longer."""
    open_ids = ", ".join(task.id for task in tasks if not task.ended)
    if IDEMPOTENCY_KEY in request.headers:
        message = sentence(
            "The pictures are not finished, and the work goes on as {tasks}: send the same request with the same"
            " Idempotency-Key to get them, or ask GET /v1/tasks/ID.",
            tasks=open_ids,
        )
    else:
        message = sentence(
            "The pictures are not finished, and the work goes on as {tasks}: ask GET /v1/tasks/ID for them."
            " The same request would be paid for again; with an Idempotency-Key it would not.",
            tasks=open_ids,
        )
    meaning = _Meaning(504, _SERVER, "task_not_finished")
    return meaning.status, _about(request, meaning, message, tasks)


def _about(request: AnyRequest, meaning: _Meaning, message: str, tasks: Sequence[Task]) -> ApiErrorReply:
    said = localise(message, locale_of(request, request.app.state.service))
    return ApiErrorReply(
        ApiError(message=said, type=meaning.type, code=meaning.code, task_ids=[task.id for task in tasks])
    )


def _may_be_repeated(request: AnyRequest, headers: dict[str, str]) -> bool:
    """Whether the same request cannot be paid for twice: it has a key, or made no task."""
    return request.method == "GET" or IDEMPOTENCY_KEY in request.headers or headers.get(TASK) == NOT_MADE
