"""JSON is measured before it is parsed."""

from __future__ import annotations

import json
import mmap
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enlarger.errors import InvalidRequest
from enlarger.protocol.json_body import MOST_VALUES, decode_json

_JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(alphabet='a,"\\[{\u044f'),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(alphabet='a,"\\[{'), inner),
    max_leaves=30,
)


@contextmanager
def mapped(body: bytes) -> Iterator[mmap.mmap]:
    """The body as a large one comes: in a file."""
    with tempfile.TemporaryFile() as file:
        file.write(body)
        file.flush()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            yield content


@given(_JSON)
def test_what_is_small_is_parsed(value: Any) -> None:
    for body in (json.dumps(value).encode(), json.dumps(value, ensure_ascii=False, indent=1).encode()):
        assert decode_json(body) == value
        with mapped(body) as content:
            assert decode_json(content) == value


@pytest.mark.parametrize(
    "body",
    [
        b"[" + b"{}," * MOST_VALUES + b"{}]",
        b"[" + b"[]," * MOST_VALUES + b"1]",
        b"[" + b"1," * MOST_VALUES + b"1]",
        b"[" + b'"",' * MOST_VALUES + b"1]",
        b"{" + b'"a":1,' * MOST_VALUES + b'"a":1}',
        b'["' + b'\\"' * (MOST_VALUES + 1) + b'"]',
        b"[" * (MOST_VALUES + 1),
        # Texts whose ends are hard to find must not hide what follows them.
        *(b'["' + b"\\" * slashes + b'",' + b"{}," * MOST_VALUES + b"{}]" for slashes in (2, 64, 66, 1024, 5000)),
        *(b'["' + b"\\" * slashes + b'"",' + b"{}," * MOST_VALUES + b"{}]" for slashes in (1, 63, 65, 1023, 5001)),
    ],
    ids=lambda body: f"{body[:4]!r}-{len(body)}",
)
def test_too_many_values_are_refused_of_whatever_kind(body: bytes) -> None:
    with pytest.raises(InvalidRequest, match="more than 20000 values"):
        decode_json(body)
    with mapped(body) as content, pytest.raises(InvalidRequest, match="more than 20000 values"):
        decode_json(content)


@pytest.mark.parametrize("make", [lambda text: text, lambda text: f"data:image/png;base64,{text}"])
def test_the_marks_inside_a_text_are_no_values(make: Callable[[str], str]) -> None:
    text = make("AAAA,{[" * 500_000)
    assert decode_json(json.dumps({"image": text}).encode()) == {"image": text}
