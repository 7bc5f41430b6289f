"""A storage that is away: for every way in which it can be, and every duty of a worker that needs it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from obstore.exceptions import GenericError

from enlarger.errors import StorageUnavailable
from enlarger.infra.storage import Storage
from enlarger.server import Service
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.records import Task
from enlarger.worker.engine import Engine
from tests.conftest import MakePhoto
from tests.worker.conftest import MakeTask, Stand
from tests.worker.hosted import Floor, succeeded

FULL = "Unable to copy data to file: No space left on device (os error 28)"
SILENT = "Error performing GET in 30s, after 4 retries: operation timed out"

Outage = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    """One that is asked anew each time."""
    return Storage(str(tmp_path / "storage"), good_seconds=0, bad_seconds=0)


@pytest.fixture(params=["full", "silent", "unmounted", "refuses", "no room for work"])
def outage(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Outage:
    """Ends with its block."""
    folder = tmp_path / "storage"

    @contextmanager
    def out() -> Iterator[None]:
        with monkeypatch.context() as patched:
            match request.param:
                case "full":
                    patched.setattr("obstore.put_async", raising(GenericError(FULL)))
                case "silent":
                    for name in ("put_async", "get_async", "head_async", "delete_async"):
                        patched.setattr(f"obstore.{name}", raising(GenericError(SILENT)))
                case "unmounted":
                    folder.rename(tmp_path / "unmounted")
                    folder.touch()
                case "refuses":
                    for name in ("put_async", "get_async", "head_async"):
                        patched.setattr(f"obstore.{name}", raising(PermissionError(13, "Permission denied")))
                case _:
                    patched.setattr("tempfile.mkdtemp", full_disk)
            yield
            if request.param == "unmounted":
                folder.unlink()
                (tmp_path / "unmounted").rename(folder)

    return out


def raising(error: Exception) -> Callable[..., Awaitable[None]]:
    async def fail(*_: Any, **__: Any) -> None:
        raise error

    return fail


def full_disk(*_: Any, **__: Any) -> str:
    raise OSError(28, "No space left on device")


async def state(service: Service, task: Task) -> Task:
    return await service.tasks.get(DEFAULT, task.id)


async def test_a_task_of_the_engine_waits_for_the_storage(
    engine: Engine,
    service: Service,
    provider: Stand,
    make_task: MakeTask,
    outage: Outage,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    task = await make_task()
    pauses: list[float] = []
    out = outage()

    async def until_it_is_back(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 12:
            out.__exit__(None, None, None)

    engine._pause = until_it_is_back
    out.__enter__()
    if request.node.callspec.params["outage"] == "full":  # what is there can be read, so the picture is made
        assert await engine(task.id) is None
        assert len(pauses) == 12
        assert 15 <= max(pauses) <= 15 * 1.25
    else:
        for _ in range(4):
            again = await engine(task.id)
            assert again is not None
            assert timedelta(seconds=2) <= again < timedelta(seconds=3)
            assert (await state(service, task)).state == "waiting"
        out.__exit__(None, None, None)
        assert await engine(task.id) is None
    assert (await state(service, task)).state == "success"
    assert len(provider.orders) == 1
    assert list((tmp_path / "work").iterdir()) == []


async def test_a_task_of_the_engine_is_given_up_when_its_time_is_over(
    engine: Engine, service: Service, make_task: MakeTask, outage: Outage, request: pytest.FixtureRequest
) -> None:
    task = await make_task()
    await service.database.pool.execute("UPDATE tasks SET created_at = now() - interval '1 hour'")
    with outage():
        assert await engine(task.id) is None
    ended = await state(service, task)
    assert (ended.state, ended.fail_code) == ("fail", "503")
    assert (ended.fail_message or "").startswith("The service's storage did not work for too long")
    if request.node.callspec.params["outage"] in ("full", "no room for work"):
        assert "disk" in (ended.fail_message or "")
        assert "full" in (ended.fail_message or "")


async def test_a_finished_picture_that_waits_is_given_up_when_its_task_is_cancelled(
    engine: Engine, service: Service, make_task: MakeTask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    task = await make_task()
    monkeypatch.setattr("obstore.put_async", raising(GenericError(FULL)))

    async def cancel(_: float) -> None:
        await service.tasks.cancel(DEFAULT, task.id)

    engine._pause = cancel
    assert await engine(task.id) is None
    assert (await state(service, task)).fail_code == "cancelled"
    assert list((tmp_path / "work").iterdir()) == []


async def test_a_picture_that_alone_cannot_be_stored_does_not_keep_the_others_waiting(
    engine: Engine, service: Service, storage: Storage, make_task: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, put, tries = await make_task(), storage.put, []

    async def picky(key: str, source: bytes | Path, **options: str) -> None:
        if key.startswith("results/"):
            tries.append(key)
            raise StorageUnavailable("The store refuses this one.")
        await put(key, source, **options)

    monkeypatch.setattr(storage, "put", picky)
    assert await engine(task.id) is not None
    assert len(tries) == 5
    assert (await state(service, task)).state == "waiting"


async def test_an_input_for_a_provider_waits_for_the_storage(
    floor: Floor, make_task: MakeTask, outage: Outage, request: pytest.FixtureRequest
) -> None:
    task = await make_task(model="topaz/image-upscale")
    dispatch = floor.dispatcher()
    with outage():
        if request.node.callspec.params["outage"] != "full":
            for _ in range(3):
                again = await dispatch(task.id)
                assert again is not None
                assert timedelta(seconds=2) <= again < timedelta(seconds=3)
            assert (await floor.task(task)).state == "queuing"
            assert floor.kie.orders == []
            assert await floor.of_task(task) == []
    assert await dispatch(task.id) is None
    assert len(floor.kie.orders) == 1
    assert len(floor.kie.uploads) == 1


async def test_an_input_for_a_provider_is_given_up_when_its_time_is_over(
    floor: Floor, make_task: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await make_task(model="topaz/image-upscale")
    await floor.database.pool.execute("UPDATE tasks SET created_at = now() - interval '1 hour'")
    monkeypatch.setattr("obstore.get_async", raising(GenericError(SILENT)))
    assert await floor.dispatcher()(task.id) is None
    assert (await floor.task(task)).fail_code == "503"


async def test_a_result_waits_for_the_storage_and_is_not_fetched_for_nothing(
    floor: Floor, make_photo: MakePhoto, outage: Outage
) -> None:
    attempt = await floor.submit()
    floor.kie.files["https://kie.example/a"] = [make_photo("a.png").read_bytes()]
    floor.kie.says = succeeded("kie-1", "https://kie.example/a")
    attempt = await floor.poll(attempt)
    collect, fetch, fetched = floor.collector(), floor.kie.fetch, []

    async def count(output: str, target: Path) -> None:
        fetched.append(output)
        await fetch(output, target)

    floor.kie.fetch = count  # type: ignore[method-assign]
    with outage():
        for _ in range(3):
            assert await collect(str(attempt.id)) is not None
        assert fetched == []
    assert (await floor.task(attempt)).state == "generating"
    assert await collect(str(attempt.id)) is None
    assert (await floor.task(attempt)).state == "success"
    assert list(floor.work.iterdir()) == []
