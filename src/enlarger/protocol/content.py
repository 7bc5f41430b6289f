"""Headers that say how a body is sent: `Content-Length` and `Content-Encoding`."""

from __future__ import annotations

import sys

_MOST_DIGITS = 18
"""Longer numbers are beyond every limit, and Python refuses to read very long ones."""


def read_length(value: str | None) -> int | None:
    """The bytes that a `Content-Length` announces; None where it is missing or not a number.

    A number of more than 18 digits is read as `sys.maxsize`.
    """
    if not value or not value.isascii() or not value.isdigit():
        return None
    return int(value) if len(value) <= _MOST_DIGITS else sys.maxsize


def is_packed(value: str | None) -> bool:
    """Whether a `Content-Encoding` says that the body is compressed, so that its length is not the content's."""
    return (value or "").strip().lower() not in ("", "identity")
