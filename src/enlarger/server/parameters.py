"""What a route takes besides its path, as structs: the same type reads a request and describes it in OpenAPI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, Self, TypeAlias, TypeVar, get_args, get_origin

import msgspec
from litestar.di import Provide
from litestar.openapi.spec import Operation
from msgspec.inspect import IntType, Metadata, VarTupleType, type_info

from enlarger.errors import InvalidInput
from enlarger.server.bodies import AnyRequest
from enlarger.server.openapi import reference
from enlarger.server.requests import json_object
from enlarger.translatable import Sentence, sentence


class Parameters(msgspec.Struct, frozen=True, rename="camel"):
    """Parameters of a URL's query and headers, by their names; a field with a default need not be sent.

    An empty query parameter counts as not sent; a tuple may be sent several times, or once with commas. A header that
    is sent several times has to have the same value each time, unless it may be a list.
    """


class JsonBody(msgspec.Struct, frozen=True, rename="camel"):
    """The JSON object in a request's body."""

    asked_for: ClassVar[str]
    """The field that is named in the error about a body that is no object."""

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> Self:
        """The body with these fields. Raises InvalidRequest or InvalidInput."""
        raise NotImplementedError


Url: TypeAlias = Annotated[str, msgspec.Meta(extra_json_schema={"format": "uri"})]
"""Text in a body that is a URL."""

AnyParameters = TypeVar("AnyParameters", bound=Parameters)


def query(description: str, *, missing: Sentence | None = None, **bounds: Any) -> msgspec.Meta:
    """A query parameter; `missing` is the message when it is not sent, `bounds` are those of `msgspec.Meta`."""
    return msgspec.Meta(description=description, extra={"in": "query", "missing": missing}, **bounds)


def header(description: str, *, several: bool = False, **bounds: Any) -> msgspec.Meta:
    """A request header, named by the field's `name`; `several` is whether it may be a list."""
    return msgspec.Meta(description=description, extra={"in": "header", "several": several}, **bounds)


