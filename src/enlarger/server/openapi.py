"""The API's description, and the page that shows it; everything the page needs comes from this machine."""

from __future__ import annotations

from dataclasses import dataclass, fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any, get_args

from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import SwaggerRenderPlugin
from litestar.openapi.spec import (
    Components,
    Example,
    OpenAPI,
    OpenAPIFormat,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
    SecurityScheme,
)
from litestar.router import Router
from litestar.static_files import create_static_files_router

from enlarger import __version__
from enlarger.protocol.records import Envelope, State

_ASSETS = "/docs-assets"
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
    422: "A field is wrong, or the task is not known.",
    429: "More than the account or the key may ask for.",
    433: "The key has reached its cap.",
    455: "The service is being maintained; `Retry-After` says when to send the task again.",
    501: "The task has failed, before the answer that was to wait for its end (`Prefer: wait`).",
    503: "The service, its database or its storage is full or does not work now; `Retry-After` says when to ask again.",
    505: "The model is switched off at this service.",
}

_ABOUT = """\
Enlarger speaks the KIE jobs API: existing clients work by changing their base URL. Under `/api/v1` errors are HTTP 200
with the error in the body's `code`; send `X-Http-Status: real` to get HTTP statuses instead. Routes under `/v1` are
Enlarger's own.
"""


def _object(required: list[str], **properties: Reference | Schema) -> Schema:
    return Schema(type=OpenAPIType.OBJECT, required=required, properties=properties)


_CREATE_TASK_BODY = RequestBody(
    required=True,
    content={
        _JSON: OpenAPIMediaType(
            schema=_object(
                ["model", "input"],
                model=_TEXT,
                input=Schema(type=OpenAPIType.OBJECT, additional_properties=True),
                callBackUrl=_URL,
            ),
            examples={
                "upscale": Example(
                    value={
                        "model": "topaz/image-upscale",
                        "input": {"image_url": "https://example.com/photo.jpg", "upscale_factor": "2"},
                    }
                )
            },
        )
    },
)
_UPLOAD_BODY = RequestBody(
    required=True,
    content={
        "multipart/form-data": OpenAPIMediaType(
            schema=_object(
                ["file"],
                file=_BYTES,
                uploadPath=_TEXT,
                fileName=_TEXT,
            )
        )
    },
)
_STATE = Schema(type=OpenAPIType.STRING, enum=get_args(State))
_EVENT = _object(
    ["id", "event", "data"],
    id=_TEXT,
    event=Schema(type=OpenAPIType.STRING, enum=["task"]),
    data=Schema(
        type=OpenAPIType.STRING,
        content_media_type=_JSON,
        content_schema=_object(
            ["taskId", "state", "progress", "at"],
            taskId=_TEXT,
            state=_STATE,
            progress=Schema(type=OpenAPIType.INTEGER, minimum=0, maximum=100),
            at=Schema(type=OpenAPIType.INTEGER),
        ),
    ),
)


def _json_body(required: list[str], **properties: Schema) -> RequestBody:
    schema = _object(required, **properties)
    return RequestBody(required=True, content={_JSON: OpenAPIMediaType(schema=schema)})


def _query(name: str, schema: Schema, description: str) -> Parameter:
    return Parameter(name=name, param_in="query", schema=schema, description=description)


def _header(name: str, schema: Schema, description: str) -> Parameter:
    return Parameter(name=name, param_in="header", schema=schema, description=description)


_REAL_STATUS = _header(
    "X-Http-Status", Schema(type=OpenAPIType.STRING, enum=["real"]), "`real` answers errors with HTTP statuses, too."
)


def answers(kind: Any, description: str, *refusals: int) -> dict[int, ResponseSpec]:
    """What a route answers, for its description only: `kind` with HTTP 200, and with which statuses it refuses.

    `kind` is an envelope. Under `/api/v1` errors are HTTP 200 as well unless a request wants it otherwise; what they
    lack is then `data`.
    """
    return {200: ResponseSpec(kind, description=description, generate_examples=False), **refuses(*refusals)}


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
class CreateTaskOperation(JobsOperation):
    """createTask reads its body itself, because clients send it in many ways."""

    def __post_init__(self) -> None:
        self.request_body = _CREATE_TASK_BODY
        self.parameters = [
            _header(
                "Idempotency-Key",
                Schema(type=OpenAPIType.STRING, min_length=1, max_length=255),
                "A request that is sent again with the same key gets the same task (an extension).",
            ),
            _header(
                "Prefer",
                _TEXT,
                "`wait=n` answers when the task has ended, with its `record`, or after n seconds, at most 60 (an"
                " extension).",
            ),
        ]
        super().__post_init__()


