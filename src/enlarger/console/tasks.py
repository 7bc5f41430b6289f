"""The task list and a task's page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from enlarger.catalog.messages import Translate, translator
from enlarger.console.access import ROOT, visitor_of
from enlarger.console.rendering import render
from enlarger.console.views import STATES, say_seconds, state_name, view_task
from enlarger.errors import InvalidInput, UnknownTask
from enlarger.server.bodies import AnyRequest
from enlarger.server.deliveries import to_deliveries
from enlarger.server.dependencies import Service
from enlarger.server.parameters import takes
from enlarger.server.requests import base_url, locale_of
from enlarger.server.tasks import TaskFilters, find_page
from enlarger.tasks.accounts import Caller
from enlarger.tasks.records import Attempt, Event, Task
from enlarger.tasks.wire import shown_state, to_record
from enlarger.translatable import sentence

LIST = f"{ROOT}/tasks"
_PAGE = 20


@get(LIST, **takes(TaskFilters))
async def list_tasks(
    request: AnyRequest,
    service: NamedDependency[Service],
    caller: NamedDependency[Caller],
    parameters: NamedDependency[TaskFilters],
) -> Response[str]:
    """Show the account's tasks, newest first, one page at a time."""
    tr = translator(locale_of(request, service))
    tasks: list[Task] = []
    problem = following = None
    try:
        tasks, following = await find_page(service, caller, parameters, _PAGE)
    except InvalidInput:
        problem = sentence("The catalogue has no model of this name.")
    except UnknownTask:
        problem = sentence("The task that this page continues from no longer exists: go back to the first page.")
    counts = await service.tasks.count_by_state(caller.account_id)
    shown: dict[str, int] = {}
    for state, count in counts.items():
        shown[shown_state(state)] = shown.get(shown_state(state), 0) + count
    chips = [
        {
            "state": state,
            "title": state_name(state, tr),
            "count": shown.get(state, 0),
            "chosen": state in parameters.state,
        }
        for state in STATES
    ]
    return render(
        request,
        service,
        "tasks.html",
        visitor=visitor_of(request),
        tasks=[view_task(task, service.links, tr) for task in tasks],
        chips=chips,
        model=parameters.model,
        filtered=bool(parameters.state or parameters.model or parameters.after),
        problem=problem,
        next=_next_page(parameters, following) if following else None,
    )


@get(LIST + "/{task_id:str}")
async def show_task(
    request: AnyRequest, service: NamedDependency[Service], caller: NamedDependency[Caller], task_id: FromPath[str]
) -> Response[str]:
    """Show everything about a task."""
    task = await service.tasks.get(caller.account_id, task_id)
    tr = translator(locale_of(request, service))
    record = to_record(task, service.links, base_url(request, service))
    delivery = await service.deliveries.find(task.id)
    callback = to_deliveries(task, delivery)
    return render(
        request,
        service,
        "task.html",
        visitor=visitor_of(request),
        task=view_task(task, service.links, tr),
        steps=_steps(await service.events.after(task.id, 0), tr),
        attempts=[_attempt(attempt, tr) for attempt in await service.attempts.of_task(task.id)],
        callback=callback,
        callback_state=_callback_state(callback.state, tr),
        tries=delivery.tries if delivery else [],
        record=msgspec.json.format(msgspec.json.encode(record)).decode(),
    )


@get(LIST + "/{task_id:str}/card")
async def show_card(
    request: AnyRequest, service: NamedDependency[Service], caller: NamedDependency[Caller], task_id: FromPath[str]
) -> Response[str]:
    """Return a task's card, which a script puts in place of an outdated one."""
    task = await service.tasks.get(caller.account_id, task_id)
    tr = translator(locale_of(request, service))
    return render(request, service, "card.html", task=view_task(task, service.links, tr))


def _next_page(parameters: TaskFilters, after: str) -> str:
    pairs = [*(("state", state) for state in parameters.state), ("model", parameters.model), ("after", after)]
    return f"{LIST}?{urlencode([pair for pair in pairs if pair[1]])}"


def _steps(events: list[Event], tr: Translate) -> list[dict[str, Any]]:
    """Return the state changes among a task's events, each with how long the previous state lasted."""
    steps: list[dict[str, Any]] = []
    for event in events:
        state = shown_state(event.state)
        if steps and steps[-1]["state"] == state:
            continue
        after = say_seconds((event.at - steps[-1]["at"]).total_seconds(), tr) if steps else ""
        steps.append({"state": state, "title": state_name(state, tr), "at": event.at, "after": after})
    return steps


def _attempt(attempt: Attempt, tr: Translate) -> dict[str, Any]:
    names = {
        "skipped": tr("Skipped"),
        "submitting": tr("Submitting"),
        "accepted": tr("Running"),
        "unknown": tr("Unknown: the provider may or may not have received it"),
        "succeeded": tr("Done"),
        "failed": tr("Failed"),
    }
    return {
        "provider": attempt.provider,
        "state_name": names[attempt.state],
        "started_at": attempt.started_at,
        "error": attempt.error,
    }


def _callback_state(state: str, tr: Translate) -> str:
    names = {
        "no_callback": tr("No callback"),
        "not_ended": tr("Sent when the task has ended"),
        "pending": tr("Being sent"),
        "delivered": tr("Delivered"),
        "given_up": tr("Given up"),
    }
    return names[state]
