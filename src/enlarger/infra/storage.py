"""Where pictures are kept: a folder, or a bucket of S3, Google Cloud Storage or Azure, behind one interface.

A file is missing only where the store itself is there and says so. A store that does not answer, that is full, or whose
disk or bucket is gone, is `StorageUnavailable`: what it holds may be there again in a while.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
import structlog
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import AzureStore, GCSStore, LocalStore, S3Store, from_url

from enlarger.errors import ConfigurationError, FileMissing, StorageError, StorageFull, StorageUnavailable
from enlarger.infra.disk import Target

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

_log = structlog.get_logger("enlarger.storage")

_SETTING = "ENLARGER_STORAGE_URL"
_CHUNK = 1 << 20
_IN_ONE = 4 << 20
"""Bytes up to which a stream is collected and stored by one request, instead of the three or more of a large file."""
_PARTS_AT_ONCE = 3
"""Of a large file, 5 MB each, so that many files at a time fit into memory."""
_RETRY: RetryConfig = {"max_retries": 4, "retry_timeout": timedelta(seconds=20)}
_CLIENT: ClientConfig = {
    "connect_timeout": timedelta(seconds=5),
    "read_timeout": timedelta(seconds=30),
    "timeout": timedelta(hours=1),  # of a whole reply: it may go on to somebody with a slow line
}
_CLOUDS = ("AWS", "AZURE", "GOOGLE")
_FULL = re.compile(r"os error (28|122)\b|QuotaExceeded|StorageFull|InsufficientStorage|507 Insufficient")
"""ENOSPC and EDQUOT of a folder, and what buckets say of the same."""
MARK = ".enlarger"
"""An empty file in a folder of ours: where it is not, the disk is not mounted, or the folder is another one."""
_CHECK_SECONDS = 3.0
_PROBE_BYTES = 1 << 20
"""Of a folder: a disk may have room for a few bytes, and for no picture."""


class Storage:
    """Stored files by their keys, which are relative paths."""

    def __init__(
        self, location: str, *, setting: str = _SETTING, good_seconds: float = 10.0, bad_seconds: float = 3.0
    ) -> None:
        """Open the store at `location`, a folder or a bucket's URL; `setting` is where that was said, for errors.

        For so many seconds `require` believes that a store which could, or could not, be written is as it was.

        Raises ConfigurationError when there is no such kind of store. Credentials of buckets come from their own
        customary variables (AWS_ACCESS_KEY_ID and the like).
        """
        self._setting = setting
        self._mark: Path | None = None
        self._trouble: StorageUnavailable | None = None
        self._known_at: float | None = None
        self._good_seconds, self._bad_seconds = good_seconds, bad_seconds
        self._checking = asyncio.Lock()
        try:
            if "://" in location and not location.startswith("file://"):
                self._store = from_url(location, client_options=_client_options(), retry_config=_RETRY)
            else:
                folder = Path(location.removeprefix("file://"))
                self._store = LocalStore(folder, mkdir=True, automatic_cleanup=True)
                self._mark = folder / MARK
                with suppress(OSError):  # a full disk: the first look at a missing file tells
                    self._mark.touch()
        except (BaseError, ValueError, OSError) as error:
            raise ConfigurationError(
                f"{setting[:1].upper()}{setting[1:]} cannot be opened ({_reason(location, error)}):"
                " give a folder, or s3://BUCKET, gs://BUCKET or az://CONTAINER."
            ) from None

    @property
    def folder(self) -> Path | None:
        """The folder on this machine where the files are; None for a bucket."""
        return self._mark.parent if self._mark else None

    async def put(self, key: str, source: bytes | Path | AsyncIterator[bytes], *, mime_type: str | None = None) -> None:
        """Store `source` under `key`, whole or not at all; a bucket gives it out as `mime_type`.

        Raises StorageUnavailable.
        """
        # A folder keeps names and bytes alone.
        attributes = {"Content-Type": mime_type} if mime_type and not isinstance(self._store, LocalStore) else None
        try:
            await obstore.put_async(self._store, key, source, attributes=attributes, max_concurrency=_PARTS_AT_ONCE)
        except (BaseError, OSError) as error:
            self._note(trouble := self._unavailable("The file cannot be stored", error))
            raise trouble from None
        self._note(None)

    async def put_stream(
        self, key: str, chunks: AsyncIterator[bytes], *, size: int, mime_type: str | None = None
    ) -> None:
        """Store the `size` bytes that `chunks` yields, otherwise as `put`; an error of theirs is raised as it is."""
        if size <= _IN_ONE:
            await self.put(key, b"".join([chunk async for chunk in chunks]), mime_type=mime_type)
        else:
            await self.put(key, chunks, mime_type=mime_type)

    async def list(self) -> AsyncGenerator[tuple[str, int]]:
        """The keys of all files with their bytes, in no order. Raises StorageUnavailable."""
        try:
            async for batch in obstore.list(self._store):
                for found in batch:
                    if found["path"] != MARK:
                        yield found["path"], found["size"]
        except (BaseError, OSError) as error:
            raise self._unavailable("The stored files cannot be listed", error) from None

    async def get(self, key: str, *, start: int = 0, stop: int | None = None) -> AsyncGenerator[bytes]:
        """The bytes of `key` from `start` up to `stop`, in pieces.

        Raises FileMissing or StorageUnavailable; when the file is not there, before the first piece.
        """
        try:
            if start or stop is not None:
                size = (await obstore.head_async(self._store, key))["size"]
                end = size if stop is None else min(stop, size)
                for offset in range(start, end, _CHUNK):
                    yield bytes(
                        await obstore.get_range_async(self._store, key, start=offset, end=min(offset + _CHUNK, end))
                    )
                return
            result = await obstore.get_async(self._store, key)
            async for chunk in result.stream(min_chunk_size=_CHUNK):
                yield bytes(chunk)
        except FileNotFoundError:
            await self._look_for_store()
            raise FileMissing("The stored file is not there, or no longer.") from None
        except (BaseError, OSError) as error:
            raise self._unavailable("The stored file cannot be read", error) from None

    async def _look_for_store(self) -> None:
        """Raise StorageUnavailable when it is not a file that is missing, but the store."""
        if self._mark is not None:
            if not await asyncio.to_thread(self._mark.exists):
                raise StorageUnavailable(
                    f"The stored files are not where they were kept: check that the disk of {self._setting} is mounted."
                )
            return
        try:
            await obstore.list_with_delimiter_async(self._store, MARK)
        except PermissionDeniedError:
            return  # we may not list; but then there is a bucket
        except (BaseError, OSError) as error:
            raise self._unavailable("The stored file cannot be read", error) from None

    async def download(self, key: str, target: Path) -> None:
        """Copy the file of `key` to the path `target`. Raises FileMissing or StorageUnavailable."""
        with Target(target) as file:
            async for chunk in self.get(key):
                file.write(chunk)

    async def delete(self, key: str) -> None:
        """Remove the file of `key`; nothing happens when there is none."""
        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise self._unavailable("The stored file cannot be removed", error) from None

    async def stored_at(self, key: str) -> datetime:
        """When `key` was stored, by the store's clock. Raises FileMissing or StorageUnavailable."""
        try:
            return (await obstore.head_async(self._store, key))["last_modified"]
        except FileNotFoundError:
            raise FileMissing("The stored file is not there, or no longer.") from None
        except (BaseError, OSError) as error:
            raise self._unavailable("The stored file cannot be read", error) from None

    async def check(self) -> None:
        """Raise StorageUnavailable when the store cannot be reached or written."""
        await self.put("probe", b"enlarger" if self._mark is None else bytes(_PROBE_BYTES))
        await self.delete("probe")

    async def require(self) -> None:
        """Raise StorageUnavailable when the store could not be written a moment ago; if that is not known, it is tried.

        To be asked before work is accepted whose files are to be stored: it does not take longer than 3 seconds.
        """
        if not self._is_known():
            async with self._checking:
                if not self._is_known():
                    await self._try()
        if self._trouble is not None:
            raise type(self._trouble)(str(self._trouble))

    def _is_known(self) -> bool:
        seconds = self._good_seconds if self._trouble is None else self._bad_seconds
        return self._known_at is not None and time.monotonic() - self._known_at < seconds

    async def _try(self) -> None:
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                await self.check()
        except TimeoutError:
            self._note(StorageUnavailable("The storage does not answer: try again in a moment."))
        except StorageUnavailable as error:
            self._note(error)

    def _note(self, trouble: StorageUnavailable | None) -> None:
        """Remember whether the store can be written, and log that it no longer can, or can again, once each."""
        if trouble is not None and self._trouble is None:
            _log.error("storage_lost", reason=str(trouble))
        elif trouble is None and self._trouble is not None:
            _log.warning("storage_back")
        self._trouble, self._known_at = trouble, time.monotonic()

    @property
    def signs(self) -> bool:
        """Whether the store can give files out by itself, by links that it has signed."""
        return isinstance(self._store, (S3Store, GCSStore, AzureStore))

    async def sign(self, key: str, *, seconds: float) -> str:
        """A link of the store's own to the file of `key`, for a while; whether there is one is not looked at."""
        assert isinstance(self._store, (S3Store, GCSStore, AzureStore)), "a store that does not sign"
        try:
            return await obstore.sign_async(self._store, "GET", key, timedelta(seconds=seconds))
        except (BaseError, OSError) as error:
            raise StorageError(f"The store does not sign links: {self._reason(error)}.") from None

    def _unavailable(self, what: str, error: Exception) -> StorageUnavailable:
        """The error to raise for what a store says."""
        if _FULL.search(str(error)):
            return StorageFull(f"{what}: the disk of the storage is full, free some space on it ({self._setting}).")
        return StorageUnavailable(f"{what}: {self._reason(error)}.")

    def _reason(self, error: Exception) -> str:
        """A store's error without its details, which can hold signed URLs."""
        if isinstance(error, (PermissionDeniedError, UnauthenticatedError)):
            return "the store refuses our credentials"
        if isinstance(error, OSError) and error.strerror:
            return error.strerror.lower()
        if isinstance(error, BaseError):
            return f"the store does not answer as it should ({type(error).__name__}), check {self._setting}"
        return type(error).__name__


def _client_options() -> ClientConfig:
    """How buckets are talked to: what is set by the clouds' own variables counts as well."""
    options = _CLIENT.copy()
    for cloud in _CLOUDS:
        if os.environ.get(f"{cloud}_ALLOW_HTTP", "").lower() in ("1", "true"):
            options["allow_http"] = True
        if proxy := os.environ.get(f"{cloud}_PROXY_URL"):
            options["proxy_url"] = proxy
    return options


def file_in_the_way(folder: Path) -> Path | None:
    """The file that keeps `folder`, an absolute path, from being made: at its own path or at a parent's."""
    return next((one for one in (folder, *folder.parents) if one.exists() and not one.is_dir()), None)


def _reason(location: str, error: Exception) -> str:
    """Why a store cannot be opened. The error's own text is left out, because it may repeat a URL's secrets."""
    file = None if "://" in location else file_in_the_way(Path(location).absolute())
    return type(error).__name__ if file is None else f"{file} is a file"
