"""Prints the catalogue and its prices."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from rich.json import JSON
from rich.markup import escape
from rich.table import Table

from enlarger.catalog import (
    HEADER_BYTES,
    Credits,
    Field,
    Model,
    build_input_or_raise,
    list_models,
    measure,
    quote,
)
from enlarger.catalog.describe import limits, rows, say_needs, say_price, type_name
from enlarger.catalog.own import describe_own, own_name, say_missing
from enlarger.catalog.schema import example, json_schema
from enlarger.cli.assignments import addressed, check_input, find_model, local_files, read_input
from enlarger.cli.output import Output, Style
from enlarger.cli.own import OwnNetwork, find_network, networks_among, networks_here
from enlarger.cli.signals import run
from enlarger.cli.streams import Piped
from enlarger.errors import EnlargerError, FeatureDisabled, InvalidInput, UnknownModel

if TYPE_CHECKING:
    from enlarger.cli.session import Where
    from enlarger.client import KieApiClient
    from enlarger.client.records import ModelInfo

_ASK_SECONDS = 5.0
_OFF = "switched off"
_REFUNDS = {
    "unpaid": "If you cancel it, its credits come back unless a hosted provider was, or may have been, paid for it.",
    "all": "If you cancel it, all of its credits come back.",
}


def show_models(
    output: Output, *, kind: str | None, task: str | None, provider: str | None, where: Where | None = None
) -> None:
    """Print a table of models, narrowed down; with `--quiet` their ids. What a service does not offer is marked."""
    for name, value, known in (
        ("--kind", kind, {model.kind for model in list_models()}),
        ("--task", task, {task for model in list_models() for task in model.tasks}),
        ("--provider", provider, {name for model in list_models() for name in model.providers()}),
    ):
        if value is not None and value not in known:
            raise InvalidInput(name, f"{name} {value!r} is not known: choose one of {', '.join(sorted(known))}.")
    off, own = _ask_service(output, where)
    models = list_models(kind=kind, task=task, provider=provider)  # type: ignore[arg-type]
    models += [
        model
        for model in (describe_own(find_model(name), network.scale) for name, network in own.items())
        if kind in (None, model.kind)
        and (task is None or task in model.tasks)
        and (provider is None or provider in model.providers())
    ]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("model", no_wrap=True)
    for column in ("task", "routes", "price"):
        table.add_column(column, overflow="fold")
    for model in models:
        price = say_price(model)
        short = price if len(price) < 60 else f"{price.split(';')[0]}; …"
        routes = ", ".join(model.providers())
        if off is not None and model.id in off:
            routes = f"[yellow]{_OFF}[/]"
        table.add_row(model.id, ", ".join(model.tasks), routes, short)
    output.table(table, [model.id for model in models], [_summary(model, off, own.get(model.id)) for model in models])
    count = "1 model" if len(models) == 1 else f"{len(models)} models"
    output.hint(f"{count}. `enlarger models show ID` has the details of one.")


def show_model(output: Output, name: str, *, where: Where | None = None) -> None:
    """Print what a model takes, what it costs, and an example of a request; with `--quiet` the names of its fields."""
    model = find_model(name)
    off, own = _ask_service(output, where)
    if own_name(model.id):
        if model.id not in own:
            raise UnknownModel("model", f"{say_missing(model, own)}.")
        model = describe_own(model, own[model.id].scale)
    if output.style is not Style.HUMAN:
        output.lines(list(model.fields()), _details(model, off, own.get(model.id)))
        return
    output.show(f"[bold]{model.id}[/]  {escape(model.title)}")
    if model.aliases:
        output.show(f"also called {', '.join(model.aliases)}")
    output.show(f"{', '.join(model.tasks)}; routes: {', '.join(model.providers())}; {model.status}\n")
    if off is not None and model.id in off:
        output.show(f"[yellow]{_OFF} at this service: it refuses tasks and quotes for it (ENLARGER_MODELS_OFF)[/]\n")
    for number, form in enumerate(model.all_forms(), 1):
        if len(model.all_forms()) > 1:
            output.show(f"[bold]either[/] ({number})" if number == 1 else f"[bold]or[/] ({number})")
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in ("field", "type", "default", "limits"):
            table.add_column(column, overflow="fold")
        for field_name, field in rows(form):
            table.add_row(
                field_name + (" *" if field.required else ""), type_name(field), _default(field), limits(field)
            )
        output.draw(table)
    output.show(f"\n* is required. {escape(say_needs(model) or '')}".rstrip())
    output.show(f"[bold]price[/]  {escape(say_price(model))}")
    if model.note:
        output.show(f"[bold]note[/]   {escape(model.note)}")
    if model.licence:
        output.show(f"[bold]licence[/]  {model.licence} (of the weights)")
    output.show("\n[bold]example[/]")
    output.show(JSON.from_data({"model": model.id, "input": example(model)}))


def show_quote(
    output: Output,
    name: str,
    assignments: Sequence[str],
    where: Where,
    *,
    document: str | None = None,
    strict: bool = False,
) -> None:
    """Print what a task would cost, and warn as `run` does; raises InvalidInput for what the model does not take."""
    model = find_model(name)
    if own_name(model.id):
        run(partial(find_network, model, where))
    with Piped() as piped:
        given, notes, size = _read(model, assignments, document, piped, strict=strict)
    for note in notes:
        output.caution(note)
    priced = quote(model, build_input_or_raise(model, given), size=size)
    refund = None if output.style is Style.QUIET else run(partial(_refund, where, model, given))
    bare = "unknown" if priced.amount is None else f"{priced.amount:g}"
    facts: dict[str, Any] = {
        "credits": priced.amount,
        "usd": priced.usd,
        "exact": priced.exact,
        "why": priced.why and str(priced.why),
        "refundOnCancel": refund,
        "warnings": notes,
    }
    output.lines([bare if output.style is Style.QUIET else format_quote(priced)], {"model": model.id, **facts})
    if refund is not None and priced.amount:
        output.hint(_REFUNDS[refund])


def format_quote(priced: Credits) -> str:
    """A quote in a line."""
    if priced.amount is None:
        return f"unknown: {priced.why}"
    credits = f"{priced.amount:g} credits (${priced.usd:g})"
    return credits if priced.exact else f"at most {credits}: {priced.why}"


async def _refund(where: Where, model: Model, input: Mapping[str, Any]) -> str | None:
    """What cancelling the task would refund, according to the service that would run it; None without one."""
    try:
        async with _find_client(where) as client:
            return None if client is None else (await client.quote(model.id, input)).refund_on_cancel
    except FeatureDisabled:
        raise
    except EnlargerError:  # the price is known without it
        return None


def _ask_service(output: Output, where: Where | None) -> tuple[frozenset[str] | None, Mapping[str, OwnNetwork]]:
    """What only the service that is named or runs here knows: which models it does not offer, and its user's own.

    Where none says so, nobody knows the former, and the latter are those of this machine.
    """
    listed = None if where is None or output.style is Style.QUIET else run(partial(_list, where))
    if listed is None:
        return None, networks_here(where.data_dir if where else None)
    return frozenset(model.id for model in listed if model.switched_off), networks_among(listed)


async def _list(where: Where) -> list[ModelInfo] | None:
    try:
        async with _find_client(where) as client:
            return None if client is None else await client.models()
    except EnlargerError:  # the catalogue is known without it
        return None


@asynccontextmanager
async def _find_client(where: Where) -> AsyncIterator[KieApiClient | None]:
    """A client of the service that is named or runs here, with a short timeout and no retries; None without one."""
    from enlarger.cli.session import find_client

    async with find_client(where) as client:
        yield None if client is None else client.with_options(timeout=_ASK_SECONDS, max_retries=0)


def _summary(model: Model, off: frozenset[str] | None, network: OwnNetwork | None) -> dict[str, Any]:
    """A model as data, by the names that the API has for the same."""
    return {
        "model": model.id,
        "title": model.title,
        "kind": model.kind,
        "taskType": list(model.tasks),
        "providers": list(model.providers()),
        "pricingDesc": say_price(model),
        "licence": model.licence,
        "switchedOff": None if off is None else model.id in off,
        "scale": network and network.scale,
        "digest": network and network.digest,
    }


def _details(model: Model, off: frozenset[str] | None, network: OwnNetwork | None) -> dict[str, Any]:
    return _summary(model, off, network) | {
        "aliases": list(model.aliases),
        "status": model.status,
        "note": model.note,
        "price": msgspec.to_builtins(model.price),
        "input": json_schema(model),
        "example": {"model": model.id, "input": example(model)},
    }


def _default(field: Field) -> str:
    text = "" if field.default is None else str(field.default)
    return text.lower() if field.type == "boolean" else text


def _read(
    model: Model, assignments: Sequence[str], document: str | None, piped: Piped, *, strict: bool
) -> tuple[dict[str, Any], list[str], tuple[int, int] | None]:
    """The fields that were typed, as `run` reads them, with addresses for files of this machine.

    Also returns the warnings about them, and the size of a picture.
    """
    form = model.fields()
    given = read_input(assignments, document, form=form, piped=piped)
    _, notes = check_input(model.id, given, strict=strict)
    sizes: dict[str, tuple[int, int] | None] = {}
    for name, value in given.items():
        for picture in local_files(form, name, value):
            with picture.open("rb") as file:
                sizes.setdefault(name, measure(file.read(HEADER_BYTES)))
    size = sizes.get(model.picture_field() or "", next(iter(sizes.values()), None))
    return {name: addressed(form, name, value) for name, value in given.items()}, notes, size
