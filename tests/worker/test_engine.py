"""Carrying a task out, with a provider of the test's own, real Postgres and real storage."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from enlarger.errors import BadOutput, NoRoomBesideLong, StorageError
from enlarger.infra.storage import Storage
from enlarger.providers import LocalOrder
from enlarger.providers.base import OnProgress
from enlarger.server import Service
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.entrypoints import LONG_SECONDS
from enlarger.tasks.records import Task
from enlarger.worker.engine import Engine, LongEngine
from tests.conftest import MakePhoto
from tests.worker.conftest import MakeTask, Stand


async def state(service: Service, task: Task) -> Task:
    return await service.tasks.get(DEFAULT, task.id)


async def test_a_task_is_carried_out_and_its_result_stored(
    engine: Engine, service: Service, provider: Stand, make_task: MakeTask, make_photo: MakePhoto, tmp_path: Path
) -> None:
    task = await make_task()
    assert await engine(task.id) is None
    done = await state(service, task)
    assert done.state == "success"
    assert done.result is not None
    assert done.result.made.engine == "stand-in"
    stored = await service.files.get(done.result.files[0].id)
    assert stored is not None
    content = b"".join([chunk async for chunk in service.storage.get(stored.key)])
    assert content == b"\x89PNG\r\n\x1a\n" + make_photo("a.png").read_bytes()
    assert (stored.size, stored.name, stored.mime_type) == (len(content), f"{task.id}.png", "image/png")
    assert list((tmp_path / "work").iterdir()) == []
    assert await engine(task.id) is None
    assert len(provider.orders) == 1


async def test_a_result_can_be_the_source_of_another_task(
    engine: Engine, service: Service, provider: Stand, make_task: MakeTask
) -> None:
    first = await make_task()
    await engine(first.id)
    second = await make_task(model="grok-imagine/upscale", input={"task_id": first.id})
    seen = []

    async def look(order: LocalOrder, on_progress: OnProgress) -> None:
        seen.append(order.picture.read_bytes()[:16])

    provider.behave = look
    await engine(second.id)
    assert (await state(service, second)).state == "success"
    assert seen[0].startswith(b"\x89PNG\r\n\x1a\n\x89PNG")


async def test_progress_is_written_down_and_never_says_done_before_it_is(
    engine: Engine, service: Service, provider: Stand, make_task: MakeTask
) -> None:
    task = await make_task()
    seen = []

    async def behave(order: LocalOrder, on_progress: OnProgress) -> None:
        await on_progress(1.0)
        current = await state(service, task)
        seen.append((current.state, current.progress))

    provider.behave = behave
    await engine(task.id)
    assert seen == [("generating", 99)]


async def test_what_the_engine_cannot_do_goes_to_the_next_provider(
    engine: Engine, service: Service, provider: Stand, make_task: MakeTask
) -> None:
    async def behave(order: LocalOrder, on_progress: OnProgress) -> None:
        raise BadOutput("The result is black.")

    provider.behave = behave
    task = await make_task()
    await engine(task.id)
    assert (await state(service, task)).state == "waiting"
    (attempt,) = await service.attempts.of_task(task.id)
    assert (attempt.state, attempt.error_code, attempt.error) == ("failed", "501", "The result is black.")
    assert attempt.final
    rows = await service.database.pool.fetch("SELECT entrypoint FROM pgqueuer")
    assert [row["entrypoint"] for row in rows] == ["dispatch"]


async def test_a_fault_of_ours_is_not_told_in_detail(
    engine: Engine, service: Service, provider: Stand, make_task: MakeTask
) -> None:
    async def behave(order: LocalOrder, on_progress: OnProgress) -> None:
        raise RuntimeError("secret detail")

    provider.behave = behave
    task = await make_task()
    await engine(task.id)
    failed = await state(service, task)
    assert (failed.state, failed.fail_code) == ("fail", "500")
    assert "secret" not in (failed.fail_message or "")


@pytest.mark.parametrize(
    ("url", "code", "says"),
    [
        ("http://169.254.169.254/a.png", "451", "cannot be reached on the public internet"),
        ("http://no-such-host.invalid/a.png", "451", "cannot be reached"),
    ],
)
async def test_a_picture_that_cannot_be_had_fails_the_task(
    engine: Engine, service: Service, make_task: MakeTask, url: str, code: str, says: str
) -> None:
    task = await make_task(input={"image_url": url, "upscale_factor": "2"})
    await engine(task.id)
    failed = await state(service, task)
    assert (failed.state, failed.fail_code) == ("fail", code)
    assert says in (failed.fail_message or "")


async def test_a_picture_that_expired_while_it_waited_fails_the_task(
    engine: Engine, service: Service, make_task: MakeTask
) -> None:
    task = await make_task()
    await service.database.pool.execute("UPDATE files SET expires_at = now()")
    await engine(task.id)
    assert "no longer kept" in ((await state(service, task)).fail_message or "")


async def test_a_cancelled_task_stops_the_provider(
    engine: Engine, service: Service, provider: Stand, make_task: MakeTask, tmp_path: Path
) -> None:
    task = await make_task()

    async def behave(order: LocalOrder, on_progress: OnProgress) -> None:
        await service.tasks.cancel(DEFAULT, task.id)
        await on_progress(0.5)
        raise AssertionError("went on")

    provider.behave = behave
    assert await engine(task.id) is None
    assert (await state(service, task)).fail_code == "cancelled"
    assert list((tmp_path / "work").iterdir()) == []


async def test_a_worker_that_has_to_stop_gives_the_task_back(
    engine: Engine, service: Service, provider: Stand, make_task: MakeTask, stopping: asyncio.Event, tmp_path: Path
) -> None:
    task = await make_task()

    async def behave(order: LocalOrder, on_progress: OnProgress) -> None:
        stopping.set()
        await asyncio.Event().wait()

    provider.behave = behave
    assert await engine(task.id) == timedelta(0)
    assert (await state(service, task)).state == "waiting"
    assert list((tmp_path / "work").iterdir()) == []


async def test_an_outcome_that_comes_too_late_is_dropped(
    engine: Engine, service: Service, provider: Stand, make_task: MakeTask
) -> None:
    """A worker that was taken for dead comes back when another has the task."""
    task = await make_task()

    async def behave(order: LocalOrder, on_progress: OnProgress) -> None:
        assert await service.tasks.claim(task.id, "local") is not None

    provider.behave = behave
    assert await engine(task.id) is None
    current = await state(service, task)
    assert (current.state, current.epoch) == ("queuing", 2)


async def test_storage_that_is_away_for_a_moment_costs_nothing(
    engine: Engine, service: Service, storage: Storage, make_task: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await make_task()
    put, tries = storage.put, []

    async def flaky(key: str, source: bytes | Path, **options: str) -> None:
        tries.append(key)
        if len(tries) < 3:
            raise StorageError("The bucket is away.")
        await put(key, source, **options)

    monkeypatch.setattr(storage, "put", flaky)
    await engine(task.id)
    assert (await state(service, task)).state == "success"
    assert len(tries) == 3


async def queue(service: Service) -> list[str]:
    return [row["entrypoint"] for row in await service.database.pool.fetch("SELECT entrypoint FROM pgqueuer")]


async def test_a_task_that_takes_long_is_left_to_the_long_lane(
    engine: Engine, service: Service, provider: Stand, make_task: MakeTask, tmp_path: Path
) -> None:
    provider.seconds = LONG_SECONDS + 1
    task = await make_task()
    await service.database.pool.execute("DELETE FROM pgqueuer")
    assert await engine(task.id) is None
    assert ((await state(service, task)).state, await queue(service)) == ("waiting", ["engine_long"])
    assert await service.attempts.of_task(task.id) == []
    assert provider.orders == []
    assert list((tmp_path / "work").iterdir()) == []
    assert await LongEngine(engine)(task.id) is None
    assert (await state(service, task)).state == "success"
    assert [order.long for order in provider.orders] == [True]


async def test_a_task_that_takes_longer_than_was_expected_stays_in_its_lane(
    engine: Engine, service: Service, provider: Stand, make_task: MakeTask
) -> None:
    provider.seconds = LONG_SECONDS
    task = await make_task()
    await engine(task.id)
    assert [order.long for order in provider.orders] == [False]
    assert (await state(service, task)).state == "success"


async def test_a_task_that_is_cancelled_while_it_is_measured_changes_no_lane(
    engine: Engine, service: Service, provider: Stand, make_task: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await make_task()
    await service.database.pool.execute("DELETE FROM pgqueuer")

    async def expect(order: LocalOrder) -> float:
        await service.tasks.cancel(DEFAULT, task.id)
        return LONG_SECONDS + 1

    monkeypatch.setattr(provider, "expected_seconds", expect)
    assert await engine(task.id) is None
    assert ((await state(service, task)).fail_code, await queue(service)) == ("cancelled", [])


async def test_a_task_without_room_beside_a_long_one_is_left_to_the_long_lane(
    engine: Engine, service: Service, provider: Stand, make_task: MakeTask
) -> None:
    async def behave(order: LocalOrder, on_progress: OnProgress) -> None:
        if not order.long:
            await on_progress(0.2)
            raise NoRoomBesideLong("It needs more memory.")

    provider.behave = behave
    task = await make_task()
    await service.database.pool.execute("DELETE FROM pgqueuer")
    assert await engine(task.id) is None
    waiting = await state(service, task)
    assert (waiting.state, waiting.progress, await queue(service)) == ("waiting", 0, ["engine_long"])
    assert await service.attempts.of_task(task.id) == []
    await LongEngine(engine)(task.id)
    assert (await state(service, task)).state == "success"
