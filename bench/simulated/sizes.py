"""The sizes in docs/scale.md."""

from __future__ import annotations

from bench.simulated.inputs import Costs, Fleet, Provider, Scenario
from bench.simulated.model import Simulation

_HEADER = (
    "tasks/s",
    "processes",
    "cores",
    "Postgres' cores",
    "carried",
    "p95 to provider ms",
    "p95 to app ms",
    "in use",
)
_SECONDS = 10


def _size(rate: float, processes: int, cores: int, postgres_cores: int, providers: int) -> Scenario:
    return Scenario(
        rate=rate,
        tasks=max(60, round(rate * _SECONDS)),
        pattern="poisson",
        fleet=Fleet(
            processes=processes, cores=cores, postgres_cores=postgres_cores, network_ms=0.3 if postgres_cores else 0.0
        ),
        provider=Provider(seconds=2.0, answer_ms=50.0),
        providers=providers,
        accounts=1000,
        receivers=1000,
    )


SIZES: tuple[tuple[str, ...], tuple[Scenario, ...]] = (
    _HEADER,
    (_size(1, 1, 2, 0, 1), _size(10, 1, 2, 0, 1), _size(10, 2, 2, 2, 1), _size(100, 12, 12, 8, 1)),
)


def size_row(scenario: Scenario, costs: Costs) -> list[str]:
    """A row of the table."""
    simulation = Simulation(scenario, costs)
    figures, fleet = simulation.run().figures(), scenario.fleet
    busiest = sorted(simulation.use().items(), key=lambda one: -one[1])[:3]
    return [
        f"{scenario.rate:,g}",
        str(fleet.processes),
        str(fleet.cores),
        str(fleet.postgres_cores or "the same"),
        f"{figures['tasks/s']:.1f}",
        f"{figures['create to provider p95']:,.0f}",
        f"{figures['webhook to callback p95']:,.0f}",
        ", ".join(f"{name} {share:.0%}" for name, share in busiest),
    ]
