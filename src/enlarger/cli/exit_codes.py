"""What a command's exit code says; `docs/cli.md` has the same table."""

from __future__ import annotations

from enlarger.errors import (
    AccessBlocked,
    AuthenticationFailed,
    InsufficientCredits,
    InvalidInput,
    Maintenance,
    NotFound,
    RateLimited,
    ServiceUnavailable,
    TaskFailed,
    WaitTimeout,
)

OK = 0
ERROR = 1
USAGE = 2
"""Typer's own, for options that are not there."""
INTERRUPTED = 130
"""Ctrl-C."""

_CODES: tuple[tuple[int, tuple[type[BaseException], ...]], ...] = (
    (3, (AuthenticationFailed, AccessBlocked)),
    (4, (InsufficientCredits,)),
    (5, (NotFound,)),
    (6, (InvalidInput,)),
    (7, (RateLimited, ServiceUnavailable, Maintenance)),
    (8, (TaskFailed,)),
    (9, (WaitTimeout,)),
)


def exit_code(error: BaseException) -> int:
    """The code for an error: the first line that it belongs to."""
    return next((code for code, kinds in _CODES if isinstance(error, kinds)), ERROR)
