"""The task list, and the card of a task."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from enlarger.catalog import list_models
from enlarger.console.access import ROOT, visitor_of
from enlarger.console.filters import Filters, chips, known_model
from enlarger.console.rendering import render, translator_of
from enlarger.console.time_left import say_left
from enlarger.console.views import view_task
from enlarger.server.bodies import AnyRequest
from enlarger.server.dependencies import Service
from enlarger.tasks.accounts import Caller
from enlarger.tasks.listings import Page
from enlarger.translatable import sentence

LIST = f"{ROOT}/tasks"
_PAGE = 20
_NO_TASKS = Page(tasks=[], following=None, looked=0)


@get(LIST)
async def list_tasks(request: AnyRequest, service: NamedDependency[Service]) -> Response[str]:
    """Show the tasks that match the filters in the address, newest first, one page at a time."""
    tr = translator_of(request, service)
    visitor = visitor_of(request)
    filters = Filters.read(request.query_params, visitor)
    after = str(request.query_params.get("after") or "")
    problem = None
    if known_model(filters):
        page = await service.listings.find(filters.listing(visitor), after=after, most=_PAGE)
        counts = await service.listings.count(filters.listing(visitor))
    else:
        page, counts = _NO_TASKS, {}
        problem = sentence("The catalogue has no model of this name.")
    accounts = [account.id for account in await service.accounts.all()] if visitor.admin else []
    return render(
        request,
        service,
        "tasks.html",
        visitor=visitor,
        tasks=[view_task(task, service.links, tr) for task in page.tasks],
        chips=chips(filters, counts, tr),
        filters=filters,
        models=[model.id for model in list_models()],
        accounts=accounts,
        several=visitor.admin and not filters.account and len(accounts) > 1,
        first=not after,
        problem=problem,
        page=page,
        next=filters.address(LIST, after=page.following) if page.following else None,
    )


@get(LIST + "/{task_id:str}/card")
async def show_card(
    request: AnyRequest, service: NamedDependency[Service], caller: NamedDependency[Caller], task_id: FromPath[str]
) -> Response[str]:
    """Return a task's card, which a script puts in place of an outdated one."""
    task = await service.tasks.get(caller.account_id, task_id)
    tr = translator_of(request, service)
    left = await say_left(service, task, tr)
    return render(request, service, "card.html", task=view_task(task, service.links, tr), left=left)
