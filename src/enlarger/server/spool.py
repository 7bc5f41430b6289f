"""Files on their way into the storage: on disk, and in memory only piece by piece."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from enlarger.catalog import HEADER_BYTES

_PIECE = 1 << 20


class Spool:
    """A file on disk, with what has to be known of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size: int = 0
        self.head: bytes = b""
        """Its first bytes, enough to tell what it is."""
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> bytes:
        """The hash of what has been written so far."""
        return self._hash.digest()

    def write(self, parts: Iterable[bytes]) -> None:
        """Write `parts` one after the other."""
        with self.path.open("ab") as file:
            for part in parts:
                file.write(part)
                self._hash.update(part)
                self.size += len(part)
                if len(self.head) < HEADER_BYTES:
                    self.head += part[: HEADER_BYTES - len(self.head)]

    async def write_all(self, parts: AsyncIterator[bytes]) -> None:
        """Write what comes, in a thread."""
        async for part in parts:
            await asyncio.to_thread(self.write, (part,))


@contextmanager
def spooling() -> Iterator[Spool]:
    """A new file around a block."""
    with tempfile.TemporaryDirectory(prefix="enlarger-upload-") as folder:
        yield Spool(Path(folder) / "file")


def read_pieces(path: Path) -> Iterator[bytes]:
    """The content of a file."""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
