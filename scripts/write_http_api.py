"""Writes the parts of docs/reference/http-api.md that are made from the API's description and its recorded examples."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from http import HTTPMethod
from typing import Any, cast

from enlarger.server.app import create_app
from enlarger.server.dependencies import Service
from enlarger.server.examples import Example, read_examples
from enlarger.server.openapi import REFUSALS
from scripts.generated import DOCS, rewrite, table

PAGE = DOCS / "reference" / "http-api.md"
_HIDDEN = "X-Http-Status"
"""A header of all routes under /api/v1, which the page describes once."""
_OUTER = re.compile(r"(Reply|Request)$")
"""In the names of schemas that are shown with the routes."""


def describe() -> dict[str, Any]:
    """The API's description; nothing is asked of a service for it."""
    document: dict[str, Any] = create_app(cast(Service, None)).openapi_schema.to_schema()
    return document


def parts() -> dict[str, str]:
    """The generated parts of the page, by their names."""
    document = describe()
    tags: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            write = _old_route if operation.get("deprecated") else _route
            if method.upper() != HTTPMethod.HEAD:
                routes = tags.setdefault(operation["tags"][0], [])
                routes.append("\n".join(write(document, method, path, operation)))
    return {
        "codes": table(("code", "meaning"), (f"| {code} | {words} |" for code, words in REFUSALS.items())),
        "errors": "\n".join(_examples("")),
        **{tag.lower().replace(" ", "-"): "\n".join(routes) for tag, routes in tags.items()},
        "callback-headers": _callback_headers(document),
        "objects": "\n".join(_objects(document)),
    }


def _route(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"### {operation['summary']}\n"
    yield f"`{method.upper()} {path}`\n"
    yield f"{operation['description']}\n"
    if rows := [*_parameters(document, operation), *_body(document, operation)]:
        yield f"{table(('name', 'in', 'type', 'meaning'), rows)}\n"
    if reply := _reply(document, operation):
        yield f"{reply}\n"
    if errors := [status for status in operation["responses"] if int(status) >= 400]:
        yield f"Errors: {', '.join(sorted(errors))}.\n"
    yield from _examples(operation["operationId"])


def _old_route(_: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
    """A deprecated route: its examples are enough."""
    if examples := list(_examples(operation["operationId"])):
        yield f"`{method.upper()} {path}`:\n"
        yield from examples


def _parameters(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[str]:
    for one in operation.get("parameters", []):
        if one["name"] != _HIDDEN:
            yield _row(document, one["name"], one["schema"], one["description"], one["in"], required=one["required"])


def _body(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[str]:
    for kind, media in operation.get("requestBody", {}).get("content", {}).items():
        schema = _resolve(document, media["schema"])
        place = "form" if kind == "multipart/form-data" else "body"
        for name, one in schema["properties"].items():
            required = name in schema.get("required", [])
            yield _row(document, name, one, one.get("description", ""), place, required=required)


def _row(document: dict[str, Any], name: str, schema: dict[str, Any], words: str, place: str, *, required: bool) -> str:
    default = f" Default: `{json.dumps(schema['default'])}`." if schema.get("default") not in (None, "") else ""
    star = " *" if required else ""
    return f"| `{name}`{star} | {place} | {_type(document, schema)} | {words}{default} |"


def _resolve(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"][_name(schema)]
    return found


def _name(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _type(document: dict[str, Any], schema: dict[str, Any]) -> str:
    """A value's type in words."""
    if name := _name(schema):
        target = _resolve(document, schema)
        return _type(document, target) if "properties" not in target else f"[`{name}`](#{name.lower()})"
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    if kinds := schema.get("oneOf") or schema.get("anyOf"):
        return " or ".join(_type(document, one) for one in kinds)
    if schema.get("type") == "array":
        return f"list of {_type(document, schema['items'])}"
    if schema.get("format") in ("uri", "binary"):
        return {"uri": "URL", "binary": "file"}[schema["format"]]
    bounds = [f"{schema[key]}" for key in ("minimum", "maximum") if key in schema]
    return " ".join([schema.get("type", "any value"), *([" to ".join(bounds)] if bounds else [])])


def _reply(document: dict[str, Any], operation: dict[str, Any]) -> str:
    """What is in a route's replies."""
    for status, response in operation["responses"].items():
        schema = response.get("content", {}).get("application/json", {}).get("schema", {})
        if int(status) < 300 and (name := _name(schema)):
            properties = _resolve(document, schema)["properties"]
            if "data" not in properties or "code" not in properties:
                return f"Reply: [`{name}`](#{name.lower()})."
            kind = _type(document, properties["data"]).removesuffix(" or null")
            return "" if kind == "null" else f"Reply: `data` is {_article(kind)}{kind}."
    return ""


def _article(kind: str) -> str:
    return "" if "[" in kind else "an " if kind[0] in "aeio" else "a "


def _examples(operation: str) -> Iterator[str]:
    """The examples of an operation; a command is shown once for several replies."""
    shown = None
    for example in read_examples():
        if example.operation != operation:
            continue
        if example.title:
            yield f"{example.title}:\n"
        if example.command != shown:
            yield f"```sh\n{example.command}\n```\n"
        shown = example.command
        yield from _answer(example)


def _answer(example: Example) -> Iterator[str]:
    if example.json is not None:
        yield f"HTTP {example.status}:\n"
        yield f"```json\n{json.dumps(example.json, indent=2, ensure_ascii=False)}\n```\n"
    elif example.text:
        yield f"HTTP {example.status}:\n"
        yield f"```text\n{example.text.strip()}\n```\n"


def _callback_headers(document: dict[str, Any]) -> str:
    headers = document["webhooks"]["taskEnded"]["post"]["parameters"]
    return table(("header", "meaning"), (f"| `{one['name']}` | {one['description']} |" for one in headers))


def _objects(document: dict[str, Any]) -> Iterator[str]:
    """The schemas that replies refer to, and the envelope."""
    yield from _object(document, "RefusalReply", "Envelope")
    for name, schema in document["components"]["schemas"].items():
        ours = "properties" in schema and not _OUTER.search(name)
        if (ours or name in ("ApiErrorReply", "ImagesReply")) and not name.startswith(("TaskStream", "TaskCallback")):
            yield from _object(document, name, name)


def _object(document: dict[str, Any], name: str, title: str) -> Iterator[str]:
    schema = document["components"]["schemas"][name]
    yield f"### {title}\n"
    if schema.get("description"):
        yield f"{schema['description']}\n"
    yield "| field | type | meaning |"
    yield "| --- | --- | --- |"
    for field, one in schema["properties"].items():
        kind = _type(document, one) if field != "data" or name != "RefusalReply" else "any value"
        yield f"| `{field}` | {kind} | {one.get('description', '')} |"
    yield ""


if __name__ == "__main__":
    rewrite(PAGE, parts())
