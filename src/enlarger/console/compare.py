"""Comparing models: one input through several of them, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from enlarger.catalog import Model, get_model
from enlarger.catalog.messages import Translate
from enlarger.catalog.model import LOCAL
from enlarger.console.access import ROOT, visitor_of
from enlarger.console.models import all_models
from enlarger.console.rendering import render, translator_of
from enlarger.console.shared_fields import comparison_form
from enlarger.console.task_names import kind_name, task_name
from enlarger.console.views import TaskView, provider_title, say_seconds, view_task
from enlarger.errors import InvalidInput, UnknownTask
from enlarger.server.bodies import AnyRequest
from enlarger.server.dependencies import Service
from enlarger.server.parameters import Parameters, query, takes
from enlarger.tasks.accounts import Caller
from enlarger.tasks.records import Task
from enlarger.translatable import sentence

PAGE = f"{ROOT}/compare"
LEAST, MOST = 2, 4
"""How many models are compared."""
_USUAL = "upscale"


class Comparison(Parameters, frozen=True):
    """What is compared."""

    task: Annotated[str, query("The type of task that the models have in common.")] = ""
    models: Annotated[tuple[str, ...], query("The models to choose.")] = ()
    tasks: Annotated[tuple[str, ...], query("The tasks to show.")] = ()


@get(PAGE, **takes(Comparison))
async def show_comparison(
    request: AnyRequest,
    service: NamedDependency[Service],
    caller: NamedDependency[Caller],
    parameters: NamedDependency[Comparison],
) -> Response[str]:
    """Show a comparison, and the form for another one."""
    tr = translator_of(request, service)
    tasks = await _tasks(service, caller, parameters.tasks)
    return render(
        request,
        service,
        "compare.html",
        visitor=visitor_of(request),
        **_results(tasks, parameters, service, tr),
        **_form(parameters, tasks, service, tr),
    )


@get(PAGE + "/form", **takes(Comparison))
async def show_comparison_form(
    request: AnyRequest, service: NamedDependency[Service], parameters: NamedDependency[Comparison]
) -> Response[str]:
    """Return the form for other models, which a script puts in place of the previous one."""
    tr = translator_of(request, service)
    return render(request, service, "compare_form.html", **_form(parameters, [], service, tr))


@get(PAGE + "/results", **takes(Comparison))
async def show_results(
    request: AnyRequest,
    service: NamedDependency[Service],
    caller: NamedDependency[Caller],
    parameters: NamedDependency[Comparison],
) -> Response[str]:
    """Return the cards of some tasks."""
    tr = translator_of(request, service)
    tasks = await _tasks(service, caller, parameters.tasks)
    return render(request, service, "compare_results.html", **_results(tasks, parameters, service, tr))


@get(PAGE + "/card/{task_id:str}")
async def show_card(
    request: AnyRequest, service: NamedDependency[Service], caller: NamedDependency[Caller], task_id: FromPath[str]
) -> Response[str]:
    """Return a task's card in a comparison, which a script puts in place of an outdated one."""
    tr = translator_of(request, service)
    task = await service.tasks.get(caller.account_id, task_id)
    return render(request, service, "compare_card.html", card=_card(task, service, tr))


async def _tasks(service: Service, caller: Caller, ids: Sequence[str]) -> list[Task]:
    """The account's tasks with these ids, as many as can be compared; those that it does not have are left out."""
    found = []
    for task_id in list(dict.fromkeys(ids))[:MOST]:
        try:
            found.append(await service.tasks.get(caller.account_id, task_id))
        except UnknownTask:
            continue
    return found


def _results(tasks: Sequence[Task], parameters: Comparison, service: Service, tr: Translate) -> dict[str, Any]:
    cards = [_card(task, service, tr) for task in tasks]
    sources = {card["task"].source for card in cards}
    made = next((card["task"].made for card in cards if card["task"].made.source_width), None)
    problem = sentence("Some of these tasks no longer exist, or belong to another account.")
    return {
        "cards": cards,
        "source": sources.pop() if len(sources) == 1 else None,
        "source_size": f"{made.source_width}×{made.source_height}" if made else "",
        "missing": problem if len(tasks) < len(set(parameters.tasks)) else None,
    }


def _card(task: Task, service: Service, tr: Translate) -> dict[str, Any]:
    view = view_task(task, service.links, tr)
    return {
        "task": view,
        "provider": provider_title(view.made.provider, tr),
        "took": _took(view, tr),
        "model": task.model,
    }


def _took(view: TaskView, tr: Translate) -> str:
    """How long the model worked, or the task took if that is not known."""
    return say_seconds(view.made.seconds, tr) if view.made.seconds is not None else view.duration


def _form(parameters: Comparison, tasks: Sequence[Task], service: Service, tr: Translate) -> dict[str, Any]:
    offered = [model for model in all_models(service) if service.routing.available(model)]
    kinds = _kinds(offered)
    wanted = [model for name in (parameters.models or [task.model for task in tasks]) if (model := _find(name))]
    task = parameters.task or next((task for model in wanted for task in model.tasks if task in kinds), _USUAL)
    if task not in kinds:
        task = next(iter(kinds), "")
    listed = sorted(
        (model for model in offered if task in model.tasks),
        key=lambda model: (service.routing.available(model)[0] != LOCAL, model.duration.usual),
    )
    ids = [model.id for model in listed]
    names = list(dict.fromkeys(model.id for model in wanted if model.id in ids))[:MOST]
    if not parameters.models and len(names) < LEAST:
        names = ids[:LEAST]
    chosen = [model for model in listed if model.id in names]
    form = comparison_form(chosen, tr)
    return {
        "task": task,
        "kinds": [
            {
                "title": kind_name(kind, tr),
                "tasks": {name: task_name(name, tr) for name, of in kinds.items() if of == kind},
            }
            for kind in dict.fromkeys(kinds.values())
        ],
        "listed": [
            {"id": model.id, "title": model.title, "here": service.routing.available(model)[0] == LOCAL}
            for model in listed
        ],
        "form": form,
        "contenders": {one.model.id: one for one in form.contenders},
        "types": {one.model.id: msgspec.json.encode(one.types).decode() for one in form.contenders},
        "given": tasks[0].input if tasks else {},
        "least": LEAST,
        "most": MOST,
        "picked": next((view.source for task in tasks if (view := view_task(task, service.links, tr)).source), None),
    }


def _kinds(models: Sequence[Model]) -> dict[str, str]:
    """The types of task for which there are enough models to compare, and what kind of result they make."""
    counts: dict[str, int] = {}
    kinds: dict[str, str] = {}
    for model in models:
        for task in model.tasks:
            counts[task] = counts.get(task, 0) + 1
            kinds.setdefault(task, model.kind)
    return {task: kind for task, kind in kinds.items() if counts[task] >= LEAST}


def _find(name: str) -> Model | None:
    try:
        return get_model(name)
    except InvalidInput:
        return None
