"""What the framework cannot derive from a handler's types: refusals, and the schemas of what is no reply."""

from __future__ import annotations

from typing import Any, get_args

from litestar.openapi import ResponseSpec

from enlarger.protocol.records import Envelope, State

REFUSALS = {
    400: "The body is not a JSON object or not a form; a header or parameter is malformed; a file cannot be uploaded.",
    401: "The key is missing or unknown.",
    402: "The account has too few credits; the message has the figures.",
    403: "The link was not made by this service, or the key is not an administrator's.",
    404: "The path, the model, the file or the task does not exist. Under `/api/v1` an unknown task is 422 instead.",
    405: "The path exists, but not with this method.",
    408: "The body arrives too slowly.",
    409: "A request with the same `Idempotency-Key` is being processed; `Retry-After` says when to repeat this one.",
    410: "The link has expired.",
    413: "The body is larger than the route accepts, or the account has too much stored; the message has the limit.",
    416: "The range is outside the file.",
    422: "A field is wrong, and `errors` names it; or the model cannot run here, or the task is unknown.",
    429: "The account or the key has reached its limit on requests or open tasks; `Retry-After` says when to go on.",
    433: "The key has reached its spending cap.",
    455: "Maintenance: no new tasks are accepted. `Retry-After` says when to send the task again.",
    500: "An internal error; the service's log has more.",
    501: "The task has failed, in a reply that waited for its end (`Prefer: wait`).",
    503: "The database or the storage is unavailable or full, or the service is receiving as much as it can hold.",
    505: "The operator has switched the model off.",
}
"""What the status codes of errors mean."""


CALLBACK = "TaskCallback"
_SCHEMAS = "#/components/schemas/"
_TEXT = {"type": "string"}
_TIME = {"type": "integer", "description": "Milliseconds since 1970."}

PATH_PARAMETERS = {
    "task_id": "The task's id.",
    "file_id": "The file's id, the part of its link after `/files/`.",
    "name": "The name of the model or of the file.",
    "path": "A model's id with its slash, then `/schema` or `/price`: `recraft/crisp-upscale/price`.",
}
"""What the parameters in paths are."""


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
        "description": "The last event: the whole record of the ended task, with `at`.",
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
    words = "An earlier request with this Idempotency-Key has created it."
    return {200: ResponseSpec(Envelope[data], description=words, generate_examples=False)}


def refuses(*statuses: int) -> dict[int, ResponseSpec]:
    """With which HTTP statuses a route answers errors."""
    return {
        status: ResponseSpec(Envelope[None], description=REFUSALS[status], generate_examples=False)
        for status in statuses
    }


def unavailable(kind: Any) -> dict[int, ResponseSpec]:
    """That a route answers HTTP 503 with `kind` while something is away."""
    return {503: ResponseSpec(kind, description="Something is unavailable.", generate_examples=False)}
