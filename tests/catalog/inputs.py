"""Inputs for tests of all models: values that fields take, and whole inputs around them."""

from __future__ import annotations

from typing import Any

import jsonschema_rs

from enlarger.catalog import Field, Model, build_input
from enlarger.catalog.model import Form
from enlarger.catalog.schema import balance, json_schema

FILES = {
    "image": "https://example.com/a.png",
    "video": "https://example.com/v.mp4",
    "audio": "https://example.com/a.mp3",
}
_OTHERS: dict[str, Any] = {"object": {"name": "a dog"}, "number": 1, "integer": 1, "boolean": True}


def one(field: Field) -> Any:
    """A value that the field takes; the last of its options, which is seldom the default."""
    value = FILES[field.media] if field.media else field.enum[-1] if field.enum else _OTHERS.get(field.each, "a dog")
    value = field.sample if field.pattern else value
    if field.members:
        bare = dict.fromkeys(field.members)
        value = {name: one(member) for name, member in field.members.items() if member.requiring(bare) is not None}
    return [value] * (field.min_items or 1) if field.type == "array" else value


def whole(form: Form, payload: dict[str, Any]) -> dict[str, Any]:
    """The payload and the fields that it requires."""
    values = {name: payload.get(name, field.default) for name, field in form.items()}
    required = {name: one(field) for name, field in form.items() if field.requiring(values) is not None}
    full = {**required, **payload}
    for name in full.keys() & form.keys():
        if isinstance(full[name], list) and full[name]:
            balance(name, form, full)
    return full


def codes(model: Model, payload: dict[str, Any]) -> dict[str, str]:
    """The faults of a payload by their fields; the schema of the model sees that there are some as well."""
    built = build_input(model, payload)
    full = {**{name: spec.default for name, spec in model.fields().items() if spec.default is not None}, **payload}
    assert jsonschema_rs.is_valid(json_schema(model), full) == (not built.faults), built.error
    return {fault.field: fault.code for fault in built.faults}
