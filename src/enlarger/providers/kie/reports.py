"""From KIE's record of a task to a report."""

from __future__ import annotations

import math
from decimal import Decimal

from enlarger.catalog.model import CREDIT_USD
from enlarger.client.records import TaskStatus
from enlarger.protocol.moderation import is_moderated
from enlarger.providers.base import Report

_FAULTY_INPUT = ("400", "413", "422", "451")
_MOST_CREDITS = 1_000_000
"""What a task surely does not cost: whoever says so is not to be believed."""


def read_report(status: TaskStatus) -> Report:
    """What a record says. A success that does not name its result yet is still running: the result follows."""
    if status.succeeded:
        return Report(
            provider_task_id=status.task_id,
            state="succeeded",
            progress=100,
            outputs=status.urls,
            data=_data(status.data),
            cost=_cost(status.credits),
            seconds=status.seconds,
            ended_at=status.completed_at,
        )
    if status.failed:
        return Report(
            provider_task_id=status.task_id,
            state="failed",
            progress=100,
            code=status.fail_code,
            message=status.fail_message or "KIE gave no reason.",
            faulty_input=_is_faulty(status),
            cost=_cost(status.credits) or Decimal(0),  # what fails there costs nothing
            seconds=status.seconds or None,  # it says 0 where it did not count
            ended_at=status.completed_at,
        )
    return Report(provider_task_id=status.task_id, state="running", progress=min(max(status.progress or 0, 0), 99))


def _data(value: object) -> dict[str, object] | None:
    """A result that is no file, as an object in any case."""
    return value if value is None or isinstance(value, dict) else {"result": value}


def _cost(credits: float | None) -> Decimal | None:
    if credits is None or not math.isfinite(credits) or not 0 <= credits <= _MOST_CREDITS:
        return None
    return Decimal(str(credits)) * Decimal(str(CREDIT_USD))


def _is_faulty(status: TaskStatus) -> bool:
    return status.fail_code in _FAULTY_INPUT or is_moderated(status.fail_message, status.fail_code)
