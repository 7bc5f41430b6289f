"""What holds between the fields of an input: fields that go together or do not, and limits that depend on others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from enlarger.catalog.faults import Fault, because, check, names_in_words, not_together
from enlarger.catalog.messages import Translate
from enlarger.catalog.model import Form, Model


def broken(model: Model, form: Form, built: Mapping[str, Any], say: Translate) -> Iterator[Fault]:
    """Every condition of a form that an input breaks, whose fields are each right by themselves."""
    for name in built:
        yield from _company(name, form, built, say)
        yield from _limits(name, form, built, say)
    for group in model.one_of:
        fields = [name for name in group if name in form]
        if fields and built.keys().isdisjoint(fields):
            sentence = say("One of the fields {fields} is required", fields=names_in_words(fields, say))
            yield Fault(fields[0], "required", sentence)


def _company(name: str, form: Form, built: Mapping[str, Any], say: Translate) -> Iterator[Fault]:
    """The fields that a field may not be without, and those that it may not be with."""
    wanted = [other for other in form[name].only_with if other in form]
    if wanted and built.keys().isdisjoint(wanted):
        sentence = say(
            "The field '{field}' does not stand alone: give {fields} as well, or leave it out",
            field=name, fields=names_in_words(wanted, say),
        )  # fmt: skip
        yield Fault(name, "stands_alone", sentence)
    for other in form[name].not_with:
        if other in built:
            yield not_together(name, other, say)


def _limits(name: str, form: Form, built: Mapping[str, Any], say: Translate) -> Iterator[Fault]:
    """The limits that a field has because of others."""
    for limit in form[name].limits_if:
        if not limit.holds(built):
            continue
        reasons = {other: built.get(other) for other in limit.when}
        if limit.absent:
            sentence = because(say("The field '{field}' is not taken", field=name), reasons, limit.given, say)
            yield Fault(name, "not_taken", say("{sentence}: leave it out", sentence=sentence))
            continue
        for fault in check(name, limit.narrow(form[name]), built[name], say):
            yield msgspec.structs.replace(fault, message=because(fault.message, reasons, limit.given, say))
