"""Writes deploy/grafana/enlarger.json, the dashboard of docs/operate/monitoring.md: `make dashboard`.

Grafana's JSON repeats much for every panel; here a panel is a title, a unit and its queries with their legends.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

PATH = Path(__file__).parents[1] / "deploy" / "grafana" / "enlarger.json"
_WIDTH = 24
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_RATE = "[$__rate_interval]"


class Panel(NamedTuple):
    """A figure or a graph; `queries` are PromQL with the legend of what they find."""

    title: str
    queries: Sequence[tuple[str, str]]
    unit: str = "short"
    width: int = 8
    figure: bool = False
    description: str = ""


def quantile(share: float, metric: str, by: str) -> str:
    """A quantile of a histogram, over all processes."""
    return f"histogram_quantile({share}, sum by (le, {by}) (rate({metric}_bucket{_RATE})))"


def share(part: str, whole: str) -> str:
    """One query divided by another."""
    return f"{part} / {whole}"


def figure(title: str, query: str, unit: str = "short") -> Panel:
    """A single number."""
    return Panel(title, [(query, "")], unit, width=4, figure=True)


_REQUESTS = "enlarger_http_request_duration_seconds"
_ANSWERS = "enlarger_provider_request_duration_seconds"

ROWS: dict[str, Sequence[Panel]] = {
    "Now": (
        figure("Database answers", "min(enlarger_database_up)"),
        figure("Workers", "max(enlarger_workers)"),
        figure("Open tasks", "sum(max by (model, provider, state) (enlarger_open_tasks)) or vector(0)"),
        figure("Unknown fates", 'sum(max by (provider) (enlarger_unfinished_attempts{state="unknown"})) or vector(0)'),
        figure("Callbacks due", 'max(enlarger_callbacks_pending{state="due"})'),
        figure("Oldest row of the queue", "max(enlarger_queue_oldest_seconds)", "s"),
    ),
    "Tasks": (
        Panel(
            "Tasks ended per minute",
            [(f"60 * max by (model) (rate(enlarger_tasks_ended_total{_RATE}))", "{{model}}")],
        ),
        Panel(
            "Share of failed tasks",
            [
                (
                    share(
                        f"sum(max by (model) (rate(enlarger_tasks_failed_total{_RATE})))",
                        f"sum(max by (model) (rate(enlarger_tasks_ended_total{_RATE})))",
                    ),
                    "failed",
                )
            ],
            "percentunit",
        ),
        Panel(
            "Open tasks by state",
            [("sum by (state) (max by (model, provider, state) (enlarger_open_tasks))", "{{state}}")],
        ),
        Panel(
            "From creation to success, 95 %",
            [(quantile(0.95, "enlarger_task_duration_seconds", "model"), "{{model}}")],
            "s",
        ),
        Panel("Rows of the queue that are due", [('max by (queue) (enlarger_queue_rows{state="due"})', "{{queue}}")]),
        Panel(
            "Age of the oldest row that is due", [("max by (queue) (enlarger_queue_oldest_seconds)", "{{queue}}")], "s"
        ),
    ),
    "Providers": (
        Panel("Gets tasks", [("max by (provider) (enlarger_provider_up)", "{{provider}}")]),
        Panel("Time to an answer, 95 %", [(quantile(0.95, _ANSWERS, "provider, step"), "{{provider}} {{step}}")], "s"),
        Panel(
            "Requests per second by outcome",
            [
                (
                    f"sum by (provider, step, outcome) (rate({_ANSWERS}_count{_RATE}))",
                    "{{provider}} {{step}} {{outcome}}",
                )
            ],
            "reqps",
        ),
        Panel(
            "Attempts whose end is not known",
            [("max by (provider, state) (enlarger_unfinished_attempts)", "{{provider}} {{state}}")],
        ),
        Panel(
            "Attempts per minute",
            [
                (
                    f"60 * sum by (provider) (max by (model, provider) (rate(enlarger_attempts_total{_RATE})))",
                    "{{provider}}",
                )
            ],
        ),
        Panel(
            "Time until a result is deleted at the provider",
            [("min by (provider) (enlarger_uncollected_results_expire_seconds)", "{{provider}}")],
            "s",
            description="Of the first result that is not in the storage yet.",
        ),
    ),
    "Callbacks and money": (
        Panel(
            "Tries per minute", [(f"60 * sum by (outcome) (rate(enlarger_callback_tries_total{_RATE}))", "{{outcome}}")]
        ),
        Panel(
            "From a task's end to its callback",
            [
                (f"histogram_quantile({part}, sum by (le) (rate(enlarger_callback_lag_seconds_bucket{_RATE})))", name)
                for part, name in ((0.5, "50 %"), (0.95, "95 %"))
            ],
            "s",
        ),
        Panel("Callbacks that are owed", [("max by (state) (enlarger_callbacks_pending)", "{{state}}")]),
        Panel(
            "Credits in an hour", [("sum by (model) (max by (model) (delta(enlarger_credits_spent[1h])))", "{{model}}")]
        ),
        Panel(
            "Dollars in an hour",
            [("sum by (provider) (max by (model, provider) (delta(enlarger_dollars_spent[1h])))", "{{provider}}")],
            "currencyUSD",
        ),
        Panel(
            "Share of budgets that is spent",
            [
                (
                    share(
                        "max by (kind, name, span) (enlarger_budget_spent_dollars)",
                        "max by (kind, name, span) (enlarger_budget_dollars)",
                    ),
                    "{{kind}} {{name}} {{span}}",
                )
            ],
            "percentunit",
        ),
    ),
    "Requests": (
        Panel(
            "Requests per second by status",
            [(f"sum by (status, code) (rate({_REQUESTS}_count{_RATE}))", "{{status}} {{code}}")],
            "reqps",
            description="HTTP's status, and the code in the body.",
        ),
        Panel("Time to an answer, 95 %", [(quantile(0.95, _REQUESTS, "method, route"), "{{method}} {{route}}")], "s"),
        Panel("Busiest routes", [(f"topk(10, sum by (route) (rate({_REQUESTS}_count{_RATE})))", "{{route}}")], "reqps"),
    ),
    "Processes": (
        Panel(
            "The engine's megapixels per second",
            [
                (
                    share(
                        f"sum by (engine) (rate(enlarger_engine_megapixels_total{_RATE}))",
                        f"sum by (engine) (rate(enlarger_engine_seconds_total{_RATE}))",
                    ),
                    "{{engine}}",
                )
            ],
            description="While it works.",
        ),
        Panel(
            "Connections to the database",
            [
                ("enlarger_database_connections", "{{instance}} {{process}} {{state}}"),
                ("enlarger_database_connections_waiting", "{{instance}} {{process}} waiting"),
            ],
        ),
        Panel("Memory", [("process_resident_memory_bytes", "{{instance}} {{process}}")], "bytes"),
        Panel("Free disk", [("enlarger_disk_free_bytes", "{{instance}} {{folder}}")], "bytes"),
        Panel("Size of the database", [("max(enlarger_database_bytes)", "database")], "bytes"),
        Panel("Reading of the metrics", [("enlarger_database_read_seconds", "{{instance}}")], "s"),
    ),
}


def render() -> str:
    """The dashboard as Grafana imports it."""
    panels: list[dict[str, Any]] = []
    y = 0
    for title, row in ROWS.items():
        panels.append(_place({"type": "row", "title": title, "panels": []}, len(panels), 0, y, _WIDTH, 1))
        x, y = 0, y + 1
        height = 4 if row[0].figure else 8
        for panel in row:
            if x + panel.width > _WIDTH:
                x, y = 0, y + height
            panels.append(_place(_describe(panel), len(panels), x, y, panel.width, height))
            x += panel.width
        y += height
    variable = {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}
    dashboard = {
        "title": "Enlarger",
        "uid": "enlarger",
        "tags": ["enlarger"],
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [variable]},
        "panels": panels,
    }
    return json.dumps(dashboard, indent=1) + "\n"


def _place(panel: dict[str, Any], number: int, x: int, y: int, width: int, height: int) -> dict[str, Any]:
    return {"id": number + 1, **panel, "gridPos": {"x": x, "y": y, "w": width, "h": height}}


def _describe(panel: Panel) -> dict[str, Any]:
    targets = [
        {"refId": chr(ord("A") + number), "expr": query, "legendFormat": legend, "datasource": _SOURCE}
        for number, (query, legend) in enumerate(panel.queries)
    ]
    return {
        "type": "stat" if panel.figure else "timeseries",
        "title": panel.title,
        "description": panel.description,
        "datasource": _SOURCE,
        "targets": targets,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
    }


if __name__ == "__main__":
    PATH.write_text(render())
