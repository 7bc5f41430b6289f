"""The chunks of a WebP file (RFC 9649): name, 32-bit little-endian length, content, padded to an even length."""

from __future__ import annotations

import shutil
from typing import BinaryIO

from enlarger.engines.metadata import xmp
from enlarger.engines.metadata.blocks import MAX_BLOCK, Metadata

_ALPHA, _EXIF, _XMP = 0x10, 0x08, 0x04
"""Flags of VP8X, the chunk that says which others there are."""


def read(file: BinaryIO) -> Metadata:
    """Read the blocks of a WebP file."""
    file.seek(12)
    found: dict[bytes, bytes] = {}
    while len(head := file.read(8)) == 8:
        name, size = head[:4], int.from_bytes(head[4:], "little")
        if name in (b"EXIF", b"XMP ") and size <= MAX_BLOCK and name not in found:
            content = file.read(size)
            if len(content) == size:
                found[name] = content
            file.seek(size % 2, 1)
        else:
            file.seek(size + size % 2, 1)
    exif = found.get(b"EXIF", b"").removeprefix(b"Exif\0\0")
    return Metadata(exif=exif or None, xmp=found.get(b"XMP ") or None)


def write(source: BinaryIO, target: BinaryIO, metadata: Metadata) -> None:
    """Copy the WebP file `source` to `target`, with `metadata`."""
    packet = xmp.whole(metadata.xmp, metadata.extended_xmp)
    flags = (_EXIF if metadata.exif else 0) | (_XMP if packet else 0)
    target.write(source.read(12))
    if flags:
        head = source.read(30)
        if head[:4] == b"VP8X":
            target.write(head[:8] + bytes((head[8] | flags,)) + head[9:18])
            source.seek(12 + 18)
        else:
            target.write(b"VP8X" + (10).to_bytes(4, "little") + _features(head, flags))
            source.seek(12)
    shutil.copyfileobj(source, target, 1 << 20)
    for name, content in ((b"EXIF", metadata.exif), (b"XMP ", packet)):
        if content:
            target.write(name + len(content).to_bytes(4, "little") + content + bytes(len(content) % 2))
    size = target.tell()
    target.seek(4)
    target.write((size - 8).to_bytes(4, "little"))


def _features(head: bytes, flags: int) -> bytes:
    """The content of VP8X for a file whose only chunk, of pixels, starts with `head`."""
    if head[:4] == b"VP8L":
        bits = int.from_bytes(head[9:13], "little")
        width, height = bits & 0x3FFF, bits >> 14 & 0x3FFF
        flags |= _ALPHA if bits >> 28 & 1 else 0
    else:
        width = (int.from_bytes(head[14:16], "little") & 0x3FFF) - 1
        height = (int.from_bytes(head[16:18], "little") & 0x3FFF) - 1
    return bytes((flags, 0, 0, 0)) + width.to_bytes(3, "little") + height.to_bytes(3, "little")
