"""This machine's own disk: what it cannot do now, told apart from faults."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from enlarger.errors import StorageFull, StorageUnavailable

FULL = (errno.ENOSPC, errno.EDQUOT)
"""What the system says of a full disk, and of a full share of one."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Write to `path` in this block, and do nothing else: what goes wrong is the disk's.

    Raises StorageFull or StorageUnavailable, which name the folder.
    """
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise StorageFull(f"The disk that holds {path.parent} is full: free some space on it.") from error
        raise StorageUnavailable(
            f"The folder {path.parent} cannot be written ({error.strerror or error}): check its disk."
        ) from error


class Target:
    """A file that is written piece by piece. Raises StorageFull or StorageUnavailable, as `writing` does."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO

    def __enter__(self) -> Self:
        with writing(self._path):
            self._file = self._path.open("wb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            with suppress(OSError):
                self._file.close()
            return
        with writing(self._path):
            self._file.close()

    def write(self, chunk: bytes) -> None:
        """Write what has come."""
        with writing(self._path):
            self._file.write(chunk)
