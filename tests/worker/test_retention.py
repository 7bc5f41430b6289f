"""What is kept for how long: the sweep removes what is too old, says so, and leaves nothing half removed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from enlarger.errors import FileMissing, StorageError
from enlarger.infra.storage import Storage
from enlarger.server import Service
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.deliveries import NewTry
from enlarger.worker.engine import Engine
from tests.s3 import S3
from tests.worker.conftest import MakeTask
from tests.worker.test_sweep import make_sweep


async def test_what_is_removed_is_said_by_kind_and_only_then(
    service: Service, engine: Engine, make_task: MakeTask
) -> None:
    for _ in range(2):
        await engine((await make_task()).id)
    await make_task()
    pool = service.database.pool
    sums = "SELECT sum(size)::int FROM files GROUP BY task_id IS NULL ORDER BY task_id IS NULL"
    results, uploads = [row[0] for row in await pool.fetch(sums)]
    with capture_logs() as said:
        await make_sweep(service).once()
        await pool.execute("UPDATE files SET expires_at = now()")
        await make_sweep(service).once()
        await make_sweep(service).once()
    assert [line for line in said if line["event"] == "swept"] == [
        {"event": "swept", "log_level": "info", "kind": "results", "files": 2, "bytes": results},
        {"event": "swept", "log_level": "info", "kind": "uploads", "files": 3, "bytes": uploads},
    ]


@S3
async def test_results_are_removed_from_a_bucket(
    service: Service, engine: Engine, make_task: MakeTask, bucket: str
) -> None:
    storage = Storage(f"s3://{bucket}")
    await storage.put("results/a.png", b"picture")
    await engine((await make_task()).id)
    pool = service.database.pool
    await pool.execute("UPDATE files SET expires_at = now(), key = 'results/a.png' WHERE task_id IS NOT NULL")
    await make_sweep(replace(service, storage=storage)).once()
    with pytest.raises(FileMissing):
        await anext(storage.get("results/a.png"))
    assert await pool.fetchval("SELECT count(*) FROM files WHERE task_id IS NOT NULL") == 0


async def test_a_storage_that_is_away_keeps_rows_and_nothing_else(
    service: Service, make_task: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(self: Storage, key: str) -> None:
        raise StorageError("The stored file cannot be removed.")

    await make_task()
    pool = service.database.pool
    await pool.execute("UPDATE files SET expires_at = now()")
    await pool.execute(
        "INSERT INTO pgqueuer_log (job_id, status, entrypoint, priority, created)"
        " VALUES (1, 'exception', 'dispatch', 0, now() - interval '8 days')"
    )
    with monkeypatch.context() as patch, capture_logs() as said:
        patch.setattr(Storage, "delete", away)
        await make_sweep(service).once()
    assert [line["duty"] for line in said if line["event"] == "sweep_failed"] == ["remove_files"]
    assert await pool.fetchval("SELECT count(*) FROM files") == 1
    assert await pool.fetchval("SELECT count(*) FROM pgqueuer_log") == 0
    await make_sweep(service).once()
    assert await pool.fetchval("SELECT count(*) FROM files") == 0


async def old_task(service: Service, make_task: MakeTask) -> str:
    """A task that ended 61 days ago, with a callback that was given up today."""
    task = await make_task(callback_url="https://app.example/hook")
    await service.tasks.cancel(DEFAULT, task.id)
    now = datetime.now(UTC)
    await service.deliveries.note(task.id, NewTry(at=now, milliseconds=1, answer="410", state="given_up"), {})
    pool = service.database.pool
    await pool.execute("UPDATE tasks SET completed_at = $1", now - timedelta(days=61))
    await pool.execute("INSERT INTO attempts (task_id, epoch, provider) VALUES ($1, 1, 'local')", task.id)
    return task.id


async def rows(service: Service) -> list[int]:
    tables = ("tasks", "events", "deliveries", "delivery_tries", "attempts")
    return [await service.database.pool.fetchval(f"SELECT count(*) FROM {table}") for table in tables]


async def test_tasks_that_ended_long_ago_are_removed_with_all_that_is_known_of_them(
    service: Service, make_task: MakeTask
) -> None:
    await old_task(service, make_task)
    recent = await make_task()
    assert await rows(service) == [2, 3, 1, 1, 1]
    with capture_logs() as said:
        await make_sweep(service).once()
    assert {"event": "swept", "log_level": "info", "kind": "tasks", "rows": 1} in said
    assert await rows(service) == [1, 1, 0, 0, 0]
    assert (await service.tasks.get(DEFAULT, recent.id)).state == "waiting"


@pytest.mark.parametrize("tasks_days", [62, 0])
async def test_tasks_are_kept_as_long_as_is_set_and_for_ever_with_0(
    service: Service, make_task: MakeTask, tasks_days: float
) -> None:
    await old_task(service, make_task)
    await make_sweep(service, tasks_days=tasks_days).once()
    assert (await rows(service))[0] == 1


@pytest.mark.parametrize(
    "left", ["UPDATE deliveries SET state = 'pending'", "UPDATE files SET task_id = tasks.id FROM tasks"]
)
async def test_no_task_is_removed_that_has_something_left(service: Service, make_task: MakeTask, left: str) -> None:
    """A callback that is still to be sent, or a file that is still kept: a file always has its task."""
    await old_task(service, make_task)
    await service.database.pool.execute(left)
    await make_sweep(service).once()
    assert (await rows(service))[0] == 1
