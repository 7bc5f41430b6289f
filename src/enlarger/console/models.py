"""The catalogue: the list of models, a model's page, and the engines of this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.status_codes import HTTP_404_NOT_FOUND

from enlarger.catalog import Model, get_model, list_models
from enlarger.catalog.describe import say_needs
from enlarger.catalog.messages import Translate
from enlarger.catalog.own import describe_own, find_own, own_models
from enlarger.catalog.schema import example
from enlarger.console.access import ROOT, visitor_of
from enlarger.console.model_views import field_tables, price_table, view_model
from enlarger.console.rendering import render, translator_of
from enlarger.console.task_names import kind_name, task_name
from enlarger.console.views import provider_title, say_seconds
from enlarger.errors import UnknownModel
from enlarger.providers.registry import specs
from enlarger.server.bodies import AnyRequest
from enlarger.server.dependencies import Service
from enlarger.server.parameters import Parameters, query, takes

LIST = f"{ROOT}/models"
_PAGE = 30


class ModelFilters(Parameters, frozen=True):
    """Which models to list."""

    q: Annotated[str, query("Words in the id, the title or the description.")] = ""
    task: Annotated[str, query("A type of task, such as text-to-image.")] = ""
    provider: Annotated[str, query("A provider that has the model.")] = ""
    runs: Annotated[str, query("Anything: only models that a provider here can run.")] = ""
    after: Annotated[str, query("The id of the last model on the previous page.")] = ""


@get(LIST, **takes(ModelFilters))
async def show_models(
    request: AnyRequest, service: NamedDependency[Service], parameters: NamedDependency[ModelFilters]
) -> Response[str]:
    """Show the models, those that run here first, one page at a time."""
    tr = translator_of(request, service)
    found = [model for model in all_models(service) if _matches(model, parameters, service, tr)]
    found.sort(key=lambda model: not service.routing.available(model))
    ids = [model.id for model in found]
    start = ids.index(parameters.after) + 1 if parameters.after in ids else 0
    page = found[start : start + _PAGE]
    more = len(found) > start + _PAGE
    return render(
        request,
        service,
        "models.html",
        visitor=visitor_of(request),
        models=[view_model(model, service.routing, tr) for model in page],
        count=tr.tr_count("{n} model", "{n} models", len(found)),
        groups=_task_groups(tr),
        providers=[
            {"name": spec.name, "title": provider_title(spec.name, tr)} for spec in specs() if not spec.simulates
        ],
        chosen=parameters,
        filtered=any((parameters.q, parameters.task, parameters.provider, parameters.runs)),
        first=_address(parameters, None) if start else None,
        next=_address(parameters, page[-1].id) if more else None,
    )


@get(LIST + "/engines")
async def show_engines(request: AnyRequest, service: NamedDependency[Service]) -> Response[str]:
    """Show the engines of this machine as they were measured. Nothing is measured for it."""
    rows = await asyncio.to_thread(_engines, service)
    absent = {row.engine: row.why_not for row in rows if row.absent}
    networks: dict[str, list[Any]] = {}
    for row in rows:
        if row.engine not in absent:
            networks.setdefault(row.network, []).append(row)
    return render(
        request,
        service,
        "engines.html",
        visitor=visitor_of(request),
        networks=networks,
        absent=absent,
        measured=all(any(row.megapixels_per_second is not None for row in some) for some in networks.values()),
        named=getattr(service.settings, "engine", None),
    )


@get(LIST + "/{path:path}")
async def show_model(request: AnyRequest, service: NamedDependency[Service], path: FromPath[str]) -> Response[str]:
    """Show everything about a model."""
    model = _find(str(path).strip("/"), service)
    tr = translator_of(request, service)
    packages = await asyncio.to_thread(_weights, service, model)
    body = {"model": model.id, "input": example(model)}
    return render(
        request,
        service,
        "model.html",
        visitor=visitor_of(request),
        model=view_model(model, service.routing, tr),
        about=model.note or "",
        aliases=model.aliases,
        forms=field_tables(model),
        needs=say_needs(model),
        price=price_table(model.price, tr),
        longest=say_seconds(model.duration.most, tr),
        max_side=model.max_side,
        packages=packages,
        missing=any(not one.installed for one in packages),
        example=msgspec.json.format(msgspec.json.encode(body)).decode(),
    )


def all_models(service: Service) -> list[Model]:
    """The models of the catalogue, and the networks of the user's own."""
    folder = service.settings.models_folder
    own = (describe_own(get_model(name), one.native_scale) for name, one in own_models(folder).items())
    return [*list_models(), *own]


def _find(name: str, service: Service) -> Model:
    """Find a model by its id or alias. Raises HTTPException (404)."""
    try:
        model = get_model(name)
        own = find_own(model, service.settings.models_folder)
    except UnknownModel as error:
        raise HTTPException(error.args[0], status_code=HTTP_404_NOT_FOUND) from None
    return describe_own(model, own.native_scale) if own else model


def _matches(model: Model, filters: ModelFilters, service: Service, tr: Translate) -> bool:
    if filters.task and filters.task not in model.tasks:
        return False
    if filters.provider and filters.provider not in model.providers():
        return False
    if filters.runs and not service.routing.available(model):
        return False
    text = " ".join(_words(model, tr)).casefold()
    return all(word in text for word in filters.q.casefold().split())


def _words(model: Model, tr: Translate) -> Iterator[str]:
    """What a search looks at."""
    yield from (model.id, model.title, model.note or "", *model.aliases)
    for task in model.tasks:
        yield from (task, task_name(task, tr))


def _task_groups(tr: Translate) -> list[dict[str, Any]]:
    """The types of task in the catalogue, by the kind of result that the first model of the type makes."""
    kinds: dict[str, dict[str, str]] = {"image": {}, "video": {}, "audio": {}}
    seen: set[str] = set()
    for model in list_models():
        for task in model.tasks:
            if task not in seen:
                seen.add(task)
                kinds[model.kind][task] = task_name(task, tr)
    return [{"title": kind_name(kind, tr), "tasks": tasks} for kind, tasks in kinds.items()]


def _address(filters: ModelFilters, after: str | None) -> str:
    pairs = {name: getattr(filters, name) for name in ("q", "task", "provider", "runs")} | {"after": after}
    query = urlencode({name: value for name, value in pairs.items() if value})
    return f"{LIST}?{query}" if query else LIST


def _engines(service: Service) -> list[Any]:
    """The measured engines; none if the engine is not installed."""
    try:
        from enlarger.providers.local.inventory import measured_engines
    except ImportError:
        return []
    return list(measured_engines(service.settings))


def _weights(service: Service, model: Model) -> list[Any]:
    """The packages of weights that a model may need; none if the engine is not installed."""
    try:
        from enlarger.providers.local.inventory import weights_for
    except ImportError:
        return []
    return list(weights_for(service.settings, model))
