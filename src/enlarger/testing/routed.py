"""The models of a provider's stand-in: those that the catalogue has a route to, by their names there."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import msgspec

from enlarger.catalog import Model, list_models
from enlarger.catalog.model import HostedRoute
from enlarger.testing.exchange import Refused

Routed = tuple[Model, HostedRoute]


@functools.cache
def models_at(provider: str) -> Mapping[str, tuple[Routed, ...]]:
    """What the catalogue runs on each model there: two of its models can be one of the provider's."""
    found: dict[str, tuple[Routed, ...]] = {}
    for model in list_models():
        if (route := model.routes.get(provider)) is not None:
            name = route.model or model.id
            found[name] = (*found.get(name, ()), (model, route))
    return found


class Priced(msgspec.Struct, frozen=True):
    """What a task makes, and costs."""

    files: int
    price: float
    """Dollars for each file; 0 where the catalogue does not know it."""


def check_input(provider: str, name: str, given: Mapping[str, Any]) -> Priced:
    """What a provider's model makes of this input.

    Raises Refused for a field that is missing, or a value that the catalogue knows to be none of the model's.
    """
    all_routed = models_at(provider)[name]
    fitting = [routed for routed in all_routed if given.keys() <= _their_fields(*routed)] or all_routed
    problems = [_problem(model, route, given) for model, route in fitting]
    if all(problems):
        raise Refused(422, str(problems[0]))
    model, route = fitting[problems.index(None)]
    field = model.output.count_field or ""
    count = given.get(route.fields.get(field, field), model.output.count)
    return Priced(count if isinstance(count, int) and count > 0 else 1, _price(route, given))


def _price(route: HostedRoute, given: Mapping[str, Any]) -> float:
    for name, prices in route.usd_by.items():
        value = given.get(route.fields.get(name, name))
        for ours, usd in prices.items():
            if value == route.values.get(name, {}).get(ours, ours):
                return usd
    return route.usd or 0.0


def _their_fields(model: Model, route: HostedRoute) -> set[str]:
    """The provider's names of what the catalogue's model takes."""
    return {route.fields.get(name, name) for name in model.fields()} | route.constants.keys()


def _problem(model: Model, route: HostedRoute, given: Mapping[str, Any]) -> str | None:
    for name, field in model.input.items():
        theirs = route.fields.get(name, name)
        if theirs not in given:
            if field.required:
                return f"{theirs} is required"
            continue
        value, known = given[theirs], route.values.get(name)
        if known and value not in known.values():
            return f"{theirs} must be one of the following: {', '.join(map(str, known.values()))}"
        if field.media and not _are_urls(value if field.type == "array" else [value]):
            return f"{theirs} does not match format 'uri'"
    return None


def _are_urls(values: Any) -> bool:
    return isinstance(values, list) and all(
        isinstance(value, str) and value.startswith(("http://", "https://", "data:")) for value in values
    )
