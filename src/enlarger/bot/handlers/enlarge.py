"""What needs no words: enlarge, empty the room, remove the background."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.types import CallbackQuery

from enlarger.bot import actions, keyboards, texts
from enlarger.bot.actions import FACTORS
from enlarger.bot.handlers.visit import Visit, private


def make_router() -> Router:
    """Buttons of the menu that begin at once, and how many times larger."""
    router = private("enlarge")
    router.callback_query.register(_ask_factor, keyboards.Do.filter(F.kind == "enlarge"))
    router.callback_query.register(_enlarge, keyboards.Enlarge.filter())
    router.callback_query.register(_clear_space, keyboards.Do.filter(F.kind == "clear_space"))
    router.callback_query.register(_remove_background, keyboards.Do.filter(F.kind == "remove_background"))
    return router


async def _ask_factor(query: CallbackQuery, visit: Visit) -> None:
    photo = await visit.photo(query)
    if photo is None:
        return
    prices = {factor: actions.price(actions.enlarge(photo, factor=factor, hosted=visit.hosted)) for factor in FACTORS}
    words = texts.design.enlarge(visit.tr, await visit.balance_line())
    await visit.turn(query, words, keyboards.factors(visit.tr, prices))


async def _enlarge(query: CallbackQuery, callback_data: keyboards.Enlarge, visit: Visit) -> None:
    photo = await visit.photo(query)
    if photo is not None and callback_data.factor in FACTORS:
        await visit.begin(actions.enlarge(photo, factor=callback_data.factor, hosted=visit.hosted))


async def _clear_space(query: CallbackQuery, visit: Visit) -> None:
    photo = await visit.photo(query)
    if photo is not None:
        await visit.begin(actions.clear_space(photo, quality=visit.quality))


async def _remove_background(query: CallbackQuery, visit: Visit) -> None:
    photo = await visit.photo(query)
    if photo is not None:
        await visit.begin(actions.remove_background(photo))
