from __future__ import annotations

from datetime import timedelta

from enlarger.infra.storage import Storage
from enlarger.server import Service
from enlarger.worker.sweep import Sweep
from tests.worker.conftest import MakeTask


async def test_files_whose_time_is_over_are_removed(service: Service, storage: Storage, make_task: MakeTask) -> None:
    await make_task()
    key = await service.database.pool.fetchval("SELECT key FROM files")
    sweep = Sweep(tasks=service.tasks, files=service.files, storage=storage, lease=30)
    await sweep.once()
    assert b"".join([chunk async for chunk in storage.get(key)])
    await service.database.pool.execute("UPDATE files SET expires_at = now()")
    await storage.delete(key)  # as when an earlier round was cut off between the file and its row
    await sweep.once()
    assert await service.database.pool.fetchval("SELECT count(*) FROM files") == 0


async def test_the_queues_log_does_not_grow_for_ever(service: Service, storage: Storage, make_task: MakeTask) -> None:
    await make_task()
    pool = service.database.pool
    await pool.execute("UPDATE pgqueuer_log SET created = now() - interval '8 days'")
    await make_task()
    assert await pool.fetchval("SELECT count(*) FROM pgqueuer_log") == 2
    await Sweep(tasks=service.tasks, files=service.files, storage=storage, lease=30).once()
    assert await pool.fetchval("SELECT count(*) FROM pgqueuer_log") == 1


async def test_forgotten_tasks_are_woken(service: Service, storage: Storage, make_task: MakeTask) -> None:
    task = await make_task()
    await service.database.pool.execute("DELETE FROM pgqueuer")
    await service.database.pool.execute("UPDATE tasks SET updated_at = now() - $1::interval", timedelta(minutes=5))
    await Sweep(tasks=service.tasks, files=service.files, storage=storage, lease=30).once()
    payload = await service.database.pool.fetchval("SELECT payload FROM pgqueuer")
    assert payload.decode() == task.id
