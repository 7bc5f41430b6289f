"""The API's description as a whole, and the page that shows it; everything the page needs comes from this machine.

Clients are generated from the description, so its names are short and stable: an operation is named after its handler,
and an envelope around a `CreatedTask` is a `CreatedTaskReply`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, fields
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, get_args

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import SwaggerRenderPlugin
from litestar.openapi.spec import (
    Components,
    OpenAPI,
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    PathItem,
    Reference,
    RequestBody,
    Schema,
    SecurityScheme,
)
from litestar.router import Router
from litestar.static_files import create_static_files_router
from litestar.types import Method

from enlarger._version import __version__
from enlarger.protocol import extensions, signatures
from enlarger.protocol.prefer import PREFERENCE_APPLIED
from enlarger.protocol.records import State
from enlarger.server.access import PUBLIC
from enlarger.server.bodies import AnyRequest
from enlarger.server.examples import read_examples
from enlarger.server.field_docs import describe_fields
from enlarger.server.openapi import CALLBACK, PATH_PARAMETERS, SCHEMAS, reference
from enlarger.server.parameters import TakingOperation
from enlarger.server.replies import REPLAYED

_ASSETS = "/docs-assets"
_ENVELOPE = re.compile(r"Envelope_(?:[a-z.]+\.)?([A-Za-z]+)(_.*)?_$")
_REPLIES = {"NoneType": "RefusalReply", "float": "CreditReply", "str": "TextReply", "dict": "OlderRecordReply"}
_COMPONENTS = "#/components/"
_TRY_LATER = ("409", "429", "455", "503")
_ABOUT = """\
Enlarger speaks the KIE jobs API: existing clients work after changing their base URL. Under `/api/v1` errors are HTTP
200 with the error in the body's `code`; send `X-Http-Status: real` to get HTTP statuses instead. Routes under `/v1` are
Enlarger's own and always use real statuses: `POST /v1/tasks` and `GET /v1/tasks/{task_id}` are all that a new client
needs.
"""

_HEADERS = {
    extensions.HEADER: "What the service supports besides the jobs API, separated by commas.",
    extensions.REQUEST_ID: "The request's id, which is also in the service's log.",
    "Retry-After": "Seconds after which to send the request again.",
    REPLAYED: "`true` if an earlier request with this Idempotency-Key has created the task.",
    PREFERENCE_APPLIED: "`wait` if the reply has waited for the task's end.",
    "Location": "The task's own route, `/v1/tasks/{task_id}`.",
}
_NEW_TASK = f"{_COMPONENTS}schemas/CreatedTaskReply"
_JOBS_API = "/api/v1/"
_REAL_STATUS = {
    "name": "X-Http-Status",
    "in": "header",
    "required": False,
    "schema": reference("HttpStatus"),
    "description": "`real`: errors have their HTTP status as well.",
}
_OF_NEW_TASKS = ("Location", REPLAYED, PREFERENCE_APPLIED)

_SIGNED = {
    signatures.TASK_TIMESTAMP: "When the callback was sent, in seconds since 1970.",
    signatures.TASK_SIGNATURE: "base64(HMAC-SHA256(`taskId.timestamp`)), as the hosted service signs.",
    signatures.BODY_ID: "The same in every delivery of one task's callback: deduplicate by it.",
    signatures.BODY_TIMESTAMP: "When the callback was sent, in seconds since 1970.",
    signatures.BODY_SIGNATURE: "The signature over the whole body, as Standard Webhooks has it.",
}
_CALLBACK = Reference(reference(CALLBACK)["$ref"])
_TASK_ENDED = PathItem(
    post=Operation(
        operation_id="taskEnded",
        tags=["Tasks"],
        summary="A task has ended",
        description="Sent to the task's `callBackUrl` until the receiver answers 2xx, for about 75 hours.",
        parameters=[
            Parameter(name=name, param_in="header", schema=Schema(type=OpenAPIType.STRING), description=text)
            for name, text in _SIGNED.items()
        ],
        request_body=RequestBody(required=True, content={"application/json": OpenAPIMediaType(_CALLBACK)}),
        responses={"200": OpenAPIResponse(description="The callback is delivered, and not sent again.")},
    )
)


@dataclass
class _Document(OpenAPI):
    """The framework's description, with short names, headers, and alternatives that exclude each other."""

    def to_schema(self) -> dict[str, Any]:
        """The description as JSON has it."""
        schema = super().to_schema()
        schemas = schema["components"]["schemas"]
        schemas |= _describe_bodies(self.paths or {}) | deepcopy(SCHEMAS)
        _part_alternatives(schema)
        _shorten_names(schema)
        schema |= _share_states(schema)
        schema["components"]["schemas"]["TaskState"] = SCHEMAS["TaskState"]
        describe_fields(schema["components"]["schemas"])
        _finish_routes(schema)
        _add_examples(schema)
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


def _shorten_names(document: dict[str, Any]) -> None:
    """Give envelopes the names of what is in them."""
    schemas = document["components"]["schemas"]
    names = {name: _short(name) for name in schemas}
    assert len(set(names.values())) == len(names), "two schemas have one name"
    for name, schema in schemas.items():
        schema["title"] = names[name]
    document["components"]["schemas"] = dict(sorted((names[name], schema) for name, schema in schemas.items()))
    _refer(document, {f"{_COMPONENTS}schemas/{name}": f"{_COMPONENTS}schemas/{short}" for name, short in names.items()})


