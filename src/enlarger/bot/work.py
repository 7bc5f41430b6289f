"""Carries jobs out: photos from Telegram to the service, the task, its progress, its result back to Telegram.

Every step is written down before the next one is taken, and every step may be taken twice: the photos of a job are
uploaded once (`sent`), its task is made with the job's own idempotency key, and it is done only once its result has
been sent. So a bot that is killed anywhere goes on at its next start, nothing is paid for twice and no result is lost.
A result is sent twice only when the bot dies in the moment between Telegram's receiving it and our noting so, or when
Telegram takes it without an answer.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Literal, TypeVar

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramNetworkError, TelegramServerError, TelegramUnauthorizedError
from msgspec.structs import replace

from enlarger.bot import actions, texts
from enlarger.bot.actions import Action
from enlarger.bot.display import Buttons, Display
from enlarger.bot.error_texts import user_message
from enlarger.bot.handover import SizeLimits, hand_over
from enlarger.bot.jobs import Job, JobResult, JobStore
from enlarger.bot.telegram import GONE, fetch_photo
from enlarger.bot.users import BotUser, UserStore
from enlarger.catalog.messages import translator
from enlarger.client import KieApiClient, TaskStatus
from enlarger.errors import (
    DatabaseUnavailable,
    EnlargerError,
    Maintenance,
    NotFound,
    ProtocolError,
    RateLimited,
    RequestLimitReached,
    ServiceUnavailable,
    SubmissionUnknown,
    TaskCancelled,
)
from enlarger.retry import Backoff, Failure, Sleep, retry
from enlarger.tasks.endings import Refund
from enlarger.tasks.ledger import to_credits

T = TypeVar("T")

_PASSING = (RateLimited, ServiceUnavailable, Maintenance, ProtocolError)
_LATER = (DatabaseUnavailable, TelegramNetworkError, TelegramServerError, TelegramUnauthorizedError)
"""What a job outlives: it is written down, and goes on when they are back, or the bot has a token that is known."""
_PATIENCE = 300.0
"""Seconds of waiting for a service that does not take a job, before the user is told so."""
_NOTE_SECONDS = 10.0
"""How long the press of a button waits until a result that has just been sent is recorded as sent."""
_BACKOFF = Backoff(first=1.0, longest=15.0)
_LOOK_SECONDS = 1.0
_LONG = 60
"""Looks after which a task is looked at less often."""
_SLOW_LOOK_SECONDS = 3.0
_LONGEST_REASON = 500

_log = structlog.get_logger("enlarger.bot")


class Work:
    """All jobs that are being carried out in this process."""

    def __init__(
        self,
        bot: Bot,
        users: UserStore,
        jobs: JobStore,
        *,
        buttons: Buttons,
        at_once: int = 1,
        refund: Refund = "unpaid",
        limits: SizeLimits | None = None,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`at_once` is how many jobs one user may have open, `refund` what a stopped job gives back."""
        self._bot = bot
        self._users = users
        self._jobs = jobs
        self._buttons = buttons
        self._at_once = at_once
        self._refund = refund
        self._limits = limits or SizeLimits()
        self._sleep = sleep
        self._clock = clock
        self._running: dict[int, asyncio.Task[None]] = {}
        self._unwanted: set[int] = set()
        """Jobs whose users have called them off."""
        self._delivering: set[int] = set()
        """Jobs whose results are on their way to Telegram."""

    async def start(self, user: BotUser, chat_id: int, action: Action, photo_ids: Sequence[str] | None = None) -> Job:
        """Write a job down and carry it out beside everything else; its photos are the action's, if none are given.

        Returns the job as soon as it is written down. Raises RequestLimitReached when the user has as many open jobs as
        they may have.
        """
        photos = [photo.file_id for photo in action.photos] if photo_ids is None else list(photo_ids)
        added = await self._jobs.add(user.user_id, chat_id, action, photos, at_once=self._at_once)
        if added is None:
            raise RequestLimitReached("The user has as many open jobs as one may have (ENLARGER_BOT_TASKS_AT_ONCE).")
        job, new = added
        if new:
            _log.info("job_added", job=job.id, kind=action.kind, model=action.model)
        if job.open:
            self._begin(job)
        return job

    async def resume(self) -> int:
        """Take up again all jobs that are open, at the start of the process; returns how many they are."""
        jobs = await self._jobs.all_open()
        for job in jobs:
            self._begin(job)
        return len(jobs)

    async def cancel(self, job: Job) -> None:
        """Call a job off; its message then says so. One that has ended stays as it is.

        A task that the service can no longer stop goes on, and is delivered all the same.
        """
        current = await self._jobs.find(job.id, job.user_id)
        if current is None or not current.open:
            return
        self._unwanted.add(job.id)
        if current.task_id is not None:
            await (await self._client(current)).cancel(current.task_id)
        elif current.sent is None and (running := self._running.get(job.id)) is not None:
            running.cancel()  # nothing can have been made
        self._begin(current)

    async def send_original(self, job: Job, user: BotUser) -> None:
        """Send what a job has made once more, as a document that Telegram leaves as it is.

        Raises NotFound when the service no longer keeps it.
        """
        if job.task_id is None:
            raise NotFound("The job has made nothing.")
        client = self._users.client(user)
        status = await client.get_task_status(job.task_id)
        if not status.succeeded:
            raise NotFound("The job has made nothing.")
        action = replace(job.action, deliver="document")
        tr = translator(user.language)
        await hand_over(self._bot, client, status, job.chat_id, action, None, tr, self._sleep, self._limits)

    async def settled(self, job: Job) -> Job:
        """The job, once a result that is being sent, and may already be visible, has been recorded as sent."""
        running = self._running.get(job.id)
        if not job.open or running is None or job.id not in self._delivering:
            return job
        await asyncio.wait((running,), timeout=_NOTE_SECONDS)
        return await self._jobs.find(job.id, job.user_id) or job

    async def aclose(self, seconds: float = 0.0) -> None:
        """Stop all work, which stays written down; results that are being sent may take so many seconds.

        One that was cut off is sent again at the next start, perhaps twice.
        """
        delivering = [task for job_id, task in self._running.items() if job_id in self._delivering]
        if delivering and seconds:
            await asyncio.wait(delivering, timeout=seconds)
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def idle(self) -> None:
        """Return when nothing is being carried out."""
        while self._running:
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    # One job

    def _begin(self, job: Job) -> None:
        running = self._running.get(job.id)
        if running is not None and not running.cancelling():
            return
        task = asyncio.create_task(self._carry_out(job, after=running), name=f"job {job.id}")
        self._running[job.id] = task
        task.add_done_callback(lambda ended: self._forget(job.id, ended))

    def _forget(self, job_id: int, ended: asyncio.Task[None]) -> None:
        if self._running.get(job_id) is ended:
            del self._running[job_id]
            self._unwanted.discard(job_id)
            self._delivering.discard(job_id)

    async def _carry_out(self, job: Job, *, after: asyncio.Task[None] | None) -> None:
        """All of a job, once the one who was at it before has stopped."""
        if after is not None:
            await asyncio.wait([after])

        def note(failure: Failure) -> None:
            _log.warning("job_waits", job=job.id, kind=type(failure.error).__name__)

        await retry(lambda: self._try(job), on=_LATER, pauses=_BACKOFF, note=note, sleep=self._sleep)

    async def _try(self, job: Job) -> None:
        found = await self._jobs.find(job.id, job.user_id)
        user = await self._users.find(job.user_id)
        if found is None or user is None or not found.open:
            return
        job = found
        tr = translator(user.language)
        note = texts.progress.stopping_costs(tr) if await self._stopping_costs(job, user) else ""
        display = Display(self._bot, job, user, self._buttons, self._sleep, self._clock, note=note)
        try:
            job = await self._go(job, user, display)
        except _LATER:
            raise
        except GONE:
            await self._users.set_blocked(user.user_id)
            await self._jobs.end(job, "failed", error="The user has blocked the bot.")
        except Exception as error:  # noqa: BLE001 - whatever it is, the user waits for a word
            if not isinstance(error, EnlargerError | TelegramAPIError):
                _log.exception("job_crashed", job=job.id)
            state: Literal["cancelled", "failed"] = "cancelled" if isinstance(error, TaskCancelled) else "failed"
            reason = str(error)[:_LONGEST_REASON] if isinstance(error, EnlargerError) else type(error).__name__
            _log.info("job_failed", job=job.id, state=state, kind=type(error).__name__)
            # First the word, then the note: what is said twice after a crash is one and the same message.
            await display.end(user_message(error, tr), state)
            await self._jobs.end(job, state, error=reason)

    async def _stopping_costs(self, job: Job, user: BotUser) -> bool:
        """Whether stopping may cost the user credits."""
        if self._refund == "all" or job.action.model == actions.OWN_UPSCALE:
            return False
        return await self._users.balance(user) is not None

    async def _go(self, job: Job, user: BotUser, display: Display) -> Job:
        """Every step that has not been taken. Raises what stands in the way."""
        client = self._users.client(user)
        if job.task_id is None and job.sent is None:
            self._check_wanted(job)
            message_id = await display.begin()
            job = await self._jobs.change(job, message_id=message_id)
            job = await self._jobs.change(job, sent=await self._upload(job, client))
        if job.task_id is None:
            task_id = await self._create(job, client)
            job = await self._jobs.change(job, task_id=task_id)
            if job.id in self._unwanted:
                await self._persist(partial(client.cancel, task_id))
        status = await self._follow(job, client, display)
        status.raise_failure()
        return await self._deliver(job, user, client, status, display)

    async def _upload(self, job: Job, client: KieApiClient) -> dict[str, Any]:
        """The input with the URLs of the photos, which are ours: Telegram's would tell the token."""
        urls = []
        for photo_id in job.photo_ids:
            content, name = await fetch_photo(self._bot, photo_id, self._sleep)
            uploaded = await self._persist(partial(client.upload, content, name=name))
            urls.append(uploaded.url)
        result = None
        if job.action.source is not None:
            source = job.action.source
            status = await self._persist(partial(client.get_task_status, source))
            if not status.urls:
                raise NotFound("The earlier task's result is no longer there.")
            result = status.urls[0]
        return actions.fill(job.action, photos=urls, result=result)

    async def _create(self, job: Job, client: KieApiClient) -> str:
        assert job.sent is not None
        submit = partial(client.submit, job.action.model, job.sent, idempotency_key=job.idempotency_key)
        return (await self._persist(submit)).id

    async def _follow(self, job: Job, client: KieApiClient, display: Display) -> TaskStatus:
        """Look at the task until it has ended; the service sees to it that it does."""
        assert job.task_id is not None
        for look in itertools.count(1):
            status = await self._persist(partial(client.get_task_status, job.task_id), patience=None)
            if status.ended:
                return status
            await display.progress(status)
            await self._sleep(_LOOK_SECONDS if look < _LONG else _SLOW_LOOK_SECONDS)
        raise AssertionError("unreachable")

    async def _deliver(
        self, job: Job, user: BotUser, client: KieApiClient, status: TaskStatus, display: Display
    ) -> Job:
        """Send the result, note that it was sent, and only then take the progress message away."""
        result = JobResult(credits=to_credits(status.credits), seconds=status.seconds)
        done = replace(job, state="done", result=result)
        send = partial(
            hand_over,
            self._bot,
            client,
            status,
            job.chat_id,
            job.action,
            self._buttons(done, user),
            translator(user.language),
            self._sleep,
            self._limits,
        )
        self._delivering.add(job.id)
        file_id = await self._persist(send, patience=None)
        job = await self._jobs.end(job, "done", result=replace(result, file_id=file_id))
        _log.info("job_done", job=job.id, seconds=status.seconds)
        await display.remove()
        return job

    def _check_wanted(self, job: Job) -> None:
        if job.id in self._unwanted:
            raise TaskCancelled("The user has called the job off.")

    async def _client(self, job: Job) -> KieApiClient:
        user = await self._users.find(job.user_id)
        assert user is not None
        return self._users.client(user)

    async def _persist(self, call: Callable[[], Awaitable[T]], *, patience: float | None = _PATIENCE) -> T:
        """Ask the service until it answers; with patience, only for so many seconds of pauses.

        Where a task may have been made there is no end to it: the same request with the same key tells which it is.
        """
        pauses = replace(_BACKOFF, patience=patience)

        def pause(failure: Failure) -> float | None:
            nonlocal pauses
            if isinstance(failure.error, SubmissionUnknown):
                pauses = _BACKOFF
            return pauses(failure)

        def note(failure: Failure) -> None:
            _log.info("service_passes", kind=type(failure.error).__name__)

        return await retry(call, on=_PASSING, pauses=pause, note=note, sleep=self._sleep)
