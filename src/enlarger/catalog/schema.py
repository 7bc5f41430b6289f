"""A model's input as a JSON Schema (2020-12), and an example of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from enlarger.catalog.model import Conditions, Field, FieldType, Form, Model

_PLAIN = {"task": "string", "image": "string", "video": "string", "audio": "string"}
_SAMPLES: dict[FieldType, Any] = {
    "string": "A bright living room in Scandinavian style, morning light",
    "integer": 1,
    "number": 1,
    "boolean": True,
    "object": {},
    "task": "281e5b0cf39b94a7b3c2d1e0f9a8b7c6",
    "image": "https://example.com/room.jpg",
    "video": "https://example.com/clip.mp4",
    "audio": "https://example.com/voice.mp3",
}


def json_schema(model: Model) -> dict[str, Any]:
    """What `input` has to be.

    Limits on files are in `x-max-file-mb`, `x-max-megapixels` and `x-accept`, the sum that the objects in a list have
    to reach in `x-sum`.
    """
    forms = [_schema(form, model.one_of) for form in model.all_forms()]
    return forms[0] if len(forms) == 1 else {"type": "object", "oneOf": forms}


def example(model: Model) -> dict[str, Any]:
    """An input that the model takes: every field that has to be given, and those that have defaults."""
    form = model.all_forms()[0]
    usual = {name: _sample(field) if field.required else field.default for name, field in form.items()}
    wanted = (name for name, field in form.items() if usual[name] is not None or field.requiring(usual) is not None)
    sample = {name: _sample(form[name]) for name in wanted}
    for group in model.one_of:
        if sample.keys().isdisjoint(group):
            sample |= {name: _sample(form[name]) for name in group[:1]}
    for name in sample:
        balance(name, form, sample)
    return sample


def balance(name: str, form: Form, sample: dict[str, Any]) -> None:
    """Make the objects in a field of a sample add up to the required total."""
    wanted = form[name].sum
    if wanted is None:
        return
    total = sample.get(wanted.total, form[wanted.total].default) if isinstance(wanted.total, str) else wanted.total
    whole = float(total or 0) / len(sample[name])
    value: Any = int(whole) if whole.is_integer() else whole
    if form[name].members[wanted.member].type == "string":
        value = f"{whole:.2f}%"
    sample[name] = [item | {wanted.member: value} for item in sample[name]]


def _schema(form: Form, one_of: tuple[tuple[str, ...], ...] = ()) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": {name: _field(field) for name, field in form.items()}}
    schema["additionalProperties"] = False
    if required := [name for name, field in form.items() if field.required]:
        schema["required"] = required
    conditions = [condition for name in form for condition in _conditions(form, name)]
    conditions += [_any_of(group) for group in one_of]
    return schema | ({"allOf": conditions} if conditions else {})


def _conditions(form: Form, name: str) -> Iterator[dict[str, Any]]:
    """What holds between a field and others."""
    field = form[name]
    for conditions in field.required_if:
        yield {"if": _meets(form, conditions), "then": {"required": [name]}}
    for default in field.defaults_if:
        yield {"if": _meets(form, default.when), "then": {"properties": {name: {"default": default.value}}}}
    if field.only_with:
        yield {"if": {"required": [name]}, "then": _any_of(field.only_with)}
    if field.not_with:
        yield {"if": {"required": [name]}, "then": {"not": _any_of(field.not_with)}}
    for limit in field.limits_if:
        bare = {"enum": list(limit.enum) or None, "maximum": limit.maximum, "maxLength": limit.max_length}
        limited: Any = False if limit.absent else _present(bare | {"maxItems": limit.max_items})
        usual = field.default is not None and limit.enum and field.default not in limit.enum
        yield {
            "if": _meets(form, limit.when, limit.given),
            "then": {"properties": {name: limited}} | ({"required": [name]} if usual else {}),
        }


def _any_of(names: Iterable[str]) -> dict[str, Any]:
    return {"anyOf": [{"required": [name]} for name in names]}


def _meets(form: Form, conditions: Conditions, given: Iterable[str] = ()) -> dict[str, Any]:
    """That fields meet conditions, where what is not given is what holds without it, and that others are given."""
    values = {name: wanted if isinstance(wanted, tuple) else (wanted,) for name, wanted in conditions.items()}
    options = {name: list(wanted) for name, wanted in values.items() if wanted != (None,)}
    required = [name for name, wanted in options.items() if form[name].default not in wanted]
    schema: dict[str, Any] = {
        "properties": {
            name: {"const": wanted[0]} if len(wanted) == 1 else {"enum": wanted} for name, wanted in options.items()
        },
        "required": [*required, *given],
    }
    missing = [name for name in values if name not in options]
    return schema | ({"not": _any_of(missing)} if missing else {})


def _field(field: Field) -> dict[str, Any]:
    if field.type != "array":
        return _one(field) | ({"default": field.default} if field.default is not None else {})
    limits = {"minItems": field.min_items, "maxItems": field.max_items, "default": field.default}
    items = _schema(field.members) if field.members else _one(field)
    return {"type": "array", "items": items} | _present(
        limits | {"x-sum": msgspec.to_builtins(field.sum) if field.sum else None}
    )


def _one(field: Field) -> dict[str, Any]:
    if field.besides:
        usual = _one(msgspec.structs.replace(field, besides=()))
        return {"anyOf": [usual, {"enum": list(field.besides)}]}
    return {"type": _PLAIN.get(field.each, field.each)} | _present(
        {
            "format": "uri" if field.media else None,
            "enum": list(field.enum) or None,
            "pattern": f"^(?:{field.pattern})$" if field.pattern else None,
            "minLength": field.min_length,
            "maxLength": None if field.each == "object" else field.max_length,
            "minimum": field.minimum,
            "maximum": field.maximum,
            "multipleOf": field.step,
            "deprecated": True if field.deprecated else None,
            "x-max-file-mb": field.max_mb,
            "x-max-megapixels": field.max_megapixels,
            "x-assets": field.assets or None,
            "x-accept": [f"{field.media}/{subtype}" for subtype in field.accepted] or None,
        }
    )


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _sample(field: Field) -> Any:
    if field.default is not None:
        return field.default
    if field.type == "array":
        return [_sample_one(field)] * (field.min_items or 1)
    return _sample_one(field)


def _sample_one(field: Field) -> Any:
    if field.members:
        usual = {name: member.default for name, member in field.members.items()}
        return {name: _sample(member) for name, member in field.members.items() if member.requiring(usual) is not None}
    if field.sample is not None:
        return field.sample
    if field.enum:
        return field.enum[0]
    if field.each in ("integer", "number"):
        return field.minimum if field.minimum is not None else _SAMPLES[field.each]
    sample = _SAMPLES[field.each]
    return sample[: field.max_length] if isinstance(sample, str) else sample
