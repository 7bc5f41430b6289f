"""The simulation's arithmetic, on scenarios whose figures can be worked out by hand."""

from __future__ import annotations

from random import Random

import msgspec
import pytest
import simpy
from bench.simulated.arrivals import PATTERNS, arrivals
from bench.simulated.inputs import Costs, Engine, Fleet, Provider, Scenario, Step, load_costs
from bench.simulated.model import Simulation
from bench.simulated.results import Seen, error
from bench.simulated.stations import Disk, Station, Wait

pytestmark = pytest.mark.unit


def free(costs: Costs) -> Costs:
    """Costs of nothing but the waiting that the scenario brings."""
    costs = costs.scaled(0.0, 0.0)
    return msgspec.structs.replace(
        costs, flush_ms=0.0, switch_ms=0.0, provider_ms=0.0, app_ms=0.0, idle_service=0.0, idle_postgres=0.0, spread=0.0
    )


@pytest.mark.parametrize("pattern", PATTERNS)
def test_as_many_tasks_arrive_as_the_rate_says(pattern: str) -> None:
    times = list(arrivals(pattern, 20.0, 2000, Random(1)))
    assert times == sorted(times)
    assert len(times) == 2000
    assert 2000 / times[-1] == pytest.approx(20.0, rel=0.2)


def test_an_unknown_pattern_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="steady, poisson, bursts, day"):
        list(arrivals("tides", 1.0, 1, Random(1)))


def test_a_disk_flushes_once_for_all_who_wait() -> None:
    env = simpy.Environment()
    disk, done = Disk(env, 1.0), []

    def commit(at: float) -> Wait:
        yield env.timeout(at)
        yield from disk.flush()
        done.append(env.now)

    for at in (0.0, 0.2, 0.4, 0.6):
        env.process(commit(at))
    env.run()
    assert done == [1.0, 2.0, 2.0, 2.0]
    assert disk.flushes == 2


def test_a_station_knows_how_busy_it_was() -> None:
    env = simpy.Environment()
    station = Station(env, "cores", 2)
    for _ in range(3):
        env.process(station.work(2.0))
    env.run()
    assert env.now == 4.0
    assert station.share(4.0) == pytest.approx(0.75)


def test_the_time_that_a_place_was_waited_for_is_not_counted_as_use() -> None:
    env = simpy.Environment()
    station = Station(env, "lock")

    def hold() -> Wait:
        with station.held() as place:
            yield place
            yield env.timeout(1.0)

    env.process(hold())
    env.process(hold())
    env.run()
    assert station.busy == pytest.approx(2.0)


def test_without_costs_tasks_only_wait_for_the_provider() -> None:
    scenario = Scenario(rate=10, tasks=40, provider=Provider(seconds=9.0, spread=0.0), receiver_ms=0.0)
    seen = Simulation(scenario, free(load_costs())).run()
    assert seen.submitted == pytest.approx(seen.created)
    assert [told - at for told, at in zip(seen.told, seen.submitted, strict=True)] == pytest.approx([9.0] * 40)
    assert seen.called_back == pytest.approx(seen.told)


def test_a_provider_that_is_full_sets_the_pace() -> None:
    provider = Provider(seconds=8.0, spread=0.0, concurrency=4)
    simulation = Simulation(Scenario(rate=2, tasks=80, provider=provider), free(load_costs()))
    seen = simulation.run()
    assert most_at_once(seen) == 4
    # A place is free for at most 0.25 s before the line is looked at; the fourth task arrives after 1.5 s.
    assert 80 / (20 * 8.25 + 1.5) <= seen.figures()["tasks/s"] <= 4 / 8.0


def test_a_providers_rate_is_kept() -> None:
    provider = Provider(seconds=1.0, spread=0.0, creates=(5, 10.0))
    submitted = Simulation(Scenario(rate=5, tasks=20, provider=provider), free(load_costs())).run().submitted
    ordered = sorted(submitted)
    assert all(later - earlier >= 10.0 for earlier, later in zip(ordered, ordered[5:], strict=False))


