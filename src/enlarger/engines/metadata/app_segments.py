"""The application segments of a JPEG file in which cameras and programs keep data of their own.

Only those are copied that are known to hold data that an enlarged picture does not make untrue. Others have previews,
second pictures, signatures of the old file, or say how its pixels are stored.
"""

from __future__ import annotations

_KNOWN = {
    0xE1: (b"FLIR\0", b"QVCI\0"),  # thermal measurements; Casio
    0xE3: (b"Meta\0", b"META\0", b"Exif\0"),  # Kodak
    0xE5: (b"RMETA\0",),  # Ricoh
    0xE6: (b"EPPIM\0", b"GoPro\0", b"MMIMETA\0"),  # Toshiba, GoPro, Motorola
    0xE7: (b"\x1aQualcomm",),
    0xEA: (b"UNICODE\0",),  # a comment of PhotoStudio's
    0xEC: (b"",),  # Agfa, Olympus and others: text; and Photoshop's, see below
}
"""What the segments start with, by marker."""

_DUCKY = b"Ducky"
_DUCKY_QUALITY = 1
"""The tag of the quality with which the old picture was saved; the others are a comment and a copyright."""


def kept_segment(marker: int, content: bytes) -> bytes | None:
    """The content of an application segment as it is kept; None if it is left out."""
    if not content.startswith(_KNOWN.get(marker, ())):
        return None
    if marker == 0xEC and content.startswith(_DUCKY):
        return _without_quality(content)
    return content


def _without_quality(content: bytes) -> bytes | None:
    """A segment of Photoshop's `Save for Web`: tags of two bytes, each with a length of two bytes and so many bytes."""
    kept, place = b"", len(_DUCKY)
    while (tag := int.from_bytes(content[place : place + 2], "big")) and place + 4 <= len(content):
        end = place + 4 + int.from_bytes(content[place + 2 : place + 4], "big")
        if end > len(content):
            break
        if tag != _DUCKY_QUALITY:
            kept += content[place:end]
        place = end
    return _DUCKY + kept + bytes(2) if kept else None
