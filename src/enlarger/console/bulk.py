"""Cancelling and running again several tasks: chosen ones, or all that match the list's filters.

A page says first what will happen and what it costs; its form has a token, so that sending it twice creates nothing
twice. Each submission does a bounded part, and says how many are left.
"""

from __future__ import annotations

import asyncio
import secrets
from decimal import Decimal
from typing import Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.status_codes import HTTP_200_OK

from enlarger.catalog.messages import Translate, localise
from enlarger.console.access import visitor_of
from enlarger.console.filters import Filters, Values, known_model, say_count
from enlarger.console.rendering import render, translator_of
from enlarger.console.tasks import LIST
from enlarger.console.views import model_title, say_credits
from enlarger.errors import (
    BalanceTooLow,
    DatabaseUnavailable,
    EnlargerError,
    InvalidInput,
    KeyCapReached,
    RetryLater,
    StorageError,
)
from enlarger.server.again import price_again, run_again
from enlarger.server.bodies import AnyRequest
from enlarger.server.dependencies import Service
from enlarger.server.requests import base_url, locale_of
from enlarger.tasks.listings import MOST_COUNTED, Listing, Page, cursor
from enlarger.tasks.records import Task
from enlarger.tasks.sessions import Visitor
from enlarger.tasks.wire import kept_states

BULK = f"{LIST}/bulk"
MOST = {"cancel": 1000, "again": 100}
"""How many tasks one submission takes."""
_SECONDS = 20.0
"""Seconds after which a submission that is not done stops, and answers how far it came."""
_OPEN = kept_states(("waiting", "generating"))
_SHOWN_REASONS = 5
_STOPS = (RetryLater, BalanceTooLow, KeyCapReached, StorageError, DatabaseUnavailable)
"""What would refuse the next task as well."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done, with which tasks."""

    action: Literal["cancel", "again"]
    every: bool
    """All tasks that match the filters, instead of chosen ones."""
    ids: tuple[str, ...]
    filters: Filters
    after: str
    """Where the next part of all that match begins."""
    token: str

    @classmethod
    def read(cls, values: Values, visitor: Visitor) -> Order:
        """Read a query or a form. What makes no sense counts as not given."""
        action: Literal["cancel", "again"] = "again" if values.get("action") == "again" else "cancel"
        return cls(
            action=action,
            every=values.get("all") == "1",
            ids=tuple(str(one) for one in values.getall("task", [])[: MOST[action]]),
            filters=Filters.read(values, visitor),
            after=str(values.get("after") or ""),
            token=str(values.get("token") or "")[:64],
        )


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """The tasks that one submission takes."""

    tasks: list[Task]
    following: str | None = None
    """Where the next part begins, if all that match are more."""
    left_out: int = 0
    """Chosen tasks with which this cannot be done: they have ended, or are another account's."""


class Outcome(msgspec.Struct, kw_only=True):
    """What one submission has done."""

    done: int = 0
    made: list[str] = []
    """The ids of new tasks."""
    failures: dict[str, int] = {}
    """Why tasks could not be run again, with how often."""
    stopped: str = ""
    """Why it ended early."""
    unfinished: bool = False


@get(BULK)
async def confirm(request: AnyRequest, service: NamedDependency[Service]) -> Response[str]:
    """Say what will happen to the chosen tasks, and what it costs."""
    visitor = visitor_of(request)
    order = Order.read(request.query_params, visitor)
    if not order.after and order.every:
        order = msgspec.structs.replace(order, after=cursor(service.database.now()))  # without tasks that it makes
    chosen = await _choose(service, visitor, order)
    tr = translator_of(request, service)
    price = await _say_price(service, chosen.tasks, tr) if order.action == "again" else ""
    order = msgspec.structs.replace(order, token=secrets.token_hex(16))
    return _render(request, service, order, chosen=chosen, price=price)


@post(BULK, status_code=HTTP_200_OK)
async def act(request: AnyRequest, service: NamedDependency[Service]) -> Response[str]:
    """Do it, with as many tasks as one submission takes, and say what was done and what is left."""
    visitor = visitor_of(request)
    order = Order.read(await request.form(), visitor)
    chosen = await _choose(service, visitor, order)
    outcome = Outcome()
    clock = asyncio.get_running_loop().time
    ends = clock() + _SECONDS
    try:
        for task in chosen.tasks:
            if clock() > ends:
                outcome.unfinished = True
                break
            await _do(request, service, visitor, order, task, outcome)
    except _STOPS as error:
        outcome.stopped = localise(error.args[0], locale_of(request, service))
    if not outcome.unfinished and not outcome.stopped:
        order = msgspec.structs.replace(order, after=chosen.following or "")
    left = await _count_left(service, visitor, order, chosen, outcome)
    return _render(request, service, order, outcome=outcome, left=left, chosen=chosen)


