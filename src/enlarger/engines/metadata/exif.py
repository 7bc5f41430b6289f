"""Edits EXIF blocks: in place where that can be, so that offsets inside maker notes stay right."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress

from enlarger.engines.metadata import resolution
from enlarger.engines.metadata.blocks import Density
from enlarger.engines.metadata.guard import is_costly
from enlarger.engines.metadata.ifd import (
    EXIF_IFD,
    GPS_IFD,
    HEADERS,
    MAKER_NOTE,
    SIZES,
    Keep,
    Malformed,
    Order,
    Tag,
    Tiff,
    ordered,
    rebuild,
)

_WIDTH, _HEIGHT, _ORIENTATION = 0x0100, 0x0101, 0x0112
_PIXEL_X, _PIXEL_Y = 0xA002, 0xA003
_THUMBNAIL, _THUMBNAIL_LENGTH = 0x0201, 0x0202
_SMALL = 4096
"""Bytes: values up to this size stay where a block has to become smaller."""
_USER_COMMENT = 0x9286
_UNDEFINED, _LONG = 7, 4
_UTF_16: dict[Order, str] = {"<": "utf-16-le", ">": "utf-16-be"}
_EMPTY = b"MM\0*" + struct.pack(">IHI", 8, 0, 0)
"""A block without tags."""
_DESCRIPTIVE = frozenset(
    (
        *(0x010D, 0x010E, 0x010F, 0x0110, 0x011D),  # names of document and page, description, camera
        *(0x0131, 0x0132, 0x013B, 0x013C),  # software, date, artist, host
        *(0x4746, 0x4749, 0x8298),  # ratings, copyright
        *(0x829A, 0x829D, *range(0x8822, 0x8836), *range(0x9000, 0x927C), 0x9286, *range(0x9290, 0x92A0)),
        *(0xA000, 0xA001, *range(0xA20B, 0xA500)),  # how it was taken, which Windows and TIFF/EP say here, too
        *range(0x9C9B, 0x9CA0),  # title, comment, author, keywords and subject of Windows
        *(EXIF_IFD, GPS_IFD),
    )
)
"""The tags of a TIFF file's first directory that belong to EXIF; the others say how the pixels are stored."""


def adapt(block: bytes, width: int, height: int) -> bytes | None:
    """Return `block` for an upright picture of `width` x `height` pixels, without thumbnail.

    None if it is malformed, or would keep those busy who read it.
    """
    if is_costly(block):
        return None
    try:
        tiff = Tiff(bytearray(block))
        first = tiff.number(4, "I")
        for tag, value in ((_ORIENTATION, 1), (_WIDTH, width), (_HEIGHT, height)):
            tiff.set_number(first, tag, value)
        details = tiff.find(first, EXIF_IFD)
        if details:
            try:
                tiff.set_number(details, _PIXEL_X, width)
                tiff.set_number(details, _PIXEL_Y, height)
            except Malformed:
                tiff.prune(first)
        _drop_thumbnail(tiff, first)
    except Malformed:
        return None
    return bytes(tiff.data)


def density_of(block: bytes) -> Density | None:
    """The resolution that `block` states; None if it states none, or only that pixels are square."""
    try:
        tiff = Tiff(bytearray(block))
        density = resolution.read(tiff, tiff.number(4, "I"))
    except Malformed:
        return None
    return density if density and not density.is_square_only else None


def with_tags(block: bytes | None, tags: Iterable[Tag], *, details: Iterable[Tag] = ()) -> bytes | None:
    """`block`, or a new one, with those tags that it has not: `tags` of the picture, and `details` of how it was taken.

    Directories that get some are written anew at the end, so that everything else stays where it is. None if `block` is
    malformed.
    """
    try:
        tiff = Tiff(bytearray(block or _EMPTY))
        first = _entries(tiff, tiff.number(4, "I"))
        inside = _entries(tiff, tiff.find(tiff.number(4, "I"), EXIF_IFD) or 0) if EXIF_IFD in first else {}
    except Malformed:
        return None
    missing = [tag for tag in tags if tag[0] not in first]
    missing_details = [tag for tag in details if tag[0] not in inside]
    if not missing and not missing_details:
        return block
    data, order = bytearray(tiff.data), tiff.order
    if missing_details:
        place = _append(data, order, inside, missing_details)
        first[EXIF_IFD] = struct.pack(order + "HHII", EXIF_IFD, _LONG, 1, place)
    place = _append(data, order, first, missing)
    struct.pack_into(order + "I", data, 4, place)
    return bytes(data)


def with_comment(block: bytes | None, text: str) -> bytes | None:
    """`block`, or a new one, with `text` as its UserComment, unless it has one; None if it is malformed."""
    order = HEADERS.get((block or _EMPTY)[:4], ">")
    value = b"ASCII\0\0\0" + text.encode() if text.isascii() else b"UNICODE\0" + text.encode(_UTF_16[order])
    return with_tags(block, (), details=[(_USER_COMMENT, _UNDEFINED, f"{len(value)}s", (value,))])


