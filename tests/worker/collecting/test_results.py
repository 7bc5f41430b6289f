"""What is stored as a result, what is none, and for how long it is kept."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from enlarger.engines.media import empty_video
from enlarger.worker.collect import CollectConfig
from tests.conftest import MakePhoto
from tests.waiting import until
from tests.worker.collecting.steps import A, B, Keys, collect, finish, spent
from tests.worker.hosted import Floor, succeeded


async def test_a_result_is_stored_and_ends_the_task(floor: Floor, picture: bytes) -> None:
    floor.kie.files[A] = [picture]
    attempt = await finish(
        floor, task={"callback_url": "https://app.example/hook"}, seconds=21.5, cost=Decimal("0.015")
    )
    assert await collect(floor, attempt) is None
    task, found = await floor.task(attempt), await floor.attempt(attempt)
    assert (task.state, found.state, found.dollars) == ("success", "succeeded", Decimal("0.015"))
    assert await spent(floor) == Decimal("0.015")
    assert task.result is not None
    made = task.result.made
    assert (made.provider, made.engine, made.width, made.height, made.seconds) == (
        "kie",
        "google/nano-banana",
        24,
        16,
        21.5,
    )
    (named,) = task.result.files
    stored = await floor.service.files.get(named.id)
    assert stored is not None
    assert (stored.size, stored.sha256) == (len(picture), hashlib.sha256(picture).digest())
    assert (stored.name, stored.mime_type) == (f"{task.id}.png", "image/png")
    content = b"".join([chunk async for chunk in floor.service.storage.get(stored.key)])
    assert content == picture
    assert "deliver" in await floor.queue()
    assert list(floor.work.iterdir()) == []


async def test_a_result_is_collected_once(floor: Floor, picture: bytes) -> None:
    floor.kie.files[A] = [picture]
    attempt = await finish(floor)
    await collect(floor, attempt)
    del floor.kie.files[A]
    assert await collect(floor, attempt) is None
    assert (await floor.task(attempt)).state == "success"


async def test_several_files_keep_their_order(floor: Floor, picture: bytes, make_photo: MakePhoto) -> None:
    other = make_photo("b.jpg", 8, 8).read_bytes()
    floor.kie.files = {A: [picture], B: [other]}
    attempt = await finish(floor, A, B)
    await collect(floor, attempt)
    result = (await floor.task(attempt)).result
    assert result is not None
    assert [file.name for file in result.files] == [f"{attempt.task_id}-1.png", f"{attempt.task_id}-2.jpg"]
    sizes = [stored.size for file in result.files if (stored := await floor.service.files.get(file.id))]
    assert sizes == [len(picture), len(other)]


async def test_when_one_of_several_is_broken_none_is_kept(floor: Floor, keys: Keys, picture: bytes) -> None:
    floor.kie.files = {A: [picture], B: [picture[:60]]}
    attempt = await finish(floor, A, B)
    await collect(floor, attempt)
    assert (await floor.task(attempt)).state == "fail"
    assert keys() == []


async def test_a_result_that_is_no_file(floor: Floor) -> None:
    attempt = await floor.submit()
    floor.kie.says = succeeded("kie-1", data={"faces": 2})
    await floor.poll(attempt)
    await collect(floor, attempt)
    task = await floor.task(attempt)
    assert task.state == "success"
    assert task.result is not None
    assert (task.result.data, task.result.files) == ({"faces": 2}, ())


async def test_a_video_is_taken_as_it_is(floor: Floor) -> None:
    floor.kie.files[A] = [empty_video()]
    attempt = await finish(floor)
    await collect(floor, attempt)
    result = (await floor.task(attempt)).result
    assert result is not None
    assert (result.files[0].name, result.made.width) == (f"{attempt.task_id}.mp4", None)


async def test_a_success_without_any_result_is_none(floor: Floor) -> None:
    attempt = await floor.submit()
    floor.kie.says = succeeded("kie-1")
    await floor.poll(attempt)
    await collect(floor, attempt)
    task = await floor.task(attempt)
    assert (task.state, task.fail_code) == ("fail", "501")
    assert "kie says that it has succeeded, and names no result" in (task.fail_message or "")


@pytest.mark.parametrize("what", ["truncated", "black", "empty", "page"])
async def test_what_is_no_whole_picture_is_never_a_success(
    floor: Floor, keys: Keys, picture: bytes, black: bytes, what: str
) -> None:
    floor.kie.files[A] = [{"truncated": picture[:-40], "black": black, "empty": b"", "page": b"<html>no"}[what]]
    attempt = await finish(floor)
    assert await collect(floor, attempt) is None
    task, found = await floor.task(attempt), await floor.attempt(attempt)
    assert (task.state, task.fail_code, found.state) == ("fail", "501", "failed")
    assert (task.fail_message or "").startswith("What kie made cannot be used: ")
    assert found.dollars == Decimal("0.02"), "it was paid for"
    assert floor.replicate.orders == []
    assert keys() == []


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A decoder that hangs; it is set once it does."""
    hangs, go_on = threading.Event(), threading.Event()

    def hang(_: Path, *, max_pixels: int) -> tuple[int, int]:
        hangs.set()
        go_on.wait()
        return 1, max_pixels

    monkeypatch.setattr("enlarger.worker.collect.check_picture", hang)
    yield hangs
    go_on.set()


async def test_a_picture_on_which_the_decoder_hangs_is_never_a_success(
    floor: Floor, keys: Keys, picture: bytes, hanging: threading.Event
) -> None:
    floor.kie.files[A] = [picture]
    attempt = await finish(floor)
    assert await floor.collector(config=CollectConfig(check=0.3))(str(attempt.id)) is None
    task = await floor.task(attempt)
    assert hanging.is_set()
    assert (task.state, task.fail_code) == ("fail", "501")
    assert "took longer than" in (task.fail_message or "")
    assert keys() == []


async def test_a_decoder_that_hangs_keeps_no_worker_from_stopping(
    floor: Floor, picture: bytes, hanging: threading.Event
) -> None:
    floor.kie.files[A] = [picture]
    attempt = await finish(floor)
    collecting = asyncio.create_task(collect(floor, attempt))
    await until(lambda: asyncio.sleep(0, hanging.is_set()))
    floor.stopping.set()
    assert await asyncio.wait_for(collecting, 120) is not None, "another worker is to try it"
    assert (await floor.task(attempt)).state == "generating"


async def test_a_result_is_kept_for_as_many_days_as_are_set(floor: Floor, picture: bytes) -> None:
    floor.kie.files[A] = [picture]
    attempt = await finish(floor)
    await collect(floor, attempt)
    kept = await floor.database.pool.fetchval(
        "SELECT expires_at - now() FROM files WHERE task_id = $1", attempt.task_id
    )
    assert timedelta(days=14, minutes=-5) < kept <= timedelta(days=14)