def test_an_engine_makes_one_picture_at_a_time() -> None:
    engine = Engine(machines=1, seconds_a_megapixel=2.0, megapixels=1.5)
    seen = Simulation(Scenario(rate=10, tasks=10, local=1.0, engine=engine), free(load_costs())).run()
    assert max(seen.told) == pytest.approx(30.0, abs=0.1)


def test_the_cpu_of_a_task_is_what_its_steps_cost() -> None:
    costs = load_costs()
    scenario = Scenario(rate=1, tasks=30, provider=Provider(seconds=9.0))
    service, postgres = cpu(scenario, costs)
    doubled_service, doubled_postgres = cpu(scenario, costs.scaled(2.0, 3.0))
    assert doubled_service / service == pytest.approx(2.0, rel=0.1)
    assert doubled_postgres / postgres == pytest.approx(3.0, rel=0.1)


def test_commits_wait_for_the_disk() -> None:
    scenario = Scenario(rate=1, tasks=5, provider=Provider(seconds=9.0, spread=0.0))
    slow = msgspec.structs.replace(free(load_costs()), flush_ms=100.0)
    seen = Simulation(scenario, slow).run()
    assert seen.answered == pytest.approx([0.1] * 5)
    assert seen.figures()["create to provider p50"] == pytest.approx(200.0)  # createTask's commit, and the submission's


def test_one_account_that_pays_has_its_creates_one_after_another() -> None:
    slow = msgspec.structs.replace(free(load_costs()), flush_ms=100.0)
    scenario = Scenario(rate=1000, tasks=6, provider=Provider(seconds=9.0), paying=True)
    one = Simulation(scenario, slow).run().answered
    many = Simulation(msgspec.structs.replace(scenario, accounts=6), slow).run().answered
    assert one[-1] > 0.5
    assert many[-1] < 0.3


def test_a_seed_makes_the_same_run() -> None:
    scenario = Scenario(rate=20, tasks=40, pattern="poisson", provider=Provider(seconds=7.0))
    costs = load_costs()
    assert Simulation(scenario, costs).run() == Simulation(scenario, costs).run()
    assert Simulation(msgspec.structs.replace(scenario, seed=2), costs).run() != Simulation(scenario, costs).run()


def test_figures_of_a_run() -> None:
    seen = Seen(
        created=[0.0, 1.0, 2.0, 3.0],
        submitted=[2.0, 2.5, 3.0, 4.0],
        told=[5.0, 5.0, 5.0, 5.0],
        called_back=[6.0, 6.0, 7.0, 8.0],
    )
    figures = seen.figures()
    assert figures["tasks/s"] == 0.5
    assert figures["waiting, mean"] == pytest.approx(5.5 / 4)
    assert figures["create to provider p95"] == 2000
    assert error(10.0, 9.0) == pytest.approx(-0.1)


def test_every_step_of_the_costs_is_given() -> None:
    costs = load_costs()
    steps = [one for name in costs.__struct_fields__ if isinstance(one := getattr(costs, name), Step)]
    assert all(step.statements >= 1 and step.service_ms > 0 and step.postgres_ms > 0 for step in steps)
    assert costs.begin_locked_from < costs.begin.statements
    assert costs.create_locked_from < costs.create.statements


def test_more_processes_carry_more_of_what_one_cannot() -> None:
    costs = load_costs()
    one = Scenario(rate=40, tasks=120, provider=Provider(seconds=7.0))
    four = msgspec.structs.replace(one, fleet=Fleet(processes=4, cores=8, postgres_cores=8))
    assert to_app(four, costs) < to_app(one, costs)


def most_at_once(seen: Seen) -> int:
    """How many tasks were at the provider at most."""
    changes = sorted([(at, 1) for at in seen.submitted] + [(at, -1) for at in seen.told])
    most = running = 0
    for _, change in changes:
        running += change
        most = max(most, running)
    return most


def cpu(scenario: Scenario, costs: Costs) -> tuple[float, float]:
    """Milliseconds for a task, in the service and in Postgres."""
    simulation = Simulation(scenario, costs)
    simulation.run()
    return simulation.cpu_a_task()


def to_app(scenario: Scenario, costs: Costs) -> float:
    """Milliseconds from the provider's webhook to the app's callback, in 95 of 100 tasks."""
    return Simulation(scenario, costs).run().figures()["webhook to callback p95"]
