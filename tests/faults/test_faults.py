"""The fault matrix: everything that we could think of going wrong; `python -m tests.faults` runs all worlds."""

from __future__ import annotations

import pytest

from tests.faults.plan import CELLS, WORLDS, World
from tests.faults.report import summary, violations
from tests.faults.world import try_world

_TRIED = (WORLDS[0], WORLDS[3])
"""The two worlds that differ most: fail by webhooks, and resubmit by polling."""
_BEGIN_SECONDS = 600.0
"""On a slow machine fewer runs begin, so that none is judged before it is over."""
_FEWEST = 50


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("world", _TRIED, ids=lambda world: world.name)
def test_no_task_is_lost_and_none_is_paid_for_twice(world: World, pytestconfig: pytest.Config) -> None:
    runs, seed = pytestconfig.option.fault_runs // len(_TRIED), pytestconfig.option.fault_seed
    first = runs * _TRIED.index(world)  # together they cover every cell

    trial = try_world(world, range(first, first + runs), seed=seed, begin_seconds=_BEGIN_SECONDS)

    print(next(summary([trial])))
    print(*violations([trial], seed=seed), sep="\n")
    assert len(trial.violations) == 0, trial.violations[0]
    assert len(trial.outcomes) >= min(runs, _FEWEST)
    runs = len(trial.outcomes)
    assert len({one.plan.cell for one in trial.outcomes}) == min(runs, len(CELLS))
    hit = [one.plan.cell.accident for one in trial.outcomes if one.hit]
    assert min(hit.count("kill -9"), hit.count("postgres")) > runs / 10
    assert min(trial.kills, trial.restarts) > 0
    assert sum(one.ambiguous for one in trial.outcomes) > runs / 20
    assert sum(one.ended == "success" for one in trial.outcomes) > runs / 5
