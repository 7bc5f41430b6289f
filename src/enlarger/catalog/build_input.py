"""Turns what an app sent into what a model takes: repairs what can be repaired, and names all that is wrong."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from enlarger.catalog.conditions import broken
from enlarger.catalog.faults import InputIssue, check, empty, missing, not_together, several
from enlarger.catalog.leftovers import (
    changes_result,
    contradiction,
    duplicate,
    holds_file,
    left_out_file,
    left_out_value,
    names_task,
    one_file,
    rival,
    unknown,
)
from enlarger.catalog.messages import Translate, default_locale, translator
from enlarger.catalog.model import Field, Form, Model
from enlarger.catalog.repair import take
from enlarger.errors import InvalidInput

_INTEGER_BITS = 64


class BuiltInput(msgspec.Struct, frozen=True):
    """A repaired input and what is wrong with it. It unpacks as `input, error = build_input(…)`."""

    input: dict[str, Any]
    """The input to send; empty if there are faults."""
    faults: tuple[InputIssue, ...] = ()
    """Everything that is wrong."""
    warnings: tuple[InputIssue, ...] = ()
    """What was left out, and why."""

    @property
    def error(self) -> str | None:
        """All faults as one text, or None."""
        return "; ".join(fault.message for fault in self.faults) or None

    def raise_faults(self) -> None:
        """Raise InvalidInput with all faults, if there are any."""
        if self.faults:
            faults = [(fault.field, fault.code, fault.message) for fault in self.faults]
            raise InvalidInput(self.faults[0].field, str(self.error), faults)

    def __iter__(self) -> Iterator[Any]:
        return iter((self.input, self.error))


def build_input(
    model: Model, payload: Mapping[str, Any], *, locale: str | None = None, strict: bool = False
) -> BuiltInput:
    """Repair and check an input by the catalogue: names, types, options and defaults. Never raises.

    A field that the model does not have is left out with a warning. With `strict` it is a fault, and it always is if it
    contains a file or would change the result. Messages are in `locale` (`en`, `ru` or `zh`), otherwise in
    ENLARGER_LOCALE, otherwise in English.
    """
    tr = translator(locale or default_locale())
    payload = {name: _bounded(value) for name, value in payload.items()}
    attempts = [_build(model, form, payload, tr, strict=strict) for form in model.all_forms()]
    best = min(attempts, key=_badness)
    return msgspec.structs.replace(best, input={}) if best.faults else best


def build_input_or_raise(
    model: Model, payload: Mapping[str, Any], *, locale: str | None = None, strict: bool = False
) -> dict[str, Any]:
    """The same as `build_input`, but returns only the input and raises InvalidInput if there are faults."""
    built = build_input(model, payload, locale=locale, strict=strict)
    built.raise_faults()
    return built.input


def _bounded(value: Any) -> Any:
    """A value without integers that Python writes no text of, and that no other program would take for integers."""
    match value:
        case int() if value.bit_length() > _INTEGER_BITS:
            return math.inf
        case list() | tuple():
            return [_bounded(item) for item in value]
        case dict():
            return {name: _bounded(item) for name, item in value.items()}
    return value


def _badness(built: BuiltInput) -> tuple[int, int, int]:
    """How badly a form fits: one that has a field for every file is better than others with as many faults."""
    left_out = sum(fault.code in ("file_left_out", "not_together") for fault in built.faults)
    return len(built.faults), left_out, len(built.warnings)


def _build(
    model: Model, form: Form, payload: Mapping[str, Any], tr: Translate, *, strict: bool, place: str = ""
) -> BuiltInput:
    """The input built from a payload by one form, even if there are faults.

    For an object in a list, `place` is the prefix of its members' names: `shots[1].`.
    """
    faults: list[InputIssue] = []
    warnings: list[InputIssue] = []
    taken = take(form, payload)
    built: dict[str, Any] = {}
    values = {name: taken.values.get(name, field.default) for name, field in form.items()}
    values = {name: taken.values.get(name, field.usual(values)) for name, field in form.items()}
    for name, field in form.items():
        value, path = values[name], place + name
        if value is None:
            if (reasons := field.requiring(values)) is not None:
                faults.append(missing(path, field, model, tr, given=taken.left, reasons=reasons))
        elif value == [] or (value == "" and field.min_length != 0):
            faults.append(empty(path, tr))
        elif isinstance(value, list) and field.type not in ("array", "task") and len(value) > 1:
            faults.append(several(path, len(value), tr))
        else:
            if field.members and isinstance(value, list):
                objects = [_object(model, field, item, tr, strict, f"{path}[{n}].") for n, item in enumerate(value)]
                value = [item for item, _ in objects]
                faults += (fault for _, one in objects for fault in one.faults)
                warnings += (warning for _, one in objects for warning in one.warnings)
            faults += check(path, field, value, tr)
            built[name] = value
    for name in taken.left:
        if (fault := _left_out(model, form, name, payload[name], built, tr, place)) is not None:
            faults.append(fault)
        else:
            (faults if strict else warnings).append(unknown(name, form, model, tr, place))
    wrong = {_root(fault, place) for fault in faults}
    faults += [fault for fault in broken(model, form, built, tr, place) if _root(fault, place) not in wrong]
    faults += [one_file(place + name, kept, tr) for name, kept in taken.clashes.items()]
    same = {
        name
        for name, kept in taken.doubles.items()
        if take(form, {name: payload[name]}).values.get(kept) == taken.values.get(kept)
    }
    warnings += [duplicate(place + name, kept, tr) for name, kept in taken.doubles.items() if name in same]
    faults += [contradiction(place + name, kept, tr) for name, kept in taken.doubles.items() if name not in same]
    return BuiltInput(built, tuple(faults), tuple(warnings))


def _object(model: Model, field: Field, item: Any, tr: Translate, strict: bool, place: str) -> tuple[Any, BuiltInput]:
    """An object in a list as it will be sent, with its faults and warnings; anything but an object stays as it is."""
    if not isinstance(item, dict):
        return item, BuiltInput({})
    one = _build(model, field.members, item, tr, strict=strict, place=place)
    return one.input, one


def _left_out(
    model: Model, form: Form, name: str, value: Any, built: Mapping[str, Any], tr: Translate, place: str
) -> InputIssue | None:
    """Why a name that the form does not know must not be ignored; None if it may be."""
    if not place and (kept := rival(name, value, model, built)) is not None:
        return not_together(name, kept, tr)
    if holds_file(name, value):
        return left_out_file(name, form, model, tr, place)
    if changes_result(name, value) or names_task(name, value):
        return left_out_value(name, model, tr, place)
    return None


def _root(fault: InputIssue, place: str) -> str:
    """The field of the form at `place` that a fault is in."""
    return re.split(r"[.\[]", fault.field.removeprefix(place))[0]
