"""What the framework cannot find out about a route by itself: its parameters, bodies and refusals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

from litestar.openapi import ResponseSpec
from litestar.openapi.spec import (
    Example,
    OpenAPIFormat,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
)

from enlarger.protocol.records import Envelope, State

_TEXT = Schema(type=OpenAPIType.STRING)
_URL = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.URI)
_BYTES = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
_JSON = "application/json"

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


def _object(required: list[str], **properties: Reference | Schema) -> Schema:
    return Schema(type=OpenAPIType.OBJECT, required=required, properties=properties)


def reference(name: str) -> Reference:
    """A schema by its name."""
    return Reference(ref=f"#/components/schemas/{name}")


def _query(name: str, schema: Schema | Reference, description: str) -> Parameter:
    return Parameter(name=name, param_in="query", schema=schema, description=description)


def header(name: str, schema: Schema | Reference, description: str) -> Parameter:
    """A header of a request."""
    return Parameter(name=name, param_in="header", schema=schema, description=description)


def _json_body(name: str, **examples: Any) -> RequestBody:
    media = OpenAPIMediaType(
        schema=reference(name), examples={key: Example(value=value) for key, value in examples.items()}
    )
    return RequestBody(required=True, content={_JSON: media})


CALLBACK = "TaskCallback"
_TIME = Schema(type=OpenAPIType.INTEGER, description="Milliseconds since 1970.")
_PROGRESS = Schema(type=OpenAPIType.INTEGER, description="0 to 100.")
_RECORD = reference("TaskRecord")

SCHEMAS: dict[str, Schema] = {
    "CreateTaskRequest": _object(
        ["model", "input"],
        model=_TEXT,
        input=Schema(type=OpenAPIType.OBJECT, additional_properties=True),
        callBackUrl=_URL,
    ),
    "OlderCreateRequest": _object(["prompt"], prompt=_TEXT, callBackUrl=_URL),
    "Base64UploadRequest": _object(["base64Data"], base64Data=_TEXT, uploadPath=_TEXT, fileName=_TEXT),
    "UrlUploadRequest": _object(["fileUrl"], fileUrl=_URL, uploadPath=_TEXT, fileName=_TEXT),
    "StreamUploadRequest": _object(["file"], file=_BYTES, uploadPath=_TEXT, fileName=_TEXT),
    "DownloadUrlRequest": _object(["url"], url=_URL),
    "HttpStatus": Schema(type=OpenAPIType.STRING, enum=["real"]),
    "TaskState": Schema(type=OpenAPIType.STRING, enum=get_args(State)),
    "TaskEvent": _object(
        ["taskId", "state", "progress", "at"],
        taskId=_TEXT,
        state=reference("TaskState"),
        progress=_PROGRESS,
        at=_TIME,
    ),
    "LastTaskEvent": Schema(
        all_of=[_RECORD, _object(["at"], at=_TIME)], description="The task has ended: the event, and the whole record."
    ),
    "TaskStreamEvent": _object(
        ["id", "event", "data"],
        id=_TEXT,
        event=Schema(type=OpenAPIType.STRING, enum=["task"]),
        data=Schema(
            type=OpenAPIType.STRING,
            content_media_type=_JSON,
            content_schema=Schema(any_of=[reference("TaskEvent"), reference("LastTaskEvent")]),
        ),
    ),
    CALLBACK: _object(
        ["code", "msg", "taskId", "data"],
        code=Schema(type=OpenAPIType.INTEGER, enum=[200, 501], description="501 if the task has failed."),
        msg=_TEXT,
        taskId=_TEXT,
        data=_RECORD,
    ),
}
"""The schemas that the framework cannot derive from a handler's types."""

_CREATE_TASK_BODY = _json_body(
    "CreateTaskRequest",
    upscale={
        "model": "topaz/image-upscale",
        "input": {"image_url": "https://example.com/photo.jpg", "upscale_factor": "2"},
    },
)
_UPLOAD_BODY = RequestBody(
    required=True, content={"multipart/form-data": OpenAPIMediaType(schema=reference("StreamUploadRequest"))}
)

_REAL_STATUS = header("X-Http-Status", reference("HttpStatus"), "`real` answers errors with HTTP statuses, too.")


def answers(kind: Any, description: str, *refusals: int) -> dict[int, ResponseSpec]:
    """What a route answers, for its description only: `kind` with HTTP 200, and with which statuses it refuses.

    `kind` is an envelope. Under `/api/v1` errors are HTTP 200 as well unless a request wants it otherwise; what they
    lack is then `data`.
    """
    return {200: ResponseSpec(kind, description=description, generate_examples=False), **refuses(*refusals)}


def made(kind: Any, description: str, *refusals: int) -> dict[int, ResponseSpec]:
    """As `answers`, for a route that makes something: HTTP 201, and 200 if an earlier request has made it."""
    again = answers(kind, "An earlier request with this Idempotency-Key has made it.", *refusals)
    return {201: ResponseSpec(kind, description=description, generate_examples=False), **again}


def refuses(*statuses: int) -> dict[int, ResponseSpec]:
    """With which HTTP statuses a route answers errors."""
    return {
        status: ResponseSpec(Envelope[None], description=_REFUSALS[status], generate_examples=False)
        for status in statuses
    }


