"""Compares the catalogue with a copy of the hosted service's documents: `python -m scripts.check_catalogue FILE`.

FILE is YAML, JSON, or Markdown with such a block in it:

- an OpenAPI description, whose operations on `createTask` say which fields a model takes,
- a list of models with their JSON Schemas and price rules (`models: [{id, input, price}]`),
- the answer of `GET /api/v1/models` (`data: {models: [{model, …}]}`), for which models there are,
- a price list (`[{modelDescription, creditPrice}]`), whose rows name models in words.

It prints a line for each difference, and ends with 1 if there are any.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from enlarger.catalog import Field, Model, get_model, list_models
from enlarger.errors import UnknownModel

_BLOCK = re.compile(r"^(`{3,})(?:ya?ml|json)[^\n]*\n(.*?)^\1\s*$", re.MULTILINE | re.DOTALL)
_CREATE_TASK = "/api/v1/jobs/createTask"
_TYPES = {"task": "string", "image": "string", "video": "string", "audio": "string"}
_LIMITS = {
    "minLength": "min_length",
    "maxLength": "max_length",
    "minimum": "minimum",
    "maximum": "maximum",
    "minItems": "min_items",
    "maxItems": "max_items",
}
"""JSON Schema's names of limits, and ours."""

Schemas = dict[str, Mapping[str, Any]]
"""JSON Schemas of inputs, by the models' ids."""


def differences(text: str) -> Iterator[str]:
    """What differs, a line each. Raises msgspec.DecodeError or ValueError for a file that is none of these."""
    schemas: Schemas = {}
    listed: set[str] = set()
    for page in _pages(text):
        models = _models(page)
        if isinstance(page, dict) and "paths" in page:
            schemas |= _operations(page)
        elif models:
            for entry in models:
                listed.add(str(entry.get("id") or entry.get("model")))
                if isinstance(entry.get("input"), dict):
                    schemas[str(entry.get("id") or entry.get("model"))] = entry["input"]
                yield from _prices(entry)
        elif isinstance(page, list) and page and all(isinstance(row, dict) and "creditPrice" in row for row in page):
            yield from _price_list(page)
        else:
            raise ValueError("It is no OpenAPI description, no list of models and no price list.")
    for name in sorted(listed | set(schemas)):
        model = _known(name)
        if model is None:
            yield f"{name}: the catalogue has no such model"
        elif name in schemas:
            yield from (f"{name}: {line}" for line in _fields(model, schemas[name]))
    if listed:
        ours = {model.id for model in list_models(provider="kie") if model.status == "active"}
        yield from (f"{name}: it is only in the catalogue" for name in sorted(ours - listed))


def _pages(text: str) -> Iterator[Any]:
    blocks = [block for _, block in _BLOCK.findall(text)]
    for block in blocks or [text]:
        yield msgspec.yaml.decode(block.encode())


def _models(page: Any) -> list[dict[str, Any]]:
    if isinstance(page, dict):
        page = page.get("data", page)
        page = page.get("models") if isinstance(page, dict) else page
    found = page if isinstance(page, list) else []
    return [entry for entry in found if isinstance(entry, dict) and ("id" in entry or "model" in entry)]


def _known(name: str) -> Model | None:
    try:
        model = get_model(name)
    except UnknownModel:
        return None
    return model if model.id == name else None


def _operations(page: Mapping[str, Any]) -> Schemas:
    """The schemas of `input` for each model that an OpenAPI description has."""
    found: Schemas = {}
    for path, operations in page["paths"].items():
        if not str(path).endswith(_CREATE_TASK):
            continue
        content = operations["post"]["requestBody"]["content"]["application/json"]["schema"]
        for body in _variants(page, content):
            properties = body.get("properties", {})
            model = _resolve(page, properties.get("model", {}))
            names = model.get("enum") or [model.get("const") or model.get("default") or model.get("example")]
            for name in names:
                if name is not None:
                    found[str(name)] = _whole(page, properties.get("input", {}))
    return found


