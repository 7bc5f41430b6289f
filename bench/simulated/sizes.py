"""The sizes in docs/operate/scale.md."""

from __future__ import annotations

from bench.simulated.inputs import Costs, Fleet, Provider, Scenario
from bench.simulated.model import Simulation
from bench.simulated.results import Seen

HEADER = (
    "tasks/s", "processes", "cores", "Postgres' cores", "providers", "carried", "ms to provider p50", "p95",
    "ms to app p50", "p95", "CPU ms a task", "Postgres", "busiest",
)  # fmt: skip
_AT_PROVIDER = 2.0


def _size(rate: float, processes: int, cores: int, postgres: int, *, providers: int = 1, seconds: float) -> Scenario:
    """Arrivals at random for so many seconds; Postgres has its own machine, unless it has 0 cores."""
    return Scenario(
        rate=rate,
        tasks=round(rate * seconds),
        pattern="poisson",
        fleet=Fleet(processes=processes, cores=cores, postgres_cores=postgres, network_ms=0.3 if postgres else 0.0),
        provider=Provider(seconds=_AT_PROVIDER, answer_ms=50.0),
        providers=providers,
        accounts=1000,
        receivers=1000,
        answer_seconds=0.0,
    )


SIZES = (
    _size(1, 1, 2, 0, seconds=60),
    _size(10, 1, 2, 0, seconds=20),
    _size(20, 1, 2, 0, seconds=20),
    _size(40, 1, 2, 0, seconds=10),
    _size(40, 4, 4, 4, seconds=10),
    _size(100, 8, 8, 8, seconds=8),
    _size(100, 12, 12, 16, seconds=8),
    _size(300, 24, 24, 32, seconds=6),
)


def size_row(scenario: Scenario, costs: Costs) -> list[str]:
    """A row of the table."""
    simulation = Simulation(scenario, costs)
    seen = simulation.run()
    figures, fleet = seen.figures(), scenario.fleet
    service, postgres = simulation.cpu_a_task()
    name, share = max(simulation.use().items(), key=lambda one: one[1])
    delays = [
        f"{figures[f'{way} {share}']:,.0f}"
        for way in ("create to provider", "webhook to callback")
        for share in ("p50", "p95")
    ]
    return [
        f"{scenario.rate:,g}",
        str(fleet.processes),
        str(fleet.cores),
        str(fleet.postgres_cores or "the same"),
        str(scenario.providers),
        f"{carried(seen):.0f}",
        *delays,
        f"{service:.0f}",
        f"{postgres:.0f}",
        f"{name} {share:.0%}",
    ]


def carried(seen: Seen) -> float:
    """Callbacks per second from the first callback until the last task arrives."""
    first, last = min(seen.called_back), max(seen.created)
    return sum(first < at <= last for at in seen.called_back) / (last - first)
