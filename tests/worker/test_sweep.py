from __future__ import annotations

from datetime import UTC, datetime, timedelta

from enlarger.infra.storage import Storage
from enlarger.server import Service
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.deliveries import NewTry
from enlarger.tasks.workers import Announcement
from enlarger.worker.sweep import Sweeper
from tests.worker.conftest import MakeTask
from tests.worker.hosted import Floor, succeeded


def make_sweep(service: Service, *, tasks_days: float = 60) -> Sweeper:
    return Sweeper(
        tasks=service.tasks,
        attempts=service.attempts,
        deliveries=service.deliveries,
        events=service.events,
        files=service.files,
        sessions=service.sessions,
        usage=service.usage,
        workers=service.workers,
        ledger=service.ledger,
        storage=service.storage,
        lease=30,
        results_days=14,
        tasks_days=tasks_days,
    )


async def test_files_whose_time_is_over_are_removed(service: Service, storage: Storage, make_task: MakeTask) -> None:
    await make_task()
    key = await service.database.pool.fetchval("SELECT key FROM files")
    sweep = make_sweep(service)
    await sweep.once()
    assert b"".join([chunk async for chunk in storage.get(key)])
    await service.database.pool.execute("UPDATE files SET expires_at = now()")
    await storage.delete(key)  # as when an earlier round was cut off between the file and its row
    await sweep.once()
    assert await service.database.pool.fetchval("SELECT count(*) FROM files") == 0


async def test_the_queues_log_does_not_grow_for_ever(service: Service, make_task: MakeTask) -> None:
    pool = service.database.pool
    line = (
        "INSERT INTO pgqueuer_log (job_id, status, entrypoint, priority, created) VALUES (1, 'exception', 'd', 0, {})"
    )
    await make_task()
    assert await pool.fetchval("SELECT count(*) FROM pgqueuer_log") == 0, "changes of rows are not logged"
    for created in ("now() - interval '8 days'", "now() - interval '6 days'"):
        await pool.execute(line.format(created))
    assert await pool.fetchval("SELECT count(*) FROM pgqueuer_log") == 2
    await make_sweep(service).once()
    assert await pool.fetchval("SELECT count(*) FROM pgqueuer_log") == 1


async def test_forgotten_tasks_are_woken(service: Service, make_task: MakeTask) -> None:
    task = await make_task()
    await service.database.pool.execute("DELETE FROM pgqueuer")
    await service.database.pool.execute("UPDATE tasks SET updated_at = now() - $1::interval", timedelta(minutes=5))
    await make_sweep(service).once()
    payload = await service.database.pool.fetchval("SELECT payload FROM pgqueuer")
    assert payload.decode() == task.id


async def test_events_are_kept_as_long_as_results(service: Service, make_task: MakeTask) -> None:
    task = await make_task()
    await service.tasks.cancel(DEFAULT, task.id)
    pool = service.database.pool
    await pool.execute("UPDATE events SET at = now() - interval '13 days'")
    await make_sweep(service).once()
    assert await pool.fetchval("SELECT count(*) FROM events") == 2
    await pool.execute("UPDATE events SET at = now() - interval '15 days'")
    await make_sweep(service).once()
    assert await pool.fetchval("SELECT count(*) FROM events") == 0


async def test_tries_of_callbacks_are_kept_as_long_as_results(service: Service, make_task: MakeTask) -> None:
    task = await make_task(callback_url="https://app.example/hook")
    await service.tasks.cancel(DEFAULT, task.id)
    for days in (13, 15):
        at = datetime.now(UTC) - timedelta(days=days)
        await service.deliveries.note(task.id, NewTry(at=at, milliseconds=1, answer="500", state="pending"), {})
    await make_sweep(service).once()
    found = await service.deliveries.find(task.id)
    assert found is not None
    assert [one.number for one in found.tries] == [1]


async def test_idempotency_keys_are_remembered_for_thirty_days(service: Service, make_task: MakeTask) -> None:
    await make_task()
    statement = "UPDATE tasks SET idempotency_key = 'once', created_at = now() - make_interval(days => $1)"
    for days, kept in ((29, 1), (31, 0)):
        await service.database.pool.execute(statement, days)
        await make_sweep(service).once()
        found = await service.database.pool.fetchval("SELECT count(*) FROM tasks WHERE idempotency_key IS NOT NULL")
        assert found == kept


async def test_what_hosted_providers_owe_is_not_forgotten(service: Service, floor: Floor) -> None:
    """A result that fell out of the queue, and a submission whose worker died after its task was called off."""
    finished, lost = await floor.submit(), await floor.submit()
    floor.kie.says = succeeded("kie-1", "https://kie.example/a.png")
    await floor.poll(finished)
    pool = service.database.pool
    await pool.execute("UPDATE attempts SET state = 'submitting', provider_task_id = NULL WHERE id = $1", lost.id)
    await service.tasks.cancel(DEFAULT, lost.task_id)
    await floor.drain()
    for attempt in (finished, lost):
        await floor.let_pass(attempt, timedelta(minutes=6))
    await make_sweep(service).once()
    assert await floor.queue() == {"collect"}
    assert (await floor.attempt(lost)).state == "unknown"


async def test_a_worker_that_has_not_been_seen_for_a_day_is_forgotten(service: Service) -> None:
    await service.workers.announce(Announcement(id="a", name="machine:1", runs_engine=True))
    for hours, kept in ((23, 1), (25, 0)):
        await service.database.pool.execute("UPDATE workers SET seen_at = now() - make_interval(hours => $1)", hours)
        await make_sweep(service).once()
        assert len(await service.workers.all(most=10)) == kept
