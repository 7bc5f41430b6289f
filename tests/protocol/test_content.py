"""What headers say of a body is read without trusting them."""

from __future__ import annotations

import sys

import pytest

from enlarger.protocol.content import is_packed, read_length


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
