"""Asks hosted providers what has become of tasks: when it is time, or at once when they have announced something.

A task that waits is a row with a time. Every worker takes rows that are due; a row that was taken comes back by itself
after a while, so nothing depends on who took it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import timedelta

import msgspec
import structlog

from enlarger.catalog import Model, get_model
from enlarger.errors import DatabaseUnavailable, EnlargerError, ProviderSilent, ResultGone, RouteUnfit
from enlarger.infra import tracing
from enlarger.infra.listener import Listener
from enlarger.infra.wait_for_any import wait_for_any
from enlarger.infra.webhook_urls import WebhookUrls
from enlarger.monitoring.instruments import provider_request
from enlarger.protocol.webhook import Webhook
from enlarger.providers import HostedProvider, LocalRunner, Report, Submission, WireRequest, hosted
from enlarger.providers.router import Router
from enlarger.settings import Limits
from enlarger.tasks.attempts import AttemptStore
from enlarger.tasks.polls import Due
from enlarger.tasks.rate_limits import RateLimiter
from enlarger.tasks.records import Attempt
from enlarger.worker.report_handler import ReportHandler
from enlarger.worker.schedule import Schedule

_LATE_HOURS = 24.0
"""How long a submission that nobody waits for is looked at."""
_TIMED_OUT = "408"

_log = structlog.get_logger("enlarger.worker")


class PollConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The pauses of a poller, in seconds, and how much it does at once."""

    at_once: int = 50
    """Polls that a worker has going on at a provider."""
    lease: float = 60.0
    """After which a row that was taken is due again; longer than a poll takes."""
    idle: float = 1.0
    """The longest pause between two reads of the rows."""
    shortest: float = 0.02
    """The shortest such pause, when no row was due."""


