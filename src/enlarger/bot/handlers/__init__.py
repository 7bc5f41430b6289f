"""The conversations: what the bot does with every message and every button, one module a topic."""

from __future__ import annotations

from aiogram import Router

from enlarger.bot.handlers import (
    account,
    admin,
    cancel,
    design,
    enlarge,
    fallback,
    groups,
    photo,
    prompt,
    results,
    sample,
    start,
)
from enlarger.bot.handlers.visit import Visits

__all__ = ["make_router"]


def make_router() -> Router:
    """All handlers, in the order in which they are asked: commands, answers to questions, photos, buttons, the rest."""
    router = Router(name="conversations")
    visits = Visits()
    router.message.outer_middleware(visits)
    router.callback_query.outer_middleware(visits)
    topics = (groups, start, account, cancel, admin, photo, design, prompt, sample, enlarge, results, fallback)
    router.include_routers(*(topic.make_router() for topic in topics))
    return router
