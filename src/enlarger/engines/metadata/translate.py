"""Says what a file's metadata says in the blocks of another format, where that has no place of its own for it."""

from __future__ import annotations

from collections.abc import Iterator

from enlarger.engines.formats import AVIF, JPEG, PNG, TIFF, WEBP, Format
from enlarger.engines.metadata import exif, iptc, photoshop, png, resolution, xmp
from enlarger.engines.metadata.blocks import Metadata
from enlarger.engines.metadata.xmp import Property

_WITH_DENSITY = (JPEG, PNG, TIFF)
"""The formats that state a resolution outside of EXIF."""
_WITH_IPTC = (JPEG, PNG, TIFF)
_MOST_EXIF = {JPEG: 65_000}
"""Bytes up to which a comment is added to EXIF; more would cost the maker's note its place."""
_MOST_TEXT = 1 << 20
"""Bytes of a text that is translated."""
_TEXTS = {
    "title": ("dc", "title", "Alt"),
    "author": ("dc", "creator", "Seq"),
    "description": ("dc", "description", "Alt"),
    "copyright": ("dc", "rights", "Alt"),
    "software": ("xmp", "CreatorTool", ""),
}
"""The property that each of PNG's usual keywords is in XMP: prefix, name, form."""
_PROMPT, _COMMENT = "parameters", "comment"
"""Keywords: the prompt with which Stable Diffusion drew a picture, and PNG's own for comments."""


def translated(metadata: Metadata, format: Format) -> Metadata:
    """`metadata` of a file of another format, as a file of `format` can hold it."""
    metadata = _with_resolution(metadata, format)
    if format is PNG:
        return metadata
    texts = _texts(metadata)
    metadata = metadata.replace(xmp=xmp.with_properties(metadata.xmp, _properties(metadata, texts, format)))
    comments = [text for text in (texts.get(_COMMENT), *map(png.decode, metadata.comments)) if text]
    if format is JPEG:
        metadata = metadata.replace(comments=tuple(text.encode() for text in comments))
        comments = []
    comment = texts.get(_PROMPT) or "\n".join(comments)
    if not comment:
        return metadata
    block = exif.with_comment(metadata.exif, comment)
    fits = block is not None and len(block) <= _MOST_EXIF.get(format, len(block))
    return metadata.replace(exif=block) if fits else metadata


def _texts(metadata: Metadata) -> dict[str, str]:
    """The texts of a PNG that are translated, by keyword in small letters."""
    texts: dict[str, str] = {}
    for chunk in metadata.text:
        keyword = png.keyword_of(chunk).lower()
        if keyword not in texts and keyword in (_PROMPT, _COMMENT, *_TEXTS):
            texts[keyword] = png.decoded(chunk, _MOST_TEXT)
    return {keyword: text for keyword, text in texts.items() if text}


def _with_resolution(metadata: Metadata, format: Format) -> Metadata:
    density = metadata.density if metadata.density and not metadata.density.is_square_only else None
    if metadata.exif and not density and format in _WITH_DENSITY:
        return metadata.replace(density=exif.density_of(metadata.exif) or metadata.density)
    if density and format in (WEBP, AVIF):
        return metadata.replace(exif=exif.with_tags(metadata.exif, resolution.entries(density)) or metadata.exif)
    return metadata


def _properties(metadata: Metadata, texts: dict[str, str], format: Format) -> Iterator[Property]:
    if metadata.photoshop and format not in _WITH_IPTC:
        yield from iptc.properties_of(photoshop.iptc_of(metadata.photoshop))
    for keyword, (prefix, name, form) in _TEXTS.items():
        if keyword in texts:
            yield Property(prefix, name, form, (texts[keyword],))