def unavailable(kind: Any) -> dict[int, ResponseSpec]:
    """That a route answers HTTP 503 with `kind` while something is away."""
    return {503: ResponseSpec(kind, description="Something is away.", generate_examples=False)}


@dataclass
class JobsOperation(Operation):
    """A route under `/api/v1`, whose errors a request may want as HTTP statuses."""

    def __post_init__(self) -> None:
        self.parameters = [*(self.parameters or []), _REAL_STATUS]


@dataclass
class QuoteOperation(Operation):
    """A quote reads its body as createTask does."""

    def __post_init__(self) -> None:
        self.request_body = _CREATE_TASK_BODY


@dataclass
class SubmitTaskOperation(Operation):
    """A task's body is read by the handler, because clients send it in many ways."""

    def __post_init__(self) -> None:
        self.request_body = _CREATE_TASK_BODY
        self.parameters = [
            *(self.parameters or []),
            header(
                "Idempotency-Key",
                Schema(type=OpenAPIType.STRING, min_length=1, max_length=255),
                "A request that is sent again with the same key gets the same task (an extension).",
            ),
            header(
                "Prefer",
                _TEXT,
                "`wait=n` answers when the task has ended, with its `record`, or after n seconds, at most 60 (an"
                " extension).",
            ),
        ]


@dataclass
class CreateTaskOperation(SubmitTaskOperation, JobsOperation):
    """createTask, whose errors are HTTP 200 unless a request wants it otherwise."""

    def __post_init__(self) -> None:
        JobsOperation.__post_init__(self)
        SubmitTaskOperation.__post_init__(self)


@dataclass
class OlderCreateOperation(CreateTaskOperation):
    """A route from before createTask: the model's fields stand at the top of the body."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.request_body = _json_body("OlderCreateRequest")


@dataclass
class RecordInfoOperation(JobsOperation):
    """recordInfo reads its parameter itself, to answer in its own words when it is missing."""

    def __post_init__(self) -> None:
        self.parameters = [Parameter(name="taskId", param_in="query", required=True, schema=_TEXT)]
        super().__post_init__()


@dataclass
class UploadOperation(Operation):
    """A multipart form."""

    def __post_init__(self) -> None:
        self.request_body = _UPLOAD_BODY


@dataclass
class Base64UploadOperation(Operation):
    """A file inside JSON."""

    def __post_init__(self) -> None:
        self.request_body = _json_body("Base64UploadRequest")


@dataclass
class UrlUploadOperation(Operation):
    """A file's URL inside JSON."""

    def __post_init__(self) -> None:
        self.request_body = _json_body("UrlUploadRequest")


@dataclass
class DownloadUrlOperation(JobsOperation):
    """A result's URL inside JSON."""

    def __post_init__(self) -> None:
        self.request_body = _json_body("DownloadUrlRequest")
        super().__post_init__()


@dataclass
class ListTasksOperation(Operation):
    """The list reads its parameters itself, to answer in its own words when one is wrong."""

    def __post_init__(self) -> None:
        states = Schema(type=OpenAPIType.ARRAY, items=reference("TaskState"))
        state = _query("state", states, "Only tasks in one of these states.")
        state.style, state.explode = "form", False
        self.parameters = [
            state,
            _query("model", _TEXT, "Only tasks of this model."),
            _query("limit", Schema(type=OpenAPIType.INTEGER, minimum=1, maximum=100, default=20), "Tasks a page."),
            _query("after", _TEXT, "The `next` of the page before."),
        ]


@dataclass
class FollowTaskOperation(Operation):
    """A stream, which the framework cannot describe by itself."""

    def __post_init__(self) -> None:
        number = "The id of the last event that was seen: what came after it is sent."
        self.parameters = [
            *(self.parameters or []),
            header("Last-Event-ID", _TEXT, number),
            _query("lastEventId", _TEXT, "The same, for those who cannot send a header."),
        ]
        stream = "Server-sent events, each as the schema has it; the last one's data is the task's whole record."
        self.responses = {
            **(self.responses or {}),
            "200": OpenAPIResponse(
                description=stream, content={"text/event-stream": OpenAPIMediaType(schema=reference("TaskStreamEvent"))}
            ),
            "204": OpenAPIResponse(description="The task has ended, and its last event was seen."),
        }


@dataclass
class FileOperation(Operation):
    """A stored file, whose kind nobody knows before."""

    def __post_init__(self) -> None:
        self.parameters = [
            *(self.parameters or []),
            _query("expires", _TEXT, "Until when the link is valid."),
            _query("signature", _TEXT, "What makes the link one of the service's."),
            header("Range", _TEXT, "`bytes=first-last`: only a part of the file."),
        ]
        content = {
            kind: OpenAPIMediaType(schema=_BYTES)
            for kind in ("application/octet-stream", "image/*", "video/*", "audio/*")
        }
        self.responses = {
            **(self.responses or {}),
            "200": OpenAPIResponse(description="The file.", content=content),
            "206": OpenAPIResponse(description="The part that was asked for.", content=content),
            "307": OpenAPIResponse(description="The bucket has the file; `Location` is the bucket's own link."),
        }
