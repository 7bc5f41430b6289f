"""What the rest of the package knows about a provider."""

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
    """What a process gives its providers to work with."""

    allowed: Allowed
    """The hosts that results may come from although they are not public."""
    cache: Path
    """A folder on this machine for what can be made again."""
    now: Callable[[], datetime]
    """The database's clock, by which submissions are dated."""

    def clock(self) -> float:
        """The time of that clock, in seconds since 1970."""
        return self.now().timestamp()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSpec(Generic[S]):
    """A provider: its settings, what it can do, and how it is opened. The functions are given its settings."""

    name: str
    """Its name in settings, in the catalogue's routes and in the database."""
    title: str
    """Its name for people."""
    settings: type[S]
    """The service's settings and its own, whose names begin with its name."""
    turned_on_by: Callable[[S], str]
    """The name of the setting that turns it on."""
    unconfigured: Callable[[S], str | None] = lambda _: None
    """Why it is not set up, and what to do about it; None when it is. The text is translated: `sentence`."""
    limits: Callable[[S], Limits] = lambda _: Limits()
    """How much of it all workers may use together."""
    open: Callable[[S, Surroundings], Provider]
    """Makes the provider, when it is set up; the caller closes it. Raises ConfigurationError."""
    tasks: frozenset[str] | None = None
    """The only types of task (`upscale`, …) that it can ever do; None means all that the catalogue has a route for."""
    webhook_headers: tuple[str, ...] = ()
    """Prefixes, in lower case, of the headers that `verify_webhook` reads in its announcements."""
    simulates: bool = False
    """Whether its results are made up: it runs every model and, once set up, all tasks, unless routes name it."""

    def can_do(self, task: str) -> bool:
        """Whether it may do tasks of a type."""
        return self.tasks is None or task in self.tasks
