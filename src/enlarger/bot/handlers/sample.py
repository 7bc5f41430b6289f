"""Like a sample: a second photo shows how the room of the first one shall look."""

from __future__ import annotations

import msgspec
from aiogram import F, Router
from aiogram.filters import or_f
from aiogram.filters.state import StateFilter
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from enlarger.bot import actions, keyboards, texts
from enlarger.bot.actions import Photo
from enlarger.bot.handlers.photo import is_further_of_album
from enlarger.bot.handlers.visit import Talk, Visit, private, read_photo, what_is_wrong


def make_router() -> Router:
    """The room, and then the sample, unless it came in one album with the photo."""
    router = private("sample")
    router.message.register(_sample, or_f(F.photo, F.document), StateFilter(Talk.sample))
    router.callback_query.register(_ask_room, keyboards.Do.filter(F.kind == "like_sample"))
    router.callback_query.register(_room, keyboards.Room.filter(F.kind == "like_sample"))
    router.callback_query.register(_begin, keyboards.BeginSample.filter())
    return router


async def _ask_room(query: CallbackQuery, visit: Visit) -> None:
    await visit.state.set_state(None)
    buttons = keyboards.rooms(visit.tr, visit.language, kind="like_sample")
    await visit.turn(query, texts.design.choose_room(visit.tr), buttons)


async def _room(query: CallbackQuery, callback_data: keyboards.Room, visit: Visit) -> None:
    photo = await visit.photo(query)
    if photo is None:
        return
    second = await _second_of_album(query, visit)
    if second is not None:
        await visit.turn(query, *await _question(visit, photo, second, callback_data.room))
        return
    await _ask(query, visit, photo, callback_data.room)


async def _ask(query: CallbackQuery, visit: Visit, photo: Photo, room: str) -> None:
    words = texts.design.send_sample(visit.tr, visit.price(visit.design_price()), await visit.balance_line())
    await visit.ask(query, Talk.sample, photo, words, keyboards.back(visit.tr), room=room)


async def _question(visit: Visit, photo: Photo, sample: Photo, room: str) -> tuple[str, InlineKeyboardMarkup]:
    """What will be made, at what price, and the button that begins it."""
    action = actions.like_sample(photo, sample, room=room, quality=visit.quality)
    cost = actions.price(action)
    what = texts.words.title(visit.tr, visit.language, action)
    words = texts.design.sample_ready(visit.tr, what, visit.price(cost), await visit.balance_line())
    return words, keyboards.begin_sample(visit.tr, cost, room=room)


async def _begin(query: CallbackQuery, callback_data: keyboards.BeginSample, visit: Visit) -> None:
    photo = await visit.photo(query)
    if photo is None:
        return
    kept = await visit.answer(query, "sample")
    sample = msgspec.convert(kept, Photo) if kept else await _second_of_album(query, visit)
    if sample is None:  # forgotten meanwhile
        await _ask(query, visit, photo, callback_data.room)
        return
    if await visit.begin(actions.like_sample(photo, sample, room=callback_data.room, quality=visit.quality)):
        await visit.state.set_state(None)
        await visit.remove(query)


async def _sample(message: Message, visit: Visit) -> None:
    if await is_further_of_album(message, visit):
        return
    wrong = what_is_wrong(visit.tr, message)
    sample = read_photo(message)
    if wrong is not None or sample is None:
        await visit.tell(wrong or texts.photo.no_picture(visit.tr), beneath=message.message_id)
        return
    kept = await visit.kept()
    if kept is not None:
        photo, data = kept
        await visit.state.set_state(None)  # whatever photo comes now is a new one
        shown = await _question(visit, photo, sample, data["room"])
        await visit.confirm(data, *shown, sample=msgspec.to_builtins(sample), album=message.media_group_id, second=None)


async def _second_of_album(query: CallbackQuery, visit: Visit) -> Photo | None:
    """The photo that came in one album with the one that the button is about."""
    data = await visit.state.get_data()
    asked = query.message.reply_to_message if isinstance(query.message, Message) else None
    if asked is None or data.get("first") != asked.message_id or not data.get("second"):
        return None
    return msgspec.convert(data["second"], Photo)
