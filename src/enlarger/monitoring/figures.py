"""What the database knows of the whole service, as Prometheus metrics: the same ones from every process."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from enlarger.infra.database import Database
from enlarger.monitoring.instruments import model_label
from enlarger.tasks.budgets import Budget, BudgetStore
from enlarger.tasks.deliveries import Backlog, DeliveryStore
from enlarger.tasks.entrypoints import COLLECT, DELIVER, DISPATCH, ENGINE, ENGINE_LONG
from enlarger.tasks.provider_states import ProviderState, ProviderStates
from enlarger.tasks.queue_state import OpenTasks, QueueLine, QueueState, RunningWorker, Uncollected, Unfinished
from enlarger.tasks.usage import DatabaseFacts, Usage, UsageStore
from enlarger.tasks.workers import AnnouncedWorker, WorkerStore

_QUEUES = (DISPATCH, ENGINE, COLLECT, DELIVER)
_LANES = {ENGINE_LONG: ENGINE}
"""Entrypoints that are counted as another queue: alerts and autoscaling need one number of tasks for the engine."""
_NOBODY = "none"
"""The provider of tasks that wait for one."""
_MOST_GROUPS = 10_000
"""Of a model and a provider: far more than the catalogue has."""

_MOST_WORKERS = 1_000

_ATTEMPTS_FAILED = "Attempts that failed. One that started on an earlier day (UTC) is counted when today is over."
_CREDITS_SPENT = "Credits that tasks have cost so far. Refunds lower it, so it is a gauge: use `delta`."
_DOLLARS_SPENT = (
    "US dollars that attempts have cost so far, or may cost. It is lowered when one costs less than was reserved."
)
_OPEN_TASKS = "Tasks that have not ended: `waiting`, `queuing` or `generating`."
_QUEUE_ROWS = (
    "Rows of the queues `dispatch`, `engine` (both lanes), `collect` and `deliver`: `due`, due `later`, or `held` by a"
    " worker."
)
_QUEUE_OLDEST = "Seconds for which the oldest row of a queue has been due; 0 if none is due."
_UNFINISHED = "Attempts without a known end: `submitting`, `accepted`, `unknown`, or `abandoned` by their tasks."
_PROVIDER_UP = "1 if a provider that is set up at a worker gets tasks, otherwise 0."
_PROVIDER_STATE = (
    "1 for the current state of a provider: `ok`, `throttled`, `open` (it does not respond) or `suspended` (no credits"
    " or no access)."
)

_Sums = defaultdict[tuple[str, ...], Decimal]
"""By the values of labels; several models may share one."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """One reading."""

    facts: DatabaseFacts
    totals: dict[tuple[str, str], Usage]
    open_tasks: Sequence[OpenTasks]
    queue: Sequence[QueueLine]
    workers: Sequence[RunningWorker]
    announced: Sequence[AnnouncedWorker]
    unfinished: Sequence[Unfinished]
    uncollected: Sequence[Uncollected]
    providers: Sequence[ProviderState]
    """Those that ever were not well."""
    callbacks: Backlog
    budgets: Sequence[Budget]


async def read_figures(database: Database) -> Figures:
    """Read everything, one statement after the other. Raises DatabaseUnavailable."""
    usage, queue = UsageStore(database), QueueState(database)
    return Figures(
        facts=await usage.database(),
        totals=await usage.totals(),
        open_tasks=await queue.open_tasks(most=_MOST_GROUPS),
        queue=await queue.queue(),
        workers=await queue.workers(),
        announced=await WorkerStore(database).all(most=_MOST_WORKERS),
        unfinished=await queue.unfinished(),
        uncollected=await queue.uncollected(),
        providers=await ProviderStates(database).all(),
        callbacks=await DeliveryStore(database).backlog(),
        budgets=await BudgetStore(database).all(),
    )


def describe_figures(figures: Figures) -> Iterable[Metric]:
    """The metrics of a reading."""
    yield _gauge("enlarger_database_bytes", "Size of the database.", {(): figures.facts.bytes})
    yield _gauge("enlarger_workers", "Worker processes that are connected to the database.", {(): len(figures.workers)})
    yield _engines(figures.announced)
    yield from _totals(figures.totals)
    yield from _open_tasks(figures.open_tasks)
    yield from _queue(figures.queue)
    yield from _attempts(figures.unfinished, figures.uncollected)
    yield from _providers(figures.workers, figures.providers)
    yield from _callbacks(figures.callbacks)
    yield from _budgets(figures.budgets)


def _engines(workers: Sequence[AnnouncedWorker]) -> Metric:
    speeds = {
        (one.name, one.engine, one.device or ""): one.speed
        for one in workers
        if one.alive and one.engine is not None and one.speed is not None
    }
    help_ = "Megapixels of output per second over the latest images of a worker's engine."
    return _gauge("enlarger_worker_engine_speed", help_, speeds, ("worker", "engine", "device"))


def _totals(totals: Mapping[tuple[str, str], Usage]) -> Iterable[Metric]:
    tasks, failures, credits = _Sums(Decimal), _Sums(Decimal), _Sums(Decimal)
    attempts, failed, dollars = _Sums(Decimal), _Sums(Decimal), _Sums(Decimal)
    for (name, provider), usage in totals.items():
        model = model_label(name)
        if provider:
            attempts[model, provider] += usage.tasks
            failed[model, provider] += usage.failures
            dollars[model, provider] += usage.dollars
        else:
            tasks[model,] += usage.tasks
            failures[model,] += usage.failures
            credits[model,] += usage.credits
    of_model, of_both = ("model",), ("model", "provider")
    yield _counter("enlarger_tasks_ended", "Tasks that ended, including cancelled ones.", tasks, of_model)
    yield _counter("enlarger_tasks_failed", "Tasks that failed, without cancelled ones.", failures, of_model)
    yield _counter("enlarger_attempts", "Attempts that started.", attempts, of_both)
    yield _counter("enlarger_attempts_failed", _ATTEMPTS_FAILED, failed, of_both)
    yield _gauge("enlarger_credits_spent", _CREDITS_SPENT, credits, of_model)
    yield _gauge("enlarger_dollars_spent", _DOLLARS_SPENT, dollars, of_both)


def _open_tasks(rows: Sequence[OpenTasks]) -> Iterable[Metric]:
    tasks, oldest = _Sums(Decimal), dict[tuple[str, ...], float]()
    for row in rows:
        key = (model_label(row.model), row.provider or _NOBODY)
        for state in ("waiting", "queuing", "generating"):
            tasks[*key, state] += getattr(row, state)
        oldest[key] = max(oldest.get(key, 0.0), row.oldest)
    labels = ("model", "provider")
    yield _gauge("enlarger_open_tasks", _OPEN_TASKS, tasks, (*labels, "state"))
    yield _gauge(
        "enlarger_open_tasks_oldest_seconds", "Seconds since the oldest open task was created.", oldest, labels
    )


def _queue(lines: Sequence[QueueLine]) -> Iterable[Metric]:
    rows = dict.fromkeys(((queue, state) for queue in _QUEUES for state in ("due", "later", "held")), 0)
    oldest = dict.fromkeys(((queue,) for queue in _QUEUES), 0.0)
    for line in lines:
        queue = _LANES.get(line.entrypoint, line.entrypoint)
        for state in ("due", "later", "held"):
            rows[queue, state] = rows.get((queue, state), 0) + getattr(line, state)
        oldest[queue,] = max(oldest.get((queue,), 0.0), line.oldest or 0.0)
    yield _gauge("enlarger_queue_rows", _QUEUE_ROWS, rows, ("queue", "state"))
    yield _gauge("enlarger_queue_oldest_seconds", _QUEUE_OLDEST, oldest, ("queue",))


def _attempts(unfinished: Sequence[Unfinished], uncollected: Sequence[Uncollected]) -> Iterable[Metric]:
    labels = ("provider", "state")
    counts = {(row.provider, row.state): row.attempts for row in unfinished}
    ages = {(row.provider, row.state): row.oldest for row in unfinished}
    waiting = {(row.provider,): row.results for row in uncollected}
    expiries = {(row.provider,): row.expires_in for row in uncollected if row.expires_in is not None}
    yield _gauge("enlarger_unfinished_attempts", _UNFINISHED, counts, labels)
    yield _gauge(
        "enlarger_unfinished_attempts_oldest_seconds", "Seconds since the oldest of them started.", ages, labels
    )
    yield _gauge(
        "enlarger_uncollected_results", "Results at a provider that are not yet in the storage.", waiting, ("provider",)
    )
    yield _gauge(
        "enlarger_uncollected_results_expire_seconds",
        "Seconds until the provider deletes the first of these results.",
        expiries,
        ("provider",),
    )


def _providers(workers: Sequence[RunningWorker], states: Sequence[ProviderState]) -> Iterable[Metric]:
    """Those that get tasks from a worker that runs; others are of no concern."""
    names = sorted({name for worker in workers for name in worker.providers})
    known = {one.name: "ok" if one.state == "throttled" and not one.seconds else one.state for one in states}
    rows = {
        (name, state): float(known.get(name, "ok") == state)
        for name in names
        for state in ("ok", "throttled", "open", "suspended")
    }
    up = {(name,): float(known.get(name, "ok") in ("ok", "throttled")) for name in names}
    yield _gauge("enlarger_provider_up", _PROVIDER_UP, up, ("provider",))
    yield _gauge("enlarger_provider_state", _PROVIDER_STATE, rows, ("provider", "state"))


def _callbacks(backlog: Backlog) -> Iterable[Metric]:
    pending = {("due",): backlog.due, ("later",): backlog.later}
    yield _gauge("enlarger_callbacks_pending", "Callbacks to deliver: `due`, or to retry `later`.", pending, ("state",))
    yield _gauge(
        "enlarger_callbacks_oldest_due_seconds",
        "Seconds for which the oldest due callback has been due; 0 if none is due.",
        {(): backlog.oldest},
    )


def _budgets(budgets: Sequence[Budget]) -> Iterable[Metric]:
    """Of all providers, and of the accounts that have a cap."""
    caps, spent = dict[tuple[str, ...], Decimal](), dict[tuple[str, ...], Decimal]()
    for budget in budgets:
        spans = (("day", budget.day_cap, budget.today), ("month", budget.month_cap, budget.this_month))
        for span, cap, dollars in spans:
            key = (budget.kind, budget.name, span)
            if cap is not None:
                caps[key] = cap
            if cap is not None or budget.kind == "provider":
                spent[key] = dollars
    labels = ("kind", "name", "span")
    yield _gauge(
        "enlarger_budget_dollars",
        "US dollars that a provider or an account may spend in a `day` or `month` (UTC).",
        caps,
        labels,
    )
    yield _gauge(
        "enlarger_budget_spent_dollars",
        "US dollars spent in it so far, for providers that cost something this month and for all with a budget.",
        spent,
        labels,
    )


def _gauge(name: str, meaning: str, values: Mapping[Any, Any], labels: Sequence[str] = ()) -> Metric:
    return _fill(GaugeMetricFamily(name, meaning, labels=labels), values)


def _counter(name: str, meaning: str, values: Mapping[Any, Any], labels: Sequence[str]) -> Metric:
    return _fill(CounterMetricFamily(name, meaning, labels=labels), values)


def _fill(family: Any, values: Mapping[Any, Any]) -> Metric:
    for key, value in values.items():
        family.add_metric(key, float(value))
    filled: Metric = family
    return filled
