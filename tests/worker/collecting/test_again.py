"""Results that cannot be had at once: how often and how long they are fetched again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from enlarger.errors import ResultTooLarge, ResultUnusable, StorageError
from enlarger.infra.storage import Storage
from tests.worker.collecting.steps import A, Keys, collect, finish
from tests.worker.hosted import Floor, silent


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
        said.append((round(again.total_seconds() / 5) * 5, logs[-1]["event"], logs[-1]["log_level"]))
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
