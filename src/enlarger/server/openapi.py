"""The API's description, and the page that shows it; everything the page needs comes from this machine."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import SwaggerRenderPlugin
from litestar.openapi.spec import (
    Components,
    Example,
    OpenAPIFormat,
    OpenAPIMediaType,
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

_ASSETS = "/docs-assets"
_TEXT = Schema(type=OpenAPIType.STRING)

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
                callBackUrl=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.URI),
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
