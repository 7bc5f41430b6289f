"""The faults of a soak and their times, drawn from a seed beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Literal

import msgspec

Kind = Literal[
    "kill worker", "kill serve", "freeze worker", "restart postgres", "storage away", "provider down",
    "provider slow", "provider throttles", "provider fails", "receiver dead", "receiver slow",
]  # fmt: skip
PROVIDERS = ("kie", "replicate")
RECEIVERS = 3
_USUAL_GAP = (5.0, 40.0)


class Fault(msgspec.Struct, frozen=True):
    """One fault."""

    at: float
    """Seconds after the first task."""
    kind: Kind
    target: str
    """The affected process, provider or receiver; empty if there is only one."""
    seconds: float
    """How long it lasts, or until a killed process or Postgres is started again."""

    def __str__(self) -> str:
        return f"{self.kind}{' ' * bool(self.target)}{self.target} ({self.seconds:.0f} s)"


class Sizes(msgspec.Struct, frozen=True):
    """What a plan depends on, apart from its seed."""

    seconds: float
    serve: int
    worker: int
    lease: float
    gap: tuple[float, float]
    """The shortest and the longest time from one fault to the next, in seconds."""

    @property
    def share(self) -> float:
        """By how much faults are shortened if they follow each other faster than usual."""
        return min(1.0, sum(self.gap) / sum(_USUAL_GAP))


def plan(seed: int, sizes: Sizes) -> list[Fault]:
    """The faults of a soak, in order. Every kind occurs once before any occurs again."""
    chance = Random(f"faults {seed}")
    faults: list[Fault] = []
    bag: list[tuple[Kind, Sequence[str], float, float]] = []
    at = chance.uniform(*sizes.gap)
    while at < sizes.seconds:
        if not bag:
            bag = _kinds(sizes)
            chance.shuffle(bag)
        kind, targets, shortest, longest = bag.pop()
        faults.append(Fault(at, kind, chance.choice(targets), chance.uniform(shortest, longest)))
        at += chance.uniform(*sizes.gap)
    return faults


def _kinds(sizes: Sizes) -> list[tuple[Kind, Sequence[str], float, float]]:
    """Each kind with its possible targets, and its shortest and longest duration in seconds."""
    workers = [f"worker-{number}" for number in range(sizes.worker)]
    servers = [f"serve-{number}" for number in range(sizes.serve)]
    share = sizes.share
    receivers = [str(number) for number in range(RECEIVERS)]
    return [
        ("kill worker", workers, 0.0, 5.0),
        ("kill serve", servers, 0.0, 5.0),
        ("freeze worker", workers, 1.2 * sizes.lease, 2.5 * sizes.lease),
        ("restart postgres", ("",), 0.0, 8.0),
        ("storage away", ("",), 5.0, 25.0 * share),
        ("provider down", PROVIDERS, 10.0 * share, 40.0 * share),
        ("provider slow", PROVIDERS, 10.0 * share, 40.0 * share),
        ("provider throttles", PROVIDERS, 10.0 * share, 40.0 * share),
        ("provider fails", PROVIDERS, 10.0 * share, 40.0 * share),
        ("receiver dead", receivers, 10.0 * share, 40.0 * share),
        ("receiver slow", receivers, 10.0 * share, 40.0 * share),
    ]
