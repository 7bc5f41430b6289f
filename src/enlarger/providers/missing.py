"""A provider that tasks were given to, and that is no longer set up."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from enlarger.catalog import Model
from enlarger.errors import ProviderSilent, RouteUnfit
from enlarger.providers.base import Accepted, HostedProvider, Order, Report, Submission, WireRequest


class MissingProvider(HostedProvider):
    """Takes nothing and tells nothing, so that what it was given before is waited for to its deadline."""

    def __init__(self, name: str) -> None:
        self.name = name

    def prepare(self, model: Model, input: Mapping[str, Any]) -> WireRequest:
        """Raise RouteUnfit."""
        raise RouteUnfit("it is no longer set up")

    async def upload(self, path: Path, *, name: str, mime_type: str) -> str:
        """Raise ProviderSilent."""
        raise self._silent()

    async def submit(self, order: Order) -> Accepted:
        """Raise ProviderSilent; nothing is prepared for it, so nothing is submitted."""
        raise self._silent()

    async def poll(self, submission: Submission) -> Report:
        """Raise ProviderSilent."""
        raise self._silent()

    async def cancel(self, provider_task_id: str) -> None:
        """Raise ProviderSilent."""
        raise self._silent()

    async def fetch(self, output: str, target: Path) -> None:
        """Raise ProviderSilent."""
        raise self._silent()

    async def probe(self) -> None:
        """Raise ProviderSilent."""
        raise self._silent()

    def _silent(self) -> ProviderSilent:
        return ProviderSilent(f"{self.name} is no longer set up: set its key again, and it is asked.")
