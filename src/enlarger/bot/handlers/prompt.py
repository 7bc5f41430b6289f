"""In somebody's own words."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.filters.state import StateFilter
from aiogram.types import CallbackQuery, Message

from enlarger.bot import actions, keyboards, texts
from enlarger.bot.handlers.visit import Talk, Visit, private
from enlarger.interior import MOST_WORDS


def make_router() -> Router:
    """The question, and its answer, which may stand beneath the photo already."""
    router = private("prompt")
    router.message.register(_words, F.text, ~F.text.startswith("/"), StateFilter(Talk.words))
    router.callback_query.register(_ask, keyboards.Do.filter(F.kind == "free_prompt"))
    router.callback_query.register(_begin, keyboards.Do.filter(F.kind == "written"))
    return router


async def _ask(query: CallbackQuery, visit: Visit) -> None:
    photo = await visit.photo(query)
    if photo is not None:
        await visit.keep(Talk.words, photo)
        written = visit.written(query, MOST_WORDS)
        cost = visit.design_price()
        words = texts.own_words(visit.say, visit.price(cost), await visit.balance_line(), written)
        await visit.turn(
            query, words, keyboards.begin_written(visit.say, cost) if written else keyboards.back(visit.say)
        )


async def _begin(query: CallbackQuery, visit: Visit) -> None:
    """With the words that stand beneath the photo."""
    photo, written = await visit.photo(query), visit.written(query, MOST_WORDS)
    if photo is None:
        return
    if not written:  # taken away meanwhile
        await _ask(query, visit)
        return
    if await visit.begin(actions.free_prompt(photo, written, quality=visit.quality)):
        await visit.state.set_state(None)
        await visit.remove(query)


async def _words(message: Message, visit: Visit) -> None:
    words = message.text or ""
    if len(words) > MOST_WORDS:
        await visit.tell(texts.words_too_long(visit.say, len(words), MOST_WORDS))
        return
    kept = await visit.kept()
    if kept is not None:
        await visit.begin(actions.free_prompt(kept[0], words, quality=visit.quality))
