"""What a command's exit code says. `make docs` writes the table in `docs/reference/cli.md`."""

from __future__ import annotations

from typing import NamedTuple

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
"""Typer's own, for commands and options that do not exist."""
INTERRUPTED = 130
"""Ctrl-C, SIGTERM, or the closing of the terminal."""


class ExitCode(NamedTuple):
    """An exit code, and the errors that a command ends with it for."""

    code: int
    meaning: str
    kinds: tuple[type[EnlargerError], ...] = ()


GENERAL = (
    ExitCode(OK, "The command has done what it was asked to do."),
    ExitCode(ERROR, "Any other error. `upscale`: some images could not be enlarged, or there were none."),
    ExitCode(USAGE, "There is no such command, option or argument."),
)
"""The codes that do not follow from one kind of error."""

CODES = (
    # Before the errors after which the same command may be run again: that could pay for a second task.
    ExitCode(
        10,
        "It is unknown whether the task was created. Running the same command again may pay for a second one.",
        (SubmissionUnknown,),
    ),
    ExitCode(
        3, "The service rejects the key, or refuses this machine's address.", (AuthenticationFailed, AccessBlocked)
    ),
    ExitCode(4, "The account, or the key, has too few credits.", (InsufficientCredits,)),
    ExitCode(5, "The service has no such task, result or model.", (NotFound,)),
    ExitCode(
        6, "An option or a field of the input is wrong, or the service has switched the model off.", (InvalidInput,)
    ),
    ExitCode(
        7,
        "The service cannot be reached, fails, is closed for maintenance, or gets too many requests: try again later."
        " If a task was created, the error has its id: resume it with `enlarger wait TASK` instead.",
        (RateLimited, ServiceUnavailable, Maintenance),
    ),
    ExitCode(8, "The task has failed or was cancelled.", (TaskFailed,)),
    ExitCode(9, "The task has not ended within `--timeout`. It continues.", (WaitTimeout,)),
    ExitCode(
        INTERRUPTED, "The command was interrupted by Ctrl-C, SIGTERM, or the closing of its terminal.", (Interrupted,)
    ),
)
"""The first line that an error belongs to decides."""


def exit_code(error: BaseException) -> int:
    """The code for an error: that of the first line that it belongs to."""
    return exit_code_of(type(error))


def exit_code_of(kind: type[BaseException]) -> int:
    """The code for all errors of a kind."""
    return next((one.code for one in CODES if issubclass(kind, one.kinds)), ERROR)


def known_error(group: BaseExceptionGroup) -> EnlargerError | None:
    """The first error of a group if all in it are ours; None if one of them is a fault."""
    known, other = group.split(EnlargerError)
    if other is not None or known is None:
        return None
    error: BaseException = known
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error if isinstance(error, EnlargerError) else None
