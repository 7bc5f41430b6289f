"""The quality that a JPEG file was saved in, from its quantisation tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from enlarger.engines.metadata.jpeg import segments

_TABLES = 0xDB
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STEPS = 64

# ITU-T T.81, table K.1, for luminance. Row by row, but only the steps' sizes count here and not their order.
_LUMINANCE = (
    *(16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55),
    *(14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62),
    *(18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92),
    *(49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99),
)


def _sum_of_steps(quality: int) -> int:
    """Of the luminance table in this quality, as the Independent JPEG Group's library scales it."""
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    return sum(min(max((step * percent + 50) // 100, 1), 255) for step in _LUMINANCE)


_SUMS = {quality: _sum_of_steps(quality) for quality in range(100, 0, -1)}


def jpeg_quality(file: BinaryIO) -> int | None:
    """The quality, 1 to 100, whose luminance table is as coarse as the file's; None if it has none.

    Cameras and Photoshop have scales and tables of their own: what is returned is then what the most common library
    (libjpeg) would call as good.
    """
    tables: dict[int, int] = {}
    wanted = 0
    for marker, content in segments(file):
        if marker == _TABLES:
            tables |= dict(_sums(content))
        elif marker in _FRAMES and len(content) >= 9:
            wanted = content[8]  # the table of the first component, which is luminance
    if wanted not in tables:
        return None
    return min(_SUMS, key=lambda quality: abs(_SUMS[quality] - tables[wanted]))


def _sums(content: bytes) -> Iterator[tuple[int, int]]:
    """The tables in a segment (T.81, B.2.4.1): each one's number, and the sum of its steps."""
    while content:
        width = 2 if content[0] >> 4 else 1
        end = 1 + _STEPS * width
        if len(content) < end:
            return
        steps = [int.from_bytes(content[at : at + width], "big") for at in range(1, end, width)]
        yield content[0] & 15, sum(steps)
        content = content[end:]
