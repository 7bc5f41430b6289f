"""Usage by day, model and provider."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from litestar import Response, get
from litestar.di import NamedDependency

from enlarger.catalog.messages import Translate
from enlarger.console.operate.access import OPERATE, render_page
from enlarger.console.operate.amounts import say_money, say_number
from enlarger.console.operate.charts import draw_bars, share
from enlarger.console.rendering import translator_of
from enlarger.console.views import model_title, provider_title
from enlarger.server.bodies import AnyRequest
from enlarger.server.dependencies import Service
from enlarger.server.parameters import Parameters, query, takes
from enlarger.tasks.usage import Usage, add_up

_PERIODS = (7, 30, 90)
_MODELS = 20


class Period(Parameters, frozen=True):
    """The period to show."""

    days: Annotated[Literal["7", "30", "90"], query("How many days, today included.")] = "30"


@get(f"{OPERATE}/usage", **takes(Period))
async def show_usage(
    request: AnyRequest, service: NamedDependency[Service], parameters: NamedDependency[Period]
) -> Response[str]:
    """Show what was done in a period, as charts and as tables."""
    tr, period = translator_of(request, service), int(parameters.days)
    report = await service.usage.report(days=period)
    models = list(report.models.items())
    rest = [usage for _, usage in models[_MODELS:]]
    most_tasks = max((usage.tasks for _, usage in models), default=0)
    most_attempts = max((usage.tasks for usage in report.providers.values()), default=0)
    return render_page(
        request,
        service,
        "usage",
        period=period,
        periods=[(days, tr.tr_count("{n} day", "{n} days", days)) for days in _PERIODS],
        total=_row("", "", report.total, 0),
        charts=_charts(report.days, tr),
        days=[_row(day.isoformat(), "", usage, 0) for day, usage in reversed(report.days.items()) if usage != Usage()],
        models=[_row(model_title(name), name, usage, most_tasks) for name, usage in models[:_MODELS]],
        others=_row("", "", add_up(rest), most_tasks) if rest else None,
        providers=[
            _row(provider_title(name, tr), name, usage, most_attempts) for name, usage in report.providers.items()
        ],
    )


def _charts(days: dict[date, Usage], tr: Translate) -> list[dict[str, Any]]:
    tasks = draw_bars(
        {day: usage.tasks for day, usage in days.items()}, {day: usage.failures for day, usage in days.items()}
    )
    credits = draw_bars({day: usage.credits for day, usage in days.items()})
    dollars = draw_bars({day: usage.dollars for day, usage in days.items()})
    titles = [
        (bar, tr("{day}: {tasks} tasks, {failures} failed", day=day, tasks=usage.tasks, failures=usage.failures))
        for bar, (day, usage) in zip(tasks.bars, days.items(), strict=True)
        if usage.tasks
    ]
    return [
        {"title": tr("Tasks"), "chart": tasks, "top": say_number(tasks.top), "titles": titles},
        {"title": tr("Credits"), "chart": credits, "top": say_number(credits.top), "titles": []},
        {"title": tr("Dollars"), "chart": dollars, "top": say_money(dollars.top), "titles": []},
    ]


def _row(title: str, id: str, usage: Usage, most: int) -> dict[str, Any]:
    return {
        "title": title,
        "id": id,
        "tasks": say_number(usage.tasks),
        "failures": say_number(usage.failures),
        "rate": f"{round(usage.failures / usage.tasks * 100)}\N{NARROW NO-BREAK SPACE}%" if usage.tasks else "–",
        "credits": say_number(usage.credits),
        "dollars": say_money(usage.dollars),
        "share": share(usage.tasks, most) if most else 0.0,
    }
