"""Answers: the envelope around everything, and what errors become, in one place.

Under `/api/v1` an error is HTTP 200 with the error in the body's `code`, as the hosted service does it, unless
`ENLARGER_HTTP_STATUS=real` or the request's `X-Http-Status: real` asks for HTTP statuses. Elsewhere the HTTP status
is always the real one. Every reply has both `msg` and `message`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
)
from litestar.exceptions.http_exceptions import RequestEntityTooLarge

from enlarger.catalog.messages import localise
from enlarger.errors import EnlargerError, InvalidInput, UnknownTask
from enlarger.protocol.codes import (
    GENERATION_FAILED,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    OK,
    SERVER_ERROR,
    UNAUTHORIZED,
)
from enlarger.protocol.extensions import NOT_MADE, TASK
from enlarger.protocol.records import Data, Envelope, Problem
from enlarger.server.dependencies import Service
from enlarger.server.moved import say_model
from enlarger.server.request_log import note
from enlarger.server.requests import locale_of
from enlarger.translatable import sentence

REPLAYED = "Idempotent-Replayed"
"""The header of an answer about a task that an earlier request has made."""

_MEDIA_TYPE = "application/json;charset=UTF-8"
_JOBS_API = "/api/v1/"
_UPLOADS = "/api/file-"
CREATE_PATH = f"{_JOBS_API}jobs/createTask"
TASKS = "/v1/tasks"
IMAGES = "/v1/images/"
"""What the paths of the OpenAI images API begin with."""
_BEGUN = "enlarger_task_begun"

Reply: TypeAlias = Response[Envelope[Data]]

_log = structlog.get_logger("enlarger.server")


def success(data: Data, *, message: str = "success", headers: dict[str, str] | None = None) -> Reply[Data]:
    """The answer to a request that was carried out."""
    return _reply(Envelope(code=OK, msg=message, message=message, data=data), headers=headers)


def generation_failed(
    request: Request[Any, Any, Any], data: Data, message: str, *, headers: dict[str, str] | None = None
) -> Reply[Data]:
    """The answer that waited for a task's end, a bad one."""
    note(request, code=GENERATION_FAILED)
    envelope = Envelope(code=GENERATION_FAILED, msg=message, message=message, data=data)
    return _reply(envelope, status=GENERATION_FAILED if _wants_real_status(request) else OK, headers=headers)


def uploaded(data: Data) -> Reply[Data]:
    """The answer to an upload."""
    message = "File uploaded successfully"
    return _reply(Envelope(success=True, code=OK, msg=message, message=message, data=data))


def failure(
    request: Request[Any, Any, Any],
    code: int,
    message: str,
    faults: Sequence[tuple[str, str, str]] = (),
    *,
    status: int | None = None,
) -> Reply[None]:
    """The answer to a request that was refused; `faults` are an input's, as field, code and message.

    `status` is the real HTTP status where it is not the code.
    """
    note(request, code=code)
    message = _in_language(request, message)
    path = request.scope["path"]
    upload = path.startswith(_UPLOADS)
    envelope = Envelope[None](
        success=False if upload else None,
        code=code,
        msg=message,
        message=message,
        data=msgspec.UNSET if upload or code == UNAUTHORIZED else None,
        errors=[Problem(field, code, _in_language(request, words)) for field, code, words in faults],
    )
    real = status or (code if 400 <= code < 600 else SERVER_ERROR)
    makes_tasks = request.scope["method"] == "POST" and (path in (CREATE_PATH, TASKS) or path.startswith(IMAGES))
    not_made = makes_tasks and not request.scope.get("state", {}).get(_BEGUN)
    headers = {TASK: NOT_MADE} if not_made else None
    return _reply(envelope, status=real if _wants_real_status(request) else OK, headers=headers)


def task_begins(request: Request[Any, Any, Any]) -> None:
    """Note that the task is being stored: an error from now on does not prove that there is none."""
    request.scope["state"][_BEGUN] = True


def on_known_error(request: Request[Any, Any, Any], error: EnlargerError) -> Reply[None]:
    """For errors that are raised on purpose."""
    if error.code >= SERVER_ERROR and not isinstance(error, InvalidInput):
        _log.error("request_failed", route=request.scope.get("path_template"), reason=str(error))
    faults = error.faults if isinstance(error, InvalidInput) else ()
    own = not request.scope["path"].startswith(_JOBS_API)
    status = NOT_FOUND if own and isinstance(error, UnknownTask) else None  # the hosted service's code for it is 422
    reply = failure(request, error.code, error.args[0] if error.args else str(error), faults, status=status)
    if retry_after := getattr(error, "retry_after", None):
        reply.set_header("Retry-After", str(math.ceil(retry_after)))
    return reply


def on_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Reply[None] | Response[dict[str, Any]]:
    """For what the web framework refuses by itself: unknown paths, wrong methods, bodies beyond the limit."""
    if isinstance(error, NotFoundException):
        return _not_found(request)
    if isinstance(error, MethodNotAllowedException):
        words = sentence("{method} is not allowed here: see /docs for the methods.", method=request.method)
        return failure(request, METHOD_NOT_ALLOWED, words)
    if isinstance(error, RequestEntityTooLarge):
        most = _say_bytes(request.route_handler.resolve_request_max_body_size() or 0)
        words = sentence("The request body is larger than the {most} that this route accepts.", most=most)
        return failure(request, error.status_code, words)
    if error.status_code >= SERVER_ERROR:
        return on_unexpected_error(request, error)
    reply = failure(request, error.status_code, error.detail or sentence("The request cannot be read."))
    for name, value in (error.headers or {}).items():
        reply.set_header(name, value)
    return reply


def on_unexpected_error(request: Request[Any, Any, Any], error: Exception) -> Reply[None]:
    """For faults of ours: the log has the details, the answer does not."""
    _log.exception("request_crashed", route=request.scope.get("path_template"), exc_info=error)
    return failure(request, SERVER_ERROR, sentence("Internal error: the service's log has more."))


def _in_language(request: Request[Any, Any, Any], message: str) -> str:
    return localise(message, locale_of(request, request.app.state.service))


def _say_bytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{size // 1000} kB"


def _not_found(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """An unknown path is a real HTTP 404; the hosted service's own fields for it come with the envelope's."""
    path = request.scope["path"]
    nothing = sentence("There is nothing at {path}: see /docs for the routes.", path=path)
    message = _in_language(request, say_model(path) or nothing)
    body = {"code": NOT_FOUND, "msg": message, "message": message, "data": None}
    body |= {"status": NOT_FOUND, "error": "Not Found", "path": path}
    return Response(body, status_code=NOT_FOUND, media_type=_MEDIA_TYPE)


def _wants_real_status(request: Request[Any, Any, Any]) -> bool:
    service: Service = request.app.state.service
    asked = service.settings.http_status == "real" or request.headers.get("x-http-status", "").lower() == "real"
    return asked or not request.scope["path"].startswith(_JOBS_API)


def _reply(envelope: Envelope[Data], *, status: int = OK, headers: dict[str, str] | None = None) -> Reply[Data]:
    return Response(envelope, status_code=status, media_type=_MEDIA_TYPE, headers=headers)
