"""What holds between the fields of an input: fields that go together or do not, and limits that depend on others."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from enlarger.catalog.faults import InputIssue, because, check, names_in_words, not_together, show_number, show_value
from enlarger.catalog.messages import Translate
from enlarger.catalog.model import Form, Model, hold

_NEAR_ENOUGH = 0.05
"""How far off a sum may be: thirds of a second are written with few digits."""


def broken(model: Model, form: Form, built: Mapping[str, Any], tr: Translate, place: str = "") -> Iterator[InputIssue]:
    """Every condition of a form that an input breaks, whose fields are each right by themselves.

    For an object in a list, `place` is the prefix of the names in messages.
    """
    for name in built:
        yield from _company(name, form, built, tr, place)
        beyond = list(_limits(name, form, built, tr, place))
        yield from beyond or _sum(name, form, built, tr, place)
        yield from _references(name, form, built, tr, place)
    for group in model.one_of if not place else ():
        fields = [name for name in group if name in form]
        if fields and built.keys().isdisjoint(fields):
            sentence = tr("One of the fields {fields} is required", fields=names_in_words(fields, tr))
            yield InputIssue(fields[0], "required", sentence)


def _company(name: str, form: Form, built: Mapping[str, Any], tr: Translate, place: str) -> Iterator[InputIssue]:
    """The fields that a field may not be without, and those that it may not be with."""
    wanted = [place + other for other in form[name].only_with if other in form]
    if wanted and built.keys().isdisjoint(form[name].only_with):
        sentence = tr(
            "The field '{field}' cannot be used alone: give {fields} as well, or leave it out",
            field=place + name, fields=names_in_words(wanted, tr),
        )  # fmt: skip
        yield InputIssue(place + name, "stands_alone", sentence)
    for other in form[name].not_with:
        if other in built:
            yield not_together(place + name, place + other, tr)


def _limits(name: str, form: Form, built: Mapping[str, Any], tr: Translate, place: str) -> Iterator[InputIssue]:
    """The limits that a field has because of others."""
    for limit in form[name].limits_if:
        if not limit.holds(built):
            continue
        reasons = {other: built.get(other) for other in limit.when}
        if limit.absent:
            sentence = because(tr("The field '{field}' is not accepted", field=place + name), reasons, limit.given, tr)
            yield InputIssue(place + name, "not_taken", tr("{sentence}: leave it out", sentence=sentence))
            continue
        for fault in check(place + name, limit.narrow(form[name]), built[name], tr):
            yield msgspec.structs.replace(fault, message=because(fault.message, reasons, limit.given, tr))


def _sum(name: str, form: Form, built: Mapping[str, Any], tr: Translate, place: str) -> Iterator[InputIssue]:
    """A sum that the objects in a list do not reach, and values that cannot be added up."""
    wanted, items = form[name].sum, built[name]
    if wanted is None or not hold(wanted.when, built):
        return
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        return  # `check` has reported it
    path, numbers = place + name, [_number(item.get(wanted.member)) for item in items]
    for index, number in enumerate(numbers):
        if number is None:
            item = f"{path}[{index}].{wanted.member}"
            yield InputIssue(item, "not_a_number", tr("The field '{field}' must be a number", field=item))
    given = built.get(wanted.total) if isinstance(wanted.total, str) else wanted.total
    total, amount = _number(given), sum(number or 0 for number in numbers)
    if None in numbers or total is None or abs(amount - total) < _NEAR_ENOUGH:
        return
    values: dict[str, Any] = {"field": path, "member": wanted.member, "sum": show_number(round(amount, 2))}
    if isinstance(wanted.total, str):
        sentence = tr(
            "The values of '{member}' in '{field}' add up to {sum}, and '{other}' is {total}: make both the same",
            **values, other=place + wanted.total, total=show_number(total),
        )  # fmt: skip
    else:
        sentence = tr(
            "The values of '{member}' in '{field}' add up to {sum}: make them add up to {total}",
            **values, total=show_number(total),
        )  # fmt: skip
    yield InputIssue(path, "wrong_sum", sentence)


def _references(name: str, form: Form, built: Mapping[str, Any], tr: Translate, place: str) -> Iterator[InputIssue]:
    """Objects in a list that name one that is not in the other list."""
    wanted, items = form[name].refers, built[name]
    if wanted is None or not isinstance(items, list) or not isinstance(others := built.get(wanted.field), list):
        return
    known = [other.get(wanted.member) for other in others if isinstance(other, dict)]
    if not known or not all(isinstance(one, str) for one in known):
        return  # `check` has reported it
    for index, item in enumerate(items):
        if isinstance(item, dict) and (given := item.get(wanted.member)) is not None and given not in known:
            path = f"{place}{name}[{index}].{wanted.member}"
            sentence = tr(
                "The field '{field}' names {value}, which is not in '{other}'",
                field=path, value=show_value(given), other=place + wanted.field,
            )  # fmt: skip
            yield InputIssue(path, "not_declared", sentence)


def _number(value: Any) -> float | None:
    """A number, even if it is written as text or as a percentage."""
    try:
        number = float(str(value).strip().removesuffix("%"))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
