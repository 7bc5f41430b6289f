"""Writing a file, whatever stands at its place already: for downloads of the SDK, the command line and providers."""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from enlarger.client.locked_draft import Draft
from enlarger.errors import StorageError

READER_SECONDS = 0.05
"""Seconds between two checks whether a FIFO has a reader."""

_DESCRIPTOR = re.compile(r"/dev/fd/(\d{1,6})|/proc/(?:self|thread-self|\d+)/fd/(\d{1,6})", re.ASCII)
_STANDARD = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_MOST_LINKS = 40
_PERMISSIONS = 0o777
_NO_ROOM_BESIDE = (errno.EACCES, errno.EPERM, errno.EROFS)
_CANNOT_BE_REPLACED = (*_NO_ROOM_BESIDE, errno.EBUSY, errno.EXDEV)
"""How replacing fails where the file itself is mounted, as into a container."""


class FileWriter:
    """Writes one file; as a context manager it is opened, and then committed, or discarded after an error.

    A regular file, or one that is not there yet, is written beside its place and moved there by `commit`: it is whole,
    or as it was. It keeps its mode and, where the system allows it, its owner; symlinks are followed. Anything
    else (a FIFO, a device, /dev/stdout, a file object) gets every chunk at once and stays what it is.

    Every method raises StorageError where the file cannot be written.
    """

    def __init__(self, target: Path | BinaryIO) -> None:
        self.target = target
        self.position: int = 0
        """Bytes that were written."""
        self._file: FileIO | BinaryIO | None = None
        self._draft: Draft | None = None
        self._place: Path | None = None
        self._replaces = False
        self._discarded = False

    def open(self) -> bool:
        """Open it; False for a FIFO that nobody reads yet, which is to be tried again."""
        try:
            self._file = self._open(self.target) if isinstance(self.target, Path) else self.target
        except (OSError, ValueError) as error:
            raise self._failure(error) from error
        if self._discarded:  # while a thread was opening it
            self.discard()
        return self._file is not None

    @property
    def streams(self) -> bool:
        """Whether what was written cannot be taken back."""
        return self._draft is None

    def write(self, chunk: bytes) -> None:
        """Write what has come."""
        assert self._file is not None
        view = memoryview(chunk)
        try:
            while view:
                written = self._file.write(view)
                view = view[len(view) if written is None else written :]
        except (OSError, ValueError) as error:
            raise self._failure(error) from error
        self.position += len(chunk)

    def restart(self) -> None:
        """Forget what was written. Only for what does not stream."""
        assert self._file is not None
        assert not self.streams
        try:
            self._file.seek(0)
            self._file.truncate()
        except (OSError, ValueError) as error:
            raise self._failure(error) from error
        self.position = 0

    def commit(self) -> None:
        """The file is whole: put it in its place."""
        assert self._file is not None
        try:
            if not isinstance(self.target, Path):
                self._file.flush()
                return
            self._file.close()
            if self._draft is not None and self._place is not None:
                self._move(self._draft.path, self._place)
        except (OSError, ValueError) as error:
            raise self._failure(error) from error
        finally:
            self.discard()

    def discard(self) -> None:
        """Close it, and remove what is not whole. Does nothing after `commit`."""
        self._discarded = True
        with suppress(OSError):
            if self._file is not None and isinstance(self.target, Path):
                self._file.close()
            if self._draft is not None:
                self._draft.path.unlink(missing_ok=True)
        if self._draft is not None:
            self._draft.release()
        self._file = self._draft = None

    def __enter__(self) -> Self:
        while not self.open():
            time.sleep(READER_SECONDS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.commit()
        else:
            self.discard()

    def _open(self, path: Path) -> FileIO | None:
        number = _descriptor(path)
        if number is not None:
            return FileIO(os.dup(number), "wb")
        try:
            found = path.stat()
        except FileNotFoundError:
            found = None
        if found is None or stat.S_ISREG(found.st_mode):
            return self._open_beside(Path(os.path.realpath(path)), found)
        try:
            # Without O_NONBLOCK the thread would hang until there is a reader.
            descriptor = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        except OSError as error:
            if error.errno == errno.ENXIO and stat.S_ISFIFO(found.st_mode):
                return None
            raise
        if hasattr(os, "O_NONBLOCK"):
            os.set_blocking(descriptor, True)
        return FileIO(descriptor, "wb")

    def _open_beside(self, place: Path, found: os.stat_result | None) -> FileIO:
        """Open a draft of the regular file `place`, readable only by those who may read the file itself."""
        if found is not None and not os.access(place, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        mode = 0o666 if found is None else found.st_mode & _PERMISSIONS
        self._place, self._replaces = place, found is not None
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            self._draft = Draft(place.parent, place.name, mode)
        except OSError as error:
            if found is None or error.errno not in _NO_ROOM_BESIDE:
                raise
            self._draft = Draft(Path(tempfile.gettempdir()), place.name, mode)
        file = self._draft.file
        if found is not None and hasattr(os, "fchmod"):
            with suppress(OSError):  # somebody else's file becomes ours, as far as its folder allows that
                os.fchown(file.fileno(), found.st_uid, found.st_gid)
            os.fchmod(file.fileno(), mode)
        return file

    def _move(self, draft: Path, place: Path) -> None:
        try:
            draft.replace(place)
        except OSError as error:
            if not self._replaces or error.errno not in _CANNOT_BE_REPLACED:
                raise
            shutil.copyfile(draft, place)

    def _failure(self, error: Exception) -> StorageError:
        shown = str(self.target) if isinstance(self.target, Path) else str(getattr(self.target, "name", "file object"))
        reason = getattr(error, "strerror", None) or error
        return StorageError(f"{shown!r} cannot be written: {reason}. Choose another place for the result.")


def is_stream(target: Path | BinaryIO) -> bool:
    """Whether a place takes bytes as they come, and so only one file: a FIFO, a device, /dev/stdout."""
    if not isinstance(target, Path) or _descriptor(target) is not None:
        return True
    try:
        mode = target.stat().st_mode
    except (OSError, ValueError):
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _descriptor(path: Path) -> int | None:
    """The number of this process's open file that a path such as /dev/stdout, or a symlink to it, stands for."""
    name = os.path.abspath(path)  # noqa: PTH100 - `resolve` would follow the links
    for _ in range(_MOST_LINKS):
        if name in _STANDARD:
            return _STANDARD[name]
        if match := _DESCRIPTOR.fullmatch(name):
            own = not name.startswith("/proc/") or name.split("/")[2] in ("self", "thread-self", str(os.getpid()))
            return int(match[1] or match[2]) if own else None
        try:
            name = os.path.abspath(os.path.join(os.path.dirname(name), os.readlink(name)))  # noqa: PTH100, PTH115, PTH118, PTH120
        except (OSError, ValueError):
            return None
    return None
