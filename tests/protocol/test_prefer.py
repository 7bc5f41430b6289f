from __future__ import annotations

import pytest

from enlarger.protocol.prefer import read_wait


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("wait=10", 10),
        ("wait=0", 0),
        ("WAIT = 10", 10),
        ('wait="10"', 10),
        ("respond-async, wait=10", 10),
        ("return=minimal; wait=99, wait=10", 10),
        ("wait=10; because=why, handling=lenient", 10),
        (r'note="a, wait=99 \" ", wait=10', 10),
        (",, wait=10,", 10),
        ("wait=10, wait=20", 10),
        ("wait=60", 60),
        ("wait=61", 60),
        ("wait=999999999", 60),
    ],
)
def test_the_seconds_that_a_request_would_wait_are_read(header: str, seconds: int) -> None:
    assert read_wait(header) == seconds


@pytest.mark.parametrize(
    "header",
    ["", "wait", "wait=", "wait=-1", "wait=1.5", "wait=1e1", "wait=ten", "wait=１０", "wait=10s", 'wait="10',
     "wait=10 20", "waiting=10", "respond-async", 'note="wait=10"', 'note="x, wait=10',
     "wait=ten, wait=10", "wait=" + "9" * 5000],
)  # fmt: skip
def test_what_is_not_as_it_should_be_is_passed_over(header: str) -> None:
    assert read_wait(header) is None
