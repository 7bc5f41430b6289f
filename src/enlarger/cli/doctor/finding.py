"""What a check finds."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from enlarger.errors import EnlargerError

_AGAIN = "Run `enlarger doctor` again once that is mended."


class Status(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    """It works, but not as well as it could, or not for long."""
    FAILED = "failed"
    """It does not work."""
    SKIPPED = "skipped"
    """There was nothing to examine."""


class Finding(msgspec.Struct, frozen=True):
    """What a check found, in one sentence, and what to do about it."""

    status: Status
    found: str
    remedy: str | None = None
    """What to do; None only where the status is ok."""


def ok(found: str) -> Finding:
    """It works."""
    return Finding(Status.OK, found)


def warning(found: str, remedy: str) -> Finding:
    """It works, but something is worth doing."""
    return Finding(Status.WARNING, found, remedy)


def failed(found: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(Status.FAILED, found, remedy)


def skipped(found: str, remedy: str) -> Finding:
    """There was nothing to examine; `remedy` is what would change that."""
    return Finding(Status.SKIPPED, found, remedy)


def failed_with(error: EnlargerError, remedy: str | None = None) -> Finding:
    """An error as a finding. The errors of this package say what is wrong, and after a colon what to do about it."""
    text = " ".join(str(error).split())
    found, colon, told = text.rpartition(": ")
    if remedy is not None or not colon:
        return failed(text, remedy or _AGAIN)
    return failed(f"{found}.", told[:1].upper() + told[1:])
