"""Blocks that ImageMagick and ExifTool put into a PNG as text, in hexadecimal digits: `Raw profile type ...`."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from enlarger.engines.metadata import photoshop, xmp
from enlarger.engines.metadata.blocks import Metadata
from enlarger.engines.metadata.ifd import HEADERS

PREFIX = b"Raw profile type "
"""What the keyword of such a text starts with, before the type of the block."""

_EXIF_HEADER = b"Exif\0\0"
_IIM_MARKER = 0x1C
_KNOWN = (b"exif", b"app1", b"xmp", b"8bim", b"iptc", b"icc", b"icm", b"tiff:37724")
"""The types that are read; the last one, Photoshop's layers, is left out as they have the old size."""
_MOST_UNCOMPRESSED = 1 << 20
"""Characters: Pillow refuses to read a PNG with more in one compressed text."""


def kind_of(keyword: bytes) -> bytes:
    """The type of the block in a text of this keyword; empty if it has none, or one that is not read here."""
    kind = keyword.removeprefix(PREFIX)
    return kind if kind != keyword and kind.lower() in _KNOWN else b""


def read(profiles: Sequence[tuple[bytes, bytes]]) -> Metadata:
    """The metadata in `profiles`: types and texts. Of several blocks that say the same the first counts."""
    found = Metadata()
    resources = records = b""
    for kind, text in profiles:
        block = _block(text)
        match kind.lower():
            case b"exif" | b"app1" | b"xmp":
                if block.startswith(_EXIF_HEADER) or block[:4] in HEADERS:
                    found = found.replace(exif=found.exif or block.removeprefix(_EXIF_HEADER))
                elif block.startswith(xmp.HEADER) or kind.lower() == b"xmp":
                    found = found.replace(xmp=found.xmp or block.removeprefix(xmp.HEADER) or None)
            case b"8bim" | b"iptc" if block[:1] == bytes((_IIM_MARKER,)):
                records = records or block
            case b"8bim" | b"iptc":
                resources += photoshop.kept_resources(block.removeprefix(photoshop.HEADER))
            case b"icc" | b"icm":
                found = found.replace(profile=found.profile or block or None)
    if records and not photoshop.iptc_of(resources):
        resources += photoshop.resource_of_iptc(records)
    return found.replace(photoshop=resources or None)


def _block(text: bytes) -> bytes:
    """The block in a text: a line with its name, one with its length, lines of digits; empty if it is not that."""
    _, _, rest = text.lstrip().partition(b"\n")
    length, _, digits = rest.partition(b"\n")
    try:
        block = bytes.fromhex(digits.rstrip(b"\0").decode("ascii"))
        return block if len(block) == int(length[:20]) else b""
    except ValueError:
        return b""


def write_iptc(resources: bytes) -> tuple[bytes, bytes]:
    """A text chunk, its name and content, with Photoshop image resources."""
    digits = resources.hex().encode()
    lines = b"\n".join(digits[place : place + 72] for place in range(0, len(digits), 72))
    text = b"\niptc\n%8d\n%s\n" % (len(resources), lines)
    keyword = PREFIX + b"iptc\0"
    if len(text) > _MOST_UNCOMPRESSED:
        return b"tEXt", keyword + text
    return b"zTXt", keyword + b"\0" + zlib.compress(text)
