"""Finds a provider for a task and submits it there: once, and to nobody else while that may have worked."""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import structlog

from enlarger.catalog import Model, get_model
from enlarger.catalog.model import LOCAL
from enlarger.catalog.routes import dollars
from enlarger.errors import (
    AcceptanceUnknown,
    BudgetReached,
    DatabaseUnavailable,
    EnlargerError,
    ProviderSilent,
    RouteUnfit,
    StaleClaim,
    StorageUnavailable,
    SubmissionRefused,
)
from enlarger.infra import tracing
from enlarger.infra.webhook_urls import WebhookUrls
from enlarger.monitoring.instruments import provider_request
from enlarger.providers import Accepted, HostedProvider, LocalRunner, Order, Provider, WireRequest
from enlarger.providers.health import Unavailability
from enlarger.providers.router import Candidate, Router
from enlarger.retry import Failure
from enlarger.settings import Limits
from enlarger.tasks.attempts import AttemptStore
from enlarger.tasks.provider_lines import ProviderLines
from enlarger.tasks.records import Attempt, Task
from enlarger.tasks.submissions import Claim, Waiting
from enlarger.worker.guard import Stopping, guard
from enlarger.worker.inputs import Inputs, has_files
from enlarger.worker.outage import StorageWait, until_written
from enlarger.worker.schedule import Schedule
from enlarger.worker.workspace import workspace

_AT_ONCE = 32
"""Submissions to one provider; one that hangs leaves places for the others."""
_NOBODY = "500"

_SPENT = "its budget, or the account's, is used up"
_NO_PRICE = "no price of the model is known, and its dollars, or the account's, are limited"

_log = structlog.get_logger("enlarger.worker")


_Unavailable = Mapping[str, Unavailability]
"""By the provider's name."""


class Wait(msgspec.Struct, frozen=True):
    """A task has to wait for a provider: for `delay`, or until it is called."""

    delay: timedelta | None = None


class DispatchConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The pauses of a dispatcher, in seconds."""

    wait_away: tuple[float, float] = (2.0, 6.0)
    """The shortest and the longest pause before a task tries again when this worker has too many in flight."""
    fresh: float = 10.0
    """A worker that stood still for longer than this no longer sends: it may have been taken for dead."""
    first_question: float = 5.0
    """From a submission of unknown fate to the first question to the provider about it."""


class DispatchTimeouts(msgspec.Struct, frozen=True):
    """How long things may take; in seconds."""

    route: float
    """For a provider, while none can take a task."""
    deadline: float | None
    """For what was submitted; None is the model's longest duration."""


