"""Writes the table of models with several routes in docs/operate/providers.md, from the catalogue: `make docs`."""

from __future__ import annotations

from collections.abc import Iterator

from enlarger.catalog import Model, list_models
from enlarger.catalog.model import HostedRoute
from enlarger.providers.routing import usual_order
from enlarger.worker.costs import PRICE_LIST
from scripts.generated import DOCS, rewrite, table

PAGE = DOCS / "operate" / "providers.md"


def parts() -> dict[str, str]:
    """The models that several providers run, what some of these do not accept, and where KIE's price is assumed."""
    rows = [_row(model) for model in list_models() if len(model.providers()) > 1]
    columns = ("model", "providers", "not accepted by", "KIE's price assumed at")
    return {"models with several routes": table(columns, rows)}


def _row(model: Model) -> str:
    providers = [name for name in usual_order() if name in model.providers()]
    lacking = {name: list(_lacks(model, model.routes[name])) for name in providers if name in model.routes}
    exceptions = "; ".join(f"{name}: {', '.join(lacks)}" for name, lacks in lacking.items() if lacks)
    assumed = ", ".join(name for name in lacking if name != PRICE_LIST and not _has_price(model.routes[name]))
    return f"| `{model.id}` | {', '.join(providers)} | {exceptions} | {assumed} |"


def _has_price(route: HostedRoute) -> bool:
    """Whether the catalogue has another price there than KIE's."""
    return route.usd is not None or bool(route.usd_by)


def _lacks(model: Model, route: HostedRoute) -> Iterator[str]:
    """The fields, and values of fields, with which `translate` raises RouteUnfit."""
    for name, field in model.fields().items():
        if route.fields and name not in route.fields:
            yield f"`{name}`"
        elif name in route.values:
            yield from (f"`{name}` `{value}`" for value in field.enum if str(value) not in route.values[name])


if __name__ == "__main__":
    rewrite(PAGE, parts())
