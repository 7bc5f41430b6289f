"""How long a task waits while no provider can take it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.worker.hosted import Floor, failed

_PATIENCE = 900.0


@pytest.mark.parametrize(("ago", "waits"), [(60, True), (1200, False)])
async def test_the_time_that_a_provider_has_taken_is_not_counted(floor: Floor, ago: int, waits: bool) -> None:
    """A provider had the task for hours and failed; the next one rests."""
    task = await floor.make()
    await floor.dispatcher()(task.id)
    [attempt] = await floor.of_task(task)
    floor.kie.says = failed("kie-1")
    await floor.poll(attempt)
    floor.router.health["replicate"].adopt("throttled", "too many", 600)
    await floor.database.pool.execute("UPDATE tasks SET created_at = created_at - interval '3 hours'")
    await floor.database.pool.execute("UPDATE attempts SET ended_at = now() - $1::interval", timedelta(seconds=ago))
    again = await floor.dispatcher(patience=_PATIENCE)(task.id)
    assert (again is not None, (await floor.task(task)).ended) == (waits, not waits)
