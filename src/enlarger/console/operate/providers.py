"""The overview: how providers stand, how fast they are, and what they cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from enlarger.catalog.messages import Translate, localise
from enlarger.console.operate.access import OPERATE, render_page
from enlarger.console.operate.amounts import say_latency, say_money
from enlarger.console.operate.charts import share
from enlarger.console.rendering import translator_of
from enlarger.console.views import provider_title
from enlarger.providers.registry import specs
from enlarger.providers.routing import at_workers
from enlarger.providers.setup import limits_of
from enlarger.server.bodies import AnyRequest
from enlarger.server.dependencies import Service
from enlarger.server.requests import locale_of
from enlarger.settings import Limits
from enlarger.tasks.budgets import Budget, BudgetStore
from enlarger.tasks.provider_status import ProviderStatus, read_status


@get(OPERATE)
async def show_providers(request: AnyRequest, service: NamedDependency[Service]) -> Response[str]:
    """Show every provider: its state, the last hour's attempts, budget and concurrency."""
    tr = translator_of(request, service)
    running = await service.provider_states.at_workers()
    if running is None:
        unconfigured, unused = dict(service.routing.unconfigured), service.routing.all_unused()
    else:
        unconfigured, unused = at_workers(running)
    shown = {spec.name: not spec.simulates for spec in specs()}
    rows = await read_status(service.database, shown, unconfigured, unused)
    limits = limits_of(service.settings)
    locale = locale_of(request, service)
    budgets = BudgetStore(service.database)
    maintenance = await service.maintenance.find()
    return render_page(
        request,
        service,
        "providers",
        providers=[_view(row, limits[row.provider], tr, locale) for row in rows],
        running=running is not None,
        maintenance=maintenance,
        overcharges=[
            {"provider": provider_title(one.provider, tr), "dollars": say_money(one.dollars), "tasks": one.tasks}
            for one in await budgets.overcharges()
        ],
        accounts=[
            {"name": one.name, "budget": _budget(one, tr)} for one in await budgets.all() if one.kind == "account"
        ],
    )


def _view(row: ProviderStatus, limits: Limits, tr: Translate, locale: str) -> dict[str, Any]:
    work = row.last_hour
    most = limits.concurrency if limits.concurrency < Limits().concurrency else None
    state, title = _state(row, tr)
    reason = row.missing or row.unused or (row.reason if row.state != "ok" else None)
    return {
        "name": row.provider,
        "title": provider_title(row.provider, tr),
        "state": state,
        "state_name": title,
        "reason": localise(reason, locale) if reason else "",
        "until": row.until if state != "off" else None,
        "probed": row.state in ("open", "suspended"),
        "open": work.open,
        "most": most,
        "open_share": share(work.open, most),
        "counts": [work.submitted, work.accepted, work.failed, work.unknown],
        "acceptance": say_latency(work.acceptance, tr),
        "result": say_latency(work.result, tr),
        "budget": _budget(row.budget, tr),
    }


def _state(row: ProviderStatus, tr: Translate) -> tuple[str, str]:
    """Return the colour in which a provider's state is shown, and its name."""
    if not row.configured:
        return "off", tr("Not set up")
    if row.unused:
        return "off", tr("Gets no tasks")
    names = {
        "ok": ("success", tr("Healthy")),
        "throttled": ("generating", tr("Throttled")),
        "open": ("fail", tr("Not responding")),
        "suspended": ("fail", tr("Suspended")),
    }
    return names[row.state]


def _budget(budget: Budget, tr: Translate) -> list[dict[str, Any]]:
    """Return what was spent of a day's and a month's budget, and what is left."""
    spans = (
        (tr("Today"), budget.today, budget.day_cap),
        (tr("This month"), budget.this_month, budget.month_cap),
    )
    return [
        {
            "span": span,
            "spent": say_money(spent),
            "cap": None if cap is None else say_money(cap),
            "left": None if cap is None else say_money(max(cap - spent, Decimal(0))),
            "share": share(spent, cap),
        }
        for span, spent, cap in spans
    ]
