"""What waits, how old it is, and which workers have what."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from enlarger.catalog.messages import Translate
from enlarger.console.operate.access import OPERATE, render_page
from enlarger.console.operate.amounts import say_age
from enlarger.console.rendering import translator_of
from enlarger.console.views import model_title, provider_title
from enlarger.server.bodies import AnyRequest
from enlarger.server.dependencies import Service
from enlarger.tasks.entrypoints import COLLECT, DELIVER, DISPATCH, ENGINE, ENGINE_LONG
from enlarger.tasks.queue_state import Held, OpenTasks, QueueLine, RunningWorker
from enlarger.tasks.workers import AnnouncedWorker

_MODELS = 50
_HELD = 60
_ENGINES = 100
_SILENT = 2.0
"""How many leases without a sign of life count as trouble."""


@get(f"{OPERATE}/queue")
async def show_queue(request: AnyRequest, service: NamedDependency[Service]) -> Response[str]:
    """Show the queue, the open tasks by model and provider, the workers, and what they hold."""
    tr = translator_of(request, service)
    state, lease = service.queue_state, service.settings.worker_lease
    return render_page(
        request,
        service,
        "queue",
        lines=[_line(one, tr) for one in await state.queue()],
        open_tasks=[_open(one, tr) for one in await state.open_tasks(most=_MODELS)],
        workers=[_worker(one, tr) for one in await state.workers()],
        engines=[_engine(one, tr) for one in await service.workers.all(most=_ENGINES) if one.runs_engine],
        held=[_held(one, lease, tr) for one in await state.held(most=_HELD)],
    )


def _duty(entrypoint: str, tr: Translate) -> str:
    names = {
        DISPATCH: tr("Find a provider"),
        ENGINE: tr("Run on this machine"),
        ENGINE_LONG: tr("Run on this machine (long tasks)"),
        COLLECT: tr("Fetch a result"),
        DELIVER: tr("Send a callback"),
    }
    return names.get(entrypoint, entrypoint)


def _line(line: QueueLine, tr: Translate) -> dict[str, Any]:
    return {
        "duty": _duty(line.entrypoint, tr),
        "due": line.due,
        "oldest": say_age(line.oldest, tr),
        "later": line.later,
        "held": line.held,
    }


def _open(tasks: OpenTasks, tr: Translate) -> dict[str, Any]:
    return {
        "model": model_title(tasks.model),
        "id": tasks.model,
        "provider": provider_title(tasks.provider, tr),
        "tasks": tasks.tasks,
        "oldest": say_age(tasks.oldest, tr),
    }


def _worker(worker: RunningWorker, tr: Translate) -> dict[str, Any]:
    return {
        "address": worker.address or tr("this machine"),
        "since": worker.since,
        "silent": say_age(worker.silent, tr),
        "providers": ", ".join(provider_title(name, tr) for name in worker.providers),
    }


def _engine(worker: AnnouncedWorker, tr: Translate) -> dict[str, Any]:
    return {
        "name": worker.name,
        "engine": worker.engine or tr("no picture yet"),
        "device": worker.device or "–",
        "speed": "–" if worker.speed is None else tr("{n} MP/s", n=f"{worker.speed:.3g}"),
        "since": worker.since,
        "silent": say_age(worker.silent, tr),
        "alive": worker.alive,
        "problem": worker.problem,
    }


def _held(held: Held, lease: float, tr: Translate) -> dict[str, Any]:
    return {
        "duty": _duty(held.entrypoint, tr),
        "task_id": held.task_id,
        "holder": held.holder or "–",
        "seconds": say_age(held.seconds, tr),
        "silent": say_age(held.silent, tr),
        "lost": held.silent > _SILENT * lease,
    }