def _short(name: str) -> str:
    found = _ENVELOPE.fullmatch(name)
    return name if found is None else _REPLIES.get(found[1], f"{found[1]}Reply")


def _refer(part: Any, names: dict[str, str]) -> None:
    if isinstance(part, list):
        for item in part:
            _refer(item, names)
    if isinstance(part, dict):
        if "$ref" in part:
            part["$ref"] = names.get(part["$ref"], part["$ref"])
        for item in part.values():
            _refer(item, names)


def _describe_bodies(paths: Mapping[str, PathItem]) -> dict[str, Any]:
    """The schemas of the bodies that routes take."""
    operations = [operation for item in paths.values() for operation in (item.post, item.put, item.patch)]
    bodies = {one.body for one in operations if isinstance(one, TakingOperation) and one.body is not None}
    _, schemas = msgspec.json.schema_components(bodies)
    for schema in schemas.values():
        for field in schema["properties"].values():
            field.pop("default", None)  # generators take what has a default for what is always sent
    return schemas


def _share_states(part: Any) -> Any:
    """The same, with a reference to one schema wherever a task's state is described."""
    if isinstance(part, list):
        return [_share_states(item) for item in part]
    if not isinstance(part, dict):
        return part
    if set(part.get("enum", ())) == set(get_args(State)):
        return reference("TaskState")
    return {name: _share_states(item) for name, item in part.items()}


def _place(path: str, parameter: dict[str, Any]) -> int:
    """Sort a path's parameters as they stand there, before all others: the framework has them in the order of a set."""
    place = path.find(f"{{{parameter['name']}}}")
    return place if place >= 0 else len(path)


def _finish_routes(document: dict[str, Any]) -> None:
    """Add which routes need no key, where real statuses can be requested, and which response headers there are."""
    for path, item in document["paths"].items():
        for operation in item.values():
            operation.get("parameters", []).sort(key=partial(_place, path))
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path":
                    parameter["description"] = PATH_PARAMETERS[parameter["name"]]
            if path in PUBLIC:
                operation["security"] = [{}]
            if path.startswith(_JOBS_API):
                operation["parameters"] = [*operation.get("parameters", []), _REAL_STATUS]
            for status, response in operation["responses"].items():
                names = [extensions.HEADER, extensions.REQUEST_ID]
                names += ["Retry-After"] if status in _TRY_LATER else []
                names += _OF_NEW_TASKS if _schema_of(response) == _NEW_TASK else []
                response["headers"] = {name: {"$ref": f"{_COMPONENTS}headers/{name}"} for name in names}


def _add_examples(document: dict[str, Any]) -> None:
    """Add recorded replies to the responses that they are examples of."""
    operations = {one["operationId"]: one for item in document["paths"].values() for one in item.values()}
    for example in read_examples():
        responses = operations[example.operation]["responses"] if example.operation else {}
        media = responses.get(str(example.status), {}).get("content", {}).get("application/json")
        if media is not None and example.json is not None:
            media.setdefault("examples", {})[example.title or "Example"] = {"value": example.json}


def _schema_of(response: dict[str, Any]) -> str | None:
    """The reference to the schema of a JSON reply; None for other replies."""
    media = response.get("content", {}).get("application/json", {})
    reference: str | None = media.get("schema", {}).get("$ref")
    return reference


@dataclass
class _Config(OpenAPIConfig):
    def to_openapi_schema(self) -> OpenAPI:
        plain = super().to_openapi_schema()
        return _Document(**{field.name: getattr(plain, field.name) for field in fields(plain)})


def _operation_id(handler: HTTPRouteHandler, method: Method, _: Any) -> str:
    """`createTask` for `create_task`; the method is part of the name only if a handler has several."""
    first, *others = handler.handler_name.split("_")
    if len(handler.http_methods) > 1 and method == "HEAD":
        first = "head"
    return first + "".join(map(str.capitalize, others))


def openapi_config() -> OpenAPIConfig:
    """`/docs` shows the page, `/docs/openapi.json` is the description."""
    return _Config(
        title="Enlarger",
        version=__version__,
        description=_ABOUT,
        path="/docs",
        operation_id_creator=_operation_id,
        use_handler_docstrings=True,
        components=Components(
            headers={
                name: OpenAPIHeader(description=text, schema=Schema(type=OpenAPIType.STRING))
                for name, text in _HEADERS.items()
            },
            security_schemes={"key": SecurityScheme(type="http", scheme="bearer")},
        ),
        security=[{"key": []}],
        webhooks={"taskEnded": _TASK_ENDED},
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


@get("/openapi.json", include_in_schema=False, sync_to_thread=False)
def openapi_document(request: AnyRequest) -> dict[str, Any]:
    """The description, where client generators look for it first."""
    return request.app.openapi_schema.to_schema()


def openapi_assets() -> Router:
    """Swagger UI's files, out of the `swagger-ui-py` package."""
    spec = find_spec("swagger_ui")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    folder = Path(spec.submodule_search_locations[0]) / "static"
    return create_static_files_router(path=_ASSETS, directories=[folder], include_in_schema=False)
