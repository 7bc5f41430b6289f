"""Makes the pauses of a worker shorter, so that ten thousand runs fit into minutes; what is done stays the same."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from enlarger.catalog import Model
from enlarger.infra.queue import ConcurrencyLimitedQueueManager
from enlarger.providers import health
from enlarger.providers.kie import provider as kie
from enlarger.providers.replicate import finding
from enlarger.providers.replicate import provider as replicate
from enlarger.worker import collect, deliver, dispatch, health_monitor, places, poll, run, sweep
from enlarger.worker.schedule import Schedule

_LANE_SECONDS = 0.15
_FIRST, _AGAIN, _GROWTH, _LONGEST, _LATE = 0.6, 0.4, 0.4, 10.0, 3.0


class QuickSchedule(Schedule):
    """Looks soon, and then ever less often, at tasks that take a third of a second."""

    def first(self, provider: str, model: Model) -> timedelta:
        return timedelta(seconds=_FIRST)

    def again(self, age: float) -> timedelta:
        return timedelta(seconds=min(max(_AGAIN, age * _GROWTH), _LONGEST) * random.uniform(0.9, 1.1))

    def late(self, age: float = 0.0) -> timedelta:
        return timedelta(seconds=_LATE)


def _take_many_at_once() -> None:
    """Limit how often queue managers read the queue: otherwise every row that changes makes all of them read it."""
    fetch = ConcurrencyLimitedQueueManager.fetch_jobs

    async def fetch_jobs(self: ConcurrencyLimitedQueueManager, *arguments: Any, **named: Any) -> AsyncIterator[Any]:
        await asyncio.sleep(_LANE_SECONDS)
        async for job in fetch(self, *arguments, **named):
            yield job

    ConcurrencyLimitedQueueManager.fetch_jobs = fetch_jobs  # type: ignore[assignment,method-assign]


def hurry() -> None:
    """Shorten the pauses of this process."""
    _take_many_at_once()
    pauses: dict[object, dict[str, object]] = {
        dispatch: {
            "_WAIT_HERE": 0.2,
            "_WAIT_AWAY": (0.2, 0.6),
            "_FIRST_QUESTION": timedelta(seconds=0.3),
            "_FRESH_SECONDS": 4.0,
        },
        poll: {"_LEASE": timedelta(seconds=2), "_IDLE_SECONDS": 0.3, "_SHORTEST": 0.1, "_AT_ONCE": 200},
        collect: {"_SHORTEST": 0.2, "_LONGEST": 2.0, "_SETTLED": timedelta(seconds=2)},
        deliver: {"PAUSES": (0.3, 0.6, 1, 2, 4, 8, 16, 32, 64, 128, 256)},
        run: {"_RESTART_SECONDS": 0.1, "_SUBMISSIONS_AT_ONCE": 200},
        places: {"_OF_PROVIDER": 50, "_OF_HOST": 50, "_OF_ORPHANS": 20, "_SHORTEST": 0.1},
        health_monitor: {"_ROUND_SECONDS": 0.4},
        sweep: {"_LOST": timedelta(seconds=12)},
        health: {
            "OPEN_SECONDS": 0.3,
            "FIRST_PROBE_SECONDS": 0.1,
            "_THROTTLED_SECONDS": 0.1,
            "_LONGEST_THROTTLED": 0.3,
            "FAILURES": {"submit": 20, "poll": 50},
        },
        kie: {"UNSEEN_SECONDS": 0.5, "_SUBMIT_SECONDS": 3.0},
        replicate: {"UNSEEN_SECONDS": 0.5, "UNLISTED_SECONDS": 9.0, "_SUBMIT_SECONDS": 3.0},
        finding: {"CLOCK_DIFFERENCE": timedelta(seconds=1)},
    }
    for module, values in pauses.items():
        for name, value in values.items():
            assert hasattr(module, name), f"{module} has no {name} any longer"
            setattr(module, name, value)
