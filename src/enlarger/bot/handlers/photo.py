"""A photo comes: what shall be done with it?"""

from __future__ import annotations

import msgspec
from aiogram import F, Router
from aiogram.filters import or_f
from aiogram.filters.state import StateFilter
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from enlarger.bot import actions, keyboards, texts
from enlarger.bot.actions import Photo
from enlarger.bot.handlers.visit import Talk, Visit, private, read_photo, what_is_wrong


def make_router() -> Router:
    """Photos and files, unless they answer a question; the menu beneath them."""
    router = private("photo")
    router.message.register(_photo, or_f(F.photo, F.document), ~StateFilter(Talk.sample, Talk.broadcast))
    router.callback_query.register(_menu_again, keyboards.Do.filter(F.kind == "menu"))
    return router


async def _photo(message: Message, visit: Visit) -> None:
    if await is_further_of_album(message, visit):
        return
    wrong = what_is_wrong(visit.tr, message)
    photo = read_photo(message)
    if wrong is not None or photo is None:
        await visit.tell(wrong or texts.photo.no_picture(visit.tr), beneath=message.message_id)
        return
    await visit.state.clear()
    if message.media_group_id:
        await visit.state.set_data({"album": message.media_group_id, "first": message.message_id})
    words, buttons = await _menu(visit, photo)
    await visit.tell(words, buttons, beneath=message.message_id)


async def is_further_of_album(message: Message, visit: Visit) -> bool:
    """Whether a photo came together with an earlier one. The second one is kept: it may be a sample."""
    data = await visit.state.get_data()
    if not message.media_group_id or message.media_group_id != data.get("album"):
        return False
    photo = read_photo(message)
    if photo is not None and what_is_wrong(visit.tr, message) is None and "second" not in data:
        await visit.state.update_data(second=msgspec.to_builtins(photo))
        await visit.tell(texts.photo.album(visit.tr))
    return True


async def _menu_again(query: CallbackQuery, visit: Visit) -> None:
    await visit.state.set_state(None)
    photo = await visit.photo(query)
    if photo is not None:
        await visit.replace(query, *await _menu(visit, photo))


async def show_menu(query: CallbackQuery, visit: Visit, photo: Photo) -> None:
    """Put the menu in the place of a button's message."""
    await visit.replace(query, *await _menu(visit, photo))


async def _menu(visit: Visit, photo: Photo) -> tuple[str, InlineKeyboardMarkup]:
    """The question, and what can be done."""
    prices = {
        "clear_space": visit.design_price(),
        "remove_background": actions.price(actions.remove_background(photo)),
    }
    balance = await visit.users.balance(visit.user)
    words = texts.photo.menu(visit.tr, visit.user, balance, services=() if visit.hosted else visit.services)
    return words, keyboards.menu(visit.tr, visit.user, prices, hosted=visit.hosted)
