"""What every update passes through: who it is from, that a button is answered, what is still being handled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import CallbackQuery, Chat, TelegramObject, Update, User

from enlarger.bot.jobs import update_id
from enlarger.bot.telegram import quietly
from enlarger.bot.users import UserStore, language_of
from enlarger.catalog.messages import translator

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class People(BaseMiddleware):
    """Gives handlers `user` and `say`; in groups only those who have written to the bot are users."""

    def __init__(self, users: UserStore) -> None:
        self._users = users

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Hand an update on, unless it is nobody's."""
        who: User | None = data.get("event_from_user")
        chat: Chat | None = data.get("event_chat")
        if who is None or who.is_bot:
            return None
        data["tr"] = translator(language_of(who))
        private = chat is None or chat.type == "private"
        user = await self._users.get(who) if private else await self._users.find(who.id)
        data["user"] = user
        if user is not None:
            data["tr"] = translator(user.language)
        update_id.set(event.update_id if isinstance(event, Update) else None)
        return await handler(event, data)


class Answers(BaseMiddleware):
    """Answers a button once it has been handled, so that it does not go on turning; twice does no harm."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Hand a button on."""
        result = await handler(event, data)
        if isinstance(event, CallbackQuery):
            await quietly(event.answer())
        return result


class AtWork(BaseMiddleware):
    """Knows which updates are being handled, so that the bot stops only afterwards."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Hand an update on."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            return await handler(event, data)
        finally:
            self._tasks.discard(task)

    async def finish(self, seconds: float) -> None:
        """Return when all that is being handled has been, or after so many seconds."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
