"""The directories (IFDs) of a TIFF structure, which EXIF blocks and TIFF files have in common.

TIFF 6.0: a header, then directories of 12-byte entries: tag, type, count, and the value, or its offset if it is longer
than four bytes.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Callable, Iterator
from typing import Literal

EXIF_IFD, GPS_IFD, INTEROP_IFD = 0x8769, 0x8825, 0xA005
"""The tags whose values are the offsets of further directories."""
MAKER_NOTE = 0x927C
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
"""Bytes of one value, by type."""
_SWAPPED = {3: 2, 4: 4, 5: 4, 8: 2, 9: 4, 10: 4, 11: 4, 12: 8, 13: 4}
"""Bytes of each number in a value, by type; other types are bytes."""
_SHORT, _LONG = 3, 4
_MOST = 1 << 16
"""Bytes: what the values of a directory that is written anew may come to."""

Order = Literal["<", ">"]
HEADERS: dict[bytes, Order] = {b"II*\0": "<", b"MM\0*": ">"}
"""What a structure starts with, and the byte order that it says, as `struct` writes it."""
Tag = tuple[int, int, str, tuple[int | bytes, ...]]
"""A tag to be written: its number and type, the code of its value for the module `struct`, and the values for that."""
Keep = Callable[[int, int], bool]
"""Says of a tag and its value's size in bytes whether it is kept."""


class Malformed(Exception):
    """The structure points outside itself, or is none."""


class Tiff:
    """A TIFF structure; raises Malformed wherever it is read and is not one."""

    def __init__(self, data: bytearray | mmap.mmap) -> None:
        self.data = data
        if bytes(data[:4]) not in HEADERS:
            raise Malformed
        self.order = HEADERS[bytes(data[:4])]

    def number(self, offset: int, code: str) -> int:
        """The number at `offset`; `code` is its type in the module `struct`."""
        try:
            return int(struct.unpack_from(self.order + code, self.data, offset)[0])
        except struct.error as error:
            raise Malformed from error

    def put(self, offset: int, code: str, value: int) -> None:
        """Set the number at `offset`; the structure must be in a bytearray."""
        struct.pack_into(self.order + code, self.data, offset, value)

    def entries(self, directory: int) -> Iterator[tuple[int, int]]:
        """The tag and the offset of each entry, only the first of a tag, of the directory at `directory`."""
        seen = set()
        for place in range(self.number(directory, "H")):
            offset = directory + 2 + 12 * place
            self.number(offset + 8, "I")  # all of it is there
            tag = self.number(offset, "H")
            if tag not in seen:
                seen.add(tag)
                yield tag, offset

    def find(self, directory: int, tag: int) -> int | None:
        """The value of a single number, or None."""
        for found, offset in self.entries(directory):
            if found == tag:
                return self.number(offset + 8, "H" if self.number(offset + 2, "H") == _SHORT else "I")
        return None

    def value(self, directory: int, tag: int, most: int) -> bytes | None:
        """The bytes of a tag's value; None if it is not there, larger than `most` bytes, or cut off."""
        for found, offset in self.entries(directory):
            if found == tag:
                size, place = self.place(offset)
                whole = size <= most and place + size <= len(self.data)
                return bytes(self.data[place : place + size]) if whole else None
        return None

    def place(self, entry: int) -> tuple[int, int]:
        """The size in bytes and the offset of the value of the entry at `entry`."""
        size = SIZES.get(self.number(entry + 2, "H"), 1) * self.number(entry + 4, "I")
        return size, entry + 8 if size <= 4 else self.number(entry + 8, "I")

    def set_number(self, directory: int, tag: int, value: int) -> None:
        """Set a number that is there already; a LONG fits into the place of a SHORT."""
        for found, offset in self.entries(directory):
            if found == tag:
                kind = _SHORT if self.number(offset + 2, "H") == _SHORT and value <= 0xFFFF else _LONG
                self.put(offset + 2, "H", kind)
                self.put(offset + 4, "I", 1)
                self.put(offset + 8, "I", 0)
                self.put(offset + 8, "H" if kind == _SHORT else "I", value)

    def prune(self, directory: int) -> None:
        """Remove the entries whose value, or the directory that they point to, is cut off."""
        for tag, offset in reversed(list(self.entries(directory))):
            if not self._is_whole(tag, offset):
                end = directory + 2 + 12 * self.number(directory, "H") + 4
                self.data[offset:end] = self.data[offset + 12 : end] + bytes(12)
                self.put(directory, "H", self.number(directory, "H") - 1)

    def _is_whole(self, tag: int, entry: int) -> bool:
        size, place = self.place(entry)
        try:
            inside = self.number(place, "I") if tag in (EXIF_IFD, GPS_IFD) else None
            return place + size <= len(self.data) and (inside is None or any(self.entries(inside)))
        except Malformed:
            return False

    def end(self, directory: int) -> int:
        """Where the directory at `directory` and all its values end, those of its own directories included."""
        end = directory + 6 + 12 * self.number(directory, "H")
        for tag, offset in self.entries(directory):
            size = SIZES.get(self.number(offset + 2, "H"), 1) * self.number(offset + 4, "I")
            value = self.number(offset + 8, "I")
            if size > 4:
                end = max(end, value + size)
            if tag in (EXIF_IFD, GPS_IFD, INTEROP_IFD) and value != directory:
                end = max(end, value + 6 + 12 * self.number(value, "H"))
                end = max(end, *(self._value_end(entry) for _, entry in self.entries(value)), 0)
        return end

    def _value_end(self, offset: int) -> int:
        size = SIZES.get(self.number(offset + 2, "H"), 1) * self.number(offset + 4, "I")
        return self.number(offset + 8, "I") + size if size > 4 else 0


def rebuild(tiff: Tiff, directory: int, start: int, *, order: Order, keep: Keep, depth: int = 0) -> bytes:
    """Write the directory at `directory` anew, with the tags to `keep` and in byte `order`, to stand at offset `start`.

    Its values and its own directories stand behind it. Raises Malformed, also where they come to more than 64 kB.
    """
    kept = []
    for tag, entry in tiff.entries(directory):
        size, place = tiff.place(entry)
        if keep(tag, size) and place + size <= len(tiff.data):
            kept.append((tag, tiff.number(entry + 2, "H"), tiff.number(entry + 4, "I"), size, place))
    entries, values = b"", b""
    values_start = start + 2 + 12 * len(kept) + 4
    for tag, kind, count, size, place in sorted(kept):
        if len(values) > _MOST:
            raise Malformed
        here = struct.pack(order + "I", values_start + len(values))
        if tag in (EXIF_IFD, GPS_IFD, INTEROP_IFD) and depth < 2:
            inside = tiff.number(place, "I")
            values += rebuild(tiff, inside, values_start + len(values), order=order, keep=keep, depth=depth + 1)
        else:
            value = ordered(bytes(tiff.data[place : place + size]), kind, swap=order != tiff.order)
            if size > 4:
                values += value + bytes(size % 2)
            else:
                here = value.ljust(4, b"\0")
        entries += struct.pack(order + "HHI", tag, kind, count) + here
    return struct.pack(order + "H", len(kept)) + entries + bytes(4) + values


def ordered(value: bytes, kind: int, *, swap: bool) -> bytes:
    """A value of type `kind`, with the bytes of its numbers reversed if `swap`."""
    width = _SWAPPED.get(kind, 1)
    if not swap or width == 1:
        return value
    return b"".join(value[place : place + width][::-1] for place in range(0, len(value), width))
