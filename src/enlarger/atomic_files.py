"""Writes files atomically: each is written under another name, then moved into place."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedWriter, FileIO
from pathlib import Path

_CANNOT_FLUSH = (errno.EACCES, errno.EBADF, errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)
"""Errors of systems that have no fsync for this kind of file, or where the file's mode does not allow reading it."""


def draft_of(place: Path) -> Path:
    """A new name for a draft of `place`, in the same folder."""
    return place.with_name(f".{place.name[:40]}.{secrets.token_hex(4)}.part")


def create(draft: Path, mode: int) -> FileIO:
    """Create a file, which must not exist yet, with this `mode` from the first moment, and open it for writing."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return FileIO(draft, "wb", opener=lambda name, _: os.open(name, flags, mode))


def put_in_place(draft: Path, place: Path) -> None:
    """Replace `place` with the draft; after a power failure it is either the old file or the new one, complete.

    Raises OSError.
    """
    _flush(draft)
    draft.replace(place)
    _flush_folder(place.parent)


def write_atomically(place: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write a small file so that readers see the old content or the new, never a part. Raises OSError."""
    with _written(place, content, mode) as draft:
        put_in_place(draft, place)


def write_once(place: Path, content: bytes, *, mode: int = 0o644) -> bytes:
    """Write a small file if it is not there; returns its content, the same for all that write it at the same time.

    Raises OSError.
    """
    if not place.exists():
        with _written(place, content, mode) as draft:
            _flush(draft)
            with suppress(FileExistsError):  # another process was faster
                place.hardlink_to(draft)
            _flush_folder(place.parent)
    return place.read_bytes()


@contextmanager
def _written(place: Path, content: bytes, mode: int) -> Iterator[Path]:
    """A draft with this content; it is removed afterwards if it is still there."""
    draft = draft_of(place)
    try:
        with BufferedWriter(create(draft, mode)) as file:
            file.write(content)
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Have a file, or a folder's list of names, written to the disk, where the system can do that."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT_FLUSH:
            raise


def _flush_folder(folder: Path) -> None:
    with suppress(OSError):  # the file is in its place already, even if its name is not on the disk yet
        _flush(folder)
