"""From the catalogue's words to those of a hosted provider: names of models and fields, values, and dollars."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from enlarger.catalog.model import CREDIT_USD, HostedRoute, Model
from enlarger.catalog.price import most_outputs, quote
from enlarger.errors import RouteUnfit
from enlarger.protocol.inline import is_asset
from enlarger.translatable import sentence

_MICRODOLLAR = Decimal("0.000001")


def translate(model: Model, route: HostedRoute, input: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The model's name and the input on a hosted route; `input` is what `build_input` made.

    A default that the route has no field for is left out. Raises RouteUnfit, which names the field and the value that
    the route cannot do.
    """
    form = model.fields()
    translated: dict[str, Any] = dict(route.constants)
    for name, value in input.items():
        if not route.assets and any(is_asset(item) for item in (value if isinstance(value, list) else [value])):
            raise RouteUnfit(
                sentence(
                    "it does not know the file in '{field}': the hosted service keeps what asset:// names", field=name
                )
            )
        if not route.fields or name in route.fields:
            translated[route.fields.get(name, name)] = _translate_value(route, name, value)
        elif name not in form or value != form[name].default:
            raise RouteUnfit(sentence("it has no field for '{field}'", field=name))
    return route.model or model.id, translated


def dollars(
    model: Model, provider: str, input: Mapping[str, Any], size: tuple[int, int] | None = None
) -> Decimal | None:
    """What a task costs at a provider, at most; 0 where it runs for nothing, None where no price is known.

    `size` is that of the input's picture in pixels, where the caller knows it.
    """
    route = model.routes.get(provider)
    if route is None:
        return Decimal(0)
    if (usd := _usd(route, input)) is not None:
        return (Decimal(str(usd)) * most_outputs(model, input)).quantize(_MICRODOLLAR)
    credits = quote(model, input, size=size).amount
    return None if credits is None else (Decimal(str(credits)) * Decimal(str(CREDIT_USD))).quantize(_MICRODOLLAR)


def _translate_value(route: HostedRoute, name: str, value: Any) -> Any:
    values = route.values.get(name)
    if values is None:
        return value
    if str(value) not in values:
        shown, options = repr(str(value)[:40]), ", ".join(values)
        raise RouteUnfit(
            sentence("it cannot do {field} {value}, only {options}", field=name, value=shown, options=options)
        )
    return values[str(value)]


def _usd(route: HostedRoute, input: Mapping[str, Any]) -> float | None:
    """The price of one output on a route, where the route has its own."""
    for name, prices in route.usd_by.items():
        if (usd := prices.get(str(input.get(name)))) is not None:
            return usd
    return route.usd
