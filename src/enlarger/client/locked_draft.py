"""Drafts of downloads, locked while they are written: those that a killed process left are recognised, and removed."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from contextlib import suppress
from io import FileIO
from pathlib import Path

from enlarger.atomic_files import create

with suppress(ImportError):  # Windows
    import fcntl

_LOCKS = os.name == "posix"
_MOST_AT_ONCE = 16
"""Numbered names that are tried for a place before a random one is used."""


class Draft:
    """A new file in `folder` for the file `name`; it is open, and has to be removed or moved away.

    Its writer holds a lock on it. Drafts for the same `name` that nobody locks were left by killed processes, and are
    removed first, but only files with exactly such a name that belong to the same user and have no other links. Without
    locks (on Windows, or in a folder whose file system has none) every draft has a name of its own, and those of killed
    processes stay.
    """

    path: Path
    file: FileIO

    def __init__(self, folder: Path, name: str, mode: int) -> None:
        """Raises OSError."""
        self._lock: int | None = None
        mark = hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
        for number in range(_MOST_AT_ONCE if _LOCKS else 0):
            self.path = folder / f".{name[:40]}.{mark}.{number}.enlarger.part"
            _remove_leftover(self.path)
            with suppress(FileExistsError):
                self.file = create(self.path, mode)
                if self._hold():
                    return
                self.file.close()  # another process took it for a leftover before it was locked
        self.path = folder / f".{name[:40]}.{secrets.token_hex(4)}.enlarger.part"
        self.file = create(self.path, mode)

    def release(self) -> None:
        """Give the lock up, once the file is moved away or removed."""
        if self._lock is not None:
            os.close(self._lock)
        self._lock = None

    def _hold(self) -> bool:
        """Lock it for as long as this process lives or until `release`; False if it is no longer there."""
        lock = os.dup(self.file.fileno())  # the lock outlives `file.close()`
        with suppress(OSError):  # of a file system without locks
            fcntl.flock(lock, fcntl.LOCK_EX)  # a process that takes it for a leftover holds it only briefly
        self._lock = lock
        if _is_at(self.path, lock):
            return True
        self.release()
        return False


def _remove_leftover(path: Path) -> None:
    """Remove a draft whose writer is no longer running."""
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        found = os.open(path, flags)
    except OSError:  # there is none, or it is not ours
        return
    try:
        facts = os.fstat(found)
        ours = stat.S_ISREG(facts.st_mode) and facts.st_uid == os.geteuid() and facts.st_nlink == 1
        if ours:
            fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(path, found):
                path.unlink(missing_ok=True)
    except OSError:  # it is being written, or cannot be checked
        return
    finally:
        os.close(found)


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether an open file is the one at `path`."""
    try:
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    except OSError:
        return False
