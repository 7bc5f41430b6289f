"""The table: what was tried, how it ended, and the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.faults.evidence import Outcome, Trial
from tests.faults.plan import MISHAPS

_WIDTH = 36


def table(trials: Sequence[Trial]) -> Iterator[str]:
    """Lines: a row for everything that can go wrong at a boundary, over all worlds and accidents."""
    outcomes = [one for trial in trials for one in trial.outcomes]
    yield (
        f"{'':{_WIDTH + 10}} {'runs':>6} {'success':>8} {'fail':>6} {'cancel':>7} {'unknown':>8} {'orphans':>8}"
        f" {'killed':>7} {'restart':>8} {'worst':>7}"
    )
    for boundary, mishaps in MISHAPS.items():
        for mishap in mishaps:
            cell = [one for one in outcomes if (one.plan.cell.boundary, one.plan.cell.mishap) == (boundary, mishap)]
            if cell:
                yield _row(f"{boundary:9} {mishap}", cell)
    yield _row("all", outcomes)


def summary(trials: Sequence[Trial]) -> Iterator[str]:
    """Lines: what was promised, and whether it was kept."""
    outcomes = [one for trial in trials for one in trial.outcomes]
    for trial in trials:
        yield (
            f"{trial.world.name}: {len(trial.outcomes)} runs in {trial.seconds:.0f} s,"
            f" workers killed {trial.kills} times, Postgres restarted {trial.restarts} times,"
            f" {trial.sampled} records of unknown tasks read"
        )
    violations = [line for trial in trials for line in trial.violations]
    lost = [line for line in violations if "LOST" in line]
    twice = [line for line in violations if "PAID TWICE" in line]
    second = sum(max(0, one.paid - 1) for one in outcomes)
    yield ""
    yield f"tasks lost                                  {len(lost)}"
    yield f"second paid submissions against the policy  {len(twice)}"
    yield f"second paid submissions, ENLARGER_UNKNOWN=resubmit after a deadline  {second}"
    yield f"other promises broken                       {len(violations) - len(lost) - len(twice)}"
    yield f"ambiguous, all of them visible and resolved {sum(one.ambiguous for one in outcomes)}"


def violations(trials: Sequence[Trial], *, seed: int) -> Iterator[str]:
    """Lines: what went wrong, and how to see it alone."""
    for trial in trials:
        for one in trial.outcomes:
            for fault in one.faults:
                cell, spot = one.plan.cell, " ".join(reversed(one.plan.spot))
                yield (
                    f"run {one.plan.number} ({cell.boundary}: {cell.mishap}; {cell.accident} {spot};"
                    f" at {one.plan.place}; {trial.world.name}): {fault}"
                )
            if one.faults:
                again = f"--seed {seed} --world {trial.world.number} --only {one.plan.number}"
                yield f"    uv run python -m tests.faults {again}"
                yield from (f"    {line}" for line in one.story)
        yield from (f"{trial.world.name}: {fault}" for fault in trial.faults)


def _row(name: str, cell: Sequence[Outcome]) -> str:
    ended = [one.ended for one in cell]
    killed = sum(one.hit for one in cell if one.plan.cell.accident == "kill -9")
    restarted = sum(one.hit for one in cell if one.plan.cell.accident == "postgres")
    return (
        f"{name:{_WIDTH + 10}} {len(cell):6} {ended.count('success'):8} {ended.count('fail'):6}"
        f" {ended.count('cancelled'):7} {sum(one.ambiguous for one in cell):8} {sum(one.orphans for one in cell):8}"
        f" {killed:7} {restarted:8} {max(one.seconds for one in cell):6.1f}s"
    )
