"""One suite for every kind of store; the bucket is one of a real server."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx2
import pytest
from obstore.exceptions import GenericError
from structlog.testing import capture_logs

from enlarger.errors import ConfigurationError, FileMissing, StorageError, StorageFull, StorageUnavailable
from enlarger.infra.storage import Storage
from tests.s3 import S3, SECRET

_LARGE = bytes(range(256)) * 50_000
"""12.8 MB: S3 gets it in three parts."""


_BUCKET = (S3, pytest.mark.integration)


@pytest.fixture(
    params=["folder", "memory", pytest.param("bucket", marks=_BUCKET), pytest.param("prefix", marks=_BUCKET)]
)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    match request.param:
        case "folder":
            return Storage(str(tmp_path / "files"))
        case "memory":
            return Storage("memory:///")
        case "bucket":
            return Storage(f"s3://{request.getfixturevalue('bucket')}")
        case _:
            return Storage(f"s3://{request.getfixturevalue('bucket')}/some/folder")


async def read(storage: Storage, key: str, **span: int) -> bytes:
    return b"".join([chunk async for chunk in storage.get(key, **span)])


async def test_what_is_put_can_be_read_whole_and_in_part(storage: Storage, tmp_path: Path) -> None:
    content = bytes(range(256)) * 10_000
    await storage.put("a/b.bin", content)
    assert await read(storage, "a/b.bin") == content
    assert await read(storage, "a/b.bin", start=5, stop=1_500_000) == content[5:1_500_000]
    assert await read(storage, "a/b.bin", start=2_559_990) == content[-10:]
    assert await read(storage, "a/b.bin", start=2_559_990, stop=9_999_999) == content[-10:]
    assert await read(storage, "a/b.bin", stop=1) == content[:1]
    await storage.download("a/b.bin", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == content


async def test_what_is_large_goes_in_parts_and_comes_back_whole(storage: Storage, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(_LARGE)
    await asyncio.gather(storage.put("disk", tmp_path / "source"), storage.put("memory", _LARGE))
    assert await read(storage, "disk") == _LARGE
    assert await read(storage, "memory", start=5_000_000, stop=11_000_000) == _LARGE[5_000_000:11_000_000]


async def test_a_file_can_be_put_from_disk_and_removed_twice(storage: Storage, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"picture")
    await storage.put("a", tmp_path / "source", mime_type="image/png")
    assert await read(storage, "a") == b"picture"
    await storage.delete("a")
    await storage.delete("a")
    with pytest.raises(FileMissing, match="not there"):
        await read(storage, "a")


async def test_what_is_put_again_is_replaced(storage: Storage) -> None:
    await storage.put("a", b"long before")
    await storage.put("a", b"now")
    assert await read(storage, "a") == b"now"


@pytest.mark.parametrize("span", [{}, {"start": 1}, {"stop": 1}])
async def test_what_is_not_there_is_missing_before_the_first_piece(storage: Storage, span: dict[str, int]) -> None:
    with pytest.raises(FileMissing) as caught:
        await anext(storage.get("a/b/c.png", **span))
    assert caught.value.code == 404


async def test_names_of_any_script_are_kept(storage: Storage) -> None:
    for key in ("a/ключ 钥匙.jpg", "a/50% + more&c=?.png"):
        await storage.put(key, key.encode())
        assert await read(storage, key) == key.encode()


async def test_a_store_can_be_checked(storage: Storage) -> None:
    await storage.check()
    with pytest.raises(FileMissing):
        await read(storage, "probe")


async def test_a_folder_that_went_away_is_an_error(tmp_path: Path) -> None:
    storage = Storage(str(tmp_path / "files"))
    shutil.rmtree(tmp_path / "files")
    (tmp_path / "files").touch()
    with pytest.raises(StorageError, match="cannot be stored"):
        await storage.put("a", b"x")


@pytest.mark.parametrize("span", [{}, {"start": 1}])
async def test_a_file_is_missing_only_where_the_folder_is_the_one_it_was_kept_in(
    tmp_path: Path, span: dict[str, int]
) -> None:
    storage = Storage(str(tmp_path / "files"))
    await storage.put("a", b"picture")
    (tmp_path / "files").rename(tmp_path / "unmounted")
    for is_there in (False, True):
        if is_there:
            (tmp_path / "files").mkdir()
        with pytest.raises(StorageUnavailable, match="check that the disk of ENLARGER_STORAGE_URL is mounted"):
            await read(storage, "a", **span)
    (tmp_path / "files").rmdir()
    (tmp_path / "unmounted").rename(tmp_path / "files")
    assert await read(storage, "a") == b"picture"


@pytest.mark.parametrize(
    "words",
    [
        "Generic LocalFileSystem error: Unable to copy data to file: No space left on device (os error 28)",
        "Generic LocalFileSystem error: Unable to copy data to file: Disk quota exceeded (os error 122)",
        "Generic S3 error: <Error><Code>XMinioStorageFull</Code><Message>Storage backend has reached",
        "Generic S3 error: <Error><Code>QuotaExceeded</Code>",
    ],
)
async def test_a_full_disk_is_named(storage: Storage, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("obstore.put_async", raising(GenericError(words)))
        with pytest.raises(StorageFull, match="the disk of the storage is full") as caught:
            await storage.put("a", b"x")
    assert (caught.value.code, caught.value.retry_after) == (503, 30)
    await storage.put("a", b"x")


async def test_what_is_required_is_tried_now_and_then_and_a_change_is_logged_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage, tries = Storage(str(tmp_path), good_seconds=0, bad_seconds=60), []

    async def full(*_: object, **__: object) -> None:
        tries.append(1)
        raise GenericError("(os error 28)")

    with capture_logs() as logs:
        await storage.require()
        with monkeypatch.context() as patched:
            patched.setattr("obstore.put_async", full)
            for _ in range(3):
                with pytest.raises(StorageFull):
                    await storage.require()
        with pytest.raises(StorageFull):
            await storage.require()
        assert len(tries) == 1
        await storage.put("a", b"x")
        await storage.require()
    assert [line["event"] for line in logs] == ["storage_lost", "storage_back"]


def raising(error: Exception) -> Callable[..., Awaitable[None]]:
    async def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@S3
async def test_a_bucket_that_is_gone_has_no_missing_files(bucket: str, s3_server: str) -> None:
    storage = Storage(f"s3://{bucket}")
    with pytest.raises(FileMissing):
        await read(storage, "a")
    httpx2.delete(f"{s3_server}/{bucket}", trust_env=False).raise_for_status()
    with pytest.raises(StorageUnavailable, match="check ENLARGER_STORAGE_URL"):
        await read(storage, "a")


@S3
async def test_a_server_that_is_down_is_an_error_without_secrets(
    bucket: str, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused_tcp_port}")
    storage = Storage(f"s3://{bucket}")
    tries = await asyncio.gather(
        storage.put("a", b"x"), read(storage, "a"), storage.delete("a"), storage.check(), return_exceptions=True
    )
    for error in tries:
        assert isinstance(error, StorageUnavailable)
        assert not isinstance(error, FileMissing)
        assert "the store does not answer as it should" in str(error)
        assert error.__cause__ is None
        for secret in (SECRET, "127.0.0.1", bucket):
            assert secret not in str(error)


@S3
@pytest.mark.parametrize("location", ["s3://there-is-no-such-bucket", "s3://there-is-no-such-bucket/folder"])
async def test_a_bucket_that_is_not_there_is_an_error(bucket: str, location: str) -> None:
    with pytest.raises(StorageError, match="cannot be stored"):
        await Storage(location).check()


@S3
async def test_a_bucket_signs_links_that_need_no_key_and_end(bucket: str) -> None:
    storage = Storage(f"s3://{bucket}/folder")
    await storage.put("a/ключ.png", b"picture", mime_type="image/png")
    assert storage.signs
    link = await storage.sign("a/ключ.png", seconds=300)
    assert "X-Amz-Expires=300" in link
    assert SECRET not in link
    response = httpx2.get(link, trust_env=False)
    assert (response.content, response.headers["content-type"]) == (b"picture", "image/png")
    part = httpx2.get(link, headers={"Range": "bytes=1-3"}, trust_env=False)
    assert (part.status_code, part.content) == (206, b"ict")


@pytest.mark.parametrize("location", ["files", "memory:///"])
async def test_other_stores_do_not_sign(location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert not Storage(location).signs


@pytest.mark.parametrize("location", ["ftp://example.com/x", "/proc/nowhere/x"])
def test_a_place_that_is_no_store_is_refused(location: str) -> None:
    with pytest.raises(ConfigurationError, match="ENLARGER_STORAGE_URL cannot be opened"):
        Storage(location)
