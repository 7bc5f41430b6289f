"""Floods: who sends too much in too short a time is told once, and then not listened to until it is over."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import CallbackQuery, Chat, Message, TelegramObject, Update, User

from enlarger.bot.telegram import quietly
from enlarger.bot.users import language_of
from enlarger.catalog.messages import translator

_TIMES = 20
_SECONDS = 10.0
"""An album has ten photos; nobody presses buttons as fast as this."""
_MOST_USERS = 10_000


class Floods(BaseMiddleware):
    """Lets through so many updates of one user in so many seconds; of the first one too many they are told."""

    def __init__(
        self, *, times: int = _TIMES, seconds: float = _SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._times = times
        self._seconds = seconds
        self._clock = clock
        self._seen: OrderedDict[int, deque[float]] = OrderedDict()
        self._told: dict[int, float] = {}

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        """Hand an update on, or drop it."""
        who: User | None = data.get("event_from_user")
        if who is None or self._takes(who.id):
            return await handler(event, data)
        chat: Chat | None = data.get("event_chat")
        private = chat is None or chat.type == "private"  # what people say to each other is not answered
        if private and self._tells(who.id) and isinstance(event, Update):
            await self._tell(event.event, who)
        return None

    def _takes(self, user_id: int) -> bool:
        now = self._clock()
        seen = self._seen.setdefault(user_id, deque())
        self._seen.move_to_end(user_id)
        while len(self._seen) > _MOST_USERS:
            gone, _ = self._seen.popitem(last=False)
            self._told.pop(gone, None)
        while seen and seen[0] <= now - self._seconds:
            seen.popleft()
        if len(seen) >= self._times:
            return False
        seen.append(now)
        return True

    def _tells(self, user_id: int) -> bool:
        now = self._clock()
        if self._told.get(user_id, float("-inf")) > now - self._seconds:
            return False
        self._told[user_id] = now
        return True

    async def _tell(self, event: TelegramObject, who: User) -> None:
        tr = translator(language_of(who))
        words = tr("Too many requests. Please wait a few seconds and try again.")
        match event:
            case CallbackQuery() | Message():
                await quietly(event.answer(words))
            case _:
                pass
