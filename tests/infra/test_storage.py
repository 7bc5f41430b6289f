from __future__ import annotations

from pathlib import Path

import pytest

from enlarger.errors import ConfigurationError, StorageError
from enlarger.infra.storage import Storage


@pytest.fixture(params=["folder", "memory:///"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "files") if request.param == "folder" else request.param)


async def read(storage: Storage, key: str, **span: int) -> bytes:
    return b"".join([chunk async for chunk in storage.get(key, **span)])


async def test_what_is_put_can_be_read_whole_and_in_part(storage: Storage, tmp_path: Path) -> None:
    content = bytes(range(256)) * 10_000
    await storage.put("a/b.bin", content)
    assert await read(storage, "a/b.bin") == content
    assert await read(storage, "a/b.bin", start=5, stop=1_500_000) == content[5:1_500_000]
    assert await read(storage, "a/b.bin", start=2_559_990) == content[-10:]
    await storage.download("a/b.bin", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == content


async def test_a_file_can_be_put_from_disk_and_removed_twice(storage: Storage, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"picture")
    await storage.put("a", tmp_path / "source")
    assert await read(storage, "a") == b"picture"
    await storage.delete("a")
    await storage.delete("a")
    with pytest.raises(StorageError, match="cannot be read"):
        await read(storage, "a")


async def test_a_store_can_be_checked(storage: Storage) -> None:
    await storage.check()


async def test_a_store_that_went_away_is_an_error(tmp_path: Path) -> None:
    storage = Storage(str(tmp_path / "files"))
    (tmp_path / "files").rmdir()
    (tmp_path / "files").touch()
    with pytest.raises(StorageError, match="cannot be stored"):
        await storage.put("a", b"x")


@pytest.mark.parametrize("location", ["ftp://example.com/x", "/proc/nowhere/x"])
def test_a_place_that_is_no_store_is_refused(location: str) -> None:
    with pytest.raises(ConfigurationError, match="ENLARGER_STORAGE_URL cannot be opened"):
        Storage(location)
