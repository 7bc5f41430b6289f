"""Updates as they come in: those that cannot be read are passed over, and one that comes twice is handled once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiogram import BaseMiddleware, Bot
from aiogram.types import TelegramObject, Update
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

_REMEMBERED = 10_000
_HEADER = "X-Telegram-Bot-Api-Secret-Token"

_log = structlog.get_logger("enlarger.bot")


class Once(BaseMiddleware):
    """Drops updates that have been handled; Telegram repeats those that it has no answer for yet.

    One that was cut off, because the bot stops, counts as not handled: it is handled when it comes again.
    """

    def __init__(self, *, remembered: int = _REMEMBERED) -> None:
        self._remembered = remembered
        self._handled: OrderedDict[int, None] = OrderedDict()
        self._under_way: dict[int, asyncio.Event] = {}

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        """Hand an update on, or drop it: while the same one is under way, not before that has ended."""
        if not isinstance(event, Update):
            return await handler(event, data)
        number = event.update_id
        while (ended := self._under_way.get(number)) is not None:
            await ended.wait()
        if number in self._handled:
            return None
        ended = self._under_way[number] = asyncio.Event()
        try:
            result = await handler(event, data)
            self._remember(number)
            return result
        except Exception:  # it is told to the user, once
            self._remember(number)
            raise
        finally:
            del self._under_way[number]
            ended.set()

    def _remember(self, number: int) -> None:
        self._handled[number] = None
        while len(self._handled) > self._remembered:
            self._handled.popitem(last=False)


class UpdateReceiver:
    """Takes updates that Telegram brings. One that cannot be read is logged and accepted, or it would come for ever."""

    def __init__(self, handler: SimpleRequestHandler, bot: Bot) -> None:
        self._handler = handler
        self._bot = bot

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        told = self._handler.verify_secret(request.headers.get(_HEADER, ""), self._bot)
        if told and not await self._is_readable(request):
            return web.Response()
        return await self._handler.handle(request)

    async def _is_readable(self, request: web.Request) -> bool:
        try:
            Update.model_validate(await request.json(loads=self._bot.session.json_loads), context={"bot": self._bot})
        except (ValueError, LookupError, RecursionError, web.HTTPRequestEntityTooLarge) as error:
            # Not what it says: it has people's words in it.
            _log.warning("update_malformed", reason=type(error).__name__, bytes=request.content_length)
            return False
        return True
