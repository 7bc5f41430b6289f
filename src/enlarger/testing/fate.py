"""What happens to one task of a stand-in from its submission to its result, for tests that draw it from a seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from enlarger.testing.fault_kinds import InjectedFault, check_fits
from enlarger.testing.faults import Incident

Fates = Callable[[str, Mapping[str, Any]], "Fate"]
"""A function of model and input that returns a task's fate, called once for each request that would create a task."""


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """The course of one task, from its submission to its result; by default, everything succeeds.

    Raises ValueError for faults that a submission, a poll or a download cannot have.
    """

    submit: InjectedFault | None = None
    """A fault of the request that creates the task. With a fault without effect, there is no task."""
    polls: tuple[InjectedFault | None, ...] = ()
    """Faults of the first requests for the task, one each; None lets a request succeed."""
    downloads: tuple[InjectedFault | None, ...] = ()
    """Faults of the first requests for its files, one each."""
    late: float = 0.0
    """Seconds that the task takes longer than others; with `math.inf` it never ends."""
    failure: str | None = None
    """The reason of its failure, which costs nothing; None if it succeeds."""
    callbacks: tuple[float, ...] = (0.0,)
    """Extra seconds before each callback. An empty tuple sends none, two values send a duplicate."""
    announced_first: bool = False
    """Whether the task ends at once, and its submission is answered only after the callback."""
    slow_seconds: float = 1.0
    """How long SLOW delays an answer."""

    def __post_init__(self) -> None:
        for faults, route in (((self.submit,), "createTask"), (self.polls, "recordInfo"), (self.downloads, "results")):
            for fault in faults:
                if fault is not None:
                    check_fits(fault, route)

    def incident(self, fault: InjectedFault | None) -> Incident | None:
        """A fault with this fate's delay."""
        return None if fault is None else Incident(fault=fault, slow_seconds=self.slow_seconds)

    def seconds(self, usual: float) -> float:
        """The task's duration, if others take `usual` seconds."""
        return 0.0 if self.announced_first else usual + self.late
