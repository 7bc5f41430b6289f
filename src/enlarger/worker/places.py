"""Places for the downloads of results, so that slow ones leave room for others.

Each provider has its own, each of its hosts a share of these, and results that nobody waits for any more have two of
their own. Who finds none goes back to the queue, where others can be found; every worker counts for itself.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

RESULTS_AT_ONCE = 64
"""Of a worker: more than the providers that there are can fill."""
_OF_PROVIDER = 16
_OF_HOST = 8
_OF_ORPHANS = 2
_LOOKS_A_SECOND = 20.0
"""How often those that wait may look for a place, all together."""
_SHORTEST = 1.0


class Places:
    """Who has a place, and who waits for one."""

    def __init__(self) -> None:
        self._taken: Counter[tuple[str, ...]] = Counter()
        self._waiting: set[int] = set()

    @contextmanager
    def take(self, attempt_id: int, provider: str, host: str, *, orphan: bool) -> Iterator[bool]:
        """Whether there is a place; it is the attempt's until the block ends."""
        limits: dict[tuple[str, ...], int]
        limits = {(provider, "orphans"): _OF_ORPHANS} if orphan else {(provider,): _OF_PROVIDER}
        limits[provider, "at", host] = _OF_HOST
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
        return max(len(self._waiting) / _LOOKS_A_SECOND, _SHORTEST) * random.uniform(0.75, 1.25)
