"""A task's life against a real Postgres: claims, fences, endings, and what a crash leaves."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from enlarger.errors import IdempotencyConflict, InvalidInput, StaleClaim, UnknownTask
from enlarger.infra.database import Database
from enlarger.protocol.records import Made
from enlarger.tasks.accounts import DEFAULT, AccountStore, hash_key, make_key
from enlarger.tasks.deliveries import DeliveryStore
from enlarger.tasks.files import FileStore
from enlarger.tasks.records import NewFile, NewTask, ResultFile, Task, TaskResult
from enlarger.tasks.source_task import source_file
from enlarger.tasks.sql import sql
from enlarger.tasks.store import TaskStore
from tests.databases import transaction
from tests.new_task import new_task

_MADE = Made(provider="local", engine="test")


@pytest.fixture
async def tasks(database: Database) -> TaskStore:
    await AccountStore(database).register_key("key", source="tests")
    return TaskStore(database)


def new(**changes: Any) -> NewTask:
    local = {"model": "real-esrgan/fast", "input": {"image_url": "http://a"}, "request_sha256": b"request"}
    return new_task(**{**local, **changes})


def stored(task: Task) -> NewFile:
    file_id = secrets.token_hex(16)
    return NewFile(
        id=file_id,
        account_id=task.account_id,
        task_id=task.id,
        key=f"results/{file_id}",
        name="result.jpg",
        mime_type="image/jpeg",
        size=3,
        sha256=b"x",
        expires_at=datetime.now(UTC) + timedelta(days=1),
    )


async def succeed(tasks: TaskStore, claim: Task) -> NewFile:
    file = stored(claim)
    await tasks.start_generating(claim)
    result = TaskResult(files=(ResultFile(id=file.id, name=file.name, expires_at=file.expires_at),), made=_MADE)
    await tasks.succeed(claim, result, [file])
    return file


async def claim(tasks: TaskStore, task_id: str) -> Task:
    claimed = await tasks.claim(task_id, "local")
    assert claimed is not None
    return claimed


async def queued(database: Database) -> list[tuple[str, str]]:
    rows = await database.pool.fetch("SELECT entrypoint, payload FROM pgqueuer ORDER BY id")
    return [(row["entrypoint"], row["payload"].decode()) for row in rows]


async def test_a_task_goes_from_waiting_to_success(tasks: TaskStore, database: Database) -> None:
    task, replayed = await tasks.create(new())
    assert (task.state, task.epoch, replayed) == ("waiting", 0, False)
    assert await queued(database) == [("dispatch", task.id)]
    claimed = await claim(tasks, task.id)
    assert (claimed.state, claimed.epoch) == ("queuing", 1)
    await tasks.start_generating(claimed)
    await tasks.report_progress(claimed, 40)
    assert (await tasks.get(DEFAULT, task.id)).progress == 40
    file = await succeed(tasks, claimed)
    done = await tasks.get(DEFAULT, task.id)
    assert (done.state, done.progress, done.ended) == ("success", 100, True)
    assert done.result is not None
    assert done.result.files[0].id == file.id
    assert done.completed_at is not None
    found = await FileStore(database).get(file.id)
    assert found is not None
    assert found.task_id == task.id


async def test_making_the_same_task_twice_makes_it_once(tasks: TaskStore, database: Database) -> None:
    request = new()
    first, _ = await tasks.create(request)
    second, replayed = await tasks.create(request)
    assert (second.id, replayed) == (first.id, False)
    assert len(await queued(database)) == 1


async def test_an_idempotency_key_brings_the_first_task_back(tasks: TaskStore, database: Database) -> None:
    first, _ = await tasks.create(new(idempotency_key="k"))
    kept = await database.pool.fetchval("SELECT idempotency_key FROM tasks")
    assert kept == hashlib.sha256(b"k").hexdigest(), "kept as what it is"
    again, replayed = await tasks.create(new(idempotency_key="k"))
    assert (again.id, replayed) == (first.id, True)
    with pytest.raises(IdempotencyConflict, match="used before, for another request"):
        await tasks.create(new(idempotency_key="k", request_sha256=b"other"))
    assert len(await queued(database)) == 1


async def test_many_at_once_with_one_key_make_one_task(tasks: TaskStore, database: Database) -> None:
    made = await asyncio.gather(*(tasks.create(new(idempotency_key="k")) for _ in range(40)))
    assert len({task.id for task, _ in made}) == 1
    assert sum(not replayed for _, replayed in made) == 1
    assert await database.pool.fetchval("SELECT count(*) FROM tasks") == 1
    assert len(await queued(database)) == 1


async def test_another_accounts_task_is_not_there(tasks: TaskStore, database: Database) -> None:
    await AccountStore(database).register_key("other key", account_id="other", source="tests")
    task, _ = await tasks.create(new())
    for read in (tasks.get, tasks.cancel):
        with pytest.raises(UnknownTask, match="recordInfo is null"):
            await read("other", task.id)
    same_key, _ = await tasks.create(new(account_id="other", idempotency_key="k"))
    mine, replayed = await tasks.create(new(idempotency_key="k"))
    assert (mine.id != same_key.id, replayed) == (True, False)


async def test_a_worker_whose_task_was_taken_over_can_write_nothing(tasks: TaskStore) -> None:
    task, _ = await tasks.create(new())
    zombie = await claim(tasks, task.id)
    await tasks.start_generating(zombie)
    owner = await claim(tasks, task.id)
    assert owner.epoch == zombie.epoch + 1
    with pytest.raises(StaleClaim):
        await tasks.report_progress(zombie, 50)
    with pytest.raises(StaleClaim):
        await tasks.fail(zombie, "500", "late")
    with pytest.raises(StaleClaim):
        await succeed(tasks, zombie)
    await tasks.release(zombie)
    assert (await tasks.get(DEFAULT, task.id)).state == "queuing"
    await succeed(tasks, owner)
    assert (await tasks.get(DEFAULT, task.id)).state == "success"


async def test_a_terminal_state_never_changes(tasks: TaskStore) -> None:
    task, _ = await tasks.create(new())
    owner = await claim(tasks, task.id)
    await succeed(tasks, owner)
    before = await tasks.get(DEFAULT, task.id)
    with pytest.raises(StaleClaim):
        await tasks.fail(owner, "500", "late")
    assert await tasks.claim(task.id, "local") is None
    assert await tasks.cancel(DEFAULT, task.id) == before
    assert await tasks.get(DEFAULT, task.id) == before


async def test_an_ending_may_be_written_twice(tasks: TaskStore, database: Database) -> None:
    """As it is when a commit took place and its answer was lost."""
    task, _ = await tasks.create(new(callback_url="http://app"))
    owner = await claim(tasks, task.id)
    file = stored(owner)
    result = TaskResult(files=(ResultFile(id=file.id, name=file.name, expires_at=file.expires_at),), made=_MADE)
    await tasks.succeed(owner, result, [file])
    await tasks.succeed(owner, result, [file])
    assert await database.pool.fetchval("SELECT count(*) FROM files") == 1
    other, _ = await tasks.create(new())
    owner = await claim(tasks, other.id)
    await tasks.fail(owner, "422", "why")
    await tasks.fail(owner, "422", "why")


async def test_a_cancelled_task_is_lost_to_its_worker(tasks: TaskStore, database: Database) -> None:
    task, _ = await tasks.create(new())
    owner = await claim(tasks, task.id)
    await tasks.start_generating(owner)
    cancelled = await tasks.cancel(DEFAULT, task.id)
    assert (cancelled.state, cancelled.fail_code) == ("fail", "cancelled")
    with pytest.raises(StaleClaim):
        await tasks.report_progress(owner, 50)
    attempt = await database.pool.fetchrow("SELECT state, error FROM attempts")
    assert attempt is not None
    assert tuple(attempt) == ("failed", "cancelled")


async def test_a_released_task_waits_again(tasks: TaskStore, database: Database) -> None:
    task, _ = await tasks.create(new())
    owner = await claim(tasks, task.id)
    await tasks.start_generating(owner)
    await tasks.report_progress(owner, 50)
    await tasks.release(owner)
    waiting = await tasks.get(DEFAULT, task.id)
    assert (waiting.state, waiting.progress) == ("waiting", 0)
    assert await tasks.claim(task.id, "local") is not None


async def test_every_submission_is_written_down_before_it_is_made(tasks: TaskStore, database: Database) -> None:
    task, _ = await tasks.create(new())
    await claim(tasks, task.id)
    await claim(tasks, task.id)
    rows = await database.pool.fetch("SELECT epoch, state, error, provider FROM attempts ORDER BY epoch")
    assert [tuple(row) for row in rows] == [(1, "failed", "worker lost", "local"), (2, "submitting", None, "local")]


async def test_a_task_that_kills_its_workers_is_failed(tasks: TaskStore) -> None:
    task, _ = await tasks.create(new(callback_url="http://app"))
    for _ in range(3):
        await claim(tasks, task.id)
    assert await tasks.claim(task.id, "local") is None
    failed = await tasks.get(DEFAULT, task.id)
    assert (failed.state, failed.fail_code) == ("fail", "501")
    assert failed.fail_message is not None
    assert "died 3 times" in failed.fail_message


async def test_workers_that_stop_in_order_are_not_counted_against_a_task(tasks: TaskStore) -> None:
    task, _ = await tasks.create(new())
    for _ in range(5):
        await tasks.release(await claim(tasks, task.id))
    assert await tasks.claim(task.id, "local") is not None


async def test_a_task_that_is_found_to_be_long_changes_its_lane_and_leaves_no_trace(
    tasks: TaskStore, database: Database
) -> None:
    task, _ = await tasks.create(new())
    await database.pool.execute("UPDATE pgqueuer SET entrypoint = 'engine', dedupe_key = 'engine:' || $1", task.id)
    before = await database.pool.fetchval("SELECT priority FROM pgqueuer")
    await tasks.move_to_long_lane(await claim(tasks, task.id))
    assert await queued(database) == [("engine_long", task.id)]
    assert await database.pool.fetchval("SELECT priority FROM pgqueuer") == before
    assert await database.pool.fetchval("SELECT count(*) FROM attempts") == 0
    assert (await tasks.get(DEFAULT, task.id)).state == "waiting"
    assert await tasks.claim(task.id, "local") is not None


async def test_a_claim_that_is_over_changes_no_lane(tasks: TaskStore, database: Database) -> None:
    task, _ = await tasks.create(new())
    zombie = await claim(tasks, task.id)
    owner = await claim(tasks, task.id)
    with pytest.raises(StaleClaim):
        await tasks.move_to_long_lane(zombie)
    assert await queued(database) == [("dispatch", task.id)]
    await succeed(tasks, owner)
    with pytest.raises(StaleClaim):
        await tasks.move_to_long_lane(owner)


async def test_changing_the_lane_may_be_done_twice(tasks: TaskStore, database: Database) -> None:
    """As it is when the commit took place and its answer was lost."""
    task, _ = await tasks.create(new())
    await database.pool.execute("DELETE FROM pgqueuer")
    owner = await claim(tasks, task.id)
    await tasks.move_to_long_lane(owner)
    with pytest.raises(StaleClaim):
        await tasks.move_to_long_lane(owner)
    assert await queued(database) == [("engine_long", task.id)]
    await tasks.release(owner)
    assert await queued(database) == [("engine_long", task.id)]


async def test_a_task_in_the_long_lane_is_not_forgotten(tasks: TaskStore, database: Database) -> None:
    task, _ = await tasks.create(new())
    await database.pool.execute("DELETE FROM pgqueuer")
    await tasks.move_to_long_lane(await claim(tasks, task.id))
    assert await tasks.wake_forgotten(older_than=timedelta(0)) == []


async def test_tasks_that_the_queue_forgot_are_woken(tasks: TaskStore, database: Database) -> None:
    forgotten, _ = await tasks.create(new())
    await database.pool.execute("DELETE FROM pgqueuer")
    await tasks.create(new())
    ended, _ = await tasks.create(new())
    await tasks.cancel(DEFAULT, ended.id)
    assert await tasks.wake_forgotten(older_than=timedelta(minutes=1)) == []
    assert await tasks.wake_forgotten(older_than=timedelta(0)) == [forgotten.id]
    assert ("dispatch", forgotten.id) in await queued(database)
    assert await tasks.wake_forgotten(older_than=timedelta(0)) == []


async def test_no_task_reads_the_whole_queue_to_see_whether_it_is_forgotten(
    tasks: TaskStore, database: Database
) -> None:
    await tasks.create(new())
    async with transaction(database) as connection:
        await connection.execute(
            "INSERT INTO tasks (id, account_id, model, input, base_url, request_sha256, updated_at)"
            " SELECT md5(n::text), 'default', 'm', '{}', '', '', now() - interval '1 h' FROM generate_series(1, 500) n"
        )
        await connection.execute(
            "INSERT INTO pgqueuer (priority, entrypoint, status, dedupe_key)"
            " SELECT 0, 'dispatch', 'queued', 'dispatch:' || md5(n::text) FROM generate_series(1, 500) n"
        )
        await connection.execute("ANALYZE tasks; ANALYZE pgqueuer")
        plan = await connection.fetch(f"EXPLAIN (ANALYZE, TIMING OFF) {sql.find_forgotten_tasks.sql}", 60.0, 100)
    compared = [int(row[0].rpartition(" ")[2]) for row in plan if "Removed by Join Filter" in row[0]]
    assert sum(compared) < 1000, "\n".join(row[0] for row in plan)


@pytest.mark.parametrize("ending", ["success", "fail", "cancelled"])
async def test_every_ending_owes_a_callback_not_too_early(tasks: TaskStore, database: Database, ending: str) -> None:
    task, _ = await tasks.create(new(callback_url="http://app/hook", answer_seconds=6.0))
    if ending == "cancelled":
        await tasks.cancel(DEFAULT, task.id)
    else:
        owner = await claim(tasks, task.id)
        await (succeed(tasks, owner) if ending == "success" else tasks.fail(owner, "422", "why"))
    assert ("deliver", task.id) in await queued(database)
    early = await database.pool.fetchval(
        "SELECT execute_after - $1 FROM pgqueuer WHERE entrypoint = 'deliver'", task.created_at
    )
    assert early >= timedelta(seconds=1)
    owed = await DeliveryStore(database).pending(task.id)
    assert owed is not None
    assert (owed[0].id, owed[1]) == (task.id, 0)


async def test_a_callback_is_sent_at_once_when_the_app_surely_has_been_answered(
    tasks: TaskStore, database: Database
) -> None:
    task, _ = await tasks.create(new(callback_url="http://app/hook"))
    await tasks.fail(await claim(tasks, task.id), "422", "why")
    late = await database.pool.fetchval(
        "SELECT execute_after - completed_at FROM pgqueuer, tasks WHERE entrypoint = 'deliver'"
    )
    assert late <= timedelta(0)


async def test_callbacks_that_the_queue_forgot_are_woken(tasks: TaskStore, database: Database) -> None:
    task, _ = await tasks.create(new(callback_url="http://app/hook"))
    await tasks.cancel(DEFAULT, task.id)
    await database.pool.execute("DELETE FROM pgqueuer")
    assert await tasks.wake_forgotten(older_than=timedelta(0)) == [task.id]
    await database.pool.execute("UPDATE deliveries SET state = 'delivered'")
    await database.pool.execute("DELETE FROM pgqueuer")
    assert await tasks.wake_forgotten(older_than=timedelta(0)) == []


async def test_files_expire(tasks: TaskStore, database: Database) -> None:
    task, _ = await tasks.create(new())
    file = await succeed(tasks, await claim(tasks, task.id))
    files = FileStore(database)
    assert await files.expired(most=10) == []
    await database.pool.execute("UPDATE files SET expires_at = now()")
    assert await files.get(file.id) is None
    assert [expired.id for expired in await files.expired(most=10)] == [file.id]
    await files.forget(file.id)
    assert await files.expired(most=10) == []


async def test_a_source_task_must_have_a_picture(tasks: TaskStore, database: Database) -> None:
    files = FileStore(database)

    async def source(task_id: str) -> str:
        found = await source_file(tasks, files, account_id=DEFAULT, field="task_id", task_id=task_id)
        return found.id

    with pytest.raises(InvalidInput, match="does not exist on this account"):
        await source("0" * 32)
    waiting, _ = await tasks.create(new())
    with pytest.raises(InvalidInput, match="is still waiting: wait until its state is success"):
        await source(waiting.id)
    failed, _ = await tasks.create(new())
    await tasks.fail(await claim(tasks, failed.id), "422", "too dark")
    with pytest.raises(InvalidInput, match=r"failed \(too dark\): repeat it"):
        await source(failed.id)
    good, _ = await tasks.create(new())
    file = await succeed(tasks, await claim(tasks, good.id))
    assert await source(good.id) == file.id
    await database.pool.execute("UPDATE files SET expires_at = now()")
    with pytest.raises(InvalidInput, match="no longer kept"):
        await source(good.id)


async def test_keys_are_stored_as_hashes_and_can_be_replaced(database: Database) -> None:
    accounts = AccountStore(database)
    first, second = make_key(), make_key()
    await accounts.register_key(first, source="embedded", only=True)
    await accounts.register_key("of another source", source="tests")
    assert (await accounts.authenticate(first)).account_id == DEFAULT
    await accounts.register_key(second, source="embedded", only=True)
    assert (await accounts.authenticate(second)).account_id == DEFAULT
    assert (await accounts.authenticate("of another source")).account_id == DEFAULT
    with pytest.raises(Exception, match="not known here"):
        await accounts.authenticate(first)
    rows = await database.pool.fetch("SELECT sha256, last4 FROM api_keys")
    assert {bytes(row["sha256"]) for row in rows} >= {hash_key(first), hash_key(second)}
    assert all(len(row["last4"]) == 4 for row in rows)


async def test_a_shared_secret_is_made_once(database: Database) -> None:
    accounts = AccountStore(database)
    made = await asyncio.gather(*(accounts.shared_secret("links") for _ in range(8)))
    assert len(set(made)) == 1
    assert len(made[0]) == 32
    assert await accounts.shared_secret("other") != made[0]
