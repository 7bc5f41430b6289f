"""Where backups lie: a folder, a bucket, or one tar file."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Protocol

from enlarger.errors import BackupError, FileMissing
from enlarger.infra.backup.tar import TarReader, TarWriter
from enlarger.infra.database import hide_password
from enlarger.infra.storage import Storage, file_in_the_way

TAR = ".tar"
MANIFEST = "manifest.json"
"""The part that every whole backup has; it is written last."""
_PLACES = f"a folder, a file ending in {TAR}, or a bucket's URL"


class Source(Protocol):
    """A place to read parts from, by their names."""

    at_once: int
    """How many parts may be read, or written, at a time."""

    async def list(self) -> dict[str, int]:
        """The parts that are there, with their bytes."""

    def read(self, name: str) -> AsyncGenerator[bytes]:
        """A part's bytes. Raises FileNotFoundError or StorageUnavailable."""


class Destination(Source, Protocol):
    """A place to write parts to."""

    async def write(self, name: str, chunks: AsyncIterator[bytes], size: int) -> None:
        """Write a part of `size` bytes, whole or not at all: an error that `chunks` raises is raised here.

        Raises StorageUnavailable.
        """

    async def remove(self, name: str) -> None:
        """Remove a part."""


class StoragePlace:
    """A folder or a bucket."""

    at_once = 4

    def __init__(self, location: str) -> None:
        self._storage = Storage(location, setting="the place of the backup")
        self._location = location

    def __str__(self) -> str:
        return hide_password(self._location) if "://" in self._location else self._location

    async def list(self) -> dict[str, int]:
        """The parts that are there, with their bytes."""
        return {key: size async for key, size in self._storage.list()}

    async def write(self, name: str, chunks: AsyncIterator[bytes], size: int) -> None:
        """Write a part, whole or not at all."""
        await self._storage.put_stream(name, chunks, size=size)

    async def read(self, name: str) -> AsyncGenerator[bytes]:
        """A part's bytes."""
        try:
            async for chunk in self._storage.get(name):
                yield chunk
        except FileMissing:
            raise FileNotFoundError(name) from None

    async def remove(self, name: str) -> None:
        """Remove a part."""
        await self._storage.delete(name)


@asynccontextmanager
async def open_destination(location: str) -> AsyncIterator[Destination]:
    """The place to write a backup to, around a block; what is created on this machine, only its owner can read.

    A tar file appears only when the block ends well. Raises ConfigurationError for a URL that is none.
    """
    with _private_files():
        if location.endswith(TAR) and "://" not in location:
            _check_tar(Path(location).expanduser())
            with TarWriter(Path(location).expanduser()) as writer:
                yield writer
        else:
            _check_folder(location)
            yield StoragePlace(_absolute(location))


def _check_tar(path: Path) -> None:
    """Raise BackupError for a path to which no tar file can be written, or at which something else would be lost."""
    if path.is_dir():
        raise BackupError(f"{path} is a folder, and a backup that ends in {TAR} is a file: give another name.")
    if not path.parent.is_dir():
        raise BackupError(f"There is no folder {path.parent} for the backup: create it, or give another path.")
    if path.exists() and path.stat().st_size and not _holds_backup(path):
        raise BackupError(f"{path} is a file, and no backup: give the name of a new file, or of an earlier backup.")


def _holds_backup(path: Path) -> bool:
    try:
        with TarReader(path) as tar:
            return tar.has(MANIFEST)
    except BackupError:
        return False


def _check_folder(location: str) -> None:
    """Raise BackupError where a file is in the way of the folder."""
    if not location.strip():
        raise BackupError(f"The place of the backup is empty: give {_PLACES}.")
    if "://" in location:
        return
    if (file := file_in_the_way(Path(_absolute(location)))) is not None:
        raise BackupError(f"{file} is a file, and no backup can be in it: give {_PLACES}.")


@asynccontextmanager
async def open_source(location: str) -> AsyncIterator[Source]:
    """The place to read a backup from, around a block. Raises BackupError when there is nothing."""
    if "://" in location:
        yield StoragePlace(location)
        return
    path = Path(location).expanduser()
    if path.is_dir():
        yield StoragePlace(_absolute(location))
    elif path.is_file():
        with TarReader(path) as reader:
            yield reader
    else:
        raise BackupError(f"There is no backup at {location}: name a folder, a .tar file or a bucket's URL.")


def _absolute(location: str) -> str:
    return location if "://" in location else str(Path(location).expanduser().absolute())


@contextmanager
def _private_files() -> Iterator[None]:
    """Let this process create files and folders that its owner alone can read."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
