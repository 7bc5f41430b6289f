"""The studio: choose pictures and a model, create tasks, and follow them on cards."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Response, get
from litestar.di import NamedDependency

from enlarger.catalog import Model, get_model, list_models
from enlarger.catalog.messages import Translate, translator
from enlarger.catalog.own import own_models
from enlarger.console.access import ROOT, visitor_of
from enlarger.console.assets import asset_url
from enlarger.console.forms import model_form
from enlarger.console.rendering import render
from enlarger.console.views import view_task
from enlarger.errors import InvalidInput
from enlarger.server.bodies import AnyRequest
from enlarger.server.dependencies import Service
from enlarger.server.parameters import Parameters, query, takes
from enlarger.server.requests import locale_of
from enlarger.tasks.accounts import Caller

_NEWEST = 12
_USUAL = "auto/upscale"


class Chosen(Parameters, frozen=True):
    """Which model's form to show."""

    model: Annotated[str, query("Its id.")] = _USUAL


@get(f"{ROOT}/", **takes(Chosen))
async def show_studio(
    request: AnyRequest,
    service: NamedDependency[Service],
    caller: NamedDependency[Caller],
    parameters: NamedDependency[Chosen],
) -> Response[str]:
    """Show a model's form and the account's newest tasks."""
    tr = translator(locale_of(request, service))
    groups = _groups(service, tr)
    offered = [model["id"] for group in groups for model in group["models"]]
    chosen = _find(parameters.model)
    if chosen is None or chosen.id not in offered:
        chosen = get_model(offered[0])
    tasks = await service.tasks.newest(caller.account_id, states=None, model=None, after=None, most=_NEWEST)
    return render(
        request,
        service,
        "studio.html",
        visitor=visitor_of(request),
        groups=groups,
        example=asset_url("example.jpg"),
        chosen=chosen.id,
        tasks=[view_task(task, service.links, tr) for task in tasks],
        **_form_values(chosen),
    )


@get(f"{ROOT}/form", **takes(Chosen))
async def show_form(
    request: AnyRequest, service: NamedDependency[Service], parameters: NamedDependency[Chosen]
) -> Response[str]:
    """Return a model's form, which a script puts in place of the previous one. Raises UnknownModel."""
    return render(request, service, "form.html", **_form_values(get_model(parameters.model)))


def _form_values(model: Model) -> dict[str, Any]:
    """Return the values for the template of a model's form."""
    form = model_form(model)
    return {
        "about": model.note or "",
        "seconds": model.duration.usual,
        "picture": form.picture,
        "main": form.main,
        "more": form.more,
    }


def _find(name: str) -> Model | None:
    try:
        return get_model(name)
    except InvalidInput:
        return None


def _groups(service: Service, tr: Translate) -> list[dict[str, Any]]:
    """Return the models that this service can run, grouped by task type, local ones first."""
    titles = {
        "upscale": tr("Enlarge pictures"),
        "remove-background": tr("Remove backgrounds"),
        "image-edit": tr("Edit pictures"),
        "image-to-image": tr("Edit pictures"),
        "text-to-image": tr("Generate pictures"),
    }
    groups: dict[str, list[dict[str, Any]]] = {title: [] for title in dict.fromkeys(titles.values())}
    others = tr("Video, audio and other")
    models = [*list_models(), *map(get_model, own_models(service.settings.models_folder))]
    for model in models:
        if not service.routing.offers(model) or not (runners := service.routing.available(model)):
            continue
        title = next((titles[task] for task in model.tasks if task in titles), others)
        entry = {"id": model.id, "title": model.title, "here": runners[0] == "local"}
        groups.setdefault(title, []).append(entry)
    for found in groups.values():
        found.sort(key=lambda entry: (entry["id"] != _USUAL, not entry["here"]))
    return [{"title": title, "models": found} for title, found in groups.items() if found]
