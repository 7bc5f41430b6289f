"""A model's input fields as form controls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from enlarger.catalog import Field, Model
from enlarger.catalog.describe import limits

_LONG_TEXT = 200
"""Text fields that allow more characters than this get a multi-line control."""
_PROSE = "prompt"
"""So do text fields with this in their name."""
_FIRST = ("upscale_factor", "scale", "prompt", "image_size", "aspect_ratio")
"""Fields shown up front. Other optional fields are under "More options"."""


@dataclass(frozen=True)
class Control:
    """One field of a form."""

    name: str
    label: str
    kind: str
    """`switch`, `choice`, `text`, `number`, `file` or `line`."""
    type: str
    """How its value is parsed: `string`, `integer`, `number`, `boolean`, `file` or `json`."""
    required: bool
    default: Any
    hint: str
    options: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    step: float | str = "any"
    most: int | None = None
    accept: str = ""
    several: bool = False

    @property
    def placeholder(self) -> str:
        """The default, shown while the control is empty."""
        return "" if self.default is None else str(self.default)


@dataclass(frozen=True)
class ModelForm:
    """A model's form: where dropped files go, the controls shown up front, and those under "More options"."""

    picture: Control | None
    main: tuple[Control, ...]
    more: tuple[Control, ...]


def model_form(model: Model) -> ModelForm:
    """Build the form for a model's first set of fields."""
    fields = {name: field for name, field in model.all_forms()[0].items() if not field.deprecated}
    picture = _picture_name(fields)
    controls = [_control(name, field) for name, field in fields.items() if name != picture]
    main = tuple(control for control in controls if control.required or control.name in _FIRST)
    return ModelForm(
        picture=_control(picture, fields[picture]) if picture else None,
        main=main,
        more=tuple(control for control in controls if control not in main),
    )


def _picture_name(fields: dict[str, Field]) -> str | None:
    """Return the name of the field that receives dropped files: required before optional, images before other media."""
    names = [name for name, field in fields.items() if field.media]
    return min(names, key=lambda name: (not fields[name].required, fields[name].media != "image"), default=None)


def _control(name: str, field: Field) -> Control:
    kind, type = _kind(name, field)
    return Control(
        name=name,
        label=name.replace("_", " ").capitalize(),
        kind=kind,
        type=type,
        required=field.required,
        default=field.usual({}),
        hint="" if kind == "choice" else limits(field),
        options=tuple(map(str, field.enum)),
        minimum=field.minimum,
        maximum=field.maximum,
        step=field.step or (1 if field.each == "integer" else "any"),
        most=field.max_length,
        accept=",".join(f"{field.media}/{subtype}" for subtype in field.accepted) or f"{field.media}/*",
        several=field.type == "array",
    )


def _kind(name: str, field: Field) -> tuple[str, str]:
    if field.media:
        return "file", "file"
    if field.type in ("array", "object"):
        return "text", "json"
    if field.enum:
        return "choice", field.type
    if field.type == "boolean":
        return "switch", "boolean"
    if field.type in ("integer", "number"):
        return "number", field.type
    long = field.max_length is not None and field.max_length > _LONG_TEXT
    return ("text" if long or _PROSE in name else "line"), "string"
