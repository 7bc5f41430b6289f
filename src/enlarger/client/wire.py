"""Requests to the jobs API and its replies, without the network between them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, BinaryIO
from urllib.parse import quote, urlsplit

import msgspec

from enlarger.client.failures import to_error
from enlarger.errors import InvalidInput, NotFound, ProtocolError, ServiceError, ServiceUnavailable, TaskFailed
from enlarger.protocol.codes import NO_RECORD, OK
from enlarger.protocol.extensions import NOT_MADE, REQUEST_ID, TASK
from enlarger.protocol.refusals import refusal_reason

CREATE_TASK = "/api/v1/jobs/createTask"
QUOTE = "/v1/quote"
_IN_FLIGHT = 409
_BASE = "The base URL may be wrong: check it (KIE_BASE_URL); it is the service's address without /api/v1."
_CODE = re.compile("[0-9]{1,9}", re.ASCII)


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request, apart from the key and whatever else every request carries."""

    method: str
    path: str
    query: Mapping[str, str] = {}
    json: bytes | None = None
    """The body."""
    headers: Mapping[str, str] = {}
    form: Mapping[str, str] = {}
    file: tuple[str, bytes | BinaryIO] | None = None
    """The name and the content of a file, for a multipart form; what is open is read from its start."""
    file_size: int = 0
    upload: bool = False
    """Whether it goes to the host for uploads."""
    timeout: float | None = None
    """Seconds that it may take in all, where that is less than for others."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a request."""

    status_code: int
    """The HTTP status."""
    headers: Mapping[str, str]
    """The headers, whose names may be written in any case."""
    content: bytes = b""
    """The body."""
    too_long: bool = False
    """Whether the body was longer than 64 MB, and so was not read."""

    @property
    def request_id(self) -> str | None:
        """The service's id of the request."""
        return self.headers.get(REQUEST_ID.lower()) or self.headers.get("request-id") or self.headers.get("cf-ray")

    @property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 are replaced."""
        return self.content.decode("utf-8", "replace")


def create_task(model: str, input: Mapping[str, Any], callback_url: str | None, idempotency_key: str) -> Request:
    """`POST /api/v1/jobs/createTask`."""
    body: dict[str, Any] = {"model": model, "input": input}
    if callback_url:
        body["callBackUrl"] = callback_url
    headers = {"Idempotency-Key": idempotency_key}
    return Request(method="POST", path=CREATE_TASK, json=encode(body), headers=headers)


def encode(body: Mapping[str, Any]) -> bytes:
    """A JSON body. Raises InvalidInput for values that JSON does not have."""
    try:
        return json.dumps(body, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(
            "input", f"The input cannot be written as JSON ({error}): give texts, numbers, lists."
        ) from None


def record_info(task_id: str) -> Request:
    """`GET /api/v1/jobs/recordInfo`."""
    return Request(method="GET", path="/api/v1/jobs/recordInfo", query={"taskId": task_id})


def task_path(task_id: str, what: str = "") -> str:
    """The path of one of our own routes about a task."""
    return f"/v1/tasks/{quote(task_id, safe='')}" + (f"/{what}" if what else "")


def read(reply: Reply) -> Any:
    """The `data` of a reply; None where there is none.

    Raises the ServiceError that an HTTP status of 400 or more, or a `code` other than 200, means, and ProtocolError
    for what is not an envelope.
    """
    if reply.too_long:
        raise ProtocolError(
            "The answer is far longer than any of the jobs API",
            code=reply.status_code,
            request_id=reply.request_id,
            remedy=_BASE,
        )
    try:
        envelope = msgspec.json.decode(reply.content)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        if reply.status_code == OK and reply.content.lstrip().startswith(b"{"):
            raise ServiceUnavailable(
                "The answer is cut off", request_id=reply.request_id, remedy="Try again later."
            ) from None
        envelope = None
    if not isinstance(envelope, dict):
        envelope = {}
    code = _read_code(envelope.get("code"))
    message = str(envelope.get("msg") or envelope.get("message") or envelope.get("error") or "")
    if 300 <= reply.status_code < 400:
        error = ServiceError(
            f"The service redirects to {_host(reply.headers.get('location', ''))}",
            code=reply.status_code,
            request_id=reply.request_id,
            remedy="Set the base URL (KIE_BASE_URL) to where it leads.",
        )
        error.refused = refusal_reason(reply.status_code, code, message) is not None
        raise error
    if reply.status_code >= 400 or code not in (OK, None):
        # A body code says more than the status it came with, if it is an error at all.
        meant = code if code not in (OK, None) else reply.status_code
        error = to_error(
            int(meant),
            message,
            enveloped=code is not None,
            request_id=reply.request_id,
            retry_after=reply.headers.get("retry-after"),
            problems=envelope.get("errors"),
        )
        # 409 is our own service's: this request is refused because another one is making the task.
        in_flight = code == _IN_FLIGHT and reply.status_code in (OK, _IN_FLIGHT)
        # What failed at our own service before it had begun says so, even where the code alone leaves it open.
        not_made = reply.headers.get(TASK.lower()) == NOT_MADE
        error.refused = in_flight or not_made or refusal_reason(reply.status_code, code, message) is not None
        raise error
    if code is None:
        raise ProtocolError(
            f"The answer (HTTP {reply.status_code}) {_say_other(reply)}, not the jobs API's.",
            code=reply.status_code,
            request_id=reply.request_id,
            remedy=_BASE,
        )
    return envelope.get("data")


def _say_other(reply: Reply) -> str:
    """What came instead of an envelope."""
    if not reply.content.strip():
        return "is empty"
    if "html" in reply.headers.get("content-type", "") or reply.content.lstrip()[:1] == b"<":
        return "is a web page"
    return "is something else"


def attach(error: ServiceError, reply: Reply | None) -> None:
    """Record on an error which reply it is about, if it has none yet."""
    if reply is None:
        return
    error.response = error.response or reply
    if not isinstance(error, TaskFailed):  # it is about the task, and not about the request that told of it
        error.request_id = error.request_id or error.response.request_id


def _read_code(value: Any) -> int | None:
    text = str(value) if isinstance(value, int | str) else ""
    return int(text) if _CODE.fullmatch(text) else None


def says_no_record(error: NotFound) -> bool:
    """Whether the service knows no such task; a task that was made a moment ago may still come."""
    return NO_RECORD.lower() in error.message.lower()


def _host(url: str) -> str:
    """An address without what may be secret in it."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname}" if parts.hostname else "another path"
    except ValueError:
        return "nowhere"


def field(data: Any, name: str, kind: type[Any], request: str) -> Any:
    """`data[name]`. Raises ProtocolError where it is not there or of another kind."""
    value = data.get(name) if isinstance(data, dict) else None
    if not isinstance(value, kind) or value in ("", b""):
        raise ProtocolError(f"The answer to {request} has no {name}.", remedy="Check the base URL (KIE_BASE_URL).")
    return value
