"""What was open when the backup was made goes on after a restore, and nothing is paid for twice."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from enlarger.errors import InvalidInput
from enlarger.providers import Accepted
from tests.cli.installation.conftest import SHOP, Furnished, Installation, Run
from tests.worker.hosted import Floor


@pytest.fixture
async def source(old: Installation, furnished: Furnished, run: Run, tmp_path: Path) -> str:
    place = str(tmp_path / "backup")
    await run("back_up", old, destination=place)
    return place


async def dispatch_all(floor: Floor) -> None:
    """Let workers do what the queue says, and what the sweep adds to it; each row twice."""
    await floor.service.tasks.wake_forgotten(older_than=timedelta(0))
    rows = await floor.database.pool.fetch("SELECT payload FROM pgqueuer WHERE entrypoint = 'dispatch'")
    for row in [*rows, *rows]:
        await floor.dispatcher()(row["payload"].decode())


async def test_somebody_has_to_say_what_becomes_of_waiting_tasks(new: Installation, source: str, run: Run) -> None:
    with pytest.raises(InvalidInput, match=r"1 task was waiting.*--waiting run.*--waiting fail") as refusal:
        await run("restore", new, source=source)
    assert refusal.value.field == "--waiting"
    assert await new.fetch("SELECT 1 FROM pg_tables WHERE schemaname = 'public'") == []
    assert not Path(new.storage_url).exists()


async def test_a_waiting_task_is_carried_out_once(
    new: Installation, furnished: Furnished, source: str, run: Run
) -> None:
    restored = await run("restore", new, source=source, waiting="run")
    assert restored["resumed"]["failed"] == 0
    async with new.opened() as floor:
        floor.kie.answers = [Accepted("kie-anew")]
        await dispatch_all(floor)
        assert [order.request.input["prompt"] for order in floor.kie.orders] == ["a house"]
        (attempt,) = await floor.attempts.of_task(furnished.tasks["waiting"])
        assert attempt.provider_task_id == "kie-anew"
        assert floor.replicate.orders == []


async def test_a_task_that_was_being_sent_is_of_unknown_fate_and_not_sent_again(
    new: Installation, furnished: Furnished, source: str, run: Run
) -> None:
    restored = await run("restore", new, source=source, waiting="fail")
    assert restored["resumed"]["unknown"] == 1
    async with new.opened() as floor:
        await dispatch_all(floor)
        (attempt,) = await floor.attempts.of_task(furnished.tasks["being sent"])
        assert attempt.state == "unknown"
        assert "The backup was made while it was being sent" in (attempt.error or "")
        assert (await floor.service.tasks.get(SHOP, attempt.task_id)).state == "generating"
        (accepted,) = await floor.attempts.of_task(furnished.tasks["accepted"])
        assert accepted.state == "accepted"
        await floor.poll(accepted)
        assert floor.kie.polls == [accepted.provider_task_id]
        assert (floor.kie.orders, floor.replicate.orders) == ([], [])


async def test_waiting_tasks_that_may_have_been_paid_for_end_and_cost_nothing(
    new: Installation, furnished: Furnished, source: str, run: Run
) -> None:
    restored = await run("restore", new, source=source, waiting="fail")
    assert restored["resumed"]["failed"] == 1
    async with new.opened() as floor:
        task = await floor.service.tasks.get(SHOP, furnished.tasks["waiting"])
        assert (task.state, task.fail_code) == ("fail", "500")
        assert "restored from a backup of" in (task.fail_message or "")
        kinds = await new.fetch(f"SELECT kind, credits FROM ledger WHERE task_id = '{task.id}' ORDER BY id")
        assert kinds == [("reserve", Decimal(-3)), ("release", Decimal(3))]
        assert await floor.service.ledger.check() == []
        await dispatch_all(floor)
        assert floor.kie.orders == []


async def test_owed_callbacks_are_sent(new: Installation, furnished: Furnished, source: str, run: Run) -> None:
    await run("restore", new, source=source, waiting="run")
    rows = await new.fetch("SELECT convert_from(payload, 'UTF8') FROM pgqueuer WHERE entrypoint = 'deliver'")
    assert {row[0] for row in rows} == {furnished.tasks["done"], furnished.tasks["cancelled"]}
