"""Writes docs/reference/models.md out of the catalogue: `make docs`."""

from __future__ import annotations

import json
from collections.abc import Iterator

from enlarger.catalog import Field, Model, list_models
from enlarger.catalog.describe import limits, rows, say_needs, say_price, type_name
from enlarger.catalog.load import checked, families
from enlarger.catalog.schema import example

_HEAD = """\
# Models

Every model of the catalogue: what it takes, what it costs, who can run it. This page is made from the catalogue's data
by `make docs`. A route is a provider that can run the model: those of hosted services need their key, `local` is this
machine. A task is refused while none of its model's routes is set up. [Providers](../operate/providers.md) has the rest;
in the [sandbox](../guides/sandbox-and-testing.md) every model runs.

[Networks of your own](cli.md#enlarger-models-add) are models as well: `own/NAME`, with the fields of `span/x4`.

A field marked * is required; where the hosted service has a default, so has the catalogue. A file is given by its URL,
or inside the request as a data URL or base64. A credit is $0.005.

The months in which each family was last compared with the hosted service's documents and price list:

| family | compared | models |
| --- | --- | --- |
"""


def page() -> Iterator[str]:
    """The page, line by line."""
    yield _HEAD.rstrip()
    for family, ids in families().items():
        yield f"| {family} | {checked()[family]} | {len(ids)} |"
    yield "\nTo compare them again: `python -m scripts.check_catalogue FILE`, with a copy of the service's OpenAPI"
    yield "description or price list; then the new month goes into `models/checked.json`.\n"
    for kind in ("image", "video", "audio"):
        yield f"## {kind.capitalize()} models\n"
        yield "| model | tasks | routes | price |"
        yield "| --- | --- | --- | --- |"
        for model in list_models(kind=kind):
            price = say_price(model).split("; ")
            shown = price[0] + (", …" if len(price) > 1 else "")
            routes = ", ".join(model.providers())
            yield f"| [`{model.id}`](#{anchor(model)}) | {', '.join(model.tasks)} | {routes} | {shown} |"
        yield ""
    for model in list_models():
        yield from section(model)


def section(model: Model) -> Iterator[str]:
    """One model."""
    yield f"## {model.id}\n"
    also = f" Also called {', '.join(f'`{alias}`' for alias in model.aliases)}." if model.aliases else ""
    licence = f" Licence of the weights: {model.licence}." if model.licence else ""
    state = "" if model.status == "active" else f" It is {model.status} at the hosted service."
    yield f"{model.title}: {', '.join(model.tasks)}. Routes: {', '.join(model.providers())}.{also}{state}{licence}\n"
    for number, form in enumerate(model.all_forms()):
        if number:
            yield "or\n"
        yield "| field | type | default | limits |"
        yield "| --- | --- | --- | --- |"
        for name, field in rows(form):
            yield row(name, field)
        yield ""
    if needs := say_needs(model):
        yield f"{needs}\n"
    yield f"Price: {say_price(model)}.\n"
    if model.note:
        yield f"{model.note}\n"
    yield "```json"
    yield json.dumps({"model": model.id, "input": example(model)}, ensure_ascii=False)
    yield "```\n"


def row(name: str, field: Field) -> str:
    """One field."""
    default = "" if field.default is None else f"`{json.dumps(field.default, ensure_ascii=False)}`"
    return f"| `{name}`{' *' if field.required else ''} | {type_name(field)} | {default} | {limits(field)} |"


def anchor(model: Model) -> str:
    """The section's anchor, as GitHub makes it."""
    return "".join(letter for letter in model.id.lower() if letter.isalnum() or letter in "-_")


if __name__ == "__main__":
    print("\n".join(page()).rstrip())
