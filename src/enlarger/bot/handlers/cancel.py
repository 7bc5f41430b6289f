"""/cancel: stop what goes on, or take back a question."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from enlarger.bot import texts
from enlarger.bot.handlers.visit import Visit, private


def make_router() -> Router:
    """One command."""
    router = private("cancel")
    router.message.register(_cancel, Command("cancel"))
    return router


async def _cancel(_: Message, visit: Visit) -> None:
    asked = await visit.state.get_state()
    await visit.state.clear()
    going_on = await visit.jobs.open(visit.user.user_id)
    if going_on:
        await visit.tell(texts.progress.stopped(visit.tr, [job.action.title for job in going_on]))
        for job in going_on:
            await visit.work.cancel(job)
    else:
        await visit.tell(texts.progress.forgotten(visit.tr) if asked else texts.progress.nothing_to_stop(visit.tr))
