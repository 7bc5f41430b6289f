"""For those who run the bot: numbers, credits, and writing to everybody who wants news."""

from __future__ import annotations

import re
from decimal import Decimal

from aiogram import Router
from aiogram.exceptions import TelegramAPIError
from aiogram.filters import Command, CommandObject
from aiogram.filters.state import StateFilter
from aiogram.types import CallbackQuery, Message

from enlarger.bot import keyboards, texts
from enlarger.bot.handlers.visit import Talk, Visit, private
from enlarger.bot.telegram import GONE, patiently, quietly
from enlarger.catalog.messages import translator
from enlarger.errors import InvalidInput

_GIFT = re.compile(r"\s*(?P<user>\d{1,19})\s+(?P<credits>[+-]?\d{1,9}(?:[.,]\d{1,2})?)\s*", re.ASCII)


def make_router() -> Router:
    """Nobody else's commands come here: to them they are unknown."""
    router = private("admin")
    router.message.filter(_is_admin)
    router.callback_query.filter(_is_admin)
    router.message.register(_stats, Command("stats"))
    router.message.register(_top_up, Command("topup"))
    router.message.register(_ask_broadcast, Command("broadcast"))
    router.message.register(_confirm_broadcast, StateFilter(Talk.broadcast))
    router.callback_query.register(_broadcast, keyboards.Broadcast.filter())
    return router


async def _is_admin(_: object, visit: Visit) -> bool:
    return visit.admin


async def _stats(_: Message, visit: Visit) -> None:
    await visit.tell(texts.admin.stats(visit.tr, visit.language, await visit.users.stats()))


async def _top_up(_: Message, command: CommandObject, visit: Visit) -> None:
    gift = _GIFT.fullmatch(command.args or "")
    amount = Decimal(gift["credits"].replace(",", ".")) if gift else Decimal(0)
    if gift is None or not amount:
        await visit.tell(texts.admin.how_to_top_up(visit.tr))
        return
    user_id = int(gift["user"])
    try:
        balance = await visit.users.top_up(user_id, amount)
    except InvalidInput:
        await visit.tell(texts.admin.no_such_account(visit.tr, user_id))
        return
    await visit.tell(texts.admin.topped_up(visit.tr, user_id, texts.words.count_credits(visit.language, balance)))
    user = await visit.users.find(user_id)
    if user is not None and amount > 0 and user_id != visit.user.user_id:
        words = texts.admin.got_credits(
            translator(user.language),
            texts.words.count_credits(user.language, amount),
            texts.words.count_credits(user.language, balance),
        )
        await quietly(visit.bot.send_message(user_id, words))


async def _ask_broadcast(_: Message, visit: Visit) -> None:
    await visit.state.set_state(Talk.broadcast)
    await visit.tell(texts.admin.what_to_broadcast(visit.tr))


async def _confirm_broadcast(message: Message, visit: Visit) -> None:
    count = (await visit.users.stats()).subscribed
    await visit.state.set_state(None)
    if not count:
        await visit.tell(texts.admin.nobody(visit.tr))
        return
    words = texts.admin.confirm_broadcast(visit.tr, visit.language, count)
    await visit.tell(words, keyboards.broadcast(visit.tr), beneath=message.message_id)


async def _broadcast(query: CallbackQuery, callback_data: keyboards.Broadcast, visit: Visit) -> None:
    """What goes out is the message that the buttons' one answers: once, also when Telegram brings the button again."""
    message = query.message.reply_to_message if isinstance(query.message, Message) else None
    if message is None or not callback_data.send:
        await visit.turn(query, texts.admin.not_sent(visit.tr))
        return
    if (await visit.state.get_data()).get("broadcast") == message.message_id:
        return
    await visit.state.update_data(broadcast=message.message_id)
    await visit.turn(query, texts.admin.broadcast_begun(visit.tr))
    sent = lost = 0
    async for user in visit.users.subscribers():
        try:
            await patiently(lambda user=user: message.copy_to(user.user_id))  # type: ignore[misc]
            sent += 1
        except GONE:
            await visit.users.set_blocked(user.user_id)
            lost += 1
        except TelegramAPIError:
            lost += 1
    await visit.tell(texts.admin.broadcast_done(visit.tr, visit.language, sent, lost))
