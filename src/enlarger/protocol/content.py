"""Bodies of HTTP messages: the headers that say how they are sent, and streaming them up to a limit."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Protocol

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


class Streamed(Protocol):
    """A response whose body has not been read yet, of httpx2 or httpx."""

    @property
    def headers(self) -> Mapping[str, str]: ...  # noqa: D102

    def aiter_bytes(self) -> AsyncIterator[bytes]: ...  # noqa: D102


async def stream_capped(response: Streamed, max_bytes: int, too_large: Callable[[], Exception]) -> AsyncIterator[bytes]:
    """The body in chunks. Raises `too_large()` as soon as more than `max_bytes` are announced or have arrived."""
    if (read_length(response.headers.get("content-length")) or 0) > max_bytes:
        raise too_large()
    received = 0
    async for chunk in response.aiter_bytes():
        received += len(chunk)
        if received > max_bytes:
            raise too_large()
        yield chunk
