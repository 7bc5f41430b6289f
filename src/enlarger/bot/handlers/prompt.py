"""In somebody's own words."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.filters.state import StateFilter
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from enlarger.bot import actions, keyboards, texts
from enlarger.bot.handlers.visit import Talk, Visit, Written, private
from enlarger.interior import MOST_WORDS


def make_router() -> Router:
    """The question, and its answer, which may stand beneath the photo already."""
    router = private("prompt")
    router.message.register(_words, F.text, ~F.text.startswith("/"), StateFilter(Talk.words))
    router.callback_query.register(_ask, keyboards.Do.filter(F.kind == "free_prompt"))
    router.callback_query.register(_begin, keyboards.Do.filter(F.kind.in_({"written", "typed"})))
    return router


async def _ask(query: CallbackQuery, visit: Visit) -> None:
    photo = await visit.photo(query)
    if photo is not None:
        written = await visit.written(query, MOST_WORDS)
        typed = written.words if written.typed else None
        await visit.ask(query, Talk.words, photo, *await _question(visit, written), typed=typed)


async def _question(visit: Visit, written: Written) -> tuple[str, InlineKeyboardMarkup]:
    """What will be made, at what price, and the button that begins it; or the question for words."""
    cost = visit.design_price()
    words = texts.design.own_words(visit.tr, visit.price(cost), await visit.balance_line(), written.words)
    if not written.words:
        return words, keyboards.back(visit.tr)
    return words, keyboards.begin_written(visit.tr, cost, typed=written.typed)


async def _begin(query: CallbackQuery, callback_data: keyboards.Do, visit: Visit) -> None:
    """With the words that were shown."""
    photo, written = await visit.photo(query), await visit.written(query, MOST_WORDS)
    if photo is None:
        return
    if not written.words or written.typed != (callback_data.kind == "typed"):  # taken away or forgotten meanwhile
        await _ask(query, visit)
        return
    if await visit.begin(actions.free_prompt(photo, written.words, quality=visit.quality)):
        await visit.state.set_state(None)
        await visit.remove(query)


async def _words(message: Message, visit: Visit) -> None:
    words = (message.text or "").strip()
    if len(words) > MOST_WORDS:
        await visit.tell(texts.design.words_too_long(visit.tr, len(words), MOST_WORDS))
        return
    kept = await visit.kept()
    if kept is not None:
        await visit.confirm(kept[1], *await _question(visit, Written(words, typed=True)), typed=words)
