"""Whatever nobody else has understood."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.enums import ContentType
from aiogram.filters.state import StateFilter
from aiogram.types import CallbackQuery, Message

from enlarger.bot import texts
from enlarger.bot.handlers.visit import Talk, Visit, private

_NO_PICTURES = {
    ContentType.ANIMATION,
    ContentType.AUDIO,
    ContentType.CONTACT,
    ContentType.DICE,
    ContentType.GAME,
    ContentType.LOCATION,
    ContentType.PAID_MEDIA,
    ContentType.POLL,
    ContentType.STICKER,
    ContentType.STORY,
    ContentType.VENUE,
    ContentType.VIDEO,
    ContentType.VIDEO_NOTE,
    ContentType.VOICE,
}


def make_router() -> Router:
    """Comes last. What Telegram itself says in a chat, such as that a message was pinned, is not answered."""
    router = private("fallback")
    router.message.register(_unknown_command, F.text.startswith("/"))
    router.message.register(_sample_wanted, StateFilter(Talk.sample))
    router.message.register(_words_wanted, F.content_type.in_(_NO_PICTURES), StateFilter(Talk.wishes, Talk.words))
    router.message.register(_words, F.text)
    router.message.register(_no_picture, F.content_type.in_(_NO_PICTURES))
    router.callback_query.register(_old_button)
    return router


async def _unknown_command(_: Message, visit: Visit) -> None:
    await visit.tell(texts.photo.unknown_command(visit.tr))


async def _sample_wanted(_: Message, visit: Visit) -> None:
    await visit.tell(texts.photo.sample_wanted(visit.tr))


async def _words_wanted(_: Message, visit: Visit) -> None:
    await visit.tell(texts.design.words_wanted(visit.tr))


async def _words(_: Message, visit: Visit) -> None:
    await visit.tell(texts.photo.photo_first(visit.tr))


async def _no_picture(_: Message, visit: Visit) -> None:
    await visit.tell(texts.photo.no_picture(visit.tr))


async def _old_button(_: CallbackQuery, visit: Visit) -> None:
    await visit.tell(texts.progress.old_button(visit.tr))