class Dispatcher:
    """The duty behind the queue's entrypoint `dispatch`."""

    def __init__(
        self,
        *,
        attempts: AttemptStore,
        inputs: Inputs,
        router: Router,
        schedule: Schedule,
        lines: ProviderLines,
        limits: Mapping[str, Limits],
        urls: WebhookUrls,
        timeouts: DispatchTimeouts,
        storage_wait: StorageWait,
        substitute: bool,
        work: Path,
        stopping: asyncio.Event,
        on_wait: Callable[[str], None] = lambda _: None,
        config: DispatchConfig | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`limits` are those of the providers; `substitute` allows this machine's engine in a hosted model's place.

        `on_wait` is called with the provider's name when a task waits to be called. `clock` counts seconds.
        """
        self._attempts = attempts
        self._inputs = inputs
        self._router = router
        self._schedule = schedule
        self._lines = lines
        self._limits = limits
        self._urls = urls
        self._timeouts = timeouts
        self._storage_wait = storage_wait
        self._substitute = substitute
        self._work = work
        self._stopping = stopping
        self._on_wait = on_wait
        self._config = config or DispatchConfig()
        self._clock = clock
        self._turns: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(_AT_ONCE))

    async def __call__(self, task_id: str) -> timedelta | None:
        """Submit one task; returns when to try again if it has to wait."""
        claim = await self._attempts.claim_for_dispatch(task_id)
        if claim is None:
            return None
        log = _log.bind(task_id=task_id, model=claim.task.model, epoch=claim.task.epoch)
        try:
            with tracing.task_span("dispatch", claim.task.trace_parent, task_id=task_id, model=claim.task.model):
                return await self._place(claim)
        except Stopping:
            return timedelta(0)
        except StorageUnavailable as error:
            again = self._storage_wait.again(claim.task)
            if again is not None:
                log.warning("task_waits_for_storage", seconds=round(again.total_seconds()), reason=str(error))
                return again
            log.error("task_failed", code=error.code, reason=str(error))  # noqa: TRY400 - the reason says all
            await self._give_up(claim.task, str(error.code), self._storage_wait.verdict(error))
        except (StaleClaim, DatabaseUnavailable) as error:
            log.info("claim_lost", reason=str(error))
        except EnlargerError as error:
            log.warning("task_failed", code=error.code, reason=str(error))
            await self._give_up(claim.task, str(error.code), str(error))
        except Exception:
            log.exception("task_failed_unexpectedly")
            await self._give_up(
                claim.task, "500", "The task failed because of a fault of this service; its log has more."
            )
        return None

    async def _place(self, claim: Claim) -> timedelta | None:
        """Give the task to the first provider that takes it."""
        task, model = claim.task, get_model(claim.task.model)
        unavailable: dict[str, Unavailability] = {}
        tried = _tried(claim.attempts)
        for candidate in self._router.candidates(model, task.input, tried=tried):
            name = candidate.provider.name
            unavailability = candidate.unavailability or self._reject_substitute(model, candidate)
            if unavailability is None:
                outcome = await self._try(task, model, candidate.provider)
                if not isinstance(outcome, Unavailability):
                    return outcome.delay if isinstance(outcome, Wait) else None
                unavailability = outcome
            unavailable[name] = unavailability
            if name not in tried:
                await self._attempts.skip(task, name, unavailability.reason)
        return await self._wait_or_fail(task, model, unavailable)

    def _reject_substitute(self, model: Model, candidate: Candidate) -> Unavailability | None:
        """Why this machine may not take a hosted model's place.

        That model builds on the hosted service's own tasks, or what this machine makes is less than the model's.
        """
        sourced = any(field.type == "task" for field in model.fields().values())
        lesser = model.engine is not None and model.engine.last_resort
        known = set(self._router.routing.order(model)) & set(self._router.providers)
        hosted = known & set(model.providers()) - {LOCAL}
        if candidate.provider.name != LOCAL or self._substitute or not ((sourced or lesser) and hosted):
            return None
        return Unavailability(
            "it would put another model in the place of this one, which ENLARGER_SUBSTITUTE=1 allows", permanent=True
        )

    async def _try(self, task: Task, model: Model, provider: Provider) -> Unavailability | Wait | None:
        """Give the task to a provider; None when it has it, or may have it."""
        if isinstance(provider, LocalRunner):
            await self._attempts.hand_to_engine(task)
            return None
        turns = self._turns[provider.name]
        if turns.locked():
            return self._wait_away()
        async with turns:
            return await self._try_hosted(task, model, provider)

    async def _try_hosted(self, task: Task, model: Model, provider: HostedProvider) -> Unavailability | Wait | None:
        limits = self._limits[provider.name]
        files = has_files(task, model)
        # A full provider is noticed before files are uploaded for nothing.
        if files and await self._attempts.is_full(provider.name, most=limits.concurrency):
            await self._lines.join(task, provider.name)
            return self._wait_for_call(provider)
        try:
            input = await self._upload(task, model, provider) if files else dict(task.input)
            request = provider.prepare(model, input)
        except RouteUnfit as error:
            return Unavailability(str(error), permanent=True)
        except ProviderSilent as error:
            self._router.note(provider.name, error, step="poll")
            return Unavailability(str(error), permanent=False, seconds=error.retry_after or 5.0)
        if not self._router.start(provider.name):
            return self._router.health[provider.name].unavailability() or self._wait_away()
        begun = self._clock()
        try:
            attempt = await self._begin(task, model, provider, request)
        except BudgetReached as error:
            self._router.note(provider.name, error)
            _log.warning("budget_reached", task_id=task.id, provider=provider.name, reason=str(error))
            return Unavailability(_NO_PRICE if self._price(task, model, provider) is None else _SPENT, permanent=True)
        except BaseException as error:
            self._router.note(provider.name, error)
            raise
        if isinstance(attempt, Waiting):
            self._router.note(provider.name, RouteUnfit("it has as many tasks as it may have"))
            return self._wait_for_call(provider)
        return await self._submit(task, model, provider, attempt, request, begun)

    async def _upload(self, task: Task, model: Model, provider: HostedProvider) -> dict[str, Any]:
        """The input as the provider is given it. Uploads may take minutes, and cost nothing."""
        async with workspace(task.id, self._work) as folder:
            return await guard(self._inputs.prepare(task, model, provider, folder), self._stopping)

    async def _begin(
        self, task: Task, model: Model, provider: HostedProvider, request: WireRequest
    ) -> Attempt | Waiting:
        return await self._attempts.begin(
            task,
            provider.name,
            reference=secrets.token_hex(16),
            request=msgspec.to_builtins(request),
            dollars=self._price(task, model, provider),
            deadline=self._timeouts.deadline or model.duration.most,
            limits=self._limits[provider.name],
        )

    def _price(self, task: Task, model: Model, provider: HostedProvider) -> Decimal | None:
        return dollars(model, provider.name, task.input)

    async def _submit(
        self, task: Task, model: Model, provider: HostedProvider, attempt: Attempt, request: WireRequest, begun: float
    ) -> Unavailability | None:
        """The one moment that costs money. Whatever goes wrong in it leaves the attempt `unknown`."""
        log = _log.bind(task_id=task.id, attempt=attempt.id, provider=provider.name)
        assert attempt.reference is not None, "an attempt at a hosted provider has a reference"
        order = Order(
            task_id=task.id,
            request=request,
            webhook_url=self._urls.make(provider.name, attempt.reference),
        )
        sent_at = self._clock()
        answer, error = None, None
        if sent_at - begun > self._config.fresh:
            stale = SubmissionRefused("the worker stood still for too long and sent nothing", reason="busy")
            self._router.note(provider.name, RouteUnfit(str(stale)))
            return await self._refused(attempt, stale)
        try:
            with provider_request(provider.name, "submit"):
                answer = await provider.submit(order)
        except Exception as failure:  # noqa: BLE001 - whatever it is, the request may have left
            error = failure
        except BaseException:
            self._router.note(provider.name, AcceptanceUnknown("the worker was stopped while it was sending"))
            raise
        self._router.note(provider.name, error, self._clock() - sent_at)
        if answer is not None:
            log.info("submission_accepted", provider_task_id=answer.provider_task_id)
            await self._taken(provider, model, attempt, answer)
            return None
        if isinstance(error, SubmissionRefused | RouteUnfit):
            log.warning("submission_refused", code=error.code, reason=str(error))
            return await self._refused(attempt, error)
        reason = str(error) if isinstance(error, AcceptanceUnknown) else type(error).__name__
        log.error("submission_unknown", reason=reason, exc_info=None if isinstance(error, AcceptanceUnknown) else error)
        poll_in = timedelta(seconds=self._config.first_question)
        await until_written(lambda: self._attempts.unknown(attempt, reason, poll_in=poll_in), _warn)
        return None

    async def _refused(self, attempt: Attempt, refusal: SubmissionRefused | RouteUnfit) -> Unavailability:
        reason, code = str(refusal), str(refusal.code)
        permanent = isinstance(refusal, RouteUnfit) or refusal.reason == "input"
        await until_written(lambda: self._attempts.refused(attempt, reason, code=code, final=permanent), _warn)
        return Unavailability(reason, permanent=permanent, seconds=None if permanent else _retry_delay(refusal))

    async def _taken(self, provider: HostedProvider, model: Model, attempt: Attempt, answer: Accepted) -> None:
        known = answer.seconds
        poll_in = self._schedule.first(provider.name, model) if known is None else timedelta(seconds=known)
        await until_written(lambda: self._attempts.accepted(attempt, answer.provider_task_id, poll_in=poll_in), _warn)

    async def _wait_or_fail(
        self, task: Task, model: Model, unavailable: Mapping[str, Unavailability]
    ) -> timedelta | None:
        """No provider accepts the task now."""
        waits = [
            unavailability.seconds or 1.0 for unavailability in unavailable.values() if not unavailability.permanent
        ]
        attempts = await self._attempts.of_task(task.id)
        free_since = max([task.created_at, *(one.ended_at for one in attempts if one.ended_at and one.final)])
        age = (self._attempts.now() - free_since).total_seconds()
        if waits and age < self._timeouts.route:
            return timedelta(seconds=min(max(min(waits), 1.0), 30.0) * random.uniform(1.0, 1.2))
        code, message = _failure_reason(attempts, model, unavailable)
        await self._give_up(task, code, message)
        _log.warning("task_failed", task_id=task.id, code=code, reason=message)
        return None

    def _wait_for_call(self, provider: HostedProvider) -> Wait:
        self._on_wait(provider.name)
        return Wait()

    def _wait_away(self) -> Wait:
        return Wait(timedelta(seconds=random.uniform(*self._config.wait_away)))

    async def _give_up(self, task: Task, code: str, message: str) -> None:
        with contextlib.suppress(StaleClaim):
            await self._attempts.give_up(task, code, message)


def _warn(failure: Failure) -> None:
    _log.warning("submission_not_written_yet", reason=str(failure.error))


def _tried(attempts: tuple[Attempt, ...]) -> dict[str, str]:
    """The providers that are not asked for this task again, and why."""
    return {
        attempt.provider: attempt.error or "it has been tried"
        for attempt in attempts
        if attempt.state == "failed" and attempt.final
    }


def _failure_reason(
    attempts: list[Attempt], model: Model, unavailable: Mapping[str, Unavailability]
) -> tuple[str, str]:
    """Why a task fails that no provider takes: what the providers that were asked said, or else why none was."""
    failures = {one.provider: one for one in attempts if one.state == "failed" and one.final and one.error_code}
    if failures:
        *_, last = failures.values()
        said = [one.error or "it failed" for one in failures.values()]
        message = said[0] if len(said) == 1 else "; ".join(f"{name}: {one.error}" for name, one in failures.items())
        return last.error_code or _NOBODY, message
    reasons = "; ".join(f"{name}: {unavailability.reason}" for name, unavailability in unavailable.items())
    message = (
        f"No provider accepted the task. {reasons}." if reasons else f"No provider that is set up runs {model.id}."
    )
    return _NOBODY, message


def _retry_delay(refusal: SubmissionRefused | RouteUnfit) -> float:
    return getattr(refusal, "retry_after", None) or 5.0
