"""The metadata of a picture file: read block by block from the source, and spliced into the result.

Blocks are copied byte for byte; only what enlarging changes is edited (orientation, dimensions, thumbnail, gain map).
A block that is malformed or too large is left out: metadata never makes a task fail. docs/guides/formats.md lists
what each format keeps.
"""

from __future__ import annotations

import os
from pathlib import Path

from enlarger.engines.formats import BMP, GIF, JPEG, PNG, TIFF, WEBP, Format
from enlarger.engines.metadata import bmp, exif, gif, jpeg, png, tiff, webp, xmp
from enlarger.engines.metadata.blocks import NO_METADATA, Density, Metadata
from enlarger.engines.metadata.profile import profile_of
from enlarger.engines.metadata.translate import translated

__all__ = [
    "NO_METADATA",
    "SPLICED",
    "Density",
    "Metadata",
    "adapt",
    "profile_of",
    "read_metadata",
    "splice",
    "translated",
]

SPLICED = (JPEG, PNG, WEBP, TIFF)
"""The formats of results into which blocks are spliced here; the encoder of any other is given them."""

_READERS = {JPEG: jpeg.read, PNG: png.read, WEBP: webp.read, TIFF: tiff.read, BMP: bmp.read, GIF: gif.read}
_WRITERS = {JPEG: jpeg.write, PNG: png.write, WEBP: webp.write, TIFF: tiff.write}


def read_metadata(path: Path, format: Format) -> Metadata:
    """Read the blocks of the picture file at `path`; none of a format whose decoder hands them over."""
    if format not in _READERS:
        return NO_METADATA
    with path.open("rb") as file:
        return _READERS[format](file)


def adapt(metadata: Metadata, *, width: int, height: int) -> Metadata:
    """`metadata` as it is true of an upright picture of `width` x `height` pixels."""
    return metadata.replace(
        exif=exif.adapt(metadata.exif, width, height) if metadata.exif else None,
        xmp=xmp.adapt(metadata.xmp, width, height) if metadata.xmp else None,
        extended_xmp=xmp.adapt(metadata.extended_xmp, width, height) if metadata.extended_xmp else None,
    )


def splice(path: Path, format: Format, metadata: Metadata) -> None:
    """Put `metadata` into the picture file at `path`; `format` is one of SPLICED.

    The pixels are streamed to a new file in the same folder, which then replaces the old one.
    """
    spliced = path.with_name(f".{path.name[:100]}.{os.getpid()}.spliced")
    try:
        with path.open("rb") as source, spliced.open("wb") as target:
            _WRITERS[format](source, target, metadata)
        spliced.replace(path)
    finally:
        spliced.unlink(missing_ok=True)
