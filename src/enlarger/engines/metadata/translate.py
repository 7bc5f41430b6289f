"""Says what a file's metadata says in the blocks of another format, where that has no place of its own for it."""

from __future__ import annotations

from enlarger.engines.formats import AVIF, JPEG, PNG, TIFF, WEBP, Format
from enlarger.engines.metadata import exif, resolution
from enlarger.engines.metadata.blocks import Metadata

_WITH_DENSITY = (JPEG, PNG, TIFF)
"""The formats that state a resolution outside of EXIF."""
_WITH_EXIF = (WEBP, AVIF)
"""The formats that state a resolution in EXIF alone."""


def translated(metadata: Metadata, format: Format) -> Metadata:
    """`metadata` of a file of another format as a file of `format` can hold it."""
    density = metadata.density if metadata.density and not metadata.density.is_square_only else None
    if metadata.exif and not density and format in _WITH_DENSITY:
        return metadata.replace(density=exif.density_of(metadata.exif) or metadata.density)
    if density and format in _WITH_EXIF:
        return metadata.replace(exif=exif.with_tags(metadata.exif, resolution.entries(density)))
    return metadata