def _entries(tiff: Tiff, directory: int) -> dict[int, bytes]:
    """The entries of a directory by their tags, but for a comment that a camera has left blank."""
    found = {tag: bytes(tiff.data[entry : entry + 12]) for tag, entry in tiff.entries(directory)}
    comment = tiff.value(directory, _USER_COMMENT, len(tiff.data))
    if comment is not None and not comment[8:].strip(b"\0 "):
        del found[_USER_COMMENT]
    return found


def _append(data: bytearray, order: Order, entries: dict[int, bytes], tags: Iterable[Tag]) -> int:
    """Append a directory with `entries` and `tags` to `data`, and return where it stands."""
    for tag, kind, code, values in tags:
        value = struct.pack(order + code, *values)
        field = value.ljust(4, b"\0")
        if len(value) > 4:
            data += bytes(len(data) % 2)
            field = struct.pack(order + "I", len(data))
            data += value
        entries[tag] = struct.pack(order + "HHI", tag, kind, len(value) // SIZES[kind]) + field
    data += bytes(len(data) % 2)
    place = len(data)
    data += struct.pack(order + "H", len(entries)) + b"".join(entries[tag] for tag in sorted(entries)) + bytes(4)
    return place


def fitted(block: bytes, limit: int) -> bytes | None:
    """Return `block` if it has at most `limit` bytes, else a new one without the values that are large.

    Those are maker notes and comments, mostly. None if that is still too large, or `block` malformed.
    """
    if len(block) <= limit:
        return block
    try:
        tiff = Tiff(bytearray(block))
        smaller = _block(tiff, tiff.number(4, "I"), lambda tag, size: tag != MAKER_NOTE and size <= _SMALL)
    except Malformed:
        return None
    return smaller if len(smaller) <= limit else None


def descriptive(tiff: Tiff, first: int) -> bytes | None:
    """The EXIF block of a TIFF file: what its first directory says of the picture, and the EXIF and GPS directories.

    Without the maker note, whose own offsets would no longer be right. None if there is nothing.
    """
    inside: set[int] = set()
    broken: set[int] = {MAKER_NOTE}
    for tag, entry in tiff.entries(first):
        if tag in (EXIF_IFD, GPS_IFD):
            try:
                inside.update(found for found, _ in tiff.entries(tiff.number(entry + 8, "I")))
            except Malformed:
                broken.add(tag)
    kept = (_DESCRIPTIVE | inside) - broken
    if kept.isdisjoint(tag for tag, _ in tiff.entries(first)):
        return None
    try:
        return _block(tiff, first, lambda tag, _size: tag in kept)
    except Malformed:  # too large as a whole
        return _block(tiff, first, lambda tag, size: tag in kept and size <= _SMALL)


def relocated(block: bytes, start: int) -> Iterator[tuple[bytes, bytes]]:
    """The entries of a little-endian TIFF file for what `block` says of the picture, each with the bytes it points to.

    Those stand one behind the other from offset `start`. A malformed block has none.
    """
    order: Order = "<"
    found: list[tuple[bytes, bytes]] = []
    with suppress(Malformed):
        tiff = Tiff(bytearray(block))
        for tag, entry in tiff.entries(tiff.number(4, "I")):
            if tag not in _DESCRIPTIVE:
                continue
            kind, count = tiff.number(entry + 2, "H"), tiff.number(entry + 4, "I")
            size, place = tiff.place(entry)
            head = struct.pack("<HHI", tag, kind, count)
            if tag in (EXIF_IFD, GPS_IFD):
                try:
                    content = rebuild(tiff, tiff.number(place, "I"), start, order=order, keep=_is_movable, depth=1)
                except Malformed:
                    continue
            else:
                content = ordered(bytes(tiff.data[place : place + size]), kind, swap=tiff.order != order)
                if len(content) <= 4:
                    found.append((head + content.ljust(4, b"\0"), b""))
                    continue
            content += bytes(len(content) % 2)
            found.append((head + struct.pack("<I", start), content))
            start += len(content)
    return iter(found)


def _is_movable(tag: int, _size: int) -> bool:
    """Whether a value means the same at another offset; maker notes hold offsets of their own."""
    return tag != MAKER_NOTE


def _block(tiff: Tiff, first: int, keep: Keep) -> bytes:
    """A block of its own, with the header, from the directory at `first`."""
    head = bytes(tiff.data[:4]) + struct.pack(tiff.order + "I", 8)
    return head + rebuild(tiff, first, 8, order=tiff.order, keep=keep)


def _drop_thumbnail(tiff: Tiff, first: int) -> None:
    """Unlink the second directory, and cut off its picture where nothing else stands behind it."""
    link = first + 2 + 12 * tiff.number(first, "H")
    if link + 4 > len(tiff.data):
        return
    second = tiff.number(link, "I")
    tiff.put(link, "I", 0)
    try:
        start, size = tiff.find(second, _THUMBNAIL), tiff.find(second, _THUMBNAIL_LENGTH)
        end = tiff.end(first)
    except Malformed:
        return
    if second and start and size and start >= end and start + size >= len(tiff.data) - 16:
        del tiff.data[start:]
