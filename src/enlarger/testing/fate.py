"""What happens to one task of a stand-in from its submission to its result, for tests that draw it from a seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from enlarger.testing.fault_kinds import InjectedFault, check_fits
from enlarger.testing.faults import Incident

Fates = Callable[[str, Mapping[str, Any]], "Fate"]
"""The fate of a task of this model and this input. It is asked once for each request that would make a task."""


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to one task; as it is made, all goes well.

    Raises ValueError for faults that a submission, a poll or a download cannot have.
    """

    submit: InjectedFault | None = None
    """What happens to the request that makes it. Of those that do nothing there is no task."""
    polls: tuple[InjectedFault | None, ...] = ()
    """What happens to the first requests for it by its id, one each; None lets one go well."""
    downloads: tuple[InjectedFault | None, ...] = ()
    """The same of the first requests for its files."""
    late: float = 0.0
    """Seconds that it takes longer than others; `math.inf` is for ever."""
    failure: str | None = None
    """Why it fails, and costs nothing; None where it succeeds."""
    callbacks: tuple[float, ...] = (0.0,)
    """When its end is announced: so many seconds after others would be. None is never, two make a duplicate."""
    announced_first: bool = False
    """It ends at once, and the answer to its submission waits until that has been announced."""
    slow_seconds: float = 1.0
    """How long SLOW is."""

    def __post_init__(self) -> None:
        for faults, route in (((self.submit,), "createTask"), (self.polls, "recordInfo"), (self.downloads, "results")):
            for fault in faults:
                if fault is not None:
                    check_fits(fault, route)

    def incident(self, fault: InjectedFault | None) -> Incident | None:
        """One of its faults, as it happens."""
        return None if fault is None else Incident(fault=fault, slow_seconds=self.slow_seconds)

    def seconds(self, usual: float) -> float:
        """What the task takes, where others take `usual` seconds."""
        return 0.0 if self.announced_first else usual + self.late
