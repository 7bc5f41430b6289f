"""Results of hosted providers: stored, checked and billed once, whatever is in the way."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from structlog.testing import capture_logs

from enlarger.engines.media import empty_video
from enlarger.errors import (
    DatabaseUnavailable,
    ProviderSilent,
    ResultGone,
    ResultTooLarge,
    ResultUnusable,
    StorageError,
)
from enlarger.infra.storage import Storage
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.orphans import OrphanStore
from enlarger.tasks.records import Attempt
from enlarger.worker.collect import CollectConfig
from tests.conftest import MakePhoto
from tests.pictures import save
from tests.waiting import until
from tests.worker.hosted import Floor, silent, succeeded
from tests.worker.paid import balance, submit_paid

A, B = "https://kie.example/a.png", "https://kie.example/b.png"


@pytest.fixture
def picture(make_photo: MakePhoto) -> bytes:
    return make_photo("made.png", 24, 16).read_bytes()


@pytest.fixture
def black(tmp_path: Path) -> bytes:
    return save(np.zeros((8, 8, 3), np.uint8), tmp_path / "black.png").read_bytes()


async def finish(floor: Floor, *outputs: str, task: dict[str, Any] | None = None, **report: Any) -> Attempt:
    """A task that KIE says it has finished."""
    attempt = await floor.submit(**(task or {}))
    assert attempt.provider_task_id is not None
    floor.kie.says = succeeded(attempt.provider_task_id, *(outputs or (A,)), **report)
    return await floor.poll(attempt)


async def collect(floor: Floor, attempt: Attempt) -> timedelta | None:
    return await floor.collector()(str(attempt.id))


Keys = Callable[[], list[str]]


@pytest.fixture
def keys(tmp_path: Path, storage: Storage) -> Keys:
    """Tells what is in the storage."""
    folder = tmp_path / "storage"
    return lambda: [str(path.relative_to(folder)) for path in folder.rglob("[!.]*") if path.is_file()]


async def spent(floor: Floor) -> Decimal:
    found: Decimal = await floor.database.pool.fetchval("SELECT sum(dollars) FROM spending WHERE kind = 'provider'")
    return found / 2  # of the day, and of the month


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
    assert await asyncio.wait_for(collecting, 60) is not None, "another worker is to try it"
    assert (await floor.task(attempt)).state == "generating"


async def test_a_file_that_came_broken_is_fetched_again(floor: Floor, picture: bytes) -> None:
    floor.kie.files[A] = [picture[:-40], b"", picture]
    attempt = await finish(floor)
    await collect(floor, attempt)
    assert (await floor.task(attempt)).state == "success"


async def test_a_result_that_is_gone_fails_the_task(floor: Floor) -> None:
    attempt = await finish(floor, cost=Decimal("0.015"))
    assert await collect(floor, attempt) is not None, "it may not be there yet"
    await floor.let_pass(attempt, timedelta(minutes=3))
    with capture_logs() as logs:
        assert await collect(floor, attempt) is None
    task = await floor.task(attempt)
    assert (task.state, task.fail_message) == ("fail", "The file is there no longer.")
    assert (await floor.attempt(attempt)).dollars == Decimal("0.015")
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["result_lost"]


@pytest.mark.parametrize("away", ["provider", "storage"])
async def test_who_is_away_for_a_while_costs_nothing(
    floor: Floor, storage: Storage, keys: Keys, picture: bytes, monkeypatch: pytest.MonkeyPatch, away: str
) -> None:
    floor.kie.files[A] = [silent(), picture] if away == "provider" else [picture]
    attempt = await finish(floor)

    async def down(*_: Any, **__: Any) -> None:
        raise StorageError("The bucket is away.")

    with monkeypatch.context() as patched, capture_logs() as logs:
        if away == "storage":
            patched.setattr(storage, "put", down)
        again = await collect(floor, attempt)
    assert again == timedelta(seconds=1)
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == ["result_waits"]
    assert (await floor.task(attempt)).state == "generating"
    assert list(floor.work.iterdir()) == []
    assert await collect(floor, attempt) is None
    assert (await floor.task(attempt)).state == "success"
    assert len(keys()) == 1


async def test_pauses_grow_and_there_is_an_alarm_before_the_provider_deletes_it(floor: Floor) -> None:
    floor.kie.files[A] = [silent("away")]
    attempt = await finish(floor)
    said = []
    for minutes in (1, 27, 5):
        await floor.let_pass(attempt, timedelta(minutes=minutes))
        with capture_logs() as logs:
            again = await collect(floor, attempt)
        assert again is not None
        said.append((round(again.total_seconds()), logs[-1]["event"], logs[-1]["log_level"]))
    assert said == [(15, "result_waits", "warning"), (60, "result_waits", "warning"), (60, "result_at_risk", "error")]
    expires_at = (await floor.attempt(attempt)).expires_at
    assert expires_at is not None
    assert logs[-1]["deleted_by_provider_at"] == expires_at.isoformat()

    await floor.let_pass(attempt, timedelta(minutes=40))
    with capture_logs() as logs:
        assert await collect(floor, attempt) is None  # the provider has deleted it, whether it can be asked or not
    assert logs[-1]["event"] == "result_lost"
    assert (await floor.task(attempt)).state == "fail"


async def test_what_can_never_be_fetched_ends_after_a_few_tries_with_the_reason(floor: Floor, picture: bytes) -> None:
    floor.kie.files[A] = [ResultUnusable("It came packed.")]
    attempt = await finish(floor, cost=Decimal("0.015"))
    pauses = []
    while (again := await collect(floor, attempt)) is not None:
        pauses.append(again.total_seconds())
        found = await floor.attempt(attempt)
        assert (found.fetches, found.error) == (len(pauses), "It came packed.")
    assert pauses == [5, 15, 45]
    task = await floor.task(attempt)
    assert (task.state, task.fail_message) == ("fail", "It came packed.")
    assert (await floor.attempt(attempt)).dollars == Decimal("0.015"), "it was paid for"


async def test_what_seemed_never_to_be_fetched_may_be_all_the_same(floor: Floor, picture: bytes) -> None:
    floor.kie.files[A] = [ResultUnusable("It came packed."), picture]
    attempt = await finish(floor)
    assert await collect(floor, attempt) == timedelta(seconds=5)
    assert await collect(floor, attempt) is None
    assert (await floor.task(attempt)).state == "success"
    assert (await floor.attempt(attempt)).error is None


@pytest.mark.parametrize("what", ["bytes", "pixels"])
async def test_what_is_too_large_is_fetched_once(floor: Floor, picture: bytes, what: str) -> None:
    floor.kie.files[A] = [ResultTooLarge("It is larger than 500 MB.") if what == "bytes" else picture]
    fetch, fetched = floor.kie.fetch, []

    async def count(output: str, target: Path) -> None:
        fetched.append(output)
        await fetch(output, target)

    floor.kie.fetch = count  # type: ignore[method-assign]
    attempt = await finish(floor)
    assert await floor.collector(max_pixels=100)(str(attempt.id)) is None
    task = await floor.task(attempt)
    assert task.state == "fail"
    assert ("500 MB" if what == "bytes" else "24x16 pixels, and 0.0001 megapixels are taken") in (
        task.fail_message or ""
    )
    assert fetched == [A]


async def test_a_provider_that_keeps_results_for_ever_is_waited_for_for_a_day(floor: Floor) -> None:
    floor.kie.files[A] = [silent("away")]
    attempt = await finish(floor)
    await floor.database.pool.execute("UPDATE attempts SET expires_at = NULL")
    await floor.let_pass(attempt, timedelta(hours=23))
    assert await collect(floor, attempt) is not None
    assert (await floor.attempt(attempt)).fetches == 0
    await floor.let_pass(attempt, timedelta(hours=1))
    assert await collect(floor, attempt) is None
    assert (await floor.task(attempt)).fail_message == "away"


async def test_of_two_collectors_one_wins_and_the_others_file_is_removed(
    floor: Floor, storage: Storage, keys: Keys, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    floor.kie.files[A] = [picture]
    attempt = await finish(floor)
    both, put, arrived = asyncio.Barrier(2), storage.put, []

    async def together(*arguments: Any, **options: Any) -> None:
        await put(*arguments, **options)
        if arguments[0] != "probe":
            arrived.append(arguments[0])
            await both.wait()

    async def one() -> None:
        try:
            assert await collect(floor, attempt) is None
        finally:
            if len(arrived) < 2:  # who ends early must not leave the other waiting for ever
                await both.abort()

    monkeypatch.setattr(storage, "put", together)
    await asyncio.gather(one(), one())
    result = (await floor.task(attempt)).result
    assert result is not None
    stored = await floor.service.files.get(result.files[0].id)
    assert stored is not None
    assert keys() == [stored.key]
    assert await floor.database.pool.fetchval("SELECT count(*) FROM files") == 1


async def test_while_the_database_is_away_no_file_is_removed(
    floor: Floor, keys: Keys, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit may have taken place."""
    floor.kie.files[A] = [picture]
    attempt = await finish(floor)
    collected = floor.attempts.collected

    async def cut_off(*arguments: Any, **options: Any) -> bool:
        await collected(*arguments, **options)
        raise DatabaseUnavailable("away")

    monkeypatch.setattr(floor.attempts, "collected", cut_off)
    with pytest.raises(DatabaseUnavailable):
        await collect(floor, attempt)
    assert len(keys()) == 1
    assert (await floor.task(attempt)).state == "success"


