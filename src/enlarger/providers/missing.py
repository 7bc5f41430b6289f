"""A provider that tasks were given to, and that is no longer set up."""

from __future__ import annotations

from pathlib import Path

from enlarger.errors import ProviderSilent, SubmissionRefused
from enlarger.protocol.webhook import Webhook
from enlarger.providers.base import Accepted, OnProgress, Order, Report, Submission, Traits


class MissingProvider:
    """Takes nothing and tells nothing, so that what it was given before is waited for to its deadline."""

    traits: Traits = Traits(hosted=True)

    def __init__(self, name: str) -> None:
        self.name = name

    async def upload(self, path: Path, *, name: str, mime_type: str) -> str:
        """Raise ProviderSilent."""
        raise self._silent()

    async def submit(self, order: Order, on_progress: OnProgress) -> Accepted | Report:
        """Raise SubmissionRefused."""
        raise SubmissionRefused(str(self._silent()), reason="access")

    async def look(self, submission: Submission) -> Report:
        """Raise ProviderSilent."""
        raise self._silent()

    async def find(self, submission: Submission, *, taken: frozenset[str]) -> Accepted | None:
        """Raise ProviderSilent."""
        raise self._silent()

    async def read_webhook(self, webhook: Webhook, submission: Submission) -> Report | None:
        """None: there is no key to check it with."""
        return None

    def webhook_task_id(self, webhook: Webhook) -> str | None:
        """None: nobody here knows how it writes."""
        return None

    async def cancel(self, provider_task_id: str) -> None:
        """Raise ProviderSilent."""
        raise self._silent()

    async def fetch(self, output: str, target: Path) -> None:
        """Raise ProviderSilent."""
        raise self._silent()

    async def probe(self) -> None:
        """Raise ProviderSilent."""
        raise self._silent()

    async def close(self) -> None:
        """Do nothing."""

    def _silent(self) -> ProviderSilent:
        return ProviderSilent(f"{self.name} is no longer set up: set its key again, and it is asked.")