def takes(
    parameters: type[Parameters] | None = None,
    *,
    body: type[msgspec.Struct] | None = None,
    media_type: str = "application/json",
    examples: Mapping[str, Any] | None = None,
    replies: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The options of a handler that gets `parameters` under that name, and a `JsonBody` under the name `fields`.

    Any other `body` is only described: the handler reads it itself. `replies` are described by status, for what the
    framework cannot derive from the type that the handler returns.
    """
    dependencies = {}
    if parameters is not None:
        dependencies["parameters"] = _provide_parameters(parameters)
    if body is not None and issubclass(body, JsonBody):
        dependencies["fields"] = _provide_body(body)
    described = [] if parameters is None else [_describe(field) for field in _fields(parameters)]
    content = None
    if body is not None:
        media: dict[str, Any] = {"schema": reference(body.__name__)}
        if examples:
            media["examples"] = {name: {"value": value} for name, value in examples.items()}
        content = {"required": True, "content": {media_type: media}}
    about = {"body": body, "described": described, "content": content, "replies": replies or {}}
    return {"dependencies": dependencies, "operation_class": type("Taking", (TakingOperation,), about)}


class TakingOperation(Operation):
    """An OpenAPI operation with what `takes` says about it."""

    body: ClassVar[type[msgspec.Struct] | None]
    described: ClassVar[Sequence[dict[str, Any]]]
    content: ClassVar[Mapping[str, Any] | None]
    replies: ClassVar[Mapping[str, Any]]

    def to_schema(self) -> dict[str, Any]:
        """The operation as JSON has it."""
        operation = super().to_schema()
        if self.described:
            operation["parameters"] = [*operation.get("parameters", []), *self.described]
        operation["responses"] = {**operation["responses"], **self.replies}
        if self.content is not None:
            operation["requestBody"] = self.content
        return operation


class _Field(msgspec.Struct, frozen=True):
    """A parameter: its name on the wire and in the struct, and what its type says."""

    name: str
    attribute: str
    type: Any
    schema: Mapping[str, Any]
    extra: Mapping[str, Any]
    kind: Any
    """Its type without the annotations."""
    required: bool


@cache
def _fields(kind: type[Parameters]) -> tuple[_Field, ...]:
    _, components = msgspec.json.schema_components([kind])
    schemas = components[kind.__name__]["properties"]
    found = []
    for field in msgspec.structs.fields(kind):
        info = type_info(field.type)
        assert isinstance(info, Metadata)
        assert info.extra is not None
        schema = schemas[field.encode_name]
        found.append(_Field(field.encode_name, field.name, field.type, schema, info.extra, info.type, field.required))
    return tuple(found)


def read_parameters(request: AnyRequest, kind: type[AnyParameters]) -> AnyParameters:
    """The parameters of a request. Raises InvalidInput."""
    values = {}
    for field in _fields(kind):
        given = _given(request, field)
        if given is not None:
            values[field.attribute] = _convert(field, given)
        elif field.required:
            raise InvalidInput(field.name, field.extra["missing"])
    return kind(**values)


def _given(request: AnyRequest, field: _Field) -> str | list[str] | None:
    if field.extra["in"] == "header":
        lines = list(dict.fromkeys(request.headers.getall(field.name, [])))
        if len(lines) > 1 and not field.extra["several"]:
            raise InvalidInput(
                field.name, sentence("The header '{name}' has several values: send it once.", name=field.name)
            )
        return ",".join(lines) if lines else None  # RFC 9110, 5.3
    if isinstance(field.kind, VarTupleType):
        parts = (part.strip() for value in request.query_params.getall(field.name, []) for part in value.split(","))
        return [part for part in parts if part] or None
    return str(request.query_params.get(field.name, "")).strip() or None


def _convert(field: _Field, given: str | list[str]) -> Any:
    try:
        if isinstance(field.kind, IntType) and not (isinstance(given, str) and given.isascii() and given.isdigit()):
            raise msgspec.ValidationError  # not 1e2, which would be taken for 100
        return msgspec.convert(given, field.type, strict=False)
    except msgspec.ValidationError:
        raise InvalidInput(field.name, _say_what_fits(field)) from None


def _say_what_fits(field: _Field) -> Sentence:
    if isinstance(field.kind, IntType):
        return sentence(
            "The parameter '{name}' must be a whole number from {least} to {most}.",
            name=field.name, least=field.kind.ge, most=field.kind.le,
        )  # fmt: skip
    kind = get_args(field.type)[0]  # of Annotated[kind, …]
    if get_origin(kind) is Literal:
        names = ", ".join(get_args(kind))
        return sentence("The parameter '{name}' must be one of {names}.", name=field.name, names=names)
    names = ", ".join(get_args(get_args(kind)[0]))  # of tuple[Literal[…], ...]
    return sentence(
        "The parameter '{name}' must be one or more of {names}, with commas between them.", name=field.name, names=names
    )


def _describe(field: _Field) -> dict[str, Any]:
    """A parameter as OpenAPI has it."""
    schema = {name: value for name, value in field.schema.items() if name != "description"}
    if not schema.get("default"):
        schema.pop("default", None)
    described = {"name": field.name, "in": field.extra["in"], "required": field.required, "schema": schema}
    if isinstance(field.kind, VarTupleType):
        described |= {"style": "form", "explode": False}
    return described | {"description": field.schema["description"]}


def _provide_parameters(kind: type[Parameters]) -> Provide:
    async def parameters(request: AnyRequest) -> Parameters:
        return read_parameters(request, kind)

    return Provide(parameters)


def _provide_body(kind: type[JsonBody]) -> Provide:
    async def fields(request: AnyRequest) -> JsonBody:
        return kind.read(await json_object(request, kind.asked_for))

    return Provide(fields)
