"""What templates show of a model: what it does, what it costs, and who runs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from enlarger.catalog import Model
from enlarger.catalog.describe import limits, rows, type_name
from enlarger.catalog.messages import Translate
from enlarger.catalog.model import CREDIT_USD, LOCAL, Form, Price, Rule
from enlarger.console.task_names import task_name
from enlarger.console.views import provider_title, say_seconds
from enlarger.providers.routing import Routing, runs

_OUTPUT = "output"
"""The name that rules use for the size class of the result."""


@dataclass(frozen=True)
class RouteView:
    """A provider that has the model."""

    name: str
    title: str
    place: int | None
    """In which order it is asked, from 1; None if it is not asked."""
    why_not: str | None
    """Why it is not asked; translatable."""


@dataclass(frozen=True)
class ModelView:
    """A model in words, for templates."""

    id: str
    title: str
    does: tuple[str, ...]
    """What it does, the main thing first."""
    price: str
    time: str
    """How long a task usually takes."""
    routes: tuple[RouteView, ...]
    """Those that are asked first, in their order."""
    licence: str | None
    """Of the weights, if they are on this machine."""
    offered: bool
    """Whether the operator offers it."""
    status: str

    @property
    def runs(self) -> bool:
        """Whether a provider here can run it."""
        return any(route.place is not None for route in self.routes)

    @property
    def here(self) -> bool:
        """Whether this machine's engine is asked first."""
        return any(route.place == 1 and route.name == LOCAL for route in self.routes)


def view_model(model: Model, routing: Routing, tr: Translate) -> ModelView:
    """Build the view of a model."""
    return ModelView(
        id=model.id,
        title=model.title,
        does=tuple(task_name(task, tr) for task in model.tasks),
        price=short_price(model.price, tr),
        time=say_seconds(model.duration.usual, tr),
        routes=tuple(_routes(model, routing, tr)),
        licence=model.licence,
        offered=routing.offers(model),
        status=model.status,
    )


def short_price(price: Price, tr: Translate) -> str:
    """The price, or the range of prices, and what it is for."""
    if not price.rules:
        return tr("Price unknown")
    if price.free:
        return tr("Free")
    amounts = [rule.credits for rule in price.rules]
    least, most = min(amounts), max(amounts)
    credits = _credits(most, tr)
    text = credits if least == most else f"{_number(least)}–{credits}"
    return f"{text} {price_unit(price, tr)}".strip()


def price_unit(price: Price, tr: Translate) -> str:
    """What a price is for, if not for the whole task."""
    return {
        "task": "",
        "image": tr("per picture"),
        "second": tr("per second"),
        "megapixel": tr("per megapixel"),
        "thousand characters": tr("per 1000 characters"),
    }[price.per]


def price_table(price: Price, tr: Translate) -> dict[str, Any]:
    """The price's rules: the names of what they depend on, and a row of values, credits and dollars for each."""
    names = list(dict.fromkeys(name for rule in price.rules for name in rule.when))
    titles = [tr("size of the result") if name == _OUTPUT else name for name in names]
    return {
        "names": titles,
        "unit": price_unit(price, tr),
        "rules": [
            {
                "values": [_value(rule, name) for name in names],
                "credits": _credits(rule.credits, tr),
                "dollars": _dollars(rule.credits),
            }
            for rule in price.rules
        ],
        "extra": [
            {"field": extra.field, "credits": _credits(extra.credits, tr), "free": extra.free} for extra in price.extra
        ],
        "depends_on": price.depends_on,
    }


def field_tables(model: Model) -> list[dict[str, Any]]:
    """The fields of the first form; of each other form, the rows that differ and the names that it is without."""
    first, *others = (_field_rows(form) for form in model.all_forms())
    tables: list[dict[str, Any]] = [{"rows": first, "without": []}]
    for rows_of in others:
        names = {row["name"] for row in rows_of}
        without = [row["name"] for row in first if row["name"] not in names]
        tables.append({"rows": [row for row in rows_of if row not in first], "without": without})
    return tables


def _field_rows(form: Form) -> list[dict[str, Any]]:
    """The fields of a form, and those of the objects in it, each with its type, default and limits."""
    return [
        {
            "name": name,
            "required": field.required,
            "type": type_name(field),
            "default": "" if field.default is None else _scalar(field.default),
            "limits": limits(field),
        }
        for name, field in rows(form)
        if not field.deprecated
    ]


def _routes(model: Model, routing: Routing, tr: Translate) -> Iterator[RouteView]:
    available = routing.available(model)
    simulated = [name for name in routing.order(model) if name not in model.providers() and runs(name, model)]
    names = dict.fromkeys((*available, *simulated, *model.providers()))
    for name in names:
        place = available.index(name) + 1 if name in available else None
        why_not = None if place else _why_not(name, model, routing, tr)
        yield RouteView(name, provider_title(name, tr), place, why_not)


def _why_not(name: str, model: Model, routing: Routing, tr: Translate) -> str:
    if not routing.offers(model):
        return tr("The operator has switched this model off.")
    if name in routing.unconfigured:
        return routing.unconfigured[name]
    return tr("ENLARGER_ROUTES leaves it out.")


def _value(rule: Rule, name: str) -> str:
    wanted = rule.when.get(name)
    if wanted is None:
        return "–"
    options = wanted if isinstance(wanted, tuple) else (wanted,)
    return ", ".join(_scalar(option) for option in options)


def _scalar(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _credits(amount: float, tr: Translate) -> str:
    return tr.tr_count("{n} credit", "{n} credits", amount) if amount else tr("Free")


def _number(amount: float) -> str:
    return f"{amount:g}"


def _dollars(credits: float) -> str:
    return f"${credits * CREDIT_USD:.4g}"
