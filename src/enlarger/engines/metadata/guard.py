"""Hides EXIF blocks from libvips that it would be busy with for minutes.

libvips reads EXIF with libexif, which enters a directory again at every entry that points to it, and so takes 90
seconds for 12 kB of directories that point to each other.
"""

from __future__ import annotations

import math
import mmap
import re
import struct
from collections import Counter
from pathlib import Path

from enlarger.engines.metadata.ifd import EXIF_IFD, GPS_IFD, HEADERS, INTEROP_IFD

_MOST_VISITS = 1_000_000
"""Entries that libexif may visit for one block, which takes it 0.1 seconds; a camera's block has some hundred."""
_MOST_ENTRIES = 100_000
"""Entries that are read here for one block."""
_MOST_IN_FILE = 300_000
"""Entries that are read here for one file; blocks beyond that are hidden unseen."""
_HEADER_COST = 100
"""What looking at a header counts as, in entries."""
_MOST_COST = 170
"""The cost of a path of directories beyond which libexif goes no deeper."""
_HEADER = re.compile(b"|".join(re.escape(header) for header in HEADERS))


def is_costly(block: bytes) -> bool:
    """Whether libexif would be busy with an EXIF block for long."""
    return block[:4] in HEADERS and _Block(block, 0).costly


def disarmed(path: Path) -> bytes | None:
    """The content of the picture file at `path` with its costly EXIF blocks made unreadable; None where it has none."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        costly, read = [], 0
        for found in _HEADER.finditer(content):
            block = _Block(content, found.start()) if read <= _MOST_IN_FILE else None
            read += _HEADER_COST + (block.read if block else 0)
            if block is None or block.costly:
                costly.append(found.start())
        if not costly:
            return None
        changed = bytearray(content)
    for place in costly:
        changed[place : place + 4] = bytes(4)
    return bytes(changed)


class _Block:
    """The EXIF block at `start` of `content`, and the way that libexif takes through it."""

    def __init__(self, content: bytes | mmap.mmap, start: int) -> None:
        self.read = 0
        """Entries that were read to find out."""
        self._content, self._start = content, start
        self._order = HEADERS[bytes(content[start : start + 4])]
        self._directories: dict[int, tuple[int, Counter[tuple[int, int]]]] = {}
        self._visits: dict[tuple[int, int, int], int] = {}
        first = self._number(4, "I")
        second = self._number(first + 2 + 12 * self._number(first, "H"), "I")
        visits = self._walk(0, first, 0) + self._walk(0, second, 0)
        self.costly = visits > _MOST_VISITS or self.read > _MOST_ENTRIES

    def _walk(self, kind: int, place: int, cost: int) -> int:
        """How many entries libexif visits in and below the directory at `place`.

        Of directories within directories of the same kind it visits none. It goes down as long as the directories above
        are few and small: see level_cost in its exif-data.c.
        """
        if cost > _MOST_COST or self.read > _MOST_ENTRIES:
            return 0
        if (kind, place, cost) not in self._visits:
            count, inside = self._directory(place)
            deeper = cost + math.ceil(math.log(count + 0.1) / math.log(1.1)) if count else 0
            self._visits[kind, place, cost] = count + sum(
                times * self._walk(tag, target, deeper) for (tag, target), times in inside.items() if tag != kind
            )
        return self._visits[kind, place, cost]

    def _directory(self, place: int) -> tuple[int, Counter[tuple[int, int]]]:
        """The number of entries of the directory at `place`, and the tags and targets of those that point to others."""
        if place not in self._directories:
            start = self._start + place + 2
            whole = self._content[start : start + 12 * self._number(place, "H")]
            count = len(whole) // 12
            entries = struct.iter_unpack(self._order + "H6xI", whole[: 12 * count])
            inside = Counter(entry for entry in entries if entry[0] in (EXIF_IFD, GPS_IFD, INTEROP_IFD))
            self._directories[place] = count, inside
            self.read += count + 1
        return self._directories[place]

    def _number(self, place: int, code: str) -> int:
        """The number at `place`, of a type of the module `struct`; 0 where the content ends before."""
        size = struct.calcsize(code)
        number = self._content[self._start + place : self._start + place + size]
        return int(struct.unpack(self._order + code, number)[0]) if len(number) == size else 0
