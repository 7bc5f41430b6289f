"""A model's input fields as form controls, as they apply given the values that are already filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from enlarger.catalog import Field, Model
from enlarger.catalog.messages import Translate
from enlarger.catalog.model import Form
from enlarger.console.applicable import Applicable, applicable, deciding
from enlarger.console.field_names import field_name
from enlarger.console.hints import hint

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
    decides: bool = False
    """Whether other fields depend on it, so that the form has to be rendered anew when it changes."""
    excluded: str = ""
    """Why it cannot be filled in now; empty if it can."""

    @property
    def main(self) -> bool:
        """Whether it is shown up front."""
        return self.required or self.name in _FIRST

    @property
    def placeholder(self) -> str:
        """The default, shown while the control is empty."""
        return "" if self.default is None else str(self.default)


@dataclass(frozen=True)
class ModelForm:
    """A model's form: where dropped files go, the controls shown up front, and those under "More options"."""

    variants: tuple[str, ...]
    """Names of the model's alternative sets of fields; empty if it has only one."""
    variant: int
    picture: Control | None
    main: tuple[Control, ...]
    more: tuple[Control, ...]
    needs: tuple[str, ...]
    """Sentences that name fields of which at least one is required."""


def model_form(
    model: Model,
    tr: Translate,
    *,
    variant: int = 0,
    values: Mapping[str, Any] | None = None,
) -> ModelForm:
    """Build the form of one of a model's sets of fields, as it is given these `values`."""
    form = model.all_forms()[variant]
    decides = deciding(form)
    picture = picture_name(form)
    controls = {
        name: _control(name, field, tr, decides=name in decides)
        for name, field in applicable(form, values or {}).items()
    }
    shown = [control for name, control in controls.items() if name != picture]
    main = tuple(control for control in shown if control.main)
    return ModelForm(
        variants=_variant_names(model, tr),
        variant=variant,
        picture=controls.get(picture) if picture else None,
        main=main,
        more=tuple(control for control in shown if control not in main),
        needs=tuple(
            tr("At least one of these is required: {fields}.", fields=", ".join(field_name(name, tr) for name in group))
            for group in _choices(model, controls)
        ),
    )


def _choices(model: Model, controls: Mapping[str, Control]) -> list[list[str]]:
    """Return the groups of shown fields of which at least one is required."""
    groups = [[name for name in group if name in controls] for group in model.one_of]
    return [group for group in groups if len(group) > 1]


def picture_name(form: Form) -> str | None:
    """Return the name of the field that receives dropped files: required before optional, images before other media."""
    names = [name for name, field in form.items() if field.media and not field.deprecated]
    return min(names, key=lambda name: (not form[name].required, form[name].media != "image"), default=None)


def _variant_names(model: Model, tr: Translate) -> tuple[str, ...]:
    """Return names for a model's sets of fields, made of what only some of them have or what they take differently."""
    forms = model.all_forms()
    if len(forms) == 1:
        return ()
    names = []
    for form in forms:
        own = [name for name in form if any(other.get(name) != form[name] for other in forms)]
        needed = [name for name in own if form[name].required] or own
        names.append(", ".join(_described(name, form[name], tr) for name in needed))
    return tuple(names) if len(set(names)) == len(names) else tuple(str(number + 1) for number in range(len(names)))


def _described(name: str, field: Field, tr: Translate) -> str:
    label = field_name(name, tr)
    if field.type != "array" or field.max_items is None:
        return label
    least, most = field.min_items or 0, field.max_items
    return f"{label} ({most})" if least == most else f"{label} ({least}–{most})"


def _control(name: str, found: Applicable, tr: Translate, *, decides: bool) -> Control:
    field = found.field
    kind, type = kind_of(name, field)
    excluded = ""
    if found.excluded_by:
        others = ", ".join(field_name(other, tr) for other in found.excluded_by)
        excluded = tr("Cannot be combined with: {fields}", fields=others)
    return Control(
        name=name,
        label=field_name(name, tr),
        kind=kind,
        type=type,
        required=found.required,
        default=found.default,
        hint=hint(field, tr),
        options=tuple(str(option).lower() if isinstance(option, bool) else str(option) for option in field.enum),
        minimum=field.minimum,
        maximum=field.maximum,
        step=field.step or (1 if field.each == "integer" else "any"),
        most=field.max_length,
        accept=",".join(f"{field.media}/{subtype}" for subtype in field.accepted) or f"{field.media}/*",
        several=field.type == "array" and field.max_items != 1,
        decides=decides,
        excluded=excluded,
    )


def kind_of(name: str, field: Field) -> tuple[str, str]:
    """Return a control's kind and how its value is parsed, as in `Control`."""
    if field.media:
        return "file", "file"
    if field.type in ("array", "object"):
        return "text", "json"
    if field.enum and field.type != "boolean":
        return "choice", field.type
    if field.type == "boolean":
        return "switch", "boolean"
    if field.type in ("integer", "number"):
        return "number", field.type
    long = field.max_length is not None and field.max_length > _LONG_TEXT
    return ("text" if long or _PROSE in name else "line"), "string"
