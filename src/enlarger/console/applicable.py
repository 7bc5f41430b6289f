"""Which of a model's fields apply given the values of the others, and within which limits: what a form shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from enlarger.catalog.model import Conditions, Field, Form, Model
from enlarger.catalog.repair import repair


@dataclass(frozen=True)
class Applicable:
    """A field that applies given the current values."""

    field: Field
    """With the limits that hold now."""
    required: bool
    default: Any
    excluded_by: tuple[str, ...]
    """Fields that are given and cannot be combined with it."""


def applicable(form: Form, given: Mapping[str, Any]) -> dict[str, Applicable]:
    """Return the fields of a form that apply given these values.

    A value whose field does not apply, because of another one, has no say in whether others do.
    """
    values = {name: value for name, value in given.items() if name in form}
    while True:
        sent = _sent(form, values)
        shown = {name: field for name, field in form.items() if _applies(field, form, sent)}
        remaining = {name: value for name, value in values.items() if name in shown}
        if len(remaining) == len(values):
            break
        values = remaining
    return {
        name: Applicable(
            field=_narrowed(field, sent),
            required=field.requiring(sent) is not None,
            default=field.usual(sent),
            excluded_by=tuple(
                other
                for other in values
                if other in shown and name not in values and (other in field.not_with or name in form[other].not_with)
            ),
        )
        for name, field in shown.items()
        if not field.deprecated
    }


def typed(form: Form, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as they were typed into a form, converted to the types of its fields."""
    return {name: repair(form[name], value) for name, value in values.items() if name in form and value != ""}


def deciding(form: Form) -> set[str]:
    """Return the names of the fields that decide about others."""
    names: set[str] = set()
    for name, field in form.items():
        names |= {*field.only_with, *field.not_with, *_named(field.required_if)}
        names |= _named(default.when for default in field.defaults_if)
        names |= _named(limit.when for limit in field.limits_if)
        names |= {other for limit in field.limits_if for other in limit.given}
        if field.not_with:
            names.add(name)
    return names & form.keys()


def best_form(model: Model, names: Iterable[str]) -> int:
    """Return the number of the set of fields that knows most of the given names and lacks fewest of those it needs."""
    given, forms = set(names), model.all_forms()

    def misfit(number: int) -> tuple[int, int]:
        needed = {name for name, field in forms[number].items() if field.required}
        return len(given - forms[number].keys()), len(needed - given)

    return min(range(len(forms)), key=misfit)


def _sent(form: Form, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the input that would be sent: the values, and the defaults of the other fields."""
    sent = {name: values.get(name, field.default) for name, field in form.items()}
    sent = {name: values.get(name, field.usual(sent)) for name, field in form.items()}
    return {name: value for name, value in sent.items() if value is not None}


def _applies(field: Field, form: Form, sent: Mapping[str, Any]) -> bool:
    company = [other for other in field.only_with if other in form]
    if company and sent.keys().isdisjoint(company):
        return False
    return not any(limit.absent and limit.holds(sent) for limit in field.limits_if)


def _narrowed(field: Field, sent: Mapping[str, Any]) -> Field:
    for limit in field.limits_if:
        if limit.absent or not limit.holds(sent):
            continue
        both = tuple(value for value in field.enum if value in limit.enum) if field.enum else limit.enum
        field = msgspec.structs.replace(
            field,
            enum=both if limit.enum else field.enum,
            maximum=_least(field.maximum, limit.maximum),
            max_length=_least(field.max_length, limit.max_length),
            max_items=_least(field.max_items, limit.max_items),
        )
    return field


def _least(one: Any, other: Any) -> Any:
    return min((value for value in (one, other) if value is not None), default=None)


def _named(conditions: Iterable[Conditions]) -> set[str]:
    return {name for condition in conditions for name in condition}
