"""The fault matrix: 2,000 tasks to which everything that we could think of happens. `bench/faults` has the rest."""

from __future__ import annotations

import pytest
from bench.faults.plan import CELLS, WORLDS
from bench.faults.report import violations
from bench.faults.world import try_world

_SEED = 2026
_RUNS = 1000
_LIMIT_SECONDS = 1500.0


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("number", [0, 3], ids=["fail by webhooks", "resubmit by polling"])
def test_no_task_is_lost_and_none_is_paid_for_twice(number: int) -> None:
    first = _RUNS if number else 0

    trial = try_world(WORLDS[number], range(first, first + _RUNS), seed=_SEED, limit=_LIMIT_SECONDS)

    if broken := list(violations([trial], seed=_SEED)):
        pytest.fail("\n".join(broken))  # a comparison's report would leave out the story
    assert {one.plan.cell for one in trial.outcomes} == set(CELLS)
    hit = [one.plan.cell.accident for one in trial.outcomes if one.hit]
    assert min(hit.count("kill -9"), hit.count("postgres")) > _RUNS / 5
    assert min(trial.kills, trial.restarts) > 2
    assert sum(one.ambiguous for one in trial.outcomes) > _RUNS / 20
    assert sum(one.ended == "success" for one in trial.outcomes) > _RUNS / 5
