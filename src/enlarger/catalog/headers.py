"""What the first bytes of a picture tell of it, without a library for pictures."""

from __future__ import annotations

import io

import imagesize

HEADER_BYTES = 64 << 10
"""Enough of a file to find a picture's size in: metadata may stand before it."""


def measure(head: bytes) -> tuple[int, int] | None:
    """The width and height of the picture that starts with `head`, if they can be told."""
    try:
        width, height = imagesize.get(io.BytesIO(head))
    except ValueError:
        return None
    return (width, height) if width > 0 and height > 0 else None
