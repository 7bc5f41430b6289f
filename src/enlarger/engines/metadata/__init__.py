"""The metadata of a picture file: read block by block from the source, and spliced into the result.

Blocks are copied byte for byte; only what enlarging changes is edited (orientation, dimensions, thumbnail, gain map).
A block that is malformed or too large is left out: metadata never makes a task fail. docs/pictures.md lists what each
format keeps.
"""

from __future__ import annotations

import os
from pathlib import Path

from enlarger.engines.formats import JPEG, PNG, WEBP, Format
from enlarger.engines.metadata import exif, jpeg, png, webp, xmp
from enlarger.engines.metadata.blocks import NO_METADATA, Density, Metadata
from enlarger.engines.metadata.profile import profile_of

__all__ = ["NO_METADATA", "SPLICED", "Density", "Metadata", "profile_of", "read_metadata", "splice"]

SPLICED = (JPEG, PNG, WEBP)
"""The formats whose blocks are read and written here; those of any other format are left to libvips."""


def read_metadata(path: Path, format: Format) -> Metadata:
    """Read the blocks of the picture file at `path`; `format` is one of SPLICED."""
    readers = {JPEG: jpeg.read, PNG: png.read, WEBP: webp.read}
    with path.open("rb") as file:
        return readers[format](file)


def splice(path: Path, format: Format, metadata: Metadata, *, width: int, height: int) -> None:
    """Put `metadata` into the picture file at `path`, adapted to an upright picture of `width` x `height` pixels.

    The pixels are streamed to a new file in the same folder, which then replaces the old one.
    """
    writers = {JPEG: jpeg.write, PNG: png.write, WEBP: webp.write}
    adapted = metadata.replace(
        exif=exif.adapt(metadata.exif, width, height) if metadata.exif else None,
        xmp=xmp.adapt(metadata.xmp, width, height) if metadata.xmp else None,
        extended_xmp=xmp.adapt(metadata.extended_xmp, width, height) if metadata.extended_xmp else None,
    )
    spliced = path.with_name(f".{path.name[:100]}.{os.getpid()}.spliced")
    try:
        with path.open("rb") as source, spliced.open("wb") as target:
            writers[format](source, target, adapted)
        spliced.replace(path)
    finally:
        spliced.unlink(missing_ok=True)
