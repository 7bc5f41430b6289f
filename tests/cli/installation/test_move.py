"""Moving an installation takes everything along, and leaves nothing that could go on by mistake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from enlarger.cli.app import app
from enlarger.cli.database import held_database_url
from enlarger.errors import BackupError, ConfigurationError, InvalidInput
from enlarger.infra.database import open_database
from enlarger.infra.migrations import migrate
from enlarger.tasks.accounts import AccountStore
from tests.cli.installation.conftest import SHOP, Furnished, Installation, Run
from tests.s3 import S3, keys_in

_ROWS = {
    "tasks": "SELECT id, state, param, credits_reserved FROM tasks WHERE param <> 'being sent' ORDER BY id",
    "ledger": "SELECT * FROM ledger ORDER BY id",
    "keys": "SELECT * FROM api_keys ORDER BY sha256",
    "files": "SELECT * FROM files ORDER BY id",
}


@S3
async def test_a_database_and_a_folder_move_to_a_server_and_a_bucket(
    old: Installation, new: Installation, furnished: Furnished, run: Run, bucket: str, s3_server: str, tmp_path: Path
) -> None:
    target = f"s3://{bucket}/pictures"
    moved = await run("move", old, to_database=new.database_url, to_storage=target)
    assert moved["settings"] == {"DATABASE_URL": new.database_url, "ENLARGER_STORAGE_URL": target}
    assert moved["resumed"]["failed"] == 0
    for what, sql in _ROWS.items():
        assert await old.fetch(sql) == await new.fetch(sql), what
    new.storage_url = target
    assert set(keys_in(s3_server, bucket)) == {f"pictures/{key}" for key in furnished.files}
    async with new.opened() as floor:
        for key, content in furnished.files.items():
            assert b"".join([chunk async for chunk in floor.service.storage.get(key)]) == content
        assert (await floor.service.accounts.authenticate(furnished.shop_key)).account_id == SHOP
    for start in (migrate(old.database_url), run("back_up", old, destination=str(tmp_path / "backup"))):
        with pytest.raises(ConfigurationError, match=r"was moved to .* on .*: change DATABASE_URL"):
            await start
    with pytest.raises(ConfigurationError, match="was moved"):
        await run("move", old, to_database=new.database_url)


async def test_it_moves_back_into_the_data_directory(old: Installation, furnished: Furnished, run: Run) -> None:
    moved = await run("move", old, to_database="embedded")
    assert moved["settings"] == {"DATABASE_URL": None}
    embedded = old.settings.model_copy(update={"database_url": None})
    async with held_database_url(embedded) as url:
        await migrate(url)
        async with open_database(url) as database:
            assert (await AccountStore(database).authenticate(furnished.shop_key)).account_id == SHOP


async def test_files_alone_move_and_the_database_stays_open(
    old: Installation, furnished: Furnished, run: Run, tmp_path: Path
) -> None:
    moved = await run("move", old, to_storage=str(tmp_path / "files"))
    assert moved["settings"] == {"ENLARGER_STORAGE_URL": str(tmp_path / "files")}
    for key, content in furnished.files.items():
        assert (tmp_path / "files" / key).read_bytes() == content
    await migrate(old.database_url)


async def test_nothing_moves_while_the_service_runs(
    old: Installation, new: Installation, furnished: Furnished, run: Run
) -> None:
    async with old.opened():
        with pytest.raises(BackupError, match=r"The service is running: the database has \d+ other connections"):
            await run("move", old, to_database=new.database_url)
    await migrate(old.database_url)


async def test_a_move_that_fails_leaves_the_old_database_open(
    old: Installation, new: Installation, furnished: Furnished, run: Run
) -> None:
    await migrate(new.database_url)
    with pytest.raises(BackupError, match="is not empty"):
        await run("move", old, to_database=new.database_url)
    await migrate(old.database_url)


async def test_what_is_to_be_moved_has_to_be_said(old: Installation, run: Run) -> None:
    with pytest.raises(InvalidInput, match="Nothing is to be moved"):
        await run("move", old)


def test_the_commands_do_it(old: Installation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", old.database_url)
    monkeypatch.setenv("ENLARGER_STORAGE_URL", old.storage_url)
    result = CliRunner().invoke(app, ["backup", str(tmp_path / "a.tar"), "--json"])
    assert (result.exit_code, json.loads(result.stdout)["files"]) == (0, 0), result.output
    assert CliRunner().invoke(app, ["restore", str(tmp_path / "a.tar")]).exit_code == 1, "the place is not empty"
    (tmp_path / "url").write_text(old.database_url + "\n")
    assert CliRunner().invoke(app, ["move", "--to-database", f"@{tmp_path / 'url'}"]).exit_code == 1
