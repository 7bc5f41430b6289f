"""A backup that is made while the service works brings back everything, wherever it lies."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from enlarger.tasks.accounts import DEFAULT
from tests.cli.installation.conftest import SHOP, Furnished, Installation, Run
from tests.conftest import KEY
from tests.databases import transaction
from tests.new_task import new_task
from tests.s3 import S3

_SAME = {
    "tasks": "SELECT * FROM tasks WHERE param IS NOT NULL AND id <> ALL({changed}) ORDER BY id",
    "ended attempts": "SELECT * FROM attempts WHERE state IN ('succeeded', 'failed') ORDER BY id",
    "events": "SELECT * FROM events WHERE task_id IN (SELECT id FROM tasks WHERE param IS NOT NULL)"
    " AND task_id <> ALL({changed}) ORDER BY id",
    "accounts": "SELECT * FROM accounts ORDER BY id",
    "keys": "SELECT * FROM api_keys ORDER BY sha256",
    "secrets": "SELECT * FROM secrets ORDER BY name",
    "ledger": "SELECT * FROM ledger ORDER BY id",
    "files": "SELECT * FROM files ORDER BY id",
    "callbacks": "SELECT * FROM deliveries ORDER BY task_id",
    "budgets": "SELECT * FROM spending ORDER BY kind, name, period",
}
"""What is compared row by row."""


@asynccontextmanager
async def busy(place: Installation) -> AsyncIterator[None]:
    """Tasks are being made around a block, as many as go."""
    async with place.opened() as floor:

        async def work() -> None:
            while True:
                await floor.service.tasks.create(new_task(account_id=DEFAULT))

        working = asyncio.create_task(work())
        try:
            yield
            assert not working.done()
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


async def check_restored(old: Installation, new: Installation, furnished: Furnished) -> None:
    changed = f"ARRAY['{furnished.tasks['being sent']}', '{furnished.tasks['waiting']}']"
    for what, sql in _SAME.items():
        before, after = [await place.fetch(sql.format(changed=changed)) for place in (old, new)]
        assert before, what
        assert before == after, what
    async with new.opened() as floor:
        service = floor.service
        assert (await service.accounts.authenticate(furnished.shop_key)).account_id == SHOP
        assert (await service.accounts.authenticate(KEY)).account_id == DEFAULT
        assert await service.ledger.check() == []
        for key, content in furnished.files.items():
            assert b"".join([chunk async for chunk in service.storage.get(key)]) == content
        record = await service.tasks.get(SHOP, furnished.tasks["done"])
        assert record.state == "success"
        made = await service.tasks.create(new_task(account_id=SHOP))
        assert made[0].state == "waiting"  # sequences and triggers work as before
        (events,) = await new.fetch(f"SELECT count(*) FROM events WHERE task_id = '{made[0].id}'")
        assert events == (1,)
    assert new.data.key_file.read_text() == "enl_of-the-default-account\n"
    assert stat.S_IMODE(new.data.key_file.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["folder", "backup.tar"])
async def test_everything_is_back(
    name: str, old: Installation, new: Installation, furnished: Furnished, run: Run, tmp_path: Path
) -> None:
    place = str(tmp_path / name)
    async with busy(old):
        made = await run("back_up", old, destination=place)
    assert (made["missing"], made["damaged"]) == ([], [])
    restored = await run("restore", new, source=place, waiting="run")
    assert restored["id"] == made["id"]
    assert (restored["rows"], restored["files"]) == (made["rows"], len(furnished.files))
    await check_restored(old, new, furnished)


@pytest.mark.parametrize("name", ["folder", "backup.tar"])
async def test_a_backup_is_for_its_owners_eyes_alone(
    name: str, old: Installation, furnished: Furnished, run: Run, tmp_path: Path
) -> None:
    place = tmp_path / name
    await run("back_up", old, destination=str(place))
    parts = [place, *place.rglob("*")]
    assert all(stat.S_IMODE(part.stat().st_mode) == (0o700 if part.is_dir() else 0o600) for part in parts)


@S3
async def test_everything_is_back_from_a_bucket_and_into_one(
    old: Installation, new: Installation, furnished: Furnished, run: Run, bucket: str
) -> None:
    await run("back_up", old, destination=f"s3://{bucket}/backup")
    new.storage_url = f"s3://{bucket}/restored"
    await run("restore", new, source=f"s3://{bucket}/backup", waiting="run")
    await check_restored(old, new, furnished)


async def test_many_rows_come_in_several_pieces(old: Installation, new: Installation, run: Run, tmp_path: Path) -> None:
    async with old.opened() as floor:
        await floor.service.accounts.add(SHOP, credits=None, create_limit=None, query_limit=None)
        await floor.database.pool.execute(
            "INSERT INTO bot_state (key, data) SELECT number::text, jsonb_build_array(texts.text) FROM"
            " generate_series(1, 700) AS number, LATERAL (SELECT string_agg(md5(random()::text), '') AS text"
            " FROM generate_series(1, 800 + number % 2)) AS texts"
        )
    await run("back_up", old, destination=str(tmp_path / "backup"))
    assert len(list((tmp_path / "backup").rglob("bot_state-*"))) > 1
    await run("restore", new, source=str(tmp_path / "backup"))
    rows = "SELECT key, md5(data::text) FROM bot_state ORDER BY key"
    assert await old.fetch(rows) == await new.fetch(rows)


async def test_a_second_backup_writes_what_is_new_and_keeps_what_is_named(
    old: Installation, new: Installation, furnished: Furnished, run: Run, tmp_path: Path
) -> None:
    place = tmp_path / "backup"
    await run("back_up", old, destination=str(place))
    before = {path.name: path.stat().st_mtime_ns for path in (place / "files").rglob("*") if path.is_file()}
    gone = next(iter(furnished.files))
    async with old.opened() as floor:
        await floor.database.pool.execute("DELETE FROM files WHERE key = $1", gone)
        furnished.files.pop(gone)
    second = await run("back_up", old, destination=str(place))
    after = {path.name: path.stat().st_mtime_ns for path in (place / "files").rglob("*") if path.is_file()}
    assert after.items() < before.items()
    assert len(after) == len(furnished.files)
    assert [path.name for path in (place / "database").iterdir()] == [second["id"]]
    await run("restore", new, source=str(place), waiting="run")
    await check_restored(old, new, furnished)


async def test_files_that_are_gone_or_damaged_are_named(
    old: Installation, new: Installation, furnished: Furnished, run: Run, tmp_path: Path
) -> None:
    gone, damaged, *_ = sorted(furnished.files)
    async with old.opened() as floor:
        await floor.service.storage.delete(gone)
        await floor.service.storage.put(damaged, b"something else")
    made = await run("back_up", old, destination=str(tmp_path / "backup.tar"))
    assert (made["missing"], made["damaged"]) == ([gone], [damaged])
    assert made["files"] == len(furnished.files) - 2
    restored = await run("restore", new, source=str(tmp_path / "backup.tar"), waiting="run")
    assert restored["files"] == made["files"]


async def test_a_backup_waits_for_nobody_and_nobody_for_it(
    old: Installation, furnished: Furnished, run: Run, tmp_path: Path
) -> None:
    async with old.opened() as floor, transaction(floor.database) as connection:
        await connection.execute("UPDATE tasks SET progress = 1")
        await run("back_up", old, destination=str(tmp_path / "backup"))
