"""Balance, history, quality, news."""

from __future__ import annotations

from datetime import UTC, datetime

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from enlarger.bot import actions, keyboards, texts
from enlarger.bot.actions import FACTORS, Photo
from enlarger.bot.handlers.design import ask_wishes
from enlarger.bot.handlers.photo import show_menu
from enlarger.bot.handlers.visit import Visit, private
from enlarger.interior import QUALITIES


def make_router() -> Router:
    """What is about the user, not about a photo."""
    router = private("account")
    router.message.register(_balance, Command("balance"))
    router.message.register(_history, Command("history"))
    router.message.register(_quality, Command("quality"))
    router.message.register(_news, Command("news"))
    router.callback_query.register(_ask_quality, keyboards.ChooseQuality.filter(F.quality == "?"))
    router.callback_query.register(_set_quality, keyboards.ChooseQuality.filter())
    router.callback_query.register(_set_news, keyboards.News.filter())
    return router


async def _balance(_: Message, visit: Visit) -> None:
    photo = Photo(file_id="-")
    examples = [
        texts.account.example(texts.words.quality_name(visit.tr, quality), visit.price(visit.design_price(quality)))
        for quality in QUALITIES
    ]
    enlarged = actions.price(actions.enlarge(photo, factor=FACTORS[-1], hosted=visit.hosted))
    examples.append(texts.account.example(texts.buttons.labels(visit.tr)["enlarge"], visit.price(enlarged)))
    cut_out = actions.price(actions.remove_background(photo))
    examples.append(texts.account.example(texts.buttons.labels(visit.tr)["remove_background"], visit.price(cut_out)))
    balance = await visit.users.balance(visit.user)
    await visit.tell(texts.account.account(visit.tr, visit.user, balance, examples))


async def _history(_: Message, visit: Visit) -> None:
    latest = await visit.jobs.history(visit.user.user_id)
    await visit.tell(texts.account.history(visit.tr, latest, datetime.now(UTC)), keyboards.history(latest))


async def _quality(_: Message, visit: Visit) -> None:
    await visit.tell(*await _qualities(visit, keyboards.ChooseQuality(quality="?")))


async def _ask_quality(query: CallbackQuery, callback_data: keyboards.ChooseQuality, visit: Visit) -> None:
    await visit.turn(query, *await _qualities(visit, callback_data))


async def _set_quality(query: CallbackQuery, callback_data: keyboards.ChooseQuality, visit: Visit) -> None:
    user = await visit.users.set_quality(visit.user, callback_data.quality)
    visit = visit.of(user)
    if not callback_data.back:
        await visit.turn(query, texts.design.quality_set(visit.tr, user.quality))
        return
    photo = await visit.photo(query)
    if photo is None:
        return
    if callback_data.back == "menu":
        await show_menu(query, visit, photo)
    else:
        await ask_wishes(query, visit, photo, room=callback_data.room, style=callback_data.style)


async def _qualities(visit: Visit, asked: keyboards.ChooseQuality) -> tuple[str, InlineKeyboardMarkup]:
    prices = {quality: visit.design_price(quality) for quality in QUALITIES}
    buttons = keyboards.qualities(
        visit.tr, prices, chosen=visit.quality, back=asked.back, room=asked.room, style=asked.style
    )
    return texts.design.choose_quality(visit.tr, await visit.balance_line()), buttons


async def _news(_: Message, visit: Visit) -> None:
    on = visit.user.subscribed
    await visit.tell(texts.account.news(visit.tr, on=on), keyboards.news(visit.tr, on=on))


async def _set_news(query: CallbackQuery, callback_data: keyboards.News, visit: Visit) -> None:
    user = await visit.users.set_subscribed(visit.user, callback_data.on)
    await visit.turn(
        query, texts.account.news(visit.tr, on=user.subscribed), keyboards.news(visit.tr, on=user.subscribed)
    )
