"""What goes wrong in a soak, and when: drawn from a seed before it begins."""

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
    """Something that goes wrong."""

    at: float
    """Seconds after the first task."""
    kind: Kind
    target: str
    """The process, provider or receiver that it happens to; empty where there is only one."""
    seconds: float
    """How long it lasts; for a process that is killed, and for Postgres, until it is started again."""

    def __str__(self) -> str:
        return f"{self.kind}{' ' * bool(self.target)}{self.target} ({self.seconds:.0f} s)"


class Sizes(msgspec.Struct, frozen=True):
    """What a plan depends on, beside its seed."""

    seconds: float
    serve: int
    worker: int
    lease: float
    gap: tuple[float, float]
    """The least and the most seconds from one fault to the next."""

    @property
    def share(self) -> float:
        """How much shorter faults are where they follow each other sooner than usual."""
        return min(1.0, sum(self.gap) / sum(_USUAL_GAP))


def plan(seed: int, sizes: Sizes) -> list[Fault]:
    """The faults of a soak, in order; every kind comes once before any comes again."""
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
    """Each kind with what it can happen to, and the least and the most seconds that it lasts."""
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
