"""Whom to give a task: the providers in the user's order, and what keeps each of them from being asked now."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from enlarger.catalog import Model
from enlarger.providers.base import Provider
from enlarger.providers.health import Health, HealthConfig, Step, Unavailability
from enlarger.providers.routing import Routing


class Candidate(msgspec.Struct, frozen=True):
    """A provider that runs the model, and why it is not to be asked, if it is not."""

    provider: Provider
    unavailability: Unavailability | None = None


class Router:
    """Knows the order and every provider's health, as far as this process has seen or been told."""

    def __init__(
        self,
        providers: Mapping[str, Provider],
        routing: Routing,
        *,
        health: HealthConfig | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` counts seconds."""
        self.providers = providers
        self.routing = routing
        self.changed: asyncio.Event = asyncio.Event()
        """Is set when other processes should be told of a provider's health."""
        self.health: dict[str, Health] = {name: Health(clock, self.changed.set, health) for name in providers}

    def candidates(self, model: Model, input: Mapping[str, Any], *, tried: Mapping[str, str]) -> list[Candidate]:
        """The providers that are set up and run the model, the first choice first.

        `tried` are those that did not do it, and why. An empty list means that there is none: `routing.check` says why.
        """
        return [
            Candidate(
                self.providers[choice.provider],
                self._unavailability(choice.provider, choice.reason and str(choice.reason), tried),
            )
            for choice in self.routing.choices(model, input)
            if choice.lacks not in ("settings", "route") and choice.provider in self.providers
        ]

    def start(self, name: str) -> bool:
        """To be called just before a provider is given a task; False when another task has been faster to try it."""
        return self.health[name].start()

    def note(
        self, name: str, error: BaseException | None, latency: float | None = None, *, step: Step = "submit"
    ) -> None:
        """What came of asking a provider, after so many seconds; to be called once for every `start`."""
        if name in self.health:  # one that is no longer set up has none
            self.health[name].note(error, latency, step=step)

    def _unavailability(self, name: str, unfit: str | None, tried: Mapping[str, str]) -> Unavailability | None:
        if name in tried:
            return Unavailability(tried[name] or "it has been tried", permanent=True)
        return Unavailability(unfit, permanent=True) if unfit else self.health[name].unavailability()
