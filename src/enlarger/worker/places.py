"""Places for the downloads of results, so that slow ones leave room for others.

Each provider has its own, each of its hosts a share of these, and results that nobody waits for any more have two of
their own. Who finds none goes back to the queue, where others can be found; every worker counts for itself.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

RESULTS_AT_ONCE = 64
"""Of a worker: more than the providers that there are can fill."""
_LOOKS_A_SECOND = 20.0
"""How often those that wait may look for a place, all together."""


class PlacesConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How many places there are, and how long to wait when there is none."""

    of_provider: int = 16
    of_host: int = 8
    """For one of a provider's hosts."""
    of_orphans: int = 2
    """For a provider's results that nobody waits for any more."""
    shortest: float = 1.0
    """Seconds from one look for a place to the next, at least."""


class Places:
    """Who has a place, and who waits for one."""

    def __init__(self, config: PlacesConfig | None = None) -> None:
        self._config = config or PlacesConfig()
        self._taken: Counter[tuple[str, ...]] = Counter()
        self._waiting: set[int] = set()

    @contextmanager
    def take(self, attempt_id: int, provider: str, host: str, *, orphan: bool) -> Iterator[bool]:
        """Whether there is a place; it is the attempt's until the block ends."""
        limits: dict[tuple[str, ...], int]
        limits = {(provider, "orphans"): self._config.of_orphans} if orphan else {(provider,): self._config.of_provider}
        limits[provider, "at", host] = self._config.of_host
        if any(self._taken[key] >= most for key, most in limits.items()):
            self._waiting.add(attempt_id)
            yield False
            return
        self._waiting.discard(attempt_id)
        self._taken.update(limits.keys())
        try:
            yield True
        finally:
            self._taken.subtract(limits.keys())

    def pause(self) -> float:
        """Seconds until one that waits looks again; the more there are, the longer."""
        return max(len(self._waiting) / _LOOKS_A_SECOND, self._config.shortest) * random.uniform(0.75, 1.25)
