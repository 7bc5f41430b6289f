"""Photoshop image resources (Adobe Photoshop file format specification), in which JPEG files hold IPTC-IIM."""

from __future__ import annotations

HEADER = b"Photoshop 3.0\0"
"""What starts a JPEG segment with image resources."""

_DROPPED = frozenset((0x0408, 0x0409, 0x040C, 0x041A, 0x0422, 0x0423, 0x0424))
"""Guides and slices in old pixels, thumbnails, and second copies of EXIF and XMP."""


def kept_resources(block: bytes) -> bytes:
    """The resources of `block` that still hold for an enlarged picture; it ends where `block` is malformed."""
    kept, place = b"", 0
    while block[place : place + 4] == b"8BIM" and place + 12 <= len(block):
        name = block[place + 6]
        head = 6 + 1 + name + (name + 1) % 2
        size = int.from_bytes(block[place + head : place + head + 4], "big")
        end = place + head + 4 + size
        if end > len(block):
            break
        padded = end + size % 2
        if int.from_bytes(block[place + 4 : place + 6], "big") not in _DROPPED:
            kept += block[place:end] + bytes(size % 2)
        place = padded
    return kept