@dataclass
class OlderCreateOperation(CreateTaskOperation):
    """A route from before createTask: the model's fields stand at the top of the body."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.request_body = _json_body(["prompt"], prompt=_TEXT, callBackUrl=_URL)


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
        self.request_body = _json_body(["base64Data"], base64Data=_TEXT, uploadPath=_TEXT, fileName=_TEXT)


@dataclass
class UrlUploadOperation(Operation):
    """A file's URL inside JSON."""

    def __post_init__(self) -> None:
        self.request_body = _json_body(["fileUrl"], fileUrl=_URL, uploadPath=_TEXT, fileName=_TEXT)


@dataclass
class DownloadUrlOperation(JobsOperation):
    """A result's URL inside JSON."""

    def __post_init__(self) -> None:
        self.request_body = _json_body(["url"], url=_URL)
        super().__post_init__()


@dataclass
class ListTasksOperation(Operation):
    """The list reads its parameters itself, to answer in its own words when one is wrong."""

    def __post_init__(self) -> None:
        states = Schema(type=OpenAPIType.ARRAY, items=_STATE)
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
            _header("Last-Event-ID", _TEXT, number),
            _query("lastEventId", _TEXT, "The same, for those who cannot send a header."),
        ]
        stream = "Server-sent events, each as the schema has it; the last one's data is the task's whole record."
        self.responses = {
            **(self.responses or {}),
            "200": OpenAPIResponse(description=stream, content={"text/event-stream": OpenAPIMediaType(schema=_EVENT)}),
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
            _header("Range", _TEXT, "`bytes=first-last`: only a part of the file."),
        ]
        content = {kind: OpenAPIMediaType(schema=_BYTES) for kind in ("image/*", "video/*", "audio/*")}
        self.responses = {
            **(self.responses or {}),
            "200": OpenAPIResponse(description="The file.", content=content),
            "206": OpenAPIResponse(description="The part that was asked for.", content=content),
            "307": OpenAPIResponse(description="The bucket has the file; `Location` is the bucket's own link."),
        }


@dataclass
class _Description(OpenAPI):
    """What the framework says, with the alternatives put right that exclude each other only in its words."""

    def to_schema(self) -> dict[str, Any]:
        """The description as JSON has it."""
        schema = super().to_schema()
        _part_alternatives(schema)
        return schema


def _part_alternatives(part: Any) -> None:
    """Leave one of those alternatives that would fit the same value: `oneOf` wants exactly one to fit."""
    if isinstance(part, list):
        for item in part:
            _part_alternatives(item)
    if not isinstance(part, dict):
        return
    kinds = part.get("oneOf", [])
    for wider, narrower in (({"type": "number"}, {"type": "integer"}), ({"type": "null"}, {})):
        if wider in kinds and narrower in kinds:
            kinds.remove(narrower)
    for item in part.values():
        _part_alternatives(item)


@dataclass
class _Config(OpenAPIConfig):
    def to_openapi_schema(self) -> OpenAPI:
        plain = super().to_openapi_schema()
        return _Description(**{field.name: getattr(plain, field.name) for field in fields(plain)})


def openapi_config() -> OpenAPIConfig:
    """`/docs` shows the page, `/docs/openapi.json` is the description."""
    return _Config(
        title="Enlarger",
        version=__version__,
        description=_ABOUT,
        path="/docs",
        components=Components(security_schemes={"key": SecurityScheme(type="http", scheme="bearer")}),
        security=[{"key": []}],
        render_plugins=[
            SwaggerRenderPlugin(
                path="/",
                js_url=f"{_ASSETS}/swagger-ui-bundle.js",
                css_url=f"{_ASSETS}/swagger-ui.css",
                standalone_preset_js_url=f"{_ASSETS}/swagger-ui-standalone-preset.js",
                favicon=f'<link rel="icon" href="{_ASSETS}/favicon-32x32.png">',
            )
        ],
    )


def openapi_assets() -> Router:
    """Swagger UI's files, out of the `swagger-ui-py` package."""
    spec = find_spec("swagger_ui")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    folder = Path(spec.submodule_search_locations[0]) / "static"
    return create_static_files_router(path=_ASSETS, directories=[folder], include_in_schema=False)
