"""What headers say of a body is read without trusting them, and a body is streamed up to its limit."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator

import pytest

from enlarger.protocol.content import is_packed, read_length, stream_capped


@pytest.mark.parametrize(
    ("value", "length"),
    [
        (None, None),
        ("", None),
        ("-1", None),
        ("+1", None),
        ("1_0", None),
        ("1.5", None),
        (" 1", None),
        ("²", None),
        ("٣", None),
        ("0", 0),
        ("007", 7),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, sys.maxsize),
        ("0" * 18 + "9" * 5000, sys.maxsize),
    ],
)
def test_a_length_is_a_plain_number(value: str | None, length: int | None) -> None:
    assert read_length(value) == length


@pytest.mark.parametrize(
    ("value", "packed"),
    [(None, False), ("", False), ("identity", False), (" Identity ", False), ("gzip", True), ("identity, br", True)],
)
def test_only_other_encodings_than_identity_pack_a_body(value: str | None, packed: bool) -> None:
    assert is_packed(value) is packed


class Body:
    def __init__(self, *chunks: bytes, **headers: str) -> None:
        self.chunks = chunks
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.read = 0

    async def aiter_bytes(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            self.read += 1
            yield chunk


class TooLarge(Exception):
    pass


async def test_a_body_within_the_limit_is_streamed_whole() -> None:
    body = Body(b"ab", b"cd", content_length="4")
    assert [chunk async for chunk in stream_capped(body, 4, TooLarge)] == [b"ab", b"cd"]


async def test_an_announced_excess_is_refused_before_anything_is_read() -> None:
    body = Body(b"ab", content_length="5")
    with pytest.raises(TooLarge):
        await anext(stream_capped(body, 4, TooLarge))
    assert body.read == 0


async def test_an_excess_that_is_not_announced_is_never_passed_on() -> None:
    body = Body(b"ab", b"cde", b"f")
    stream = stream_capped(body, 4, TooLarge)
    assert await anext(stream) == b"ab"
    with pytest.raises(TooLarge):
        await anext(stream)
    assert body.read == 2
