"""The one message that shows a user how their job stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramRetryAfter
from aiogram.types import InlineKeyboardMarkup
from msgspec.structs import replace

from enlarger.bot.jobs import Job
from enlarger.bot.telegram import GONE, patiently, quietly
from enlarger.bot.users import BotUser
from enlarger.catalog.messages import translator
from enlarger.client import TaskStatus
from enlarger.retry import Sleep

Buttons = Callable[[Job, BotUser], InlineKeyboardMarkup | None]
"""The buttons beneath the message that shows a job, by its state."""

_EVERY_SECONDS = 3.0
"""Telegram does not like messages that change more often."""
_LATER_SECONDS = 10.0
_SOON = 60.0
_CELLS = 10

_log = structlog.get_logger("enlarger.bot")


class Display:
    """A job's message: sent once, edited as the job goes on."""

    def __init__(
        self,
        bot: Bot,
        job: Job,
        user: BotUser,
        buttons: Buttons,
        sleep: Sleep,
        clock: Callable[[], float],
        *,
        note: str = "",
    ) -> None:
        """`note` is said beneath the progress."""
        self._bot = bot
        self._job = job
        self._user = user
        self._buttons = buttons
        self._sleep = sleep
        self._clock = clock
        self._note = note
        self._tr = translator(user.language)
        self._began = clock()
        self._next = self._began + _EVERY_SECONDS
        self._shown: str | None = None

    async def begin(self) -> int:
        """Send the message, unless it is there already; returns its id. Raises TelegramAPIError."""
        if self._job.message_id is None:
            sends = bool(self._job.photo_ids)
            first = self._tr("Sending your photo…") if sends else self._tr("In the queue… {seconds} s", seconds=0)
            text = self._words(first, self._note)
            buttons = self._buttons(self._job, self._user)
            message = await patiently(
                lambda: self._bot.send_message(self._job.chat_id, text, reply_markup=buttons), self._sleep
            )
            self._shown = text
            self._job = replace(self._job, message_id=message.message_id)
        assert self._job.message_id is not None
        return self._job.message_id

    async def progress(self, status: TaskStatus) -> None:
        """Show how a task stands; now and then only, and what Telegram does not take is left out."""
        now = self._clock()
        if now < self._next or self._job.message_id is None:
            return
        self._next = now + (_EVERY_SECONDS if now - self._began < _SOON else _LATER_SECONDS)
        text = self._words(self._state(status), self._note)
        if text == self._shown:
            return
        try:
            await self._edit(text, self._job)
        except TelegramRetryAfter as error:
            self._next = now + error.retry_after
        except GONE:
            raise
        except TelegramAPIError as error:
            _log.debug("telegram_said_no", kind=type(error).__name__)
        else:
            self._shown = text

    async def end(self, text: str, state: Literal["failed", "cancelled"]) -> None:
        """Say how the job has ended without a result. What cannot be said is logged."""
        ended = replace(self._job, state=state)
        text = self._words(text)
        try:
            if self._job.message_id is not None:
                try:
                    await patiently(lambda: self._edit(text, ended), self._sleep)
                except TelegramBadRequest as error:
                    if "not modified" not in error.message:
                        await self._send(text, ended)
            else:
                await self._send(text, ended)
        except TelegramAPIError as error:
            _log.warning("user_not_told", job=self._job.id, kind=type(error).__name__)

    async def remove(self) -> None:
        """Take the message away: the result stands there now."""
        if self._job.message_id is not None:
            await quietly(self._bot.delete_message(self._job.chat_id, self._job.message_id))

    async def _edit(self, text: str, job: Job) -> None:
        await self._bot.edit_message_text(
            text, chat_id=job.chat_id, message_id=job.message_id, reply_markup=self._buttons(job, self._user)
        )

    async def _send(self, text: str, job: Job) -> None:
        buttons = self._buttons(job, self._user)
        await patiently(lambda: self._bot.send_message(job.chat_id, text, reply_markup=buttons), self._sleep)

    def _words(self, *below: str) -> str:
        return "\n\n".join(part for part in (self._job.action.title, *below) if part)

    def _state(self, status: TaskStatus) -> str:
        seconds = int(self._clock() - self._began)
        if status.state != "generating":
            return self._tr("In the queue… {seconds} s", seconds=seconds)
        if status.progress:
            full = min(_CELLS, status.progress * _CELLS // 100)
            return f"{'▓' * full}{'░' * (_CELLS - full)} {status.progress} %\n" + self._tr(
                "Working… {seconds} s", seconds=seconds
            )
        return self._tr("Working… {seconds} s", seconds=seconds)
