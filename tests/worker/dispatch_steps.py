"""Refusals of a provider, and attempts in short."""

from __future__ import annotations

from typing import Any

from enlarger.errors import RefusalReason, SubmissionRefused
from enlarger.tasks.records import Attempt


def refusal(
    reason: RefusalReason = "busy", code: int = 429, message: str = "too many", **more: Any
) -> SubmissionRefused:
    return SubmissionRefused(message, reason=reason, code=code, **more)


def short(attempts: list[Attempt]) -> list[tuple[str, str]]:
    return [(attempt.provider, attempt.state) for attempt in attempts]
