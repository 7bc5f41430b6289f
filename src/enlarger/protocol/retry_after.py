"""`Retry-After`: how long somebody who answers wants to be left alone."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def read_retry_after(value: str | None, *, longest: float, at: datetime | None = None) -> float | None:
    """The seconds that a `Retry-After` header asks for (RFC 9110, 10.2.3): a number, or a date.

    None where it says nothing; what is beyond `longest` is taken for that much. A date counts from `at`, which is now.
    """
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            date = parsedate_to_datetime(value)
        except ValueError:
            return None
        seconds = (date.replace(tzinfo=date.tzinfo or UTC) - (at or datetime.now(UTC))).total_seconds()
    return min(max(seconds, 0.0), longest) if math.isfinite(seconds) else None
