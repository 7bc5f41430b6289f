"""JSON from strangers: measured before it is parsed, because a few megabytes can become gigabytes of objects."""

from __future__ import annotations

import mmap
from typing import Any

import msgspec

from enlarger.errors import InvalidRequest
from enlarger.translatable import sentence

MOST_VALUES = 20_000
"""Texts, commas and brackets of a body: an input has some dozens, and what is kept beside it room for thousands."""

_PIECE = 1 << 20
_MARKS = (b",", b"[", b"{")


def decode_json(body: bytes | mmap.mmap) -> Any:
    """What a JSON body says.

    Raises InvalidRequest for too many values, msgspec.DecodeError, UnicodeDecodeError or RecursionError.
    """
    if _has_more_values(body, MOST_VALUES):
        raise InvalidRequest(sentence("The body has more than {most} values: send a smaller object.", most=MOST_VALUES))
    return msgspec.json.decode(body)


def _has_more_values(body: bytes | mmap.mmap, most: int) -> bool:
    """Whether there are more values than `most`, in a few steps and without making them, whatever the body is."""
    count, position, end = 0, 0, len(body)
    while position < end and count <= most:
        quote = body.find(b'"', position)
        stop = end if quote < 0 else quote
        while position < stop and count <= most:
            piece = body[position : min(stop, position + _PIECE)]
            count += sum(piece.count(mark) for mark in _MARKS)
            position += len(piece)
        if quote < 0:
            break
        count += 1
        position = start = quote + 1
        while count <= most:  # to the end of the text; its escaped quotes count, so that there cannot be millions
            quote = body.find(b'"', position)
            if quote < 0:
                return count > most
            position = quote + 1
            if not _is_escaped(body, start, quote):
                break
            count += 1
    return count > most


def _is_escaped(body: bytes | mmap.mmap, start: int, quote: int) -> bool:
    """Whether an odd number of backslashes stands before a quote of the text that begins at `start`."""
    width = 64
    while True:
        before = body[max(start, quote - width) : quote]
        slashes = len(before) - len(before.rstrip(b"\\"))
        if slashes < width or quote - width <= start:
            return slashes % 2 == 1
        width *= 16
