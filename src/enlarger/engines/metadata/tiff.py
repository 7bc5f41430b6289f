"""The metadata of a TIFF file (TIFF 6.0), which is spread over the tags of its first directory.

A result's directory is written anew behind its pixels, with the tags of the metadata added; the header then points
there. BigTIFF files (64-bit offsets, for results above 2 GiB) get everything but the EXIF directories.
"""

from __future__ import annotations

import mmap
import shutil
import struct
from collections.abc import Iterator
from typing import BinaryIO

from enlarger.engines.metadata import exif, photoshop, resolution, xmp
from enlarger.engines.metadata.blocks import MAX_BLOCK, Metadata
from enlarger.engines.metadata.ifd import SIZES, Malformed, Tiff

_XMP, _IPTC, _PHOTOSHOP = 700, 33723, 34377
_SUBFILE_TYPE, _DNG_VERSION = 254, 0xC612
_COMPRESSION, _PHOTOMETRIC = 259, 262
_OLD_JPEG, _JPEG, _YCBCR = 6, 7, 6
_BYTE, _UNDEFINED = 1, 7


def read(file: BinaryIO) -> Metadata:
    """Read the metadata of a TIFF file; of a BigTIFF file, none."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            tiff = Tiff(data)
            first = tiff.number(4, "I")
            resources = photoshop.kept_resources(tiff.value(first, _PHOTOSHOP, MAX_BLOCK) or b"")
            records = tiff.value(first, _IPTC, MAX_BLOCK)
            if records and not photoshop.iptc_of(resources):
                resources += photoshop.resource_of_iptc(records)
            return Metadata(
                exif=exif.descriptive(tiff, first),
                xmp=tiff.value(first, _XMP, MAX_BLOCK),
                photoshop=resources or None,
                density=resolution.read(tiff, first),
            )
        except Malformed:
            return Metadata()


def rare_kind(file: BinaryIO) -> str | None:
    """What is rare about a TIFF file whose colours libvips would get wrong without a word; None if nothing is."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            tiff = Tiff(data)
            first = tiff.number(4, "I")
            compression, colours = tiff.find(first, _COMPRESSION), tiff.find(first, _PHOTOMETRIC)
        except Malformed:
            return None
    if compression == _OLD_JPEG:
        return "old-style JPEG compression is not supported"
    if colours == _YCBCR and compression != _JPEG:
        return "YCbCr colours are not supported without JPEG compression"
    return None


def is_camera_raw(file: BinaryIO) -> bool:
    """Whether a TIFF file is a camera's raw file, whose first picture is but a thumbnail of what is inside."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            tiff = Tiff(data)
            first = tiff.number(4, "I")
            reduced = tiff.find(first, _SUBFILE_TYPE)
            return tiff.find(first, _DNG_VERSION) is not None or reduced == 1 or data[8:10] == b"CR"
        except Malformed:
            return False


def write(source: BinaryIO, target: BinaryIO, metadata: Metadata) -> None:
    """Copy the TIFF file `source`, as libvips writes them, to `target`, with `metadata`."""
    shutil.copyfileobj(source, target, 1 << 20)
    source.seek(0)
    head = source.read(16)
    big = head[2] == 43
    wide, entry_size, header_at = ("Q", 20, 8) if big else ("I", 12, 4)
    first = struct.unpack_from("<" + wide, head, header_at)[0]
    source.seek(first)
    count = int(struct.unpack("<" + ("Q" if big else "H"), source.read(8 if big else 2))[0])
    entries = {}
    for _ in range(count):
        entry = source.read(entry_size)
        entries[int(struct.unpack_from("<H", entry)[0])] = entry
    for tag in resolution.TAGS:  # libvips writes one even if it knows none
        entries.pop(tag, None)
    for tag, kind, value in _tags(metadata):
        entries[tag] = _entry(target, tag, kind, value, wide)
    if metadata.exif and not big:
        _pad(target)
        for entry, content in exif.relocated(metadata.exif, target.tell()):
            target.write(content)
            entries[int(struct.unpack_from("<H", entry)[0])] = entry
    _pad(target)
    place = target.tell()
    target.write(struct.pack("<" + ("Q" if big else "H"), len(entries)))
    target.write(b"".join(entries[tag] for tag in sorted(entries)) + bytes(8 if big else 4))
    target.seek(header_at)
    target.write(struct.pack("<" + wide, place))


def _tags(metadata: Metadata) -> Iterator[tuple[int, int, bytes]]:
    if packet := xmp.whole(metadata.xmp, metadata.extended_xmp):
        yield _XMP, _BYTE, packet
    if metadata.photoshop:
        yield _PHOTOSHOP, _BYTE, metadata.photoshop
        if records := photoshop.iptc_of(metadata.photoshop):
            yield _IPTC, _UNDEFINED, records
    if metadata.density:
        for tag, kind, code, numbers in resolution.entries(metadata.density):
            yield tag, kind, struct.pack("<" + code, *numbers)


def _entry(target: BinaryIO, tag: int, kind: int, value: bytes, wide: str) -> bytes:
    """An entry of a directory; its value is written to `target` where it is too long for the entry itself."""
    room = struct.calcsize("<" + wide)
    field = value.ljust(room, b"\0")
    if len(value) > room:
        _pad(target)
        field = struct.pack("<" + wide, target.tell())
        target.write(value)
    return struct.pack("<HH" + wide, tag, kind, len(value) // SIZES[kind]) + field


def _pad(target: BinaryIO) -> None:
    target.write(bytes(target.tell() % 2))