async def test_a_result_that_comes_when_the_task_has_ended_is_kept_for_its_owner(
    floor: Floor, keys: Keys, picture: bytes
) -> None:
    floor.kie.files[A] = [picture]
    attempt = await finish(floor, cost=Decimal("0.015"))
    await floor.service.tasks.cancel(DEFAULT, attempt.task_id)
    with capture_logs() as logs:
        await collect(floor, attempt)
    assert "orphan_kept" in [line["event"] for line in logs]
    task = await floor.task(attempt)
    assert (task.state, task.result) == ("fail", None)
    (orphan,) = await OrphanStore(floor.database).newest(most=10)
    assert (orphan.id, orphan.dollars) == (attempt.id, Decimal("0.015"))
    assert [file.key for file in orphan.files] == keys()


async def test_a_result_of_a_provider_whose_key_was_taken_away_waits(floor: Floor, picture: bytes) -> None:
    floor.kie.files[A] = [picture]
    attempt = await finish(floor)
    del floor.providers["kie"]
    with capture_logs() as logs:
        assert await collect(floor, attempt) is not None
    assert logs[-1]["event"] == "result_waits"
    assert "kie is no longer set up: set its key again" in logs[-1]["reason"]
    floor.providers["kie"] = floor.kie
    await collect(floor, attempt)
    assert (await floor.task(attempt)).state == "success"


