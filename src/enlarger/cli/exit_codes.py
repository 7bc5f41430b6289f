"""What a command's exit code says; `docs/reference/cli.md` has the same table."""

from __future__ import annotations

from enlarger.errors import (
    AccessBlocked,
    AuthenticationFailed,
    EnlargerError,
    InsufficientCredits,
    Interrupted,
    InvalidInput,
    Maintenance,
    NotFound,
    RateLimited,
    ServiceUnavailable,
    SubmissionUnknown,
    TaskFailed,
    WaitTimeout,
)

OK = 0
ERROR = 1
"""Any other error."""
USAGE = 2
"""Typer's own, for commands and options that are not there."""
INTERRUPTED = 130
"""Ctrl-C, SIGTERM, or the closing of the terminal."""

CODES: tuple[tuple[int, tuple[type[BaseException], ...]], ...] = (
    # Before the errors that are worth another try: trying this one again may be paid for twice.
    (10, (SubmissionUnknown,)),
    (3, (AuthenticationFailed, AccessBlocked)),
    (4, (InsufficientCredits,)),
    (5, (NotFound,)),
    (6, (InvalidInput,)),
    (7, (RateLimited, ServiceUnavailable, Maintenance)),
    (8, (TaskFailed,)),
    (9, (WaitTimeout,)),
    (INTERRUPTED, (Interrupted,)),
)


def exit_code(error: BaseException) -> int:
    """The code for an error: that of the first line that it belongs to."""
    return next((code for code, kinds in CODES if isinstance(error, kinds)), ERROR)


def known_error(group: BaseExceptionGroup) -> EnlargerError | None:
    """The first error of a group if all in it are ours; None if one of them is a fault."""
    known, other = group.split(EnlargerError)
    if other is not None or known is None:
        return None
    error: BaseException = known
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error if isinstance(error, EnlargerError) else None
