"""The metadata of a GIF file (GIF89a): comments, and XMP and a profile in application extensions."""

from __future__ import annotations

from typing import BinaryIO

from enlarger.engines.metadata.blocks import MAX_BLOCK, Metadata
from enlarger.engines.metadata.profile import is_profile

_HEADER_BYTES = 13
_EXTENSION, _COMMENT, _APPLICATION = 0x21, 0xFE, 0xFF
_XMP, _PROFILE = b"XMP DataXMP", b"ICCRGBG1012"
_XMP_TRAILER = b"\x01\xff\xfe\xfd"
"""How the bytes begin that lead readers who know no XMP to the end of a packet, which is not cut into sub-blocks."""
_MOST_BLOCKS = 100_000
"""Sub-blocks of a file that are read, of up to 255 bytes each."""


def read(file: BinaryIO) -> Metadata:
    """Read what a GIF file says before its first picture."""
    head = file.read(_HEADER_BYTES)
    if len(head) < _HEADER_BYTES:
        return Metadata()
    if head[10] & 0x80:
        file.seek(3 << ((head[10] & 7) + 1), 1)
    comments: list[bytes] = []
    packet = profile = b""
    left = _MOST_BLOCKS
    while left > 0 and (start := file.read(2)) and start[0] == _EXTENSION and len(start) == 2:
        blocks = _blocks(file, left)
        left -= len(blocks) + 1
        if start[1] == _COMMENT:
            comments.append(b"".join(block[1:] for block in blocks))
        elif start[1] == _APPLICATION and blocks and blocks[0][1:] == _XMP:
            packet = packet or b"".join(blocks[1:]).partition(_XMP_TRAILER)[0]
        elif start[1] == _APPLICATION and blocks and blocks[0][1:] == _PROFILE:
            profile = profile or b"".join(block[1:] for block in blocks[1:])
    return Metadata(
        comments=tuple(comment for comment in comments if comment.strip(b"\0 ")),
        xmp=packet if 0 < len(packet) <= MAX_BLOCK else None,
        profile=profile if is_profile(profile, (b"RGB ",)) else None,
    )


def _blocks(file: BinaryIO, most: int) -> list[bytes]:
    """The sub-blocks of an extension, each with the byte before it that says its length."""
    blocks: list[bytes] = []
    while len(blocks) < most and (size := file.read(1)) not in (b"", b"\0"):
        blocks.append(size + file.read(size[0]))
    return blocks
