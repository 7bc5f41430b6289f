"""Fields and prices in words, for the terminal, the API and the documentation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from enlarger.catalog.model import Conditions, Field, Form, Model, Rule
from enlarger.catalog.price import NO_PRICE

_UNITS = {
    "task": "",
    "image": " per image",
    "second": " per second",
    "megapixel": " per megapixel",
    "thousand characters": " per 1000 characters",
}


def type_name(field: Field) -> str:
    """What the field's value is."""
    return f"list of {field.each}" if field.type == "array" else field.each


def rows(form: Form) -> Iterator[tuple[str, Field]]:
    """The fields of a form, each followed by the members of the objects in it: `shots`, `shots[].duration`."""
    for name, field in form.items():
        yield name, field
        yield from ((f"{name}[].{member}", spec) for member, spec in rows(field.members))


def limits(field: Field) -> str:
    """What its values are limited to."""
    return "; ".join(_limits(field))


def _say_members(field: Field) -> Iterator[str]:
    """What the objects in a list have to be together."""
    if field.refers:
        yield f"every {field.refers.member} is one in {field.refers.field}"
    if field.sum:
        total = field.sum.total if isinstance(field.sum.total, str) else f"{field.sum.total:g}"
        when = f" if {_say(field.sum.when)}" if field.sum.when else ""
        yield f"the values of {field.sum.member} add up to {total}{when}"


def _limits(field: Field) -> Iterator[str]:
    if field.required_if:
        yield f"required if {' or if '.join(map(_say, field.required_if))}"
    if field.only_with:
        yield f"only with {' or '.join(field.only_with)}"
    if field.not_with:
        yield f"not with {' or '.join(field.not_with)}"
    if field.enum:
        yield ", ".join(map(str, field.enum))
    yield from _between(field.min_length, field.max_length, "characters")
    yield from _between(field.minimum, field.maximum, "")
    yield from _between(field.min_items, field.max_items, "items")
    yield from _say_members(field)
    if field.besides:
        yield f"or {', '.join(map(str, field.besides))}"
    yield from _dependent(field)
    if field.step not in (None, 1):
        yield f"steps of {field.step:g}"
    if field.media:
        yield "/".join(field.accepted) or "any type"
    if field.assets:
        yield "or asset://…"
    if field.max_mb:
        yield f"{field.max_mb:g} MB"
    if field.max_megapixels:
        yield f"{field.max_megapixels:g} megapixels"
    if field.deprecated:
        yield f"deprecated: use {field.deprecated}"


def _dependent(field: Field) -> Iterator[str]:
    """Its default and its limits with certain values of other fields."""
    for default in field.defaults_if:
        yield f"{_options(default.value)} by default if {_say(default.when)}"
    for limit in field.limits_if:
        limits = "not accepted" if limit.absent else " and ".join(_limits(limit.narrow(field)))
        reasons = [*filter(None, [_say(limit.when)]), *(f"{name} is given" for name in limit.given)]
        yield f"{limits} if {' and '.join(reasons)}"


def _say(conditions: Conditions) -> str:
    return " and ".join(
        f"{name} is not given" if value is None else f"{name} is {_options(value)}"
        for name, value in conditions.items()
    )


def _between(least: float | None, most: float | None, unit: str) -> Iterator[str]:
    if least is not None and most is not None:
        yield f"{least:.15g} to {most:.15g} {unit}".strip()
    elif least is not None:
        yield f"at least {least:.15g} {unit}".strip()
    elif most is not None:
        yield f"at most {most:.15g} {unit}".strip()


def say_needs(model: Model) -> str | None:
    """The fields of which one has to be given, in a sentence; None where there are none."""
    return " ".join(f"One of {', '.join(group)} is required." for group in model.one_of) or None


def say_price(model: Model) -> str:
    """The model's price in words, a rule a clause."""
    if not model.price.rules:
        return str(NO_PRICE)
    unit = _UNITS[model.price.per]
    clauses = [f"{_credits(rule.credits)}{unit}{_conditions(rule)}" for rule in model.price.rules]
    clauses += [
        f"and {extra.credits:g} for each of {extra.field}" + (f" after the first {extra.free}" if extra.free else "")
        for extra in model.price.extra
    ]
    return "; ".join(clauses)


def _credits(amount: float) -> str:
    return "1 credit" if amount == 1 else f"{amount:g} credits"


def _conditions(rule: Rule) -> str:
    words = [f"{name} {_options(wanted)}" for name, wanted in rule.when.items()]
    return f" ({', '.join(words)})" if words else ""


def _options(wanted: Any) -> str:
    options = wanted if isinstance(wanted, tuple) else (wanted,)
    return " or ".join(str(option).lower() if isinstance(option, bool) else str(option) for option in options)
