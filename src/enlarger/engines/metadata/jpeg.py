"""The segments before the pixels of a JPEG file (ITU-T T.81, annex B): marker, 16-bit length, content."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import BinaryIO

from enlarger.engines.metadata import exif, xmp
from enlarger.engines.metadata.app_segments import kept_segment
from enlarger.engines.metadata.blocks import MAX_BLOCK, MAX_TOTAL, Density, Metadata
from enlarger.engines.metadata.ifd import HEADERS
from enlarger.engines.metadata.photoshop import HEADER as PHOTOSHOP_HEADER
from enlarger.engines.metadata.photoshop import kept_resources

_APP0, _APP1, _APP13, _COMMENT, _PIXELS, _END = 0xE0, 0xE1, 0xED, 0xFE, 0xDA, 0xD9
_EXIF_HEADER = b"Exif\0\0"
_MAX_CONTENT = 0xFFFF - 2
"""Bytes that a segment can hold, its length not counted."""
_EXTENDED_PART = 65_400
_MAX_STRAY = 1 << 16
"""Bytes between segments that are passed over, in one file."""


def segments(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The segments before the pixels: marker and content. Stops where the file is not as it should be.

    The file is then at the marker that ended it. Stray bytes between segments are passed over, as decoders do.
    """
    file.seek(2)
    stray = 0
    while True:
        place = file.tell()
        while (start := file.read(1)) not in (b"\xff", b"") and stray < _MAX_STRAY:
            stray += 1
        if start != b"\xff":
            break
        while (marker := file.read(1)) == b"\xff":
            pass
        if not marker or marker[0] in (_PIXELS, _END):
            break
        if marker == b"\0":
            continue
        size = int.from_bytes(file.read(2), "big")
        content = file.read(max(size - 2, 0))
        if size < 2 or len(content) != size - 2:
            break
        yield marker[0], content
    file.seek(place)


def read(file: BinaryIO) -> Metadata:
    """Read the blocks of a JPEG file."""
    block = packet = density = None
    photoshop, comments, parts, others, total = b"", [], [], [], 0
    for marker, content in segments(file):
        total += len(content)
        if total > MAX_TOTAL:
            break
        if marker == _APP0 and content.startswith(b"JFIF\0") and len(content) >= 12 and density is None:
            density = _density(content)
        elif marker == _APP1 and content.startswith(_EXIF_HEADER):
            block = _with_part(block, content[len(_EXIF_HEADER) :])
        elif marker == _APP1 and content.startswith(xmp.HEADER) and packet is None:
            packet = content[len(xmp.HEADER) :]
        elif marker == _APP1 and content.startswith(xmp.EXTENDED_HEADER):
            parts.append(content[len(xmp.EXTENDED_HEADER) :])
        elif marker == _APP13 and content.startswith(PHOTOSHOP_HEADER):
            photoshop += content[len(PHOTOSHOP_HEADER) :]
        elif marker == _COMMENT:
            comments.append(content)
        elif kept := kept_segment(marker, content):
            others.append((marker, kept))
    extended = _joined(parts, xmp.extended_guid(packet)) if packet else None
    return Metadata(
        exif=block,
        xmp=xmp.without_extension(packet) if packet else None,
        extended_xmp=extended,
        photoshop=kept_resources(photoshop) or None,
        comments=tuple(comments),
        segments=tuple(others),
        density=density,
    )


def _with_part(block: bytes | None, part: bytes) -> bytes:
    """`block` with another EXIF segment: the rest of a block that had no room in one, or a second one, not wanted."""
    if block is None:
        return part
    return block if part[:4] in HEADERS else block + part


def _density(content: bytes) -> Density | None:
    x, y = int.from_bytes(content[8:10], "big"), int.from_bytes(content[10:12], "big")
    if not x or not y or content[7] > 2:
        return None
    return Density(x, y, "inch" if content[7] == 1 else "cm" if content[7] == 2 else "none")


def _joined(parts: list[bytes], guid: bytes | None) -> bytes | None:
    """The extended packet that `parts` (name, length, offset, content) come to; None unless it is complete."""
    mine = [part for part in parts if guid and part[:32].upper() == guid and len(part) > 40]
    if not mine:
        return None
    size = int.from_bytes(mine[0][32:36], "big")
    pieces = sorted((int.from_bytes(part[36:40], "big"), part[40:]) for part in mine)
    joined = b""
    for offset, piece in pieces:
        if offset != len(joined):
            return None
        joined += piece
    return joined if len(joined) == size <= MAX_BLOCK else None


def write(source: BinaryIO, target: BinaryIO, metadata: Metadata) -> None:
    """Copy the JPEG file `source` to `target`, with `metadata`."""
    target.write(b"\xff\xd8")
    others = []
    for marker, content in segments(source):
        if marker != _APP0:
            others.append((marker, content))
    for marker, content in [(_APP0, _jfif(metadata.density)), *_blocks(metadata), *others]:
        if len(content) <= _MAX_CONTENT:
            target.write(bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2, "big") + content)
    shutil.copyfileobj(source, target, 1 << 20)


def _jfif(density: Density | None) -> bytes:
    """The content of the JFIF segment (ITU-T T.871), which libvips does not always write, without a thumbnail."""
    unit, x, y = 0, 1, 1
    if density and density.unit == "none":
        x, y = int(density.x), int(density.y)
    elif density:
        per_cm = density.in_unit("cm")
        whole = density.unit != "inch" and all(number.denominator == 1 for number in per_cm)
        unit, numbers = (2, per_cm) if whole else (1, density.in_unit("inch"))
        x, y = (round(number) for number in numbers)
    if not (1 <= x <= 0xFFFF and 1 <= y <= 0xFFFF):
        unit, x, y = 0, 1, 1
    return b"JFIF\0\x01\x02" + bytes((unit,)) + x.to_bytes(2, "big") + y.to_bytes(2, "big") + b"\0\0"


def _blocks(metadata: Metadata) -> Iterator[tuple[int, bytes]]:
    block = exif.fitted(metadata.exif, _MAX_CONTENT - len(_EXIF_HEADER)) if metadata.exif else None
    if block:
        yield _APP1, _EXIF_HEADER + block
    packet, extended = metadata.xmp, metadata.extended_xmp
    if packet and len(packet) > _MAX_CONTENT - len(xmp.HEADER) - 200:
        packet, extended = xmp.EMPTY, xmp.unwrapped(xmp.merge(packet, extended) if extended else packet)
    guid = b""
    if packet and extended:
        packet, guid = xmp.with_extension(packet, extended)
    if packet:
        yield _APP1, xmp.HEADER + packet
    if extended and guid:
        size = len(extended).to_bytes(4, "big")
        for offset in range(0, len(extended), _EXTENDED_PART):
            part = extended[offset : offset + _EXTENDED_PART]
            yield _APP1, xmp.EXTENDED_HEADER + guid + size + offset.to_bytes(4, "big") + part
    room = _MAX_CONTENT - len(PHOTOSHOP_HEADER)
    for offset in range(0, len(metadata.photoshop or b""), room):
        yield _APP13, PHOTOSHOP_HEADER + (metadata.photoshop or b"")[offset : offset + room]
    yield from metadata.segments
    for comment in metadata.comments:
        yield _COMMENT, comment
