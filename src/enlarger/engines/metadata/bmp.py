"""The only metadata of a BMP file: the resolution in its second header (BITMAPINFOHEADER), in pixels a metre."""

from __future__ import annotations

import struct
from typing import BinaryIO

from enlarger.engines.metadata.blocks import Density, Metadata

_FILE_HEADER_BYTES = 14
_SHORTEST_WITH_RESOLUTION = 40


def read(file: BinaryIO) -> Metadata:
    """Read the resolution of a BMP file."""
    head = file.read(_FILE_HEADER_BYTES + _SHORTEST_WITH_RESOLUTION)
    if len(head) < _FILE_HEADER_BYTES + _SHORTEST_WITH_RESOLUTION:
        return Metadata()
    size, x, y = struct.unpack_from("<I20xii", head, _FILE_HEADER_BYTES)
    stated = size >= _SHORTEST_WITH_RESOLUTION and x > 0 and y > 0
    return Metadata(density=Density(x, y, "metre") if stated else None)
