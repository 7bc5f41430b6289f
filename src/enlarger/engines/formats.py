"""The picture formats that are taken, told apart by their first bytes."""

from __future__ import annotations

from dataclasses import dataclass

from enlarger.errors import PictureUnreadable, PictureUnsupported


@dataclass(frozen=True, slots=True)
class Format:
    """A picture format; `longest_side` is the most pixels a side that a file of it can have."""

    name: str
    mime_type: str
    extension: str
    longest_side: int


JPEG = Format("jpg", "image/jpeg", ".jpg", 65_535)
PNG = Format("png", "image/png", ".png", 2_147_483_647)
WEBP = Format("webp", "image/webp", ".webp", 16_383)

FORMATS = {picture.name: picture for picture in (JPEG, PNG, WEBP)}
"""The formats by the name by which a task asks for one."""

SNIFF_BYTES = 32
"""How much of a file `sniff` looks at."""


def sniff(head: bytes) -> Format:
    """The format of the picture that starts with `head`.

    Raises PictureUnreadable for an empty file, PictureUnsupported for anything but JPEG, PNG and WebP.
    """
    if not head:
        raise PictureUnreadable("The picture is empty (0 bytes): send the whole file.")
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    raise PictureUnsupported(f"The picture is {guess(head)}: send a JPEG, PNG or WebP file.")


def guess(head: bytes) -> str:
    """What a file that is no picture for us looks like, in words for its sender."""
    start = head.lstrip().lower()
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "a GIF"
    if head.startswith((b"II*\x00", b"MM\x00*")):
        return "a TIFF"
    if head[4:8] == b"ftyp":
        return "an AVIF, HEIC or video file"
    if head.startswith(b"BM"):
        return "a BMP"
    if start.startswith((b"<svg", b"<?xml")):
        return "an SVG or XML file"
    if start.startswith((b"<!doctype", b"<html")):
        return "a web page, not a picture"
    if head.startswith(b"%PDF"):
        return "a PDF"
    return "of a type that is not known here"
