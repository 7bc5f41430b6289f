"""The pictures of a batch, and what became of them."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Job:
    """One picture and where its enlargement goes."""

    source: Path
    target: Path
    name: str = ""
    """The picture's display name, if its path should not be shown."""

    def __str__(self) -> str:
        return self.name or str(self.source)


@dataclass(slots=True)
class Report:
    """What became of a batch."""

    made: list[dict[str, Any]] = field(default_factory=list)
    """What is known of each picture that was enlarged."""
    there: list[Job] = field(default_factory=list)
    """Pictures whose results were there."""
    passed_over: list[tuple[str, str]] = field(default_factory=list)
    """Files that are no picture for us, and what they are."""
    bad: list[tuple[str, str]] = field(default_factory=list)
    """What could not be enlarged, and why not."""
    task_ids: dict[str, str] = field(default_factory=dict)
    """The tasks of those that could not, where there were any."""
    began: float = field(default_factory=time.monotonic)

    @property
    def done(self) -> int:
        """How many were enlarged."""
        return len(self.made)

    @property
    def seconds(self) -> float:
        """How long the batch has taken so far."""
        return time.monotonic() - self.began

    @property
    def skipped(self) -> int:
        """How many were done before."""
        return len(self.there)

    @property
    def left_out(self) -> Counter[str]:
        """How many files of each kind were passed over."""
        return Counter(kind for _, kind in self.passed_over)
