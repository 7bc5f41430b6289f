"""Backups and restores that are cut off, damaged, or do not fit are recognised, and change nothing."""

from __future__ import annotations

import tarfile
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import asyncpg
import msgspec
import pytest

from enlarger.cli.installation import storage_of
from enlarger.errors import BackupError, ConfigurationError, StorageUnavailable
from enlarger.infra.backup.manifest import FILES, Manifest, encode_manifest, read_manifest
from enlarger.infra.backup.places import MANIFEST, StoragePlace, open_destination, open_source
from enlarger.infra.backup.write import write_backup
from enlarger.infra.database import cannot_reach, name_database
from enlarger.infra.migrations import bring_to, migrate
from enlarger.infra.postgres import EmbeddedPostgres
from enlarger.tasks.restored import read_figures
from tests.cli.installation.conftest import SHOP, Installation, Run, store

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"


class PowerFailure(Exception):
    """The process is gone from here on."""


class Interrupted(StoragePlace):
    """A place where nothing is written any more once the files begin."""

    async def write(self, name: str, chunks: AsyncIterator[bytes], size: int) -> None:
        if name.startswith(FILES):
            raise PowerFailure
        await super().write(name, chunks, size)


class Silent:
    """Progress that nobody follows."""

    def begin(self, step: str, total: int | None) -> None: ...

    def advance(self, amount: int) -> None: ...


async def interrupt(place: Installation, destination: Path) -> None:
    with pytest.raises(PowerFailure):
        await write_backup(
            place.database_url,
            storage_of(place.settings, place.data),
            Interrupted(str(destination)),
            figures=read_figures,
            extras={},
            progress=Silent(),
        )


@pytest.fixture
async def small(old: Installation) -> str:
    """The old installation with an account and a file in it; the file's key."""
    async with old.opened() as floor:
        await floor.service.accounts.add(SHOP, credits=None, create_limit=None, query_limit=None)
        return await store(floor, b"a picture")


async def test_an_interrupted_backup_is_no_backup(
    old: Installation, new: Installation, small: str, run: Run, tmp_path: Path
) -> None:
    await interrupt(old, tmp_path / "backup")
    with pytest.raises(BackupError, match="holds no complete backup"):
        await run("restore", new, source=str(tmp_path / "backup"))
    await run("back_up", old, destination=str(tmp_path / "backup"))
    await run("restore", new, source=str(tmp_path / "backup"))
    assert await new.fetch("SELECT key FROM files") == [(small,)]


async def test_an_interrupted_second_backup_leaves_the_first_one(
    old: Installation, new: Installation, small: str, run: Run, tmp_path: Path
) -> None:
    first = await run("back_up", old, destination=str(tmp_path / "backup"))
    async with old.opened() as floor:
        await store(floor, b"another picture")
    await interrupt(old, tmp_path / "backup")
    assert (await run("restore", new, source=str(tmp_path / "backup")))["id"] == first["id"]
    assert await new.fetch("SELECT key FROM files") == [(small,)]


async def test_an_interrupted_tar_file_does_not_appear(tmp_path: Path) -> None:
    async def cut() -> AsyncIterator[bytes]:
        yield b"123"
        raise PowerFailure

    with pytest.raises(PowerFailure):
        async with open_destination(str(tmp_path / "a.tar")) as place:
            await place.write("files/a", cut(), 6)
    assert list(tmp_path.iterdir()) == []


async def test_a_tar_file_leaves_out_a_part_that_could_not_be_read(tmp_path: Path) -> None:
    async def part(content: bytes, *, fails: bool = False) -> AsyncIterator[bytes]:
        yield content
        if fails:
            raise PowerFailure

    async with open_destination(str(tmp_path / "a.tar")) as place:
        await place.write("a", part(b"1" * 600), 600)
        with pytest.raises(PowerFailure):
            await place.write("b", part(b"2" * 600, fails=True), 1200)
        await place.write("c", part(b"3"), 1)
        assert await place.list() == {"a": 600, "c": 1}


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("at", range(0, 20, 3))
async def test_no_byte_of_a_manifest_can_be_another(
    at: int, old: Installation, small: str, run: Run, tmp_path: Path
) -> None:
    backup = tmp_path / "backup"
    await run("back_up", old, destination=str(backup))
    manifest = backup / MANIFEST
    content = manifest.read_bytes()
    async with open_source(str(backup)) as place:
        whole = await read_manifest(place)
        for position in range(at, len(content), 20):
            manifest.write_bytes(content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :])
            with suppress(BackupError):
                assert await read_manifest(place) == whole


def shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize("harm", [flip, shorten, Path.unlink], ids=["flipped", "shortened", "removed"])
@pytest.mark.parametrize("part", ["files/*/*", "database/*/accounts-*", "database/*/list-of-files-*", "*.json"])
async def test_a_damaged_backup_is_refused(
    part: str,
    harm: Callable[[Path], None],
    old: Installation,
    new: Installation,
    small: str,
    run: Run,
    tmp_path: Path,
) -> None:
    await run("back_up", old, destination=str(tmp_path / "backup"))
    (path,) = (tmp_path / "backup").glob(part)
    harm(path)
    with pytest.raises(BackupError, match=r"damaged|no complete backup"):
        await run("restore", new, source=str(tmp_path / "backup"))
    assert await new.fetch(TABLES) == []
    assert not Path(new.storage_url).exists()


async def test_a_tar_file_that_is_cut_off_is_refused(
    old: Installation, new: Installation, small: str, run: Run, tmp_path: Path
) -> None:
    place = tmp_path / "backup.tar"
    await run("back_up", old, destination=str(place))
    whole = place.read_bytes()
    for end in (len(whole) // 2, len(whole) // 2 // 512 * 512, 100, 0):
        place.write_bytes(whole[:end])
        with pytest.raises(BackupError):
            await run("restore", new, source=str(place))


async def test_no_service_starts_on_a_restore_that_was_interrupted_and_it_can_be_repeated(
    old: Installation, new: Installation, small: str, run: Run, tmp_path: Path
) -> None:
    made = await run("back_up", old, destination=str(tmp_path / "backup"))
    in_the_way = Path(new.storage_url) / "uploads"
    in_the_way.parent.mkdir(parents=True)
    in_the_way.symlink_to("/dev/null")
    with pytest.raises(StorageUnavailable):
        await run("restore", new, source=str(tmp_path / "backup"))
    with pytest.raises(
        ConfigurationError, match=f"being restored from the backup {made['id']}, or that was interrupted"
    ):
        await migrate(new.database_url)
    in_the_way.unlink()
    await run("restore", new, source=str(tmp_path / "backup"))
    await migrate(new.database_url)
    assert await new.fetch("SELECT key FROM files") == [(small,)]


async def test_a_sum_that_differs_undoes_the_restore(
    old: Installation, new: Installation, small: str, run: Run, tmp_path: Path
) -> None:
    await run("back_up", old, destination=str(tmp_path / "backup"))
    manifest = tmp_path / "backup" / MANIFEST
    whole = msgspec.json.decode(manifest.read_bytes(), type=Manifest)
    forged = whole.figures | {"credits of all accounts": "7"}
    manifest.write_bytes(encode_manifest(msgspec.structs.replace(whole, figures=forged)))
    with pytest.raises(BackupError, match="credits of all accounts is 0 instead of 7"):
        await run("restore", new, source=str(tmp_path / "backup"))
    assert await new.fetch(TABLES) == [("enlarger_closed",)]


async def test_only_an_empty_place_is_filled(
    old: Installation, new: Installation, small: str, run: Run, tmp_path: Path
) -> None:
    source = str(tmp_path / "backup")
    await run("back_up", old, destination=source)
    before = await old.fetch("SELECT * FROM accounts")
    with pytest.raises(BackupError, match=r"is not empty \(it has accounts, alembic_version, api_keys, …\)"):
        await run("restore", old, source=source)
    assert await old.fetch("SELECT * FROM accounts") == before
    foreign = Path(new.storage_url) / "my" / "photo.jpg"
    foreign.parent.mkdir(parents=True)
    foreign.write_bytes(b"mine")
    with pytest.raises(BackupError, match=r"storage is not empty \(it has my/photo.jpg\)"):
        await run("restore", new, source=source)
    assert foreign.read_bytes() == b"mine"


async def test_a_backup_does_not_go_where_other_things_are(
    old: Installation, small: str, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"mine")
    with pytest.raises(BackupError, match=r"holds other things than a backup \(a.jpg\)"):
        await run("back_up", old, destination=str(tmp_path / "photos"))
    assert [path.name for path in (tmp_path / "photos").glob("[!.]*")] == ["a.jpg"]


async def test_another_services_key_is_not_replaced(
    old: Installation, new: Installation, small: str, run: Run, tmp_path: Path
) -> None:
    old.data.prepare()
    old.data.key_file.write_text("enl_one\n")
    await run("back_up", old, destination=str(tmp_path / "backup"))
    new.data.prepare()
    new.data.key_file.write_text("enl_two\n")
    with pytest.raises(BackupError, match="is the key of another service"):
        await run("restore", new, source=str(tmp_path / "backup"))
    assert new.data.key_file.read_text() == "enl_two\n"


async def test_a_backup_of_an_earlier_version_is_restored_and_brought_up_to_date(
    old: Installation, new: Installation, run: Run, tmp_path: Path
) -> None:
    connection = await asyncpg.connect(old.database_url)
    try:
        async with connection.transaction(isolation="read_committed"):
            await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
            await bring_to(connection, "0007")
            await connection.execute("INSERT INTO accounts (id, balance) VALUES ('shop', 5)")
            await connection.execute("INSERT INTO ledger (account_id, kind, credits) VALUES ('shop', 'top_up', 5)")
            await connection.execute(
                "INSERT INTO tasks (id, account_id, model, input, base_url, request_sha256)"
                " VALUES (repeat('a', 32), 'shop', 'real-esrgan/fast', '{}', 'http://x', ''),"
                " (repeat('b', 32), 'shop', 'real-esrgan/fast', '{}', 'http://x', '')"
            )
            await connection.execute(
                "INSERT INTO attempts (task_id, epoch, provider) VALUES (repeat('b', 32), 1, 'local')"
            )
    finally:
        await connection.close()
    made = await run("back_up", old, destination=str(tmp_path / "backup"))
    assert made["revision"] == "0007"
    assert await old.fetch("SELECT version_num FROM alembic_version") == [("0007",)], "left as it was"
    assert made["figures"]["open tasks that no provider has"] == "1"
    restored = await run("restore", new, source=str(tmp_path / "backup"), waiting="run")
    assert restored["resumed"]["woken"] == 2
    async with new.opened() as floor:
        assert await floor.service.ledger.check() == []
        assert {task.id[0] for task in [await floor.service.tasks.get("shop", one * 32) for one in "ab"]} == {"a", "b"}


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [("revision", "9999", "newer version of Enlarger"), ("format", 2, "has the format 2")],
)
async def test_a_backup_of_a_later_version_is_refused(
    field: str,
    value: object,
    error: str,
    old: Installation,
    new: Installation,
    small: str,
    run: Run,
    tmp_path: Path,
) -> None:
    await run("back_up", old, destination=str(tmp_path / "backup"))
    manifest = tmp_path / "backup" / MANIFEST
    whole = msgspec.json.decode(manifest.read_bytes(), type=Manifest)
    manifest.write_bytes(encode_manifest(msgspec.structs.replace(whole, **{field: value})))
    with pytest.raises((BackupError, ConfigurationError), match=error):
        await run("restore", new, source=str(tmp_path / "backup"))
    assert await new.fetch("SELECT to_regclass('accounts')") == [(None,)]


