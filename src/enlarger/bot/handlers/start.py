"""The first words, help, and the language."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command, CommandStart
from aiogram.types import CallbackQuery, Message

from enlarger.bot import keyboards, texts
from enlarger.bot.handlers.visit import Visit, private
from enlarger.catalog.messages import translator


def make_router() -> Router:
    """/start, /help, /language."""
    router = private("start")
    router.message.register(_start, CommandStart())
    router.message.register(_help, Command("help"))
    router.message.register(_language, Command("language"))
    router.callback_query.register(_speak, keyboards.Speak.filter())
    return router


async def _start(_: Message, visit: Visit) -> None:
    await visit.state.clear()
    await visit.tell(texts.beginning.welcome(visit.tr, visit.user, await visit.users.balance(visit.user)))


async def _help(_: Message, visit: Visit) -> None:
    await visit.tell(texts.beginning.help_(visit.tr, admin=visit.admin))


async def _language(_: Message, visit: Visit) -> None:
    await visit.tell(texts.beginning.choose_language(visit.tr), keyboards.languages())


async def _speak(query: CallbackQuery, callback_data: keyboards.Speak, visit: Visit) -> None:
    if callback_data.language in texts.beginning.LANGUAGES:
        user = await visit.users.set_language(visit.user, callback_data.language)
        await visit.turn(query, texts.beginning.language_set(translator(user.language)))