async def _choose(service: Service, visitor: Visitor, order: Order) -> Chosen:
    listing = _listing(visitor, order)
    if order.every:
        if listing is None:
            return Chosen(tasks=[])
        page = await _find(service, listing, order.after, MOST[order.action])
        return Chosen(tasks=page.tasks, following=page.following)
    account_id = None if visitor.admin and order.action == "cancel" else visitor.caller.account_id
    found = await service.listings.choose(account_id, order.ids)
    tasks = [task for task in found if order.action == "again" or not task.ended]
    return Chosen(tasks=tasks, left_out=len(set(order.ids)) - len(tasks))


async def _find(service: Service, listing: Listing, after: str, most: int) -> Page:
    """Return the next tasks that match, however many have to be looked through."""
    page = await service.listings.find(listing, after=after, most=most)
    while not page.tasks and page.following is not None:
        page = await service.listings.find(listing, after=page.following, most=most)
    return page


def _listing(visitor: Visitor, order: Order) -> Listing | None:
    """Return which tasks all that match are: open ones to cancel, or the session's own to run again; None for none."""
    if not known_model(order.filters):
        return None
    listing = order.filters.listing(visitor)
    own = visitor.caller.account_id
    if order.action == "again":
        return msgspec.structs.replace(listing, account_id=own) if listing.account_id in (None, own) else None
    states = [state for state in _OPEN if not listing.states or state in listing.states]
    return msgspec.structs.replace(listing, states=tuple(states)) if states else None


async def _do(
    request: AnyRequest, service: Service, visitor: Visitor, order: Order, task: Task, outcome: Outcome
) -> None:
    if order.action == "cancel":
        await service.tasks.cancel(task.account_id, task.id, refund=service.settings.refund_on_cancel)
        outcome.done += 1
        return
    locale = locale_of(request, service)
    try:
        new, _ = await run_again(
            service,
            visitor.caller,
            task,
            idempotency_key=f"console-{order.token}-{task.id}",
            base_url=base_url(request, service),
            locale=locale,
        )
    except _STOPS:
        raise
    except EnlargerError as error:
        reason = localise(error.args[0], locale)
        outcome.failures[reason] = outcome.failures.get(reason, 0) + 1
        return
    outcome.done += 1
    outcome.made.append(new.id)


async def _count_left(service: Service, visitor: Visitor, order: Order, chosen: Chosen, outcome: Outcome) -> str:
    """Return how many tasks are left to be done, counted up to 1,000; empty if there are none."""
    if not order.every:
        left = len(chosen.tasks) - outcome.done - sum(outcome.failures.values())
        return str(left) if left else ""
    more = chosen.following or outcome.stopped or outcome.unfinished
    listing = _listing(visitor, order) if more else None
    if listing is None:
        return ""
    page = await _find(service, listing, order.after, MOST_COUNTED)
    return say_count(len(page.tasks)) if page.tasks else ""


async def _say_price(service: Service, tasks: list[Task], tr: Translate) -> str:
    """Return what running tasks again costs together, as far as that is known."""
    total, exact, unknown = 0.0, True, 0
    for task in tasks:
        try:
            price = await price_again(service, task)
        except (InvalidInput, StorageError):
            unknown += 1
            continue
        if price.amount is None:
            unknown += 1
            continue
        total += price.amount
        exact = exact and price.exact
    said = say_credits(Decimal(str(total)), tr)
    if not exact:
        said = tr("at most {credits} credits", credits=f"{total:g}")
    if unknown == len(tasks):
        return tr("Price unknown")
    return tr("{price}, and {count} more whose price is unknown", price=said, count=unknown) if unknown else said


def _render(request: AnyRequest, service: Service, order: Order, **values: Any) -> Response[str]:
    chosen: Chosen = values["chosen"]
    outcome: Outcome | None = values.get("outcome")
    reasons = sorted(outcome.failures.items(), key=lambda pair: -pair[1])[:_SHOWN_REASONS] if outcome else []
    fields = order.filters.pairs(action=order.action, token=order.token)
    if order.every:
        fields += [("all", "1"), ("after", order.after)]
    else:
        fields += [("task", task.id) for task in chosen.tasks]
    models = list(dict.fromkeys(model_title(task.model) for task in chosen.tasks))
    values = {"price": "", "left": "", "outcome": None, **values}
    return render(
        request,
        service,
        "bulk.html",
        visitor=visitor_of(request),
        order=order,
        fields=fields,
        back=order.filters.address(LIST) if order.every or len(order.ids) != 1 else f"{LIST}/{order.ids[0]}",
        most=MOST[order.action],
        models=models[:3],
        more_models=len(models) > 3,
        reasons=reasons,
        **values,
    )