def _resolve(page: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        found: Any = page
        for part in str(schema["$ref"]).removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        schema = found
    return schema


def _variants(page: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    schema = _resolve(page, schema)
    options = schema.get("oneOf") or schema.get("anyOf")
    return [_resolve(page, option) for option in options] if options else [schema]


def _whole(page: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema with its references resolved; of variants all fields, and what all of them require."""
    properties: dict[str, Any] = {}
    required: list[set[str]] = []
    schema = _resolve(page, schema)
    for variant in _variants(page, schema):
        properties |= {name: _resolve(page, field) for name, field in variant.get("properties", {}).items()}
        required.append({*variant.get("required", ()), *schema.get("required", ())})
    own = {name: _resolve(page, field) for name, field in schema.get("properties", {}).items()}
    return {"properties": own | properties, "required": sorted(set.intersection(*required))}


def _fields(model: Model, schema: Mapping[str, Any]) -> Iterator[str]:
    """How a model's fields differ from a schema's."""
    whole = _whole(schema, schema)
    theirs, ours = whole["properties"], model.fields()
    everywhere = {name for name in ours if all(name in form and form[name].required for form in model.all_forms())}
    for name in [*theirs, *(name for name in ours if name not in theirs)]:
        if name not in ours:
            yield f"{name} is missing from the catalogue"
        elif name not in theirs:
            yield f"{name} is only in the catalogue"
        else:
            yield from (f"{name}: {line}" for line in _field(ours[name], theirs[name]))
            if name in whole["required"] and name not in everywhere and ours[name].default is None:
                yield f"{name}: required there, not here"
            elif name not in whole["required"] and name in everywhere:
                yield f"{name}: required here, not there"


def _field(field: Field, schema: Mapping[str, Any]) -> Iterator[str]:
    type = schema.get("type")
    if type not in (None, _TYPES.get(field.type, field.type)):
        yield f"{type} there, {field.type} here"
    one = schema.get("items", {}) if field.type == "array" else schema
    theirs, ours = set(map(str, one.get("enum") or ())), set(map(str, field.enum))
    if theirs - ours:
        yield f"without {', '.join(sorted(theirs - ours))}" if ours else f"only {', '.join(sorted(theirs))} there"
    if theirs and ours - theirs:
        yield f"{', '.join(sorted(ours - theirs))} only here"
    for word, name in _LIMITS.items():
        limit = schema.get(word, one.get(word))
        if limit is not None and limit != getattr(field, name) and not field.enum:
            yield f"{word} {limit} there, {_or_none(getattr(field, name))} here"
    if schema.get("default") not in (None, "", [], field.default):
        yield f"default {schema['default']} there, {_or_none(field.default)} here"


def _or_none(value: Any) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _prices(entry: Mapping[str, Any]) -> Iterator[str]:
    """How a model's price rules differ, where the entry has any."""
    model = _known(str(entry.get("id") or entry.get("model")))
    price = entry.get("price")
    if model is None or not isinstance(price, dict) or not price.get("rules"):
        return
    theirs = {float(rule["credits"]) for rule in price["rules"]}
    ours = {rule.credits for rule in model.price.rules}
    if theirs != ours:
        yield f"{model.id}: {_list(theirs)} credits there, {_list(ours)} here"


def _price_list(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Rows whose price no rule has. A row begins with the model's name in words; those that fit none are named, too."""
    named = {_words(name): model for model in list_models() for name in (model.id, model.title, *model.aliases)}
    for row in rows:
        description, credits = str(row.get("modelDescription", "")), float(row["creditPrice"])
        words = _words(description)
        fitting = [name for name in named if words == name or words.startswith(name + " ")]
        if not fitting:
            yield f"{description}: no model of the catalogue is called that ({credits:g} credits)"
            continue
        model = named[max(fitting, key=len)]
        ours = {rule.credits for rule in model.price.rules} | {extra.credits for extra in model.price.extra}
        if credits not in ours:
            yield f"{model.id}: {credits:g} credits there ({description}), {_list(ours)} here"


def _words(name: str) -> str:
    return re.sub(r"[^a-z0-9.]+", " ", name.lower()).strip()


def _list(credits: set[float]) -> str:
    return ", ".join(f"{amount:g}" for amount in sorted(credits)) or "none"


def main(arguments: list[str]) -> int:
    """The command."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        found = list(differences(Path(arguments[0]).read_text()))
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"{arguments[0]} cannot be compared: {error}", file=sys.stderr)
        return 2
    print("\n".join(found) or "Nothing differs.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
