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
    result: str = ""
    """The name of the format of a result for which none is asked; empty means this one."""


JPEG = Format("jpg", "image/jpeg", ".jpg", 65_535)
PNG = Format("png", "image/png", ".png", 2_147_483_647)
WEBP = Format("webp", "image/webp", ".webp", 16_383)
TIFF = Format("tiff", "image/tiff", ".tif", 2_147_483_647)
AVIF = Format("avif", "image/avif", ".avif", 16_384)
BMP = Format("bmp", "image/bmp", ".bmp", 2_147_483_647, result="png")
GIF = Format("gif", "image/gif", ".gif", 65_535, result="png")
HEIC = Format("heic", "image/heic", ".heic", 16_384, result="jpg")

FORMATS = {picture.name: picture for picture in (JPEG, PNG, WEBP, TIFF, AVIF)}
"""The formats of results, by the name by which a task asks for one."""

_BRANDS = {b"avif": AVIF, b"avis": AVIF, b"heic": HEIC, b"heix": HEIC, b"heim": HEIC, b"heis": HEIC}
"""Major brands of pictures in the container of ISO/IEC 23008-12, and of animations of which one is the first."""
_ANY_BRAND = (b"mif1", b"msf1")
"""Brands that leave the codec open: the compatible brands tell."""

_BMP_HEADERS = tuple(size.to_bytes(4, "little") for size in (12, 40, 52, 56, 64, 108, 124))
"""The sizes that a BMP file's second header can have."""

SNIFF_BYTES = 64
"""How much of a file `sniff` looks at."""


def sniff(head: bytes) -> Format:
    """The format of the picture that starts with `head`.

    Raises PictureUnreadable for an empty file, PictureUnsupported for a format that the engine cannot read.
    """
    if not head:
        raise PictureUnreadable("The picture is empty (0 bytes): use a whole copy of it.")
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):  # the last two are BigTIFF
        return TIFF
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if head.startswith(b"BM") and head[14:18] in _BMP_HEADERS:
        return BMP
    if head[4:8] == b"ftyp" and (format := _by_brand(head)) is not None:
        return format
    raise PictureUnsupported(f"The picture is {guess(head)}: use a JPEG, PNG, WebP, TIFF, AVIF, HEIC, BMP or GIF file.")


def sniff_common(head: bytes) -> Format:
    """The format of the picture that starts with `head`, where it is one that every hosted model takes.

    Raises PictureUnreadable for an empty file, PictureUnsupported for anything but JPEG, PNG and WebP.
    """
    format = sniff(head)
    if format not in (JPEG, PNG, WEBP):
        raise PictureUnsupported(f"The picture is a {format.name.upper()} file: use a JPEG, PNG or WebP file.")
    return format


def _by_brand(head: bytes) -> Format | None:
    major = head[8:12]
    if major in _BRANDS:
        return _BRANDS[major]
    if major not in _ANY_BRAND:
        return None
    end = min(int.from_bytes(head[:4], "big"), SNIFF_BYTES)
    return next((_BRANDS[head[at : at + 4]] for at in range(16, end, 4) if head[at : at + 4] in _BRANDS), None)


def guess(head: bytes) -> str:
    """What a file that is no picture for us looks like, in words for its sender."""
    start = head.lstrip().lower()
    if head[4:8] == b"ftyp":
        return "a video file, or a picture with an unknown codec"
    if start.startswith((b"<svg", b"<?xml")):
        return "an SVG or XML file"
    if start.startswith((b"<!doctype", b"<html")):
        return "a web page, not a picture"
    if head.startswith(b"%PDF"):
        return "a PDF"
    return "of an unknown type"
