"""Asks Telegram: patiently where it matters, quietly where it does not, and without telling the token.

The token is a part of every address of the Bot API. What aiohttp raises may repeat the address, so such errors end
here; what Telegram itself says never has it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any, TypeVar

import aiohttp
import structlog
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from aiogram.exceptions import (
    RestartingTelegram,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.utils.token import TokenValidationError

from enlarger.errors import ConfigurationError, PictureTooLarge, SourceUnavailable
from enlarger.retry import Backoff, Failure, Sleep, retry

T = TypeVar("T")

MAX_PHOTO_BYTES = 20_000_000
"""The largest file that bots may download; a Bot API server of one's own may give larger ones, which are not taken."""
GONE = (TelegramForbiddenError,)
"""What Telegram answers about somebody who has blocked the bot or is there no longer."""

_PASSING = (TelegramNetworkError, TelegramServerError, RestartingTelegram)
_BACKOFF = Backoff(first=2.0, longest=30.0, tries=6)

_log = structlog.get_logger("enlarger.bot")


def make_bot(token: str, api_url: str | None = None) -> Bot:
    """A bot, at the Bot API of Telegram's or at another server. Raises ConfigurationError for what is no token."""
    server = PRODUCTION if api_url is None else TelegramAPIServer.from_base(api_url)
    try:
        return Bot(token.strip(), session=AiohttpSession(api=server))
    except TokenValidationError:
        raise ConfigurationError(
            "BOT_TOKEN is not a bot's token: it looks like 123456789:AAF…; copy it once more from @BotFather."
        ) from None


async def patiently(call: Callable[[], Awaitable[T]], sleep: Sleep = asyncio.sleep) -> T:
    """Ask until there is an answer: in Telegram's pace when it wants one, and again when it was not there.

    What is sent again because no answer came may arrive twice. Raises TelegramAPIError: at once when asking again is
    no use, else after some tries.
    """
    return await retry(call, on=(TelegramRetryAfter, *_PASSING), pauses=_pause, sleep=sleep)


def _pause(failure: Failure) -> float | None:
    match failure.error:
        case TelegramRetryAfter(retry_after=seconds):
            return seconds
        case TelegramEntityTooLarge():  # of aiogram's network errors the one that does not pass
            return None
        case _:
            return _BACKOFF(failure)


async def quietly(call: Awaitable[object]) -> None:
    """Ask once, for what nobody misses."""
    try:
        await call
    except TelegramAPIError as error:
        _log.debug("telegram_said_no", kind=type(error).__name__)


async def fetch_photo(bot: Bot, file_id: str, sleep: Sleep = asyncio.sleep) -> tuple[bytes, str]:
    """A photo that was sent to the bot, and its name at Telegram.

    Raises PictureTooLarge, SourceUnavailable when Telegram does not have it, TelegramNetworkError.
    """
    try:
        file = await patiently(lambda: bot.get_file(file_id), sleep)
    except TelegramBadRequest as error:
        if "too big" in error.message:
            raise _too_large() from None
        raise SourceUnavailable("Telegram does not have the photo any longer.") from None
    if (file.file_size or 0) > MAX_PHOTO_BYTES:
        raise _too_large()
    path = file.file_path
    if path is None:
        raise SourceUnavailable("Telegram does not have the photo any longer.")
    content = await patiently(lambda: _download(bot, path), sleep)
    return content, path.rpartition("/")[2]


class _Photo(BytesIO):
    """Takes as much as a photo may have. Raises PictureTooLarge."""

    def write(self, chunk: Any, /) -> int:
        if self.tell() + memoryview(chunk).nbytes > MAX_PHOTO_BYTES:
            raise _too_large()
        return super().write(chunk)


def _too_large() -> PictureTooLarge:
    return PictureTooLarge("The photo is larger than the 20 MB that Telegram gives to bots.")


async def _download(bot: Bot, path: str) -> bytes:
    target = _Photo()
    try:
        await bot.download_file(path, target)
    except (aiohttp.ClientError, TimeoutError) as error:
        # Its text has the address, and with it the token.
        raise TelegramNetworkError(
            method=None,  # type: ignore[arg-type]
            message=f"the photo could not be downloaded ({type(error).__name__})",
        ) from None
    return target.getvalue()
