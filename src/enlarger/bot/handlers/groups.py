"""In groups: a hint that the bot works in private."""

from __future__ import annotations

from aiogram import Bot, F, Router
from aiogram.enums import ChatType
from aiogram.filters import Command
from aiogram.types import Message

from enlarger.bot import texts
from enlarger.catalog.messages import Translate, translator


def make_router() -> Router:
    """Commands only: what people say to each other is none of our business."""
    router = Router(name="groups")
    names = [command.command for command in texts.beginning.commands(translator("en"), admin=True)]
    router.message.register(_hint, F.chat.type.in_({ChatType.GROUP, ChatType.SUPERGROUP}), Command(*names))
    return router


async def _hint(message: Message, bot: Bot, tr: Translate) -> None:
    me = await bot.me()
    await message.reply(texts.beginning.group_hint(tr, me.username or me.first_name))
