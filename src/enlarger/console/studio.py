"""The studio: choose pictures and a model, create tasks, and follow them on cards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.status_codes import HTTP_200_OK

from enlarger.catalog import Model, get_model, list_models
from enlarger.catalog.messages import Translate
from enlarger.catalog.model import LOCAL
from enlarger.catalog.own import own_models
from enlarger.console.access import ROOT, visitor_of
from enlarger.console.applicable import best_form, typed
from enlarger.console.assets import asset_url
from enlarger.console.drafts import ENLARGER
from enlarger.console.forms import ModelForm, model_form, picture_name
from enlarger.console.rendering import render, translator_of
from enlarger.console.snippets import KEY_VARIABLE, snippets
from enlarger.console.views import view_task
from enlarger.errors import InvalidInput, InvalidRequest
from enlarger.server.bodies import AnyRequest
from enlarger.server.dependencies import Service
from enlarger.server.parameters import JsonBody, Parameters, query, takes
from enlarger.server.requests import base_url
from enlarger.tasks.accounts import Caller
from enlarger.translatable import sentence

_NEWEST = 12
_USUAL = ENLARGER
_MOST_FILES = 1000
"""More than any model takes."""


class Chosen(Parameters, frozen=True):
    """Which model's form to show."""

    model: Annotated[str, query("Its id.")] = _USUAL


class FilledIn(JsonBody, frozen=True):
    """A form as it is filled in so far."""

    asked_for: ClassVar[str] = "model"
    model: str
    variant: int | None
    values: dict[str, Any]
    """By field, as they were typed."""
    files: dict[str, int]
    """How many files other fields have; those of the field that receives dropped files are under an empty name."""

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> Self:
        """Return the form in a request's body. Raises InvalidRequest."""
        try:
            return msgspec.convert({"variant": None, "values": {}, "files": {}, **fields}, cls)
        except msgspec.ValidationError:
            raise InvalidRequest(sentence("The body must be a JSON object with {fields}.", fields="model")) from None


class Composed(JsonBody, frozen=True):
    """A request that is ready to be sent."""

    asked_for: ClassVar[str] = "model, input"
    model: str
    input: dict[str, Any]

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> Self:
        """Return the request in a request's body. Raises InvalidRequest."""
        try:
            return msgspec.convert(dict(fields), cls)
        except msgspec.ValidationError:
            said = sentence("The body must be a JSON object with {fields}.", fields=cls.asked_for)
            raise InvalidRequest(said) from None


@get(f"{ROOT}/", **takes(Chosen))
async def show_studio(
    request: AnyRequest,
    service: NamedDependency[Service],
    caller: NamedDependency[Caller],
    parameters: NamedDependency[Chosen],
) -> Response[str]:
    """Show a model's form and the account's newest tasks."""
    tr = translator_of(request, service)
    groups = _groups(service, tr)
    offered = [model["id"] for group in groups for model in group["models"]]
    chosen = _find(parameters.model)
    if chosen is None or chosen.id not in offered:
        chosen = get_model(offered[0])
    tasks = await service.tasks.newest(caller.account_id, states=None, model=None, after=None, most=_NEWEST)
    example = asset_url("example.jpg")
    return render(
        request,
        service,
        "studio.html",
        visitor=visitor_of(request),
        groups=groups,
        example=example,
        chosen=chosen.id,
        tasks=[view_task(task, service.links, tr) for task in tasks],
        **_form_values(chosen, model_form(chosen, tr, variant=best_form(chosen, ()))),
    )


@get(f"{ROOT}/form", **takes(Chosen))
async def show_form(
    request: AnyRequest, service: NamedDependency[Service], parameters: NamedDependency[Chosen]
) -> Response[str]:
    """Return a model's empty form. Raises UnknownModel."""
    model = get_model(parameters.model)
    form = model_form(model, translator_of(request, service), variant=best_form(model, ()))
    return render(request, service, "form.html", **_form_values(model, form))


@post(f"{ROOT}/form", status_code=HTTP_200_OK, **takes(body=FilledIn))
async def renew_form(
    request: AnyRequest, service: NamedDependency[Service], fields: NamedDependency[FilledIn]
) -> Response[str]:
    """Return a model's form as it is given what is filled in; a script puts it in place of the previous one.

    Raises UnknownModel.
    """
    model = get_model(fields.model)
    picture = picture_name(model.all_forms()[0]) or ""
    names = [*fields.values, *(name or picture for name, count in fields.files.items() if count)]
    variant = fields.variant
    if variant is None or not 0 <= variant < len(model.all_forms()):
        variant = best_form(model, names)
    form = model.all_forms()[variant]
    picture = picture_name(form) or ""
    files = {name or picture: [name] * count for name, count in fields.files.items() if 0 < count <= _MOST_FILES}
    text = {name: value for name, value in fields.values.items() if name in form and form[name].media is None}
    values = typed(form, text) | {name: value for name, value in files.items() if name in form and form[name].media}
    renewed = model_form(model, translator_of(request, service), variant=variant, values=values)
    return render(request, service, "form.html", **_form_values(model, renewed))


@post(f"{ROOT}/code", status_code=HTTP_200_OK, **takes(body=Composed))
async def show_code(
    request: AnyRequest, service: NamedDependency[Service], fields: NamedDependency[Composed]
) -> Response[str]:
    """Return a request as code to copy. Raises UnknownModel."""
    code = snippets(get_model(fields.model), fields.input, base_url(request, service))
    return render(request, service, "code.html", code=code, key=KEY_VARIABLE)


def _form_values(model: Model, form: ModelForm) -> dict[str, Any]:
    """Return the values for the template of a model's form."""
    return {"about": (model.note or "").replace("`", ""), "seconds": model.duration.usual, "form": form}


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
        entry = {"id": model.id, "title": model.title, "here": runners[0] == LOCAL}
        groups.setdefault(title, []).append(entry)
    for found in groups.values():
        found.sort(key=lambda entry: (entry["id"] != _USUAL, not entry["here"]))
    return [{"title": title, "models": found} for title, found in groups.items() if found]