async def test_what_nobody_expected_loses_nothing(
    floor: Floor, storage: Storage, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    floor.kie.files[A] = [RuntimeError("a fault of ours"), picture]
    attempt = await finish(floor)
    with pytest.raises(RuntimeError):
        await collect(floor, attempt)
    assert await floor.attempts.to_collect(attempt.id) is not None
    assert await collect(floor, attempt) is None
    assert (await floor.task(attempt)).state == "success"


# What it costs


async def test_an_account_pays_what_the_hosted_service_took(floor: Floor, picture: bytes) -> None:
    floor.kie.files[A] = [picture]
    attempt = await submit_paid(floor, "4")
    assert await balance(floor) == 96
    floor.kie.says = succeeded("kie-1", A, cost=Decimal("0.015"))
    await floor.poll(attempt)
    await collect(floor, attempt)
    assert (await floor.task(attempt)).credits_consumed == 3
    assert await balance(floor) == 97
    assert await floor.service.ledger.check() == []


async def test_an_account_pays_the_list_price_for_what_ran_elsewhere(floor: Floor, picture: bytes) -> None:
    floor.router.health["kie"].adopt("suspended", "no credits", 600)
    floor.replicate.files[A] = [picture]
    attempt = await submit_paid(floor, "6")
    floor.replicate.says = succeeded("replicate-1", A, cost=Decimal("0.5"))
    await floor.poll(attempt)
    await collect(floor, attempt)
    assert (await floor.task(attempt)).credits_consumed == 4
    assert (await floor.attempt(attempt)).dollars == Decimal("0.5")
    assert await balance(floor) == 96


async def test_a_price_by_size_is_that_of_the_picture_that_was_made(floor: Floor, make_photo: MakePhoto) -> None:
    floor.router.health["kie"].adopt("suspended", "no credits", 600)
    floor.replicate.files[A] = [make_photo("large.jpg", 3000, 2000).read_bytes()]
    attempt = await submit_paid(
        floor,
        "40",
        model="topaz/image-upscale",
        input={"image_url": "https://93.184.215.14/a.png", "upscale_factor": "2"},
    )
    floor.replicate.says = succeeded("replicate-1", A)
    await floor.poll(attempt)
    await collect(floor, attempt)
    assert (await floor.task(attempt)).credits_consumed == 20, "of a result of 4K"


@pytest.mark.parametrize("lost", [ResultGone("gone"), ProviderSilent("away")])
async def test_an_account_pays_for_nothing_that_it_did_not_get(floor: Floor, lost: Exception) -> None:
    floor.kie.files[A] = [lost]
    attempt = await submit_paid(floor, "4")
    floor.kie.says = succeeded("kie-1", A, cost=Decimal("0.02"))
    await floor.poll(attempt)
    await floor.database.pool.execute("UPDATE attempts SET finished_at = now() - interval '3 minutes'")
    await collect(floor, attempt)
    if isinstance(lost, ProviderSilent):
        assert await balance(floor) == 96, "still set aside"
        await floor.service.tasks.cancel(DEFAULT, attempt.task_id, refund="all")
    assert await balance(floor) == 100
    assert await floor.service.ledger.check() == []


async def test_a_result_is_kept_for_as_many_days_as_are_set(floor: Floor, picture: bytes) -> None:
    floor.kie.files[A] = [picture]
    attempt = await finish(floor)
    await collect(floor, attempt)
    kept = await floor.database.pool.fetchval(
        "SELECT expires_at - now() FROM files WHERE task_id = $1", attempt.task_id
    )
    assert timedelta(days=14, minutes=-5) < kept <= timedelta(days=14)
