"""What is known when all runs of a world have ended, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from enlarger.testing.recorded import SeenTask
from enlarger.testing.replicate.prediction import SeenPrediction
from tests.faults.plan import Plan, World

Row = dict[str, Any]


class Bought(msgspec.Struct, frozen=True):
    """A task at a stand-in, as the stand-in has it at the end."""

    provider: str
    id: str
    state: str
    """running, success or fail."""
    created: float

    @property
    def file(self) -> str:
        """The name of the file that it produced."""
        return f"{self.id}-0.png"


@dataclass(kw_only=True)
class Evidence:
    """What is left when all runs have ended."""

    world: World
    plans: Mapping[int, Plan]
    ids: Mapping[int, str]
    tables: Mapping[str, list[Row]]
    kie: Sequence[SeenTask]
    replicate: Sequence[SeenPrediction]
    told: Mapping[int, list[str]]
    samples: list[str]
    sampled: int
    over: bool = False
    folder: Path = Path()
    kills: int = 0
    restarts: int = 0
    seconds: float = 0.0
    hits: set[int] = field(default_factory=set)
    differences: list[str] = field(default_factory=list)


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one run."""

    plan: Plan
    ended: str
    """success, fail, cancelled, or lost."""
    ambiguous: bool
    orphans: int
    hit: bool
    """Whether its accident took place."""
    paid: int
    seconds: float
    faults: tuple[str, ...] = ()
    """The promises that were broken."""
    story: tuple[str, ...] = ()
    """What happened, where a promise was broken."""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """All runs of a world."""

    world: World
    outcomes: tuple[Outcome, ...]
    faults: tuple[str, ...]
    """Broken promises that belong to no single run."""
    kills: int
    restarts: int
    sampled: int
    seconds: float

    @property
    def violations(self) -> list[str]:
        """Every broken promise, with the run that shows it."""
        of_runs = [f"run {one.plan.number}: {fault}" for one in self.outcomes for fault in one.faults]
        return [*of_runs, *(f"{self.world.name}: {fault}" for fault in self.faults)]
