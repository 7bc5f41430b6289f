"""A zip archive that is written while it is sent."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import aclosing
from datetime import datetime


class _Sink(io.RawIOBase):
    """Takes what the archive's writer writes, until it is sent; it has no way back, so the writer never seeks."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._written.append(piece)
        return len(piece)

    def take(self) -> bytes:
        """Return what was written since the last call."""
        piece = b"".join(self._written)
        self._written.clear()
        return piece


class ZipEntry:
    """A file of an archive: its name there, its time, and its bytes in pieces."""

    def __init__(self, name: str, at: datetime, pieces: AsyncGenerator[bytes]) -> None:
        self.name = name
        self.at = at
        self.pieces = pieces


async def stream_zip(entries: AsyncIterable[ZipEntry]) -> AsyncGenerator[bytes]:
    """Yield an archive of the entries, as they come, without holding more than a piece of a file in memory.

    Pictures and videos are compressed already, so files are stored as they are.
    """
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        async for entry in entries:
            async with aclosing(entry.pieces) as pieces:
                info = zipfile.ZipInfo(entry.name, entry.at.timetuple()[:6])
                with archive.open(info, "w", force_zip64=True) as file:
                    async for piece in pieces:
                        file.write(piece)
                        yield sink.take()
            yield sink.take()
    yield sink.take()
