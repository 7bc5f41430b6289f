"""What the stand-in's tasks make: small files that are what their names say."""

from __future__ import annotations

import hashlib
import struct
import zlib

SIDE = 64
"""Pixels of a picture's width and height."""


def draw_picture(seed: str) -> bytes:
    """A PNG of SIDE x SIDE pixels, from one colour to another; another seed makes another picture."""
    colours = hashlib.sha256(seed.encode()).digest()
    first, last = colours[:3], colours[3:6]
    diagonals = b"".join(
        bytes((a * (2 * SIDE - share) + b * share) // (2 * SIDE) for a, b in zip(first, last, strict=True))
        for share in range(2 * SIDE)
    )
    rows = bytearray()
    for y in range(SIDE):
        rows.append(0)  # no filter
        rows += diagonals[3 * y : 3 * (y + SIDE)]
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
