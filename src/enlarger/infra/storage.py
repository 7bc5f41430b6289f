"""Where pictures are kept: a folder, or a bucket of S3, Google Cloud Storage or Azure, behind one door."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import AzureStore, GCSStore, LocalStore, S3Store, from_url

from enlarger.errors import ConfigurationError, FileMissing, StorageError

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

_CHUNK = 1 << 20
_RETRY: RetryConfig = {"max_retries": 4, "retry_timeout": timedelta(seconds=20)}
_CLIENT: ClientConfig = {
    "connect_timeout": timedelta(seconds=5),
    "read_timeout": timedelta(seconds=30),
    "timeout": timedelta(hours=1),  # of a whole reply: it may go on to somebody with a slow line
}
_CLOUDS = ("AWS", "AZURE", "GOOGLE")


class Storage:
    """Stored files by their keys, which are relative paths."""

    def __init__(self, location: str) -> None:
        """Open the store at `location`, a folder or a bucket's URL.

        Raises ConfigurationError when there is no such kind of store. Credentials of buckets come from their own
        customary variables (AWS_ACCESS_KEY_ID and the like).
        """
        try:
            if "://" in location and not location.startswith("file://"):
                self._store = from_url(location, client_options=_client_options(), retry_config=_RETRY)
            else:
                folder = Path(location.removeprefix("file://"))
                self._store = LocalStore(folder, mkdir=True, automatic_cleanup=True)
        except (BaseError, ValueError, OSError) as error:
            raise ConfigurationError(
                f"ENLARGER_STORAGE_URL cannot be opened ({type(error).__name__}):"
                " give a folder, or s3://BUCKET, gs://BUCKET or az://ACCOUNT/CONTAINER."
            ) from None

    async def put(self, key: str, source: bytes | Path, *, mime_type: str | None = None) -> None:
        """Store `source` under `key`, whole or not at all; a bucket gives it out as `mime_type`."""
        # A folder keeps names and bytes alone.
        attributes = {"Content-Type": mime_type} if mime_type and not isinstance(self._store, LocalStore) else None
        try:
            await obstore.put_async(self._store, key, source, attributes=attributes)
        except (BaseError, OSError) as error:
            raise StorageError(f"The file cannot be stored: {_reason(error)}.") from None

    async def get(self, key: str, *, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """The bytes of `key` from `start` up to `stop`, in pieces.

        Raises FileMissing or another StorageError; when the file is not there, before the first piece.
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
            raise FileMissing("The stored file is not there, or no longer.") from None
        except (BaseError, OSError) as error:
            raise StorageError(f"The stored file cannot be read: {_reason(error)}.") from None

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
            raise StorageError(f"The stored file cannot be removed: {_reason(error)}.") from None

    async def check(self) -> None:
        """Raise StorageError when the store cannot be reached or written."""
        await self.put("probe", b"enlarger")
        await self.delete("probe")

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
            raise StorageError(f"The store does not sign links: {_reason(error)}.") from None


def _client_options() -> ClientConfig:
    """How buckets are talked to: what is set by the clouds' own variables counts as well."""
    options = _CLIENT.copy()
    for cloud in _CLOUDS:
        if os.environ.get(f"{cloud}_ALLOW_HTTP", "").lower() in ("1", "true"):
            options["allow_http"] = True
        if proxy := os.environ.get(f"{cloud}_PROXY_URL"):
            options["proxy_url"] = proxy
    return options


def _reason(error: Exception) -> str:
    """A store's error without its details, which can hold signed URLs."""
    if isinstance(error, (PermissionDeniedError, UnauthenticatedError)):
        return "the store refuses our credentials"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    if isinstance(error, BaseError):
        return f"the store does not answer as it should ({type(error).__name__}), check ENLARGER_STORAGE_URL"
    return type(error).__name__
