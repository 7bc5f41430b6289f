"""The weight and limits of an account: how they are shown, and the fields that set them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from enlarger.catalog.messages import Translate
from enlarger.console.operate.forms import Form, named
from enlarger.tasks.accounts import Account
from enlarger.tasks.fields import DEFAULT_LIMIT, parse_limit, parse_weight
from enlarger.tasks.limits import AccountLimits, OwnLimits

_WEIGHT = "weight"


def limit_labels(tr: Translate) -> dict[str, str]:
    """The labels of the weight and the limits, by the names of their fields."""
    return {
        _WEIGHT: tr("Turns compared with other accounts"),
        "open_limit": tr("Open tasks at a time"),
        "megapixel_limit": tr("Open megapixels for the engine"),
        "engine_limit": tr("Engine seconds per day"),
    }


def read_limits(form: Form, tr: Translate) -> OwnLimits:
    """The weight and limits in a form; an empty field means the service's default. Raises InvalidInput."""
    labels = limit_labels(tr)
    values: dict[str, Any] = {}
    for name, label in labels.items():
        parse = parse_weight if name == _WEIGHT else parse_limit
        text = form.text(name) or ("1" if name == _WEIGHT else DEFAULT_LIMIT)
        values[name] = named(name, lambda parse=parse, label=label, text=text: parse(label, text))
    return msgspec.convert(values, OwnLimits)


def limit_facts(own: Account | OwnLimits, usual: AccountLimits, tr: Translate) -> Sequence[tuple[str, str]]:
    """The weight and limits of an account with their labels; `usual` are the service's defaults."""
    labels = limit_labels(tr)
    limits = {
        "open_limit": usual.open_tasks,
        "megapixel_limit": usual.open_megapixels,
        "engine_limit": usual.engine_seconds,
    }
    facts = [(labels[_WEIGHT], f"{own.weight:g}")]
    for name, default in limits.items():
        value = getattr(own, name)
        limit = default if value is None else value
        facts.append((labels[name], str(limit or tr("no limit"))))
    return facts


def limit_values(account: Account) -> dict[str, str]:
    """An account's weight and limits as values of form fields; the service's default is left out."""
    values = {name: getattr(account, name) for name in ("open_limit", "megapixel_limit", "engine_limit")}
    own = {name: str(value) for name, value in values.items() if value is not None}
    return {_WEIGHT: f"{account.weight:g}", **own}
