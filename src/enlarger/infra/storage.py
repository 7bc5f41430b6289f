"""Where pictures are kept: a folder, or a bucket of S3, Google Cloud Storage or Azure, behind one door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url

from enlarger.errors import ConfigurationError, StorageError

_CHUNK = 1 << 20


class Storage:
    """Stored files by their keys, which are relative paths."""

    def __init__(self, location: str) -> None:
        """Open the store at `location`, a folder or a bucket's URL.

        Raises ConfigurationError when there is no such kind of store. Credentials of buckets come from their own
        customary variables (AWS_ACCESS_KEY_ID and the like).
        """
        try:
            if "://" in location and not location.startswith("file://"):
                self._store = from_url(location)
            else:
                folder = Path(location.removeprefix("file://"))
                self._store = LocalStore(folder, mkdir=True, automatic_cleanup=True)
        except (BaseError, ValueError, OSError) as error:
            raise ConfigurationError(
                f"ENLARGER_STORAGE_URL cannot be opened ({type(error).__name__}):"
                " give a folder, or s3://BUCKET, gs://BUCKET or az://CONTAINER."
            ) from error

    async def put(self, key: str, source: bytes | Path) -> None:
        """Store `source` under `key`, whole or not at all."""
        try:
            await obstore.put_async(self._store, key, source)
        except (BaseError, OSError) as error:
            raise StorageError(f"The file cannot be stored ({_reason(error)}): check ENLARGER_STORAGE_URL.") from error

    async def get(self, key: str, *, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """The bytes of `key` from `start` up to `stop`, in pieces.

        Raises StorageError when it is not there, before the first piece.
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
        except (BaseError, OSError) as error:
            raise StorageError(f"The stored file cannot be read ({_reason(error)}).") from error

    async def download(self, key: str, target: Path) -> None:
        """Copy the file of `key` to the path `target`."""
        with target.open("wb") as file:
            async for chunk in self.get(key):
                file.write(chunk)

    async def delete(self, key: str) -> None:
        """Remove the file of `key`; nothing happens when there is none."""
        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise StorageError(f"The stored file cannot be removed ({_reason(error)}).") from error

    async def check(self) -> None:
        """Raise StorageError when the store cannot be reached or written."""
        await self.put("probe", b"enlarger")
        await self.delete("probe")


def _reason(error: Exception) -> str:
    """A store's error without its details, which can hold signed URLs."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
