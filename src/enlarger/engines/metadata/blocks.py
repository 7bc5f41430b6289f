"""The metadata blocks of a picture, independent of the file format that they came from."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, Self

MAX_BLOCK = 16 << 20
"""Bytes: a block larger than this is left out."""
MAX_TOTAL = 32 << 20
"""Bytes: what all repeated blocks of a file (comments, text chunks) may come to."""

_PER_METRE = {"inch": Fraction(10_000, 254), "cm": Fraction(100), "metre": Fraction(1)}


@dataclass(frozen=True, slots=True)
class Density:
    """A resolution as its file states it: `x` and `y` pixels a `unit`; "none" means that only their ratio counts."""

    x: Fraction | int
    y: Fraction | int
    unit: Literal["none", "inch", "cm", "metre"]

    @property
    def is_square_only(self) -> bool:
        """Whether it says no more than that pixels are square."""
        return self.unit == "none" and self.x == self.y

    def in_unit(self, unit: Literal["inch", "cm", "metre"]) -> tuple[Fraction, Fraction]:
        """Pixels a `unit`; `self.unit` is not "none"."""
        factor = _PER_METRE[self.unit] / _PER_METRE[unit]
        return self.x * factor, self.y * factor


@dataclass(frozen=True, slots=True)
class Metadata:
    """Everything but the pixels and the colour profile that a result keeps from its source."""

    exif: bytes | None = None
    """A TIFF structure, without the `Exif` header that JPEG puts before it."""
    xmp: bytes | None = None
    """An XMP packet; without the note that there is an extended one."""
    extended_xmp: bytes | None = None
    """What JPEG's Extended XMP adds to `xmp`."""
    photoshop: bytes | None = None
    """Photoshop image resources (`8BIM`...), IPTC-IIM among them."""
    comments: tuple[bytes, ...] = ()
    """JPEG's comments."""
    segments: tuple[tuple[int, bytes], ...] = ()
    """JPEG's other application segments: marker and content."""
    text: tuple[tuple[bytes, bytes], ...] = ()
    """PNG's text chunks: name and content."""
    colour: tuple[tuple[bytes, bytes], ...] = ()
    """PNG's chunks that say what the colours mean, other than the profile: name and content."""
    profile: bytes | None = None
    """A profile of the source that its decoder does not hand out, and that is right for its pixels."""
    density: Density | None = None
    """None where the source states none."""

    def replace(self, **changes: Any) -> Self:
        """Return a copy with `changes`."""
        return dataclasses.replace(self, **changes)


NO_METADATA = Metadata()
