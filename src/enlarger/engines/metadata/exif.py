"""Edits an EXIF block in place, so that offsets inside maker notes stay right.

The format is TIFF 6.0's: a header, then directories (IFDs) of 12-byte entries: tag, type, count, value or its offset.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Literal

_WIDTH, _HEIGHT, _ORIENTATION = 0x0100, 0x0101, 0x0112
_EXIF_IFD, _GPS_IFD, _INTEROP_IFD = 0x8769, 0x8825, 0xA005
_PIXEL_X, _PIXEL_Y = 0xA002, 0xA003
_THUMBNAIL, _THUMBNAIL_LENGTH = 0x0201, 0x0202
_MAKER_NOTE = 0x927C
_SHORT, _LONG = 3, 4
_MOST = 1 << 16
"""Bytes: what the values of a block that is made smaller may come to."""
_SMALL = 4096
"""Bytes: values up to this size stay where a block has to become smaller."""
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
"""Bytes of one value, by type."""


class _Malformed(Exception):
    pass


class _Tiff:
    def __init__(self, block: bytes) -> None:
        self.data = bytearray(block)
        orders: dict[bytes, Literal["<", ">"]] = {b"II*\0": "<", b"MM\0*": ">"}
        if block[:4] not in orders:
            raise _Malformed
        self.order = orders[block[:4]]

    def number(self, offset: int, code: str) -> int:
        try:
            return int(struct.unpack_from(self.order + code, self.data, offset)[0])
        except struct.error as error:
            raise _Malformed from error

    def put(self, offset: int, code: str, value: int) -> None:
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

    def set_number(self, directory: int, tag: int, value: int) -> None:
        """Set a number that is there already; a LONG fits into the place of a SHORT."""
        for found, offset in self.entries(directory):
            if found == tag:
                kind = _SHORT if self.number(offset + 2, "H") == _SHORT and value <= 0xFFFF else _LONG
                self.put(offset + 2, "H", kind)
                self.put(offset + 4, "I", 1)
                self.put(offset + 8, "I", 0)
                self.put(offset + 8, "H" if kind == _SHORT else "I", value)

    def end(self, directory: int) -> int:
        """Where the directory at `directory` and all its values end, those of its own directories included."""
        end = directory + 6 + 12 * self.number(directory, "H")
        for tag, offset in self.entries(directory):
            size = _SIZES.get(self.number(offset + 2, "H"), 1) * self.number(offset + 4, "I")
            value = self.number(offset + 8, "I")
            if size > 4:
                end = max(end, value + size)
            if tag in (_EXIF_IFD, _GPS_IFD, _INTEROP_IFD) and value != directory:
                end = max(end, value + 6 + 12 * self.number(value, "H"))
                end = max(end, *(self._value_end(entry) for _, entry in self.entries(value)), 0)
        return end

    def _value_end(self, offset: int) -> int:
        size = _SIZES.get(self.number(offset + 2, "H"), 1) * self.number(offset + 4, "I")
        return self.number(offset + 8, "I") + size if size > 4 else 0


def adapt(block: bytes, width: int, height: int) -> bytes | None:
    """Return `block` for an upright picture of `width` x `height` pixels, without thumbnail; None if malformed."""
    try:
        tiff = _Tiff(block)
        first = tiff.number(4, "I")
        for tag, value in ((_ORIENTATION, 1), (_WIDTH, width), (_HEIGHT, height)):
            tiff.set_number(first, tag, value)
        details = tiff.find(first, _EXIF_IFD)
        if details:
            tiff.set_number(details, _PIXEL_X, width)
            tiff.set_number(details, _PIXEL_Y, height)
        _drop_thumbnail(tiff, first)
    except _Malformed:
        return None
    return bytes(tiff.data)


def fitted(block: bytes, limit: int) -> bytes | None:
    """Return `block` if it has at most `limit` bytes, else a new one without the values that are large.

    Those are maker notes and comments, mostly. None if that is still too large, or `block` malformed.
    """
    if len(block) <= limit:
        return block
    try:
        tiff = _Tiff(block)
        smaller = block[:4] + (8).to_bytes(4, "little" if tiff.order == "<" else "big")
        smaller += _rebuilt(tiff, tiff.number(4, "I"), 8, depth=0)
    except _Malformed:
        return None
    return smaller if len(smaller) <= limit else None


def _rebuilt(tiff: _Tiff, directory: int, start: int, *, depth: int) -> bytes:
    """The directory at `directory` with its small values, as bytes that are to stand at `start`."""
    kept = []
    for tag, offset in tiff.entries(directory):
        kind, count = tiff.number(offset + 2, "H"), tiff.number(offset + 4, "I")
        size, value = _SIZES.get(kind, 1) * count, tiff.number(offset + 8, "I")
        if tag != _MAKER_NOTE and size <= _SMALL and (size <= 4 or value + size <= len(tiff.data)):
            kept.append((tag, kind, count, size, offset + 8 if size <= 4 else value))
    order = tiff.order
    entries, values = b"", b""
    values_start = start + 2 + 12 * len(kept) + 4
    for tag, kind, count, size, place in kept:
        if len(values) > _MOST:
            raise _Malformed
        here = struct.pack(order + "I", values_start + len(values))
        if tag in (_EXIF_IFD, _GPS_IFD, _INTEROP_IFD) and depth < 2:
            values += _rebuilt(tiff, tiff.number(place, "I"), values_start + len(values), depth=depth + 1)
        elif size > 4:
            values += tiff.data[place : place + size] + bytes(size % 2)
        else:
            here = bytes(tiff.data[place : place + 4])
        entries += struct.pack(order + "HHI", tag, kind, count) + here
    return struct.pack(order + "H", len(kept)) + entries + bytes(4) + values


def _drop_thumbnail(tiff: _Tiff, first: int) -> None:
    """Unlink the second directory, and cut off its picture where nothing else stands behind it."""
    link = first + 2 + 12 * tiff.number(first, "H")
    if link + 4 > len(tiff.data):
        return
    second = tiff.number(link, "I")
    tiff.put(link, "I", 0)
    try:
        start, size = tiff.find(second, _THUMBNAIL), tiff.find(second, _THUMBNAIL_LENGTH)
        end = tiff.end(first)
    except _Malformed:
        return
    if second and start and size and start >= end and start + size >= len(tiff.data) - 16:
        del tiff.data[start:]
