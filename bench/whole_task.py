"""Whole tasks: throughput, delays, and CPU per task.

    uv run python -m bench.whole_task --rate 50 --tasks 1500
    uv run python -m bench.whole_task --rate 0 --tasks 1500 --layout serve+worker
    uv run python -m bench.whole_task --rate 50 --peers            # compared with what people build today
    uv run python -m bench.whole_task --rate 50 --finished 1000000
    uv run python -m bench.whole_task --rate 50 --polling

A task is created over HTTP, dispatched and submitted to the stand-in of KIE, which announces its end by webhook. Its
result is fetched, checked and stored, and the app gets a callback. The stand-in and the app have their own processes.
With `--rate 0` tasks are created as fast as they are accepted. CPU is counted from the first task after the warm-up
to the last callback and divided by the number of tasks, for the service's processes, the database with its backends,
the stand-in, and the app. "create to provider" is from sending createTask until the provider has the submission;
"webhook to callback" is from the provider's sending the webhook until the app has the callback, with the result
stored in between. With `--polling` it starts when the provider has the result.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import msgspec

from bench.finished import add_finished
from bench.load import quantile
from bench.peers.start import celery, procrastinate
from bench.processes import cpu_seconds, machine, on_a_postgres, postgres_pid, table
from bench.services import Layout, Place, Start, enlarger
from bench.stand_ins import Order, Outcome, Seen, app, provider

_SECONDS = 9.0
"""Callbacks of tasks that end within 6 seconds are delayed, so that they do not overtake createTask's answer."""
_SECONDS_AT_ONCE = 0.5
"""A task's duration with `--rate 0`, where the wait for the last results would count as work."""
_HEADER = (
    "service", "tasks/s", "CPU ms", "database", "both", "stand-in", "app",
    "createTask p50", "p95", "create to provider p50", "p95", "webhook to callback p50", "p95",
)  # fmt: skip


class Costs(msgspec.Struct, frozen=True):
    """Seconds of CPU used so far."""

    service: float
    database: float
    provider: float
    app: float

    def since(self, earlier: Costs, tasks: int) -> Costs:
        """Milliseconds per task since an earlier moment."""
        return Costs(
            *((getattr(self, name) - getattr(earlier, name)) * 1000 / tasks for name in self.__struct_fields__)
        )


class Run(msgspec.Struct, frozen=True):
    """The measurements of one service."""

    name: str
    outcome: Outcome
    seen: Seen
    costs: Costs
    """Milliseconds per task."""

    def row(self) -> list[str]:
        """Its row in the table."""
        outcome, seen, costs = self.outcome, self.seen, self.costs
        seconds = max(outcome.called_back.values()) - min(outcome.created.values())
        submitted = _delays(outcome.created, seen.submitted)
        called = _delays(seen.told, outcome.called_back)
        return [
            self.name,
            f"{len(outcome.called_back) / seconds:.1f}",
            *(f"{one:.1f}" for one in (costs.service, costs.database, costs.service + costs.database)),
            *(f"{one:.1f}" for one in (costs.provider, costs.app)),
            *(
                f"{quantile(delays, share) * 1000:.0f}"
                for delays in (outcome.answered, submitted, called)
                for share in (0.5, 0.95)
            ),
        ]

    def check(self, options: argparse.Namespace) -> str:
        """A sentence on whether every task went well."""
        seen = self.seen
        polls = f", {seen.polls} polls" if seen.polls else ""
        late = f"; webhooks sent {quantile(seen.late, 0.95) * 1000:.0f} ms late (p95)" if seen.late else ""
        return (
            f"{self.name}: {len(self.outcome.called_back)} of {options.tasks} tasks ended with a callback,"
            f" {self.outcome.failed} badly; {seen.submissions} submissions, {seen.duplicates} twice{polls}{late}"
        )


def _delays(earlier: Mapping[int, float], later: Mapping[int, float]) -> list[float]:
    return sorted(later[number] - earlier[number] for number in later.keys() & earlier.keys())


def run(name: str, start: Start, options: argparse.Namespace, database_url: str, folder: Path) -> Run:
    """Start a service, run the tasks, and stop it."""
    with ExitStack() as stack:
        provider_process, where = stack.enter_context(provider(options.seconds))
        app_process, callback_url = stack.enter_context(app())
        service = stack.enter_context(start(Place(database_url, folder, where, callback_url)))
        database = [*service.stores, postgres_pid(folder / "postgres")]

        def costs() -> Costs:
            pids = (service.pids, database, [provider_process.pid], [app_process.pid])
            return Costs(*map(cpu_seconds, pids))

        warm_up = min(options.warm_up, options.tasks)
        app_process.ask(Order(service.url, service.request, 0, warm_up, options.rate))
        if options.finished:
            asyncio.run(add_finished(database_url, options.finished))
        before = costs()
        outcome = app_process.ask(Order(service.url, service.request, warm_up, options.tasks, options.rate))
        used = costs().since(before, options.tasks)
        return Run(name, outcome, provider_process.ask("what did you see?"), used)


def services(options: argparse.Namespace) -> dict[str, Start]:
    """The services to measure, by their names."""
    layout = Layout() if options.layout == "up" else Layout(options.serve, options.worker)
    found: dict[str, Start] = {f"enlarger ({layout})": enlarger(layout, polling=options.polling)}
    if options.peers:
        found[f"FastAPI + Celery + Redis (appendfsync {options.fsync})"] = celery(options.fsync)
        found["FastAPI + Procrastinate"] = procrastinate()
    return found


def main() -> None:
    """Measure each service on its own Postgres, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=1500)
    parser.add_argument(
        "--rate", type=float, default=50.0, help="createTask requests per second; 0: as fast as possible"
    )
    parser.add_argument("--seconds", type=float, help="duration of a task at the provider, plus or minus a fifth")
    parser.add_argument("--warm-up", type=int, default=200, help="tasks before those that are measured")
    parser.add_argument("--layout", choices=("up", "serve+worker"), default="up")
    parser.add_argument("--serve", type=int, default=1, help="processes of the API, with --layout serve+worker")
    parser.add_argument("--worker", type=int, default=1, help="processes of workers, with --layout serve+worker")
    parser.add_argument("--polling", action="store_true", help="without webhooks")
    parser.add_argument("--finished", type=int, default=0, help="finished tasks in the tables beforehand")
    parser.add_argument("--peers", action="store_true", help="also measure what people build today")
    parser.add_argument("--fsync", choices=("everysec", "always"), default="always", help="when Redis writes to disk")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    if options.seconds is None:
        options.seconds = _SECONDS if options.rate else _SECONDS_AT_ONCE
    runs = [
        on_a_postgres(partial(run, name, start, options))
        for _ in range(options.rounds)
        for name, start in services(options).items()
    ]
    print(machine())
    print(f"{options.tasks} tasks at {options.rate or 'any number'} a second", end=", ")
    print(f"{options.seconds:g} s at the provider; CPU in ms a task, delays in ms\n")
    print(table(_HEADER, [one.row() for one in runs]))
    print()
    for one in runs:
        print(one.check(options))


if __name__ == "__main__":
    main()
