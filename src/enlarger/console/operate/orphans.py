"""Results that came too late, and attempts that may have been paid for."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Response, get
from litestar.di import NamedDependency

from enlarger.catalog.messages import Translate
from enlarger.console.operate.access import OPERATE, render_page
from enlarger.console.operate.amounts import say_money
from enlarger.console.rendering import translator_of
from enlarger.console.views import model_title, provider_title
from enlarger.infra.links import Links
from enlarger.server.bodies import AnyRequest
from enlarger.server.dependencies import Service
from enlarger.server.parameters import Parameters, query, takes
from enlarger.tasks.orphans import Orphan
from enlarger.tasks.queue_state import UnknownFate

_PAGE = 25
_UNKNOWN = 50


class OrphanPage(Parameters, frozen=True):
    """Where to continue."""

    before: Annotated[int, query("The id of the last orphan of the previous page.", ge=0, le=2**62)] = 0


@get(f"{OPERATE}/orphans", **takes(OrphanPage))
async def show_orphans(
    request: AnyRequest, service: NamedDependency[Service], parameters: NamedDependency[OrphanPage]
) -> Response[str]:
    """Show submissions whose fate is unknown, and orphans, the newest first."""
    tr = translator_of(request, service)
    found = await service.orphans.newest(most=_PAGE + 1, before=parameters.before or None)
    following = found[_PAGE - 1].id if len(found) > _PAGE else None
    unknown = [] if parameters.before else await service.queue_state.unknown(most=_UNKNOWN)
    return render_page(
        request,
        service,
        "orphans",
        unknown=[_unknown(one, service.settings.unknown == "resubmit", tr) for one in unknown],
        orphans=[_orphan(one, service.links, tr) for one in found[:_PAGE]],
        next=f"{OPERATE}/orphans?before={following}" if following else None,
        first_page=not parameters.before,
    )


def _unknown(one: UnknownFate, resubmit: bool, tr: Translate) -> dict[str, Any]:
    end = (
        tr("If it cannot be found, the task is submitted once more.")
        if resubmit
        else tr("If it cannot be found, the task fails and gives its credits back.")
    )
    return {
        "task_id": one.task_id,
        "title": model_title(one.model),
        "account": one.account_id,
        "provider": provider_title(one.provider, tr),
        "why": one.error or "",
        "dollars": say_money(one.dollars),
        "at": one.started_at,
        "next_at": one.next_poll_at,
        "deadline": one.deadline_at,
        "end": end,
    }


def _orphan(orphan: Orphan, links: Links, tr: Translate) -> dict[str, Any]:
    late = orphan.state == "succeeded"
    if late and orphan.files:
        then = tr("The result is kept until it expires: download it here.")
    elif late:
        then = tr("Nothing: its files have expired.")
    elif orphan.next_poll_at is not None:
        then = tr("The provider is asked again; a result that comes is kept and shown here.")
    else:
        then = tr("Nothing more is asked: compare the provider's own list of tasks.")
    return {
        "task_id": orphan.task_id,
        "title": model_title(orphan.model),
        "account": orphan.account_id,
        "provider": provider_title(orphan.provider, tr),
        "provider_task_id": orphan.provider_task_id,
        "state": "success" if late else "fail",
        "state_name": tr("Came too late") if late else tr("Unknown"),
        "why": orphan.error or "",
        "dollars": say_money(orphan.dollars),
        "at": orphan.abandoned_at,
        "next_at": orphan.next_poll_at,
        "then": then,
        "files": [
            {"url": links.make(file.id, file.name, file.expires_at), "name": file.name, "expires_at": file.expires_at}
            for file in orphan.files
        ],
    }
