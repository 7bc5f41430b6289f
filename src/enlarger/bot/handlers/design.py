"""Redesign a room or a facade: the room, the style out of a sheet, wishes, and off it goes."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.filters.state import StateFilter
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from enlarger.bot import actions, keyboards, texts
from enlarger.bot.actions import Action, Photo
from enlarger.bot.handlers.visit import Talk, Visit, Written, private
from enlarger.interior import MOST_WISHES, Quality


def make_router() -> Router:
    """From the menu to the beginning."""
    router = private("design")
    router.message.register(_wishes, F.text, ~F.text.startswith("/"), StateFilter(Talk.wishes))
    router.callback_query.register(_redesign, keyboards.Do.filter(F.kind == "redesign"))
    router.callback_query.register(_facade, keyboards.Do.filter(F.kind == "facade"))
    router.callback_query.register(_room, keyboards.Room.filter(F.kind == "redesign"))
    router.callback_query.register(_style, keyboards.Style.filter())
    router.callback_query.register(_begin, keyboards.Begin.filter())
    router.callback_query.register(_begin, keyboards.BeginTyped.filter())
    return router


async def _redesign(query: CallbackQuery, visit: Visit) -> None:
    await visit.state.set_state(None)
    await visit.turn(query, texts.design.choose_room(visit.tr), keyboards.rooms(visit.tr, visit.language))


async def _facade(query: CallbackQuery, visit: Visit) -> None:
    await visit.state.set_state(None)
    await _show_styles(query, visit, texts.words.facade(visit.tr), room="")


async def _room(query: CallbackQuery, callback_data: keyboards.Room, visit: Visit) -> None:
    subject = texts.words.room_name(visit.language, callback_data.room)
    await _show_styles(query, visit, subject, room=callback_data.room)


async def _show_styles(query: CallbackQuery, visit: Visit, subject: str, *, room: str) -> None:
    words = texts.design.choose_style(visit.tr, subject, visit.price(visit.design_price()))
    await visit.show_sheet(query, words, keyboards.styles(visit.tr, visit.language, room=room))


async def _style(query: CallbackQuery, callback_data: keyboards.Style, visit: Visit) -> None:
    photo = await visit.photo(query)
    if photo is not None:
        await ask_wishes(query, visit, photo, room=callback_data.room, style=callback_data.style)


async def ask_wishes(query: CallbackQuery, visit: Visit, photo: Photo, *, room: str, style: str) -> None:
    """The last question; words that come now are wishes."""
    written = await visit.written(query, MOST_WISHES)
    words, buttons = await _question(visit, photo, room, style, written)
    typed = written.words if written.typed else None
    await visit.ask(query, Talk.wishes, photo, words, buttons, room=room, style=style, typed=typed)


async def _question(
    visit: Visit, photo: Photo, room: str, style: str, written: Written
) -> tuple[str, InlineKeyboardMarkup]:
    """What will be made, with which wishes, at what price; and the button that begins it."""
    action = _design(photo, room=room, style=style, quality=visit.quality)
    cost = actions.price(action)
    what = texts.words.title(visit.tr, visit.language, action)
    words = texts.design.wishes(visit.tr, what, visit.price(cost), await visit.balance_line(), written.words)
    return words, keyboards.begin(visit.tr, visit.user, cost, room=room, style=style, typed=written.typed)


async def _begin(query: CallbackQuery, callback_data: keyboards.Begin, visit: Visit) -> None:
    photo = await visit.photo(query)
    if photo is None:
        return
    room, style = callback_data.room, callback_data.style
    written = await visit.written(query, MOST_WISHES)
    if isinstance(callback_data, keyboards.BeginTyped) and not written.typed:  # forgotten: it showed others
        await ask_wishes(query, visit, photo, room=room, style=style)
        return
    action = _design(photo, room=room, style=style, quality=visit.quality, wishes=written.words)
    if await visit.begin(action):
        await visit.state.set_state(None)
        await visit.remove(query)


async def _wishes(message: Message, visit: Visit) -> None:
    words = (message.text or "").strip()
    if len(words) > MOST_WISHES:
        await visit.tell(texts.design.words_too_long(visit.tr, len(words), MOST_WISHES))
        return
    kept = await visit.kept()
    if kept is not None:
        photo, data = kept
        shown = await _question(visit, photo, data["room"], data["style"], Written(words, typed=True))
        await visit.confirm(data, *shown, typed=words)


def _design(photo: Photo, *, room: str, style: str, quality: Quality, wishes: str = "") -> Action:
    if not room:
        return actions.facade(photo, style=style, quality=quality, wishes=wishes)
    return actions.redesign(photo, room=room, style=style, quality=quality, wishes=wishes)
