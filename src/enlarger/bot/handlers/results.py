"""The buttons of a job: stop it, once more, in another style, larger, as a file."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.types import CallbackQuery

from enlarger.bot import actions, keyboards, texts
from enlarger.bot.actions import FACTORS
from enlarger.bot.handlers.visit import Visit, private
from enlarger.bot.jobs import Job
from enlarger.bot.telegram import quietly
from enlarger.catalog import Credits
from enlarger.errors import ServiceError


def make_router() -> Router:
    """Whatever is said of an earlier job."""
    router = private("results")
    router.callback_query.register(_cancel, keyboards.OfJob.filter(F.do == "cancel"))
    router.callback_query.register(_again, keyboards.OfJob.filter(F.do == "again"))
    router.callback_query.register(_ask_style, keyboards.OfJob.filter(F.do == "styles"))
    router.callback_query.register(_style, keyboards.JobStyle.filter())
    router.callback_query.register(_ask_factor, keyboards.OfJob.filter(F.do == "enlarge"))
    router.callback_query.register(_enlarge, keyboards.JobEnlarge.filter())
    router.callback_query.register(_original, keyboards.OfJob.filter(F.do == "original"))
    return router


async def _cancel(query: CallbackQuery, callback_data: keyboards.OfJob, visit: Visit) -> None:
    job = await _find(visit, callback_data.job)
    if job is None:
        return
    await quietly(query.answer(texts.progress.stopping(visit.tr) if job.open else texts.progress.has_ended(visit.tr)))
    await visit.work.cancel(job)


async def _again(_: CallbackQuery, callback_data: keyboards.OfJob, visit: Visit) -> None:
    job = await _find(visit, callback_data.job)
    if job is not None:
        await visit.begin(actions.again(job.action))


async def _ask_style(_: CallbackQuery, callback_data: keyboards.OfJob, visit: Visit) -> None:
    job = await _find(visit, callback_data.job)
    if job is not None:
        words = texts.design.another_style(visit.tr, visit.price(actions.price(job.action)))
        await visit.sheets.send(visit.bot, visit.user, words, buttons=keyboards.job_styles(visit.language, job))


async def _style(query: CallbackQuery, callback_data: keyboards.JobStyle, visit: Visit) -> None:
    job = await _find(visit, callback_data.job)
    if job is not None and await visit.begin(actions.again(job.action, style=callback_data.style)):
        await visit.remove(query)


async def _ask_factor(_: CallbackQuery, callback_data: keyboards.OfJob, visit: Visit) -> None:
    job = await _find_done(visit, callback_data.job)
    if job is not None and job.task_id is not None:
        prices = {factor: await _price(visit, job, factor) for factor in FACTORS}
        words = texts.design.enlarge(visit.tr, await visit.balance_line())
        await visit.tell(words, keyboards.factors(visit.tr, prices, job=job.id))


async def _enlarge(query: CallbackQuery, callback_data: keyboards.JobEnlarge, visit: Visit) -> None:
    job = await _find_done(visit, callback_data.job)
    if job is None or job.task_id is None or callback_data.factor not in FACTORS:
        return
    action = actions.enlarge_result(job.task_id, job.action.model, factor=callback_data.factor, hosted=visit.hosted)
    if await visit.begin(action):
        await visit.remove(query)


async def _original(_: CallbackQuery, callback_data: keyboards.OfJob, visit: Visit) -> None:
    job = await _find_done(visit, callback_data.job)
    if job is not None:
        await visit.work.send_original(job, visit.user)


async def _price(visit: Visit, job: Job, factor: int) -> Credits:
    """What the service asks, which knows the picture's size; else the most that it can be."""
    action = actions.enlarge_result(str(job.task_id), job.action.model, factor=factor, hosted=visit.hosted)
    client = visit.users.client(visit.user)
    try:
        made = (await client.get_task_status(str(job.task_id))).urls
        return await client.quote(action.model, actions.fill(action, photos=(), result=made[0]))
    except (ServiceError, IndexError):
        return actions.price(action)


async def _find(visit: Visit, job_id: int) -> Job | None:
    job = await visit.jobs.find(job_id, visit.user.user_id)
    if job is None:
        await visit.tell(texts.progress.job_gone(visit.tr))
    return job


async def _find_done(visit: Visit, job_id: int) -> Job | None:
    job = await _find(visit, job_id)
    if job is not None:
        job = await visit.work.settled(job)
    if job is None or job.state == "done":
        return job
    await visit.tell(texts.progress.still_going(visit.tr) if job.open else texts.progress.no_result(visit.tr))
    return None
