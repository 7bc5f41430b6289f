"""A simulation of the service: how many tasks per second can it handle, and what breaks first?

    uv run python -m bench.simulation --rate 100 --processes 12 --cores 12 --postgres-cores 8
    uv run python -m bench.simulation --rate 20 --pattern bursts --concurrency 60
    uv run python -m bench.simulation --sizes                      # the table in docs/operate/scale.md
    uv run python -m bench.simulation --check                      # compared with real runs on this machine
    uv run python -m bench.simulation --disk                       # the disk space of a finished task
    uv run --with py-spy python -m bench.simulation --measure      # the measurements behind bench/simulated/costs.toml

The costs are read from `bench/simulated/costs.toml`, or from `--costs`. `--check` runs `enlarger up` on its own
Postgres. The first run only scales the CPU of all steps to the current speed of this machine. Then other settings are
measured and simulated; the exit status is 1 if any figure differs by more than 15 %. The CPU that other programs use
meanwhile is measured, and simulated as background work.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench.processes import machine, table
from bench.simulated.arrivals import PATTERNS
from bench.simulated.disk import measure_disk
from bench.simulated.inputs import COSTS, Costs, Engine, Fleet, Provider, Scenario, load_costs
from bench.simulated.measured import Run, Setting, run
from bench.simulated.model import Simulation
from bench.simulated.results import error
from bench.simulated.sizes import HEADER, SIZES, size_row

_MOST_OFF = 0.15
_FIRST = Setting("10 a second", rate=10, tasks=250, seconds=9)
_DISK_TASKS, _COPIES = 400, 20_000
_SETTINGS = (
    Setting("2 a second, 3 at once at the provider", rate=2, tasks=60, seconds=2, concurrency=3, warm_up=12),
    Setting("5 a second", rate=5, tasks=150, seconds=9),
    Setting("15 a second", rate=15, tasks=300, seconds=9),
)


def as_scenario(setting: Setting, measured: Run) -> Scenario:
    """The scenario for a measured run, with as much background work."""
    return Scenario(
        rate=setting.rate,
        tasks=setting.tasks,
        fleet=Fleet(cores=measured.cores, background=measured.background),
        provider=Provider(seconds=setting.seconds, concurrency=setting.concurrency, first_number=setting.warm_up),
    )


def scaled(costs: Costs, setting: Setting, measured: Run) -> Costs:
    """The costs, scaled to the measured CPU per task."""
    simulation = Simulation(as_scenario(setting, measured), costs)
    simulation.run()
    service, postgres = simulation.cpu_a_task()
    return costs.scaled(measured.service_ms / service, measured.postgres_ms / postgres)


def check(costs: Costs) -> bool:
    """Compare with real runs; returns whether every figure is close enough."""
    print(machine(), "\n")
    first = run(_FIRST)
    costs = scaled(costs, _FIRST, first)
    print(
        f"{_FIRST.name}: {first.service_ms:.1f} ms of CPU a task in the service, {first.postgres_ms:.1f} in Postgres;"
        f" others use {first.background:.2f} cores\n",
        flush=True,
    )
    good = True
    for setting in _SETTINGS:
        rows = []
        measured = run(setting)
        simulated = Simulation(as_scenario(setting, measured), costs).run().figures()
        for name, figure in measured.seen.figures().items():
            off = error(figure, simulated[name])
            good = good and abs(off) <= _MOST_OFF
            rows.append([name, f"{figure:.2f}", f"{simulated[name]:.2f}", f"{off:+.0%}"])
        print(f"{setting.name}; others use {measured.background:.2f} cores\n")
        print(table(["figure", "measured", "simulated", "error"], rows), "\n", flush=True)
    return good


def measure() -> None:
    """Print the measurements from which costs are derived."""
    print(machine(), "\n")
    found = run(_FIRST, profile=True)
    print(f"CPU a task: service {found.service_ms:.1f} ms, Postgres {found.postgres_ms:.1f} ms", end=", ")
    print(f"stand-in {found.provider_ms:.1f} ms, app {found.app_ms:.1f} ms")
    print(f"at rest: service {found.idle_service:.4f} cores, Postgres {found.idle_postgres:.4f} cores")
    print(f"samples: {found.samples}")


def disk() -> None:
    """Print how much disk space a task takes."""
    taken = measure_disk(tasks=_DISK_TASKS, copies=_COPIES, rate=_FIRST.rate)
    rows = [[f"`{name}`", f"{count:,}"] for name, count in taken.tables.items()]
    rows += [["all of these", f"{sum(taken.tables.values()):,}"], ["write-ahead log", f"{taken.log:,}"]]
    print(table(["table, with its indexes", "bytes a task"], rows))
    print()
    rows = [
        [f"`{name}`", *(f"{count:.1f}" for count in counts), str(taken.autovacuums[name])]
        for name, counts in taken.rows.items()
    ]
    print(table(["rows a task", "inserted", "updated", "deleted", "autovacuums"], rows))


def simulate(options: argparse.Namespace, costs: Costs) -> None:
    """Simulate the scenario in the options, and print the results."""
    scenario = Scenario(
        rate=options.rate,
        tasks=options.tasks or round(options.rate * 20),
        pattern=options.pattern,
        fleet=Fleet(
            processes=options.processes,
            cores=options.cores,
            queue_connections=options.queue_connections,
            postgres_cores=options.postgres_cores,
            network_ms=options.network if options.postgres_cores else 0.0,
        ),
        provider=Provider(
            seconds=options.seconds,
            concurrency=options.concurrency,
            creates=(options.creates, 1.0),
            failures=options.failures,
        ),
        providers=options.providers,
        engine=Engine(options.engines, options.engine_seconds, options.megapixels),
        local=options.local,
        accounts=options.accounts,
        paying=options.paying,
        receivers=options.receivers,
        answer_seconds=0.0 if options.seconds < 6 else 6.0,
        seed=options.seed,
    )
    simulation = Simulation(scenario, costs)
    figures = simulation.run().figures()
    print(table(["figure", "simulated"], [[name, f"{value:,.2f}"] for name, value in figures.items()]))
    print()
    print(table(["in use", "share"], [[name, f"{share:.0%}"] for name, share in simulation.use().items()]))


def main() -> int:
    """Run the simulation; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="compare with real runs on this machine")
    what.add_argument("--measure", action="store_true", help="measure what costs are derived from")
    what.add_argument("--disk", action="store_true", help="measure the disk space of a finished task")
    what.add_argument("--sizes", action="store_true", help="from 1 to 300 tasks a second")
    parser.add_argument("--costs", type=Path, default=COSTS)
    parser.add_argument("--rate", type=float, default=10.0, help="tasks a second")
    parser.add_argument("--tasks", type=int, help="20 seconds' worth by default")
    parser.add_argument("--pattern", choices=PATTERNS, default="steady")
    parser.add_argument("--processes", type=int, default=1, help="of `enlarger up`")
    parser.add_argument("--cores", type=int, default=2, help="of the machines that they run on, together")
    parser.add_argument("--postgres-cores", type=int, default=0, help="of Postgres' machine; 0: the same one")
    parser.add_argument("--network", type=float, default=0.3, help="ms to Postgres' machine and back")
    parser.add_argument("--queue-connections", type=int, default=2, help="of a process, for its queue's statements")
    parser.add_argument("--providers", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=9.0, help="what a task takes at a provider")
    parser.add_argument("--concurrency", type=int, default=1_000_000, help="tasks at a provider at a time")
    parser.add_argument("--creates", type=int, default=1_000_000, help="submissions to a provider in a second")
    parser.add_argument("--failures", type=float, default=0.0, help="share of tasks that fail at a provider once")
    parser.add_argument("--local", type=float, default=0.0, help="share of tasks for the service's own engine")
    parser.add_argument("--engines", type=int, default=1)
    parser.add_argument("--engine-seconds", type=float, default=1.0, help="of the engine for a megapixel")
    parser.add_argument("--megapixels", type=float, default=1.0, help="of a picture for the engine")
    parser.add_argument("--accounts", type=int, default=1)
    parser.add_argument("--paying", action="store_true", help="accounts pay with credits")
    parser.add_argument("--receivers", type=int, default=1, help="hosts that callbacks go to")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    costs = load_costs(options.costs)
    if options.check:
        return 0 if check(costs) else 1
    if options.measure:
        measure()
    elif options.disk:
        disk()
    elif options.sizes:
        print(table(HEADER, [size_row(size, costs) for size in SIZES]))
    else:
        simulate(options, costs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
