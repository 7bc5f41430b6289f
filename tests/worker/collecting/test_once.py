"""A result is collected once, and nothing is lost when something comes between."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from structlog.testing import capture_logs

from enlarger.errors import DatabaseUnavailable
from enlarger.infra.storage import Storage
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.orphans import OrphanStore
from tests.worker.collecting.steps import A, Keys, collect, finish
from tests.worker.hosted import Floor


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
