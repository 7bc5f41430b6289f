"""What a service does beside the jobs API, as it says itself in a header of every reply.

The hosted service has no such header, and none of these. A client sends a createTask whose fate it does not know once
more only to a service that names `idempotency-key`.
"""

from __future__ import annotations

from typing import Literal, get_args

Extension = Literal["attempts", "cancel", "delete", "deliveries", "events", "idempotency-key", "list", "quote", "wait"]

HEADER = "Enlarger-Extensions"
REQUEST_ID = "X-Request-Id"
"""The header with the service's id of a request, which is also in its log."""
TASK, NOT_MADE = "Enlarger-Task", "not-made"
"""The header of a refused createTask of which nothing was begun: it may be sent again, whatever the code is."""
ALL: tuple[Extension, ...] = get_args(Extension)


def write_extensions() -> str:
    """The header's value: the names, separated by commas."""
    return ", ".join(ALL)


def read_extensions(value: str | None) -> frozenset[str]:
    """The names in the header's value; none without it."""
    return frozenset(name.strip() for name in (value or "").split(",") if name.strip())
