"""What a provider tells of a task, written down."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import structlog

from enlarger.catalog import Model
from enlarger.providers import Provider, Report
from enlarger.tasks.attempts import AttemptStore
from enlarger.tasks.records import Attempt
from enlarger.worker.schedule import Schedule

_FAILED = "501"

_log = structlog.get_logger("enlarger.worker")


class News:
    """Takes reports in, whoever brought them."""

    def __init__(self, attempts: AttemptStore, schedule: Schedule) -> None:
        self._attempts = attempts
        self._schedule = schedule

    async def take(
        self, provider: Provider, attempt: Attempt, model: Model, report: Report, *, asked: bool = False
    ) -> None:
        """Write down what a report says of an attempt; `asked` is whether the provider had to be asked for it."""
        log = _log.bind(task_id=attempt.task_id, attempt=attempt.id, provider=provider.name)
        now = datetime.now(UTC)
        began = attempt.accepted_at or attempt.started_at
        match report.state:
            case "running":
                age = (now - began).total_seconds()
                pause = self._schedule.again(age) if attempt.abandoned_at is None else self._schedule.late(age)
                await self._attempts.looked(attempt, again_in=pause, asked=asked, progress=report.progress)
            case "succeeded":
                ended = min(report.ended_at, now) if report.ended_at else None
                if attempt.abandoned_at is None:
                    took = (ended or now) - began
                    self._schedule.learn(provider.name, model, max(took.total_seconds(), 0.0))
                await self._attempts.succeeded(
                    attempt,
                    report.provider_task_id,
                    msgspec.to_builtins(report),
                    finished_at=ended,
                    keeps=provider.traits.keeps_seconds,
                    asked=asked,
                )
                log.info("provider_succeeded", asked=asked)
            case "failed":
                message = report.message or f"{provider.name} failed and does not say why."
                await self._attempts.failed(
                    attempt,
                    message,
                    code=report.code or _FAILED,
                    ends_task=report.faulty_input,
                    provider_task_id=report.provider_task_id,
                    dollars=report.cost or Decimal(0),
                    asked=asked,
                )
                log.warning("provider_failed", code=report.code, reason=message, ends_task=report.faulty_input)
