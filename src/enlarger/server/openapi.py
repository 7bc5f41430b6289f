"""The API's description, and the page that shows it; everything the page needs comes from this machine."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, get_args

from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import SwaggerRenderPlugin
from litestar.openapi.spec import (
    Components,
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
    SecurityScheme,
)
from litestar.router import Router
from litestar.static_files import create_static_files_router

from enlarger import __version__
from enlarger.protocol.records import State

_ASSETS = "/docs-assets"
_TEXT = Schema(type=OpenAPIType.STRING)
_URL = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.URI)

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
        "application/json": OpenAPIMediaType(
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
                ["file", "uploadPath"],
                file=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY),
                uploadPath=_TEXT,
                fileName=_TEXT,
            )
        )
    },
)
_STATE = Schema(type=OpenAPIType.STRING, enum=get_args(State))


def _json_body(required: list[str], **properties: Schema) -> RequestBody:
    schema = _object(required, **properties)
    return RequestBody(required=True, content={"application/json": OpenAPIMediaType(schema=schema)})


def _query(name: str, schema: Schema, description: str) -> Parameter:
    return Parameter(name=name, param_in="query", schema=schema, description=description)


def answers(kind: Any, description: str) -> dict[int, ResponseSpec]:
    """What a route answers with HTTP 200: for its description only."""
    return {200: ResponseSpec(kind, description=description, generate_examples=False)}


@dataclass
class CreateTaskOperation(Operation):
    """createTask reads its body itself, because clients send it in many ways."""

    def __post_init__(self) -> None:
        self.request_body = _CREATE_TASK_BODY
        self.parameters = [
            Parameter(
                name="Idempotency-Key",
                param_in="header",
                schema=_TEXT,
                description="A request that is sent again with the same key gets the same task (an extension).",
            )
        ]


@dataclass
class RecordInfoOperation(Operation):
    """recordInfo reads its parameter itself, to answer in its own words when it is missing."""

    def __post_init__(self) -> None:
        self.parameters = [Parameter(name="taskId", param_in="query", required=True, schema=_TEXT)]


@dataclass
class UploadOperation(Operation):
    """A multipart form."""

    def __post_init__(self) -> None:
        self.request_body = _UPLOAD_BODY


@dataclass
class Base64UploadOperation(Operation):
    """A file inside JSON."""

    def __post_init__(self) -> None:
        self.request_body = _json_body(["base64Data", "uploadPath"], base64Data=_TEXT, uploadPath=_TEXT, fileName=_TEXT)


@dataclass
class UrlUploadOperation(Operation):
    """A file's URL inside JSON."""

    def __post_init__(self) -> None:
        self.request_body = _json_body(["fileUrl", "uploadPath"], fileUrl=_URL, uploadPath=_TEXT, fileName=_TEXT)


@dataclass
class DownloadUrlOperation(Operation):
    """A result's URL inside JSON."""

    def __post_init__(self) -> None:
        self.request_body = _json_body(["url"], url=_URL)


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
            Parameter(name="Last-Event-ID", param_in="header", schema=_TEXT, description=number),
            _query("lastEventId", _TEXT, "The same, for those who cannot send a header."),
        ]
        stream = "Server-sent events named `task`; the last one has the task's whole record."
        self.responses = {
            "200": OpenAPIResponse(description=stream, content={"text/event-stream": OpenAPIMediaType(schema=_TEXT)}),
            "204": OpenAPIResponse(description="The task has ended, and its last event was seen."),
        }


def openapi_config() -> OpenAPIConfig:
    """`/docs` shows the page, `/docs/openapi.json` is the description."""
    return OpenAPIConfig(
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
