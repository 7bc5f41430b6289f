"""Photoshop image resources (Adobe Photoshop file format specification), in which JPEG files hold IPTC-IIM."""

from __future__ import annotations

from collections.abc import Iterator

HEADER = b"Photoshop 3.0\0"
"""What starts a JPEG segment with image resources."""

_SIGNATURES = (b"8BIM", b"AgHg", b"DCSR", b"MeSa", b"PHUT")
"""Photoshop's, and those of programs that write resources of their own."""
_IPTC = 0x0404
_DROPPED = frozenset((0x0408, 0x0409, 0x040C, 0x041A, 0x0422, 0x0423, 0x0424))
"""Guides and slices in old pixels, thumbnails, and second copies of EXIF and XMP."""


def kept_resources(block: bytes) -> bytes:
    """The resources of `block` that still hold for an enlarged picture; it ends where `block` is malformed."""
    return b"".join(whole for number, whole, _ in _resources(block) if number not in _DROPPED)


def iptc_of(block: bytes) -> bytes:
    """The IPTC-IIM records among the resources of `block`; empty if there are none."""
    return next((content for number, _, content in _resources(block) if number == _IPTC), b"")


def resource_of_iptc(records: bytes) -> bytes:
    """IPTC-IIM `records` as an image resource."""
    padding = bytes(len(records) % 2)
    return b"8BIM" + _IPTC.to_bytes(2, "big") + bytes(2) + len(records).to_bytes(4, "big") + records + padding


def _resources(block: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """The number, the whole (padded to an even length) and the content of each resource of `block`."""
    place = 0
    while block[place : place + 4] in _SIGNATURES and place + 12 <= len(block):
        name = block[place + 6]
        head = 6 + 1 + name + (name + 1) % 2
        size = int.from_bytes(block[place + head : place + head + 4], "big")
        start = place + head + 4
        end = start + size
        if end > len(block):
            break
        padding = bytes(size % 2)
        yield int.from_bytes(block[place + 4 : place + 6], "big"), block[place:end] + padding, block[start:end]
        place = end + size % 2
