"""What the framework cannot derive from a handler's types: refusals, and the schemas of what is no reply."""

from __future__ import annotations

from typing import Any, get_args

from litestar.openapi import ResponseSpec

from enlarger.protocol.records import Envelope, State

_REFUSALS = {
    400: "The request is not what the route takes.",
    401: "No key, or one that is not known.",
    402: "The account has too few credits.",
    403: "The link is not one that the service gave out.",
    404: "There is no such thing here, or no longer.",
    408: "The body arrives too slowly.",
    409: "A request with this Idempotency-Key is being carried out.",
    410: "The link has expired.",
    413: "The body is beyond every limit.",
    416: "The range is outside of the file.",
    422: "A field is wrong; or the task is not known, under `/api/v1`.",
    429: "More than the account or the key may ask for.",
    433: "The key has reached its cap.",
    455: "The service is being maintained; `Retry-After` says when to send the task again.",
    501: "The task has failed, before the answer that was to wait for its end (`Prefer: wait`).",
    503: "The service, its database or its storage is full or does not work now; `Retry-After` says when to ask again.",
    505: "The model is switched off at this service.",
}


CALLBACK = "TaskCallback"
_SCHEMAS = "#/components/schemas/"
_TEXT = {"type": "string"}
_TIME = {"type": "integer", "description": "Milliseconds since 1970."}


def reference(name: str) -> dict[str, str]:
    """A schema by its name, as JSON has it."""
    return {"$ref": _SCHEMAS + name}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    """The schema of a JSON object that has all of these properties."""
    return {"type": "object", "required": list(properties), "properties": properties}


SCHEMAS: dict[str, dict[str, Any]] = {
    "HttpStatus": {"type": "string", "enum": ["real"]},
    "TaskState": {"type": "string", "enum": list(get_args(State))},
    "TaskEvent": _object(
        taskId=_TEXT,
        state=reference("TaskState"),
        progress={"type": "integer", "description": "0 to 100."},
        at=_TIME,
    ),
    "LastTaskEvent": {
        "allOf": [reference("TaskRecord"), _object(at=_TIME)],
        "description": "The task has ended: the event, and the whole record.",
    },
    "TaskStreamEvent": _object(
        id=_TEXT,
        event={"type": "string", "enum": ["task"]},
        data={
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {"anyOf": [reference("TaskEvent"), reference("LastTaskEvent")]},
        },
    ),
    CALLBACK: _object(
        code={"type": "integer", "enum": [200, 501], "description": "501 if the task has failed."},
        msg=_TEXT,
        taskId=_TEXT,
        data=reference("TaskRecord"),
    ),
}


def repeated(data: Any) -> dict[int, ResponseSpec]:
    """The response of a route that creates something, if an earlier request has created it: HTTP 200."""
    words = "An earlier request with this Idempotency-Key has made it."
    return {200: ResponseSpec(Envelope[data], description=words, generate_examples=False)}


def refuses(*statuses: int) -> dict[int, ResponseSpec]:
    """With which HTTP statuses a route answers errors."""
    return {
        status: ResponseSpec(Envelope[None], description=_REFUSALS[status], generate_examples=False)
        for status in statuses
    }


def unavailable(kind: Any) -> dict[int, ResponseSpec]:
    """That a route answers HTTP 503 with `kind` while something is away."""
    return {503: ResponseSpec(kind, description="Something is away.", generate_examples=False)}
