"""How large a picture is, by its header."""

from __future__ import annotations

from pathlib import Path

from enlarger.catalog import HEADER_BYTES, measure

_PIXELS_A_BYTE = 3
"""Of a usual photo, where the header does not tell."""


def size_of(path: Path) -> tuple[int, int] | None:
    """A picture's width and height, if its header tells them. Raises OSError."""
    with path.open("rb") as file:
        return measure(file.read(HEADER_BYTES))


def pixels_of(path: Path) -> int:
    """How many pixels a picture has; guessed by the file's size where its header does not tell."""
    try:
        size = size_of(path)
        return size[0] * size[1] if size else path.stat().st_size * _PIXELS_A_BYTE
    except OSError:
        return 0