class Poller:
    """Looks at the open attempts of the hosted providers."""

    def __init__(
        self,
        *,
        attempts: AttemptStore,
        router: Router,
        report_handler: ReportHandler,
        schedule: Schedule,
        rate_limiter: RateLimiter,
        limits: Mapping[str, Limits],
        listener: Listener,
        urls: WebhookUrls,
        resubmit: bool,
        config: PollConfig | None = None,
    ) -> None:
        """`limits` are those of the providers; with `resubmit` what is unknown in the end is sent once more."""
        self._attempts = attempts
        self._router = router
        self._report_handler = report_handler
        self._schedule = schedule
        self._rate_limiter = rate_limiter
        self._limits = limits
        self._listener = listener
        self._urls = urls
        self._resubmit = resubmit
        self._config = config or PollConfig()
        self._lease = timedelta(seconds=self._config.lease)

    async def run(self, stopping: asyncio.Event) -> None:
        """Look until `stopping` is set."""
        known = self._router.providers
        names = [name for name in self._limits if not isinstance(known.get(name), LocalRunner)]
        async with self._listener.running(), asyncio.TaskGroup() as group:
            for name in names:  # also those that are no longer set up: their attempts have deadlines
                group.create_task(self._follow(name, stopping))

    async def _follow(self, name: str, stopping: asyncio.Event) -> None:
        config = self._config
        polls: set[asyncio.Task[None]] = set()
        with self._listener.waiter(name) as waiter:
            while not stopping.is_set():
                waiter.clear()
                try:
                    most = config.at_once - len(polls)
                    due, wait = await self._attempts.due(name, most=most, lease=self._lease)
                except Exception as error:  # noqa: BLE001 - a worker does not end because it could not poll
                    _log.warning("cannot_look", provider=name, reason=f"{type(error).__name__}: {error}")
                    await wait_for_any(waiter, stopping, seconds=config.idle)
                    continue
                for one in due:
                    poll = asyncio.create_task(self.poll(one))
                    polls.add(poll)
                    poll.add_done_callback(polls.discard)
                if len(polls) >= config.at_once:
                    await asyncio.wait(polls, return_when=asyncio.FIRST_COMPLETED)
                elif not due:
                    pause = config.idle if wait is None else min(max(wait, config.shortest), config.idle)
                    await wait_for_any(waiter, stopping, seconds=pause)
            if polls:
                await asyncio.wait(polls)

    async def poll(self, due: Due) -> None:
        """Find out what has become of one attempt, and write it down."""
        attempt = due.attempt
        log = _log.bind(task_id=attempt.task_id, attempt=attempt.id, provider=attempt.provider)
        try:
            with tracing.task_span("poll", attempt.trace_parent, task_id=attempt.task_id, provider=attempt.provider):
                await self._poll(attempt, get_model(due.model))
        except DatabaseUnavailable as error:
            log.warning("look_not_written", reason=str(error))  # the row comes back
        except Exception:
            log.exception("look_failed")
            with contextlib.suppress(EnlargerError):
                if self._is_late(attempt):
                    await self._wait(attempt, "it cannot be looked at, the log has more", certain=False)
                else:
                    await self._attempts.polled(attempt, again_in=self._lease, asked=True)

    async def _poll(self, attempt: Attempt, model: Model) -> None:
        webhook = msgspec.convert(attempt.webhook, Webhook) if attempt.webhook is not None else None
        try:
            provider = hosted(self._router.providers, attempt.provider)
            submission = Submission(
                task_id=attempt.task_id,
                request=_request(provider, attempt, model),
                submitted_at=attempt.started_at,
                webhook_url=self._urls.make(provider.name, attempt.reference or ""),
                provider_task_id=attempt.provider_task_id,
            )
            told = await provider.verify_webhook(webhook, submission) if webhook is not None else None
            if told is not None and told.state != "running":
                await self._report_handler.take(provider, attempt, model, told)
                return
            submission = await self._identify(provider, attempt, model, submission, webhook)
            if submission.provider_task_id is None:
                await self._wait(attempt, attempt.error or "its fate is unknown", certain=False)
                return
            if attempt.abandoned_at is not None:
                with contextlib.suppress(ProviderSilent):
                    await provider.cancel(submission)
            report = await self._ask(provider, submission)
            if attempt.provider_task_id is None:
                await self._attempts.accepted(attempt, report.provider_task_id, poll_in=self._lease)
                attempt = msgspec.structs.replace(attempt, provider_task_id=report.provider_task_id)
        except (ProviderSilent, ResultGone) as error:
            # That it is gone may be an accident, or about an id that somebody made up: it is waited for all the same.
            await self._wait(attempt, str(error), certain=False)
        except _Refused:
            pass  # it is written down, and the task goes to the next provider
        else:
            if report.state == "running" and (self._is_late(attempt) or attempt.abandoned_at is not None):
                await self._wait(attempt, "it is still at work", certain=True)
            else:
                await self._report_handler.take(provider, attempt, model, report, asked=True)

    async def _identify(
        self,
        provider: HostedProvider,
        attempt: Attempt,
        model: Model,
        submission: Submission,
        webhook: Webhook | None,
    ) -> Submission:
        """With the provider's id, as far as anybody knows it. Raises ProviderSilent or _Refused."""
        if submission.provider_task_id is not None:
            return submission
        found = provider.webhook_task_id(webhook) if webhook is not None else None
        if found is not None and await self._attempts.is_taken(provider.name, found):
            found = None
        unverified = found is not None
        if found is None:
            if not provider.traits.lists or attempt.state == "submitting":  # it may not have arrived yet
                return submission
            await self._keep_pace(provider)
            taken = await self._attempts.taken(provider.name, model.id, within=timedelta(days=1))
            answer = await provider.find(submission, taken=taken)
            if answer is None:
                reason = f"{provider.name} does not have it: {attempt.error or 'the request was lost'}"
                await self._attempts.refused(attempt, reason, code="500", final=False)
                raise _Refused
            found = answer.provider_task_id
        return msgspec.structs.replace(submission, provider_task_id=found, unverified_id=unverified)

    async def _ask(self, provider: HostedProvider, submission: Submission) -> Report:
        await self._keep_pace(provider)
        try:
            with provider_request(provider.name, "poll"):
                report = await provider.poll(submission)
        except ProviderSilent as error:
            self._router.note(provider.name, error, step="poll")
            raise
        self._router.note(provider.name, None, step="poll")
        return report

    async def _keep_pace(self, provider: HostedProvider) -> None:
        """Wait for a place among the queries that the provider allows everybody together."""
        if (rate := self._limits[provider.name].queries) is not None:
            await self._rate_limiter.acquire(f"ask {provider.name}", *rate)

    async def _wait(self, attempt: Attempt, reason: str, *, certain: bool) -> None:
        """Nothing new: poll again later, or give the attempt up when its time is over.

        `certain` is whether the provider itself says that it has the task.
        """
        log = _log.bind(task_id=attempt.task_id, attempt=attempt.id, provider=attempt.provider)
        age = (self._attempts.now() - attempt.started_at).total_seconds()
        if attempt.abandoned_at is not None:
            if age > _LATE_HOURS * 3600:
                await self._attempts.stop_polling(attempt, reason)
            else:
                await self._attempts.polled(attempt, again_in=self._schedule.late(age), asked=True)
            return
        if not self._is_late(attempt):
            pause = self._schedule.again(age)
            if attempt.deadline_at is not None:
                left = attempt.deadline_at - self._attempts.now()
                pause = min(pause, max(left, timedelta(0)))
            await self._attempts.polled(attempt, again_in=pause, asked=True, trouble=None if certain else reason)
            return
        resubmit = self._resubmit and not certain
        message = (
            f"{attempt.provider} has not finished the task in its time ({reason})."
            if certain
            else f"Nobody can say what became of the task at {attempt.provider} ({reason}); it was not sent again,"
            " because it may have been paid for."
        )
        if await self._attempts.abandon(
            attempt,
            reason,
            certain=certain,
            code=_TIMED_OUT,
            message=message,
            resubmit=resubmit,
            poll_in=self._schedule.late(),
        ):
            log.warning("attempt_abandoned", reason=reason, resubmitted=resubmit)
        else:  # somebody knows more, or the database's clock is behind
            await self._attempts.polled(attempt, again_in=self._schedule.again(0.0), asked=True)

    def _is_late(self, attempt: Attempt) -> bool:
        return (
            attempt.abandoned_at is None
            and attempt.deadline_at is not None
            and self._attempts.now() >= attempt.deadline_at
        )


def _request(provider: HostedProvider, attempt: Attempt, model: Model) -> WireRequest:
    """What was sent. Raises ProviderSilent when that is no longer known, and nobody knows the provider's id either."""
    if attempt.request is not None:
        return msgspec.convert(attempt.request, WireRequest)
    # A version before this one has stored the input in the catalogue's words.
    try:
        return provider.prepare(model, attempt.sent or {})
    except RouteUnfit:
        if attempt.provider_task_id is None:
            raise ProviderSilent(f"It is no longer known in which words {provider.name} was given the task.") from None
        return WireRequest(model=model.id, input=attempt.sent or {})


class _Refused(Exception):
    """The provider turned out not to have the task."""
