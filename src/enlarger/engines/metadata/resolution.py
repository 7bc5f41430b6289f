"""The resolution in a directory of a TIFF structure: XResolution, YResolution, ResolutionUnit (TIFF 6.0, EXIF 2.3)."""

from __future__ import annotations

import struct
from fractions import Fraction

from enlarger.engines.metadata.blocks import Density
from enlarger.engines.metadata.ifd import Tag, Tiff

TAGS = (282, 283, 296)
"""XResolution, YResolution, ResolutionUnit."""
_UNITS = {"none": 1, "inch": 2, "cm": 3}
_INCH = 2
"""The unit where none is stated."""
_SHORT, _RATIONAL = 3, 5
_MOST = 1_000_000


def read(tiff: Tiff, first: int) -> Density | None:
    """The resolution in the directory at `first`; None where it states none."""
    x, y = (_rational(tiff.value(first, tag, 8), tiff.order) for tag in TAGS[:2])
    if not x or not y or max(x, y) > _MOST or min(x, y) < Fraction(1, _MOST):
        return None
    unit = tiff.find(first, TAGS[2]) or _INCH
    if unit == _UNITS["none"]:
        ratio = (x / y).limit_denominator(100)
        return Density(max(1, ratio.numerator), ratio.denominator, "none")
    return Density(x, y, "cm" if unit == _UNITS["cm"] else "inch")


def entries(density: Density) -> tuple[Tag, ...]:
    """The tags that state `density`."""
    if density.unit == "metre":
        density = Density(Fraction(density.x, 100), Fraction(density.y, 100), "cm")
    return (
        (TAGS[0], _RATIONAL, "II", (density.x.numerator, density.x.denominator)),
        (TAGS[1], _RATIONAL, "II", (density.y.numerator, density.y.denominator)),
        (TAGS[2], _SHORT, "H", (_UNITS[density.unit],)),
    )


def _rational(value: bytes | None, order: str) -> Fraction | None:
    if value is None or len(value) != 8:
        return None
    numerator, denominator = struct.unpack(order + "II", value)
    return Fraction(numerator, denominator) if denominator else None
