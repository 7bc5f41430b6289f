"""What a provider tells of a task, written down."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import msgspec
import structlog

from enlarger.catalog import Model
from enlarger.infra import tracing
from enlarger.providers import HostedProvider, Report
from enlarger.tasks.attempts import AttemptStore
from enlarger.tasks.records import Attempt
from enlarger.worker.schedule import Schedule

_FAILED = "501"
_CLOCK_DIFFERENCE = timedelta(minutes=1)

_log = structlog.get_logger("enlarger.worker")


class ReportHandler:
    """Takes reports in, whoever brought them."""

    def __init__(self, attempts: AttemptStore, schedule: Schedule) -> None:
        self._attempts = attempts
        self._schedule = schedule

    async def take(
        self, provider: HostedProvider, attempt: Attempt, model: Model, report: Report, *, asked: bool = False
    ) -> None:
        """Write down what a report says of an attempt; `asked` is whether the provider had to be asked for it."""
        log = _log.bind(task_id=attempt.task_id, attempt=attempt.id, provider=provider.name)
        report = msgspec.structs.replace(report, message=_storable(report.message), data=_storable(report.data))
        now = self._attempts.now()
        began = attempt.accepted_at or attempt.started_at
        work = partial(
            tracing.past_span,
            f"{provider.name} works",
            attempt.trace_parent,
            began,
            task_id=attempt.task_id,
            provider=provider.name,
            provider_task_id=report.provider_task_id,
        )
        match report.state:
            case "running":
                age = (now - began).total_seconds()
                pause = self._schedule.again(age) if attempt.abandoned_at is None else self._schedule.late(age)
                await self._attempts.polled(attempt, again_in=pause, asked=asked, progress=report.progress)
            case "succeeded":
                # Clocks differ, and providers err: it has not ended long before it was sent, nor later than now.
                earliest = attempt.started_at - _CLOCK_DIFFERENCE
                ended = max(min(report.ended_at, now), earliest) if report.ended_at else None
                if attempt.abandoned_at is None:
                    took = (ended or now) - began
                    seconds, announced = max(took.total_seconds(), 0.0), attempt.webhook is not None
                    self._schedule.learn(provider.name, model, seconds, announced=announced)
                await self._attempts.succeeded(
                    attempt,
                    report.provider_task_id,
                    msgspec.to_builtins(report),
                    finished_at=ended,
                    keeps=provider.traits.keeps_seconds,
                    asked=asked,
                )
                work(ended or now)
                log.info("provider_succeeded", asked=asked)
            case "failed":
                message = report.message or f"{provider.name} failed and does not say why."
                await self._attempts.failed(
                    attempt,
                    message,
                    code=report.code or _FAILED,
                    ends_task=report.faulty_input,
                    provider_task_id=report.provider_task_id,
                    dollars=report.cost,
                    asked=asked,
                )
                work(now, error=report.code or _FAILED)
                log.warning("provider_failed", code=report.code, reason=message, ends_task=report.faulty_input)


def _storable(value: Any) -> Any:
    """What a provider says, without the one character that Postgres does not store."""
    match value:
        case str():
            return value.replace("\0", "")
        case dict():
            return {_storable(name): _storable(item) for name, item in value.items()}
        case list():
            return [_storable(item) for item in value]
        case _:
            return value
