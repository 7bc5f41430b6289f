"""What everybody else knows of a provider."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar

from enlarger.infra.safe_http import Allowed
from enlarger.providers.base import Provider
from enlarger.settings import Limits, ServiceSettings

S = TypeVar("S", bound=ServiceSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a process lends to its providers."""

    allowed: Allowed
    """The hosts that results may come from although they are not public."""
    cache: Path
    """A folder of this machine's for what can be made again."""
    now: Callable[[], datetime]
    """The database's clock, which the times of submissions are of."""

    def clock(self) -> float:
        """The same in seconds since 1970."""
        return self.now().timestamp()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSpec(Generic[S]):
    """A provider: what is set for it, what it can do, and how it is opened. The functions are given its settings."""

    name: str
    """In settings, in the catalogue's routes and in the database."""
    title: str
    """For people."""
    settings: type[S]
    """Those of the service and its own; the names of its own begin with its name."""
    turned_on_by: Callable[[S], str]
    """The name of the setting that turns it on."""
    unconfigured: Callable[[S], str | None] = lambda _: None
    """Why it is not set up, and what to do about it; None when it is. The text is translated: `sentence`."""
    limits: Callable[[S], Limits] = lambda _: Limits()
    """How much of it all workers together may use."""
    open: Callable[[S, Surroundings], Provider]
    """What carries tasks out, when it is set up; it is closed by who opened it. Raises ConfigurationError."""
    tasks: frozenset[str] | None = None
    """The only types of task (`upscale`, …) that it can ever do; None is whatever the catalogue has a route for."""
    webhook_headers: tuple[str, ...] = ()
    """How the names of headers begin, in lower case, that `verify_webhook` reads of its announcements."""
    simulates: bool = False
    """Whether its results are made up: it runs every model and, once set up, all tasks, unless routes name it."""

    def can_do(self, task: str) -> bool:
        """Whether it may do tasks of a type."""
        return self.tasks is None or task in self.tasks
