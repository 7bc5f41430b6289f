"""The form of a comparison: the fields that several models share, and those that only one of them has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from enlarger.catalog import Field, Model
from enlarger.catalog.messages import Translate
from enlarger.console.field_names import field_name
from enlarger.console.forms import Control, kind_of, picture_name
from enlarger.console.hints import hint


@dataclass(frozen=True, kw_only=True)
class Contender:
    """One of the models to compare."""

    model: Model
    picture: str | None
    """The field that the input goes into."""
    picture_required: bool
    types: dict[str, str]
    """How the value of each field is sent: `string`, `integer`, `number`, `boolean`, `file`, `files` or `json`."""
    own: tuple[Control, ...]
    """The fields that the others do not share."""


@dataclass(frozen=True, kw_only=True)
class ComparisonForm:
    """The form for one input and several models."""

    contenders: tuple[Contender, ...]
    shared: tuple[Control, ...]
    accept: str
    """The media types of the input; empty if no model takes one."""


def comparison_form(models: Sequence[Model], tr: Translate) -> ComparisonForm:
    """Build the form for these models, each with its first set of fields."""
    forms = [_fields_of(model) for model in models]
    pictures = [picture_name(fields) for fields in forms]
    media = {fields[name].media for fields, name in zip(forms, pictures, strict=True) if name}
    rest = [
        {name: field for name, field in fields.items() if name != picture}
        for fields, picture in zip(forms, pictures, strict=True)
    ]
    common = [name for name in rest[0] if all(name in fields for fields in rest)] if rest else []
    merged = [_merge(name, [fields[name] for fields in rest], tr) for name in common]
    shared = tuple(field for field in merged if field is not None)
    names = {field.name for field in shared}
    contenders = [
        Contender(
            model=model,
            picture=picture,
            picture_required=bool(picture and fields[picture].required),
            types={name: _type(field) for name, field in fields.items()},
            own=tuple(
                control
                for name, field in own.items()
                if name not in names and (control := _merge(name, [field], tr)) is not None
            ),
        )
        for model, fields, own, picture in zip(models, forms, rest, pictures, strict=True)
    ]
    accept = ",".join(sorted(f"{one}/*" for one in media))
    return ComparisonForm(contenders=tuple(contenders), shared=shared, accept=accept)


def _fields_of(model: Model) -> dict[str, Field]:
    return {name: field for name, field in model.all_forms()[0].items() if not field.deprecated}


def _type(field: Field) -> str:
    if field.media:
        return "files" if field.type == "array" else "file"
    if field.type in ("array", "object"):
        return "json"
    return field.type if field.type in ("integer", "number", "boolean") else "string"


def _merge(name: str, fields: Sequence[Field], tr: Translate) -> Control | None:
    """A control whose every value suits all of the fields; None where there cannot be one."""
    first = fields[0]
    kinds = {kind_of(name, field)[0] for field in fields}
    defaults = [field.usual({}) for field in fields]
    default = defaults[0] if all(str(one) == str(defaults[0]) for one in defaults) else None
    about: dict[str, Any] = {
        "name": name,
        "label": field_name(name, tr),
        "type": kind_of(name, first)[1],
        "required": any(field.required for field in fields),
        "default": default,
        "hint": _hint(fields, tr),
    }
    if "choice" in kinds and kinds <= {"choice", "number", "line", "text"}:
        lists = [field.enum for field in fields if field.enum]
        options = tuple(str(one) for one in lists[0] if all(_suits(one, field) for field in fields))
        return Control(kind="choice", options=options, **about) if options else None
    if kinds <= {"line", "text"} and len({_type(field) for field in fields}) == 1:
        most = min((field.max_length for field in fields if field.max_length), default=None)
        kind = "text" if "text" in kinds else "line"
        return Control(kind=kind, most=most, **about)
    if len(kinds) > 1:
        return None
    if kinds == {"number"}:
        return _merge_numbers(fields, about)
    if kinds == {"switch"}:
        return Control(kind="switch", **about) if default is not None or len(fields) == 1 else None
    if len({field.media for field in fields}) > 1:
        return None
    accept = ",".join(f"{first.media}/{subtype}" for subtype in first.accepted) or f"{first.media}/*"
    return Control(kind="file", accept=accept, **about)


def _merge_numbers(fields: Sequence[Field], about: dict[str, Any]) -> Control | None:
    least = max((field.minimum for field in fields if field.minimum is not None), default=None)
    most = min((field.maximum for field in fields if field.maximum is not None), default=None)
    if least is not None and most is not None and least > most:
        return None
    steps = [field.step or (1 if field.each == "integer" else 0) for field in fields]
    return Control(kind="number", minimum=least, maximum=most, step=max(steps) or "any", **about)


def _hint(fields: Sequence[Field], tr: Translate) -> str:
    """The limits, where all have the same."""
    texts = {hint(field, tr) for field in fields}
    return texts.pop() if len(texts) == 1 else ""


def _suits(value: Any, field: Field) -> bool:
    """Whether a field takes a value, given as text."""
    if field.enum:
        return str(value) in map(str, field.enum)
    if field.type == "string":
        return field.pattern is None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return False
    low, high = field.minimum, field.maximum
    whole = field.type != "integer" or number.is_integer()
    return whole and (low is None or number >= low) and (high is None or number <= high)
