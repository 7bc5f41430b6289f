"""Checks requests to `/mcp` before the SDK sees them, and refuses wrong ones with a JSON-RPC error in one sentence.

The SDK answers many of them with bare text, or with its validator's messages for programmers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request
from litestar.types import Receive, Scope, Send

from enlarger.catalog.messages import localise
from enlarger.errors import InvalidRequest
from enlarger.protocol.json_body import decode_json
from enlarger.server.bodies import AnyRequest
from enlarger.server.request_log import note
from enlarger.server.requests import locale_of
from enlarger.translatable import Sentence, sentence

MOST_BODY_BYTES = 4_000_000
"""Of a request; a larger picture is uploaded first."""
_PARSE_ERROR, _INVALID_REQUEST, _INVALID_PARAMS = -32700, -32600, -32602
_JSON, _EVENTS = "application/json", "text/event-stream"


class Refusal(Exception):
    """The request is not a message of the protocol."""

    def __init__(self, status: int, message: Sentence, *, code: int = _INVALID_REQUEST, id: object = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.id = id
        """Of the message that is refused, where it has one."""


async def read_message(scope: Scope, receive: Receive) -> Receive:
    """Read the whole request; returns a `receive` that replays it. Raises Refusal."""
    request: AnyRequest = Request(scope)
    _check_headers(request)
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and len(announced) < 19 and int(announced) > MOST_BODY_BYTES:
        raise _too_large()
    body = bytearray()
    while True:
        event: Any = await receive()
        body += event.get("body", b"")
        if len(body) > MOST_BODY_BYTES:
            raise _too_large()
        if event["type"] != "http.request" or not event.get("more_body", False):
            break
    if event["type"] == "http.request":
        _check_message(bytes(body))
        event = {"type": "http.request", "body": bytes(body), "more_body": False}
    waiting = [event]

    async def again() -> Any:
        return waiting.pop() if waiting else await receive()

    return again


async def refuse(scope: Scope, send: Send, refusal: Refusal) -> None:
    """Answer a request that is refused, in its sender's language."""
    request: AnyRequest = Request(scope)
    note(request, code=refusal.status)
    message = localise(refusal.message, locale_of(request, request.app.state.service))
    error = {"code": refusal.code, "message": message}
    body = msgspec.json.encode({"jsonrpc": "2.0", "id": refusal.id, "error": error})
    headers = [(b"content-type", _JSON.encode()), (b"content-length", str(len(body)).encode())]
    if refusal.status == 405:
        headers.append((b"allow", b"POST"))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _check_headers(request: AnyRequest) -> None:
    if request.method != "POST":
        message = sentence(
            "{method} is not allowed at {path}: send each JSON-RPC message by POST.",
            method=request.method, path="/mcp",
        )  # fmt: skip
        raise Refusal(405, message)
    if _types(request.headers.get("content-type")) != [_JSON]:
        raise Refusal(415, sentence("The Content-Type must be {type}.", type=_JSON))
    accepted = set(_types(request.headers.get("accept")))
    if not (accepted & {_JSON, "application/*", "*/*"} and accepted & {_EVENTS, "text/*", "*/*"}):
        raise Refusal(406, sentence("The Accept header must have {types}.", types=f"{_JSON}, {_EVENTS}"))


def _types(header: str | None) -> list[str]:
    """The media types that a header lists, without their parameters."""
    return [part.partition(";")[0].strip().lower() for part in (header or "").split(",")]


def _too_large() -> Refusal:
    return Refusal(
        413,
        sentence(
            "The request body is larger than {most} MB: upload large files first, and give the tools their URLs.",
            most=MOST_BODY_BYTES // 1_000_000,
        ),
    )


def _check_message(body: bytes) -> None:
    try:
        message = decode_json(body)
    except InvalidRequest as error:
        raise Refusal(400, error.args[0]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal(400, sentence("The body is not valid JSON."), code=_PARSE_ERROR) from None
    if not isinstance(message, Mapping):
        raise Refusal(400, sentence("The body must be one JSON-RPC message, a JSON object; batches are not accepted."))
    id = message.get("id")
    if not isinstance(id, str | int) or isinstance(id, bool):
        if "id" in message:
            raise Refusal(400, sentence("The field '{field}' must be text or a whole number.", field="id"))
        id = None
    if message.get("jsonrpc") != "2.0":
        raise Refusal(400, sentence("The field '{field}' must be {value}.", field="jsonrpc", value='"2.0"'), id=id)
    method, params = message.get("method"), message.get("params", {})
    if not isinstance(method, str):
        raise Refusal(400, sentence("The field '{field}' must be text.", field="method"), id=id)
    if not isinstance(params, Mapping):
        raise _wrong_params(sentence("The field '{field}' must be a JSON object.", field="params"), id)
    if method == "tools/call":
        if not isinstance(params.get("name"), str):
            raise _wrong_params(sentence("The field '{field}' must be text.", field="params.name"), id)
        if not isinstance(params.get("arguments") or {}, Mapping):
            raise _wrong_params(sentence("The field '{field}' must be a JSON object.", field="params.arguments"), id)


def _wrong_params(message: Sentence, id: object) -> Refusal:
    return Refusal(400, message, code=_INVALID_PARAMS, id=id)