async def test_a_database_of_somebody_else_is_no_service(new: Installation, run: Run, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="holds nothing of Enlarger's"):
        await run("back_up", new, destination=str(tmp_path / "backup"))


@pytest.mark.parametrize(
    ("destination", "says"),
    [
        ("notes.txt", "notes.txt is a file, and no backup can be in it: give a folder, a file ending in .tar, or a"),
        ("notes.txt/backup", "notes.txt is a file, and no backup can be in it"),
        ("pictures.tar", "pictures.tar is a file, and no backup: give the name of a new file, or of an earlier backup"),
        ("folder.tar", "folder.tar is a folder, and a backup that ends in .tar is a file: give another name"),
        ("nowhere/backup.tar", "There is no folder .*nowhere for the backup: create it, or give another path"),
    ],
)
async def test_a_place_that_can_take_no_backup_is_named_and_left_as_it_is(
    old: Installation, small: str, run: Run, tmp_path: Path, destination: str, says: str
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "folder.tar").mkdir()
    with tarfile.open(tmp_path / "pictures.tar", "w") as tar:
        tar.add(tmp_path / "notes.txt")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    with pytest.raises(BackupError, match=says):
        await run("back_up", old, destination=str(tmp_path / destination))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


async def test_an_earlier_backup_in_a_tar_file_is_replaced(
    old: Installation, small: str, run: Run, tmp_path: Path
) -> None:
    for _ in range(2):
        await run("back_up", old, destination=str(tmp_path / "backup.tar"))


def test_the_embedded_database_is_called_so() -> None:
    url = EmbeddedPostgres(Path("/nowhere/postgres")).url
    error = str(cannot_reach(url, ConnectionRefusedError("no")))
    assert error.startswith("The embedded database cannot be reached (ConnectionRefusedError: no): try again")
    assert "postgresql://" not in error
    shown = name_database("postgresql://someone:secret@db.example/enlarger?host=%2Ftmp")
    assert shown == "The database at postgresql://someone:***@db.example/enlarger?host=%2Ftmp"
