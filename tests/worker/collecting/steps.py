"""A task that KIE has finished, its collection, and what it cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from enlarger.tasks.records import Attempt
from tests.worker.hosted import Floor, succeeded

A, B = "https://kie.example/a.png", "https://kie.example/b.png"


async def finish(floor: Floor, *outputs: str, task: dict[str, Any] | None = None, **report: Any) -> Attempt:
    """A task that KIE says it has finished."""
    attempt = await floor.submit(**(task or {}))
    assert attempt.provider_task_id is not None
    floor.kie.says = succeeded(attempt.provider_task_id, *(outputs or (A,)), **report)
    return await floor.poll(attempt)


async def collect(floor: Floor, attempt: Attempt) -> timedelta | None:
    return await floor.collector()(str(attempt.id))


Keys = Callable[[], list[str]]


async def spent(floor: Floor) -> Decimal:
    found: Decimal = await floor.database.pool.fetchval("SELECT sum(dollars) FROM spending WHERE kind = 'provider'")
    return found / 2  # of the day, and of the month
