"""A task's page: everything that is known about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from enlarger.catalog.messages import Translate
from enlarger.console import timeline
from enlarger.console.access import visitor_of
from enlarger.console.rendering import render, translator_of
from enlarger.console.tasks import LIST
from enlarger.console.time_left import say_left
from enlarger.console.views import provider_title, stored_sources, view_task
from enlarger.server.bodies import AnyRequest
from enlarger.server.deliveries import to_deliveries
from enlarger.server.dependencies import Service
from enlarger.server.estimating import to_estimated_record
from enlarger.tasks.accounts import Caller
from enlarger.tasks.records import Attempt, Task

_UNITS = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "kB"))


@get(LIST + "/{task_id:str}")
async def show_task(
    request: AnyRequest, service: NamedDependency[Service], caller: NamedDependency[Caller], task_id: FromPath[str]
) -> Response[str]:
    """Show everything about a task."""
    task = await service.tasks.get(caller.account_id, task_id)
    tr = translator_of(request, service)
    visitor = visitor_of(request)
    record = await to_estimated_record(request, service, task)
    delivery = await service.deliveries.find(task.id)
    callback = to_deliveries(task, delivery)
    tries = delivery.tries if delivery else []
    events = await service.events.after(task.id, 0)
    attempts = await service.attempts.of_task(task.id)
    resubmits = service.settings.unknown == "resubmit"
    return render(
        request,
        service,
        "task.html",
        visitor=visitor,
        task=view_task(task, service.links, tr),
        left=await say_left(service, task, tr),
        prompt=prompt if isinstance(prompt := task.input.get("prompt"), str) else "",
        own=task.account_id == visitor.caller.account_id,
        steps=timeline.steps(events, tr),
        timeline=timeline.draw(task, events, attempts, tries, service.database.now(), tr),
        attempts=[_attempt(attempt, tr) for attempt in attempts],
        unknown=[_explain(attempt, resubmits, tr) for attempt in attempts if attempt.state == "unknown"],
        callback=callback,
        callback_state=_callback_state(callback.state, tr),
        next_try=delivery.next_try_at if delivery and delivery.state == "pending" else None,
        tries=tries,
        files=await _files(service, task, tr),
        asked=_request(task),
        record=msgspec.json.format(msgspec.json.encode(record)).decode(),
    )


def _request(task: Task) -> str:
    """Return the body with which a client created this task; files inside it are links here."""
    body: dict[str, Any] = {"model": task.model, "input": task.input, "callBackUrl": task.callback_url}
    if task.param:
        body = msgspec.json.decode(task.param)
        if isinstance(body.get("input"), str):  # a record has it as JSON inside JSON
            body["input"] = msgspec.json.decode(body["input"])
    shown: dict[str, Any] = {name: body[name] for name in ("model", "input") if name in body}
    shown |= {name: value for name, value in body.items() if name not in shown and value is not None}
    return msgspec.json.format(msgspec.json.encode(shown)).decode()


def _attempt(attempt: Attempt, tr: Translate) -> dict[str, Any]:
    abandoned = attempt.abandoned_at is not None and attempt.state != "failed"
    return {
        "provider": provider_title(attempt.provider, tr),
        "state": attempt.state,
        "state_name": timeline.attempt_name(attempt, tr),
        "provider_task_id": attempt.provider_task_id or "",
        "started_at": attempt.started_at,
        "dollars": f"{attempt.dollars:.4f}".rstrip("0").rstrip(".") if attempt.dollars else "",
        "error": attempt.error or "",
        "note": tr("The task has gone on, or ended, without it.") if abandoned else "",
    }


def _explain(attempt: Attempt, resubmits: bool, tr: Translate) -> dict[str, Any]:
    """Return why an attempt's fate is unknown, and what happens next."""
    why = tr(
        "The answer of {provider} was lost: it may have received the task, and may charge for it, or may not.",
        provider=provider_title(attempt.provider, tr),
    )
    if attempt.abandoned_at is not None:
        following = tr(
            "Its time is over, and the task did not wait any longer. Should a result still arrive, it is kept as an"
            " orphan."
        )
    elif resubmits:
        following = tr("It is asked again and again. If nobody can say by then, the task is submitted once more.")
    else:
        following = tr(
            "It is asked again and again. If nobody can say by then, the task fails: it is not sent twice, because it"
            " may have been paid for."
        )
    until: datetime | None = attempt.deadline_at if attempt.abandoned_at is None else None
    return {"provider": attempt.provider, "why": why, "next": following, "until": until}


async def _files(service: Service, task: Task, tr: Translate) -> list[dict[str, Any]]:
    """Return the stored files of a task's input and result, each with how long it is kept."""
    inputs = dict(stored_sources(task.input, service.links))
    results = {file.id: file for file in task.result.files} if task.result else {}
    kept = {file.id: file for file in await service.files.some([*inputs, *results])}
    rows = []
    for file_id in [*inputs, *results]:
        file = kept.get(file_id)
        link = inputs.get(file_id) or service.links.make(file_id, results[file_id].name, results[file_id].expires_at)
        rows.append(
            {
                "kind": tr("Input") if file_id in inputs else tr("Result"),
                "name": file.name if file else link.split("/")[3].partition("?")[0],
                "url": link if file else None,
                "size": _say_bytes(file.size) if file else "",
                "expires_at": file.expires_at if file else None,
            }
        )
    return rows


def _say_bytes(size: int) -> str:
    for unit, name in _UNITS:
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} B"


def _callback_state(state: str, tr: Translate) -> str:
    names = {
        "no_callback": tr("No callback"),
        "not_ended": tr("Sent when the task has ended"),
        "pending": tr("Being sent"),
        "delivered": tr("Delivered"),
        "given_up": tr("Given up"),
    }
    return names[state]
