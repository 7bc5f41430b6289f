from __future__ import annotations

from datetime import UTC, datetime

import pytest

from enlarger.protocol.retry_after import read_retry_after

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("120", 120),
        ("1.5", 1.5),
        ("-5", 0),
        ("7200", 3600),
        ("Sat, 01 Aug 2026 12:10:00 GMT", 600),
        ("Sat, 01 Aug 2026 12:10:00", 600),
        ("Sat, 01 Aug 2026 11:00:00 GMT", 0),
        ("Sun, 02 Aug 2026 12:00:00 GMT", 3600),
    ],
)
def test_a_number_and_a_date_are_read_and_no_pause_is_endless(value: str | None, seconds: float | None) -> None:
    assert read_retry_after(value, longest=3600, at=NOON) == seconds
