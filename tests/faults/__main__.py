"""Are tasks lost or paid for twice, whatever goes wrong?

    uv run python -m tests.faults --runs 10000
    uv run python -m tests.faults --seed 7 --only 1234

Every run is one task, and a cell of a matrix: something that goes wrong at one of five boundaries, together with
nothing else, a worker that is killed there, or a Postgres that is shut down at once there. The service is a real one
(HTTP, Postgres, storage, two workers as processes); KIE and Replicate are stand-ins, whose books are the judges'
evidence.
"""

from __future__ import annotations

import argparse
import math
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from enlarger.infra.logs import set_up_logs
from tests.faults.evidence import Trial
from tests.faults.plan import WORLDS, World, world_of
from tests.faults.report import summary, table, violations
from tests.faults.world import try_world

_MOST_IN_A_WORLD = 1250


def main() -> int:
    """Exit status 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="the number of the one run to make")
    parser.add_argument("--world", type=int, choices=range(len(WORLDS)), help="the one in which all runs are made")
    parser.add_argument("--at-once", type=int, default=2, help="worlds that are tried at the same time")
    parser.add_argument("--log", default="critical", help="from which level on workers' logs are shown")
    given = parser.parse_args()
    numbers = range(given.runs) if given.only is None else [given.only]
    batches: list[tuple[World, list[int]]] = []
    for world in WORLDS:
        mine = [
            number
            for number in numbers
            if (world_of(number).number if given.world is None else given.world) == world.number
        ]
        parts = math.ceil(len(mine) / _MOST_IN_A_WORLD)
        batches += [(world, mine[part::parts]) for part in range(parts)]
    trials: list[Trial] = []
    with ProcessPoolExecutor(given.at_once, get_context("spawn"), set_up_logs, (given.log,)) as pool:
        futures = [pool.submit(try_world, world, mine, seed=given.seed, log=given.log) for world, mine in batches]
        for future in futures:
            trial = future.result()
            trials.append(trial)
            print(next(summary([trial])), flush=True)
    print()
    print(*table(trials), sep="\n")
    print()
    print(*summary(trials), sep="\n")
    wrong = list(violations(trials, seed=given.seed))
    print("", *wrong, sep="\n")
    print("Every promise was kept." if not wrong else f"{sum(len(one.violations) for one in trials)} VIOLATIONS.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
