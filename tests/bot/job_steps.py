"""Waiting for a job, how it ended, and the bot's words for it."""

from __future__ import annotations

from enlarger.bot.jobs import Job
from tests.bot.conftest import Rig
from tests.bot.telegram import Person


async def finished(rig: Rig, job: Job) -> Job:
    """The job, once nobody is at work any more."""
    await rig.work.idle()
    found = await rig.jobs.find(job.id, job.user_id)
    assert found is not None
    return found


def with_time(rig: Rig, *, seconds: float) -> None:
    """Tasks take so long."""
    rig.kie._service._seconds = lambda _model, _input: seconds


# Failures, in words


async def told(rig: Rig, anna: Person, job: Job, words: str) -> Job:
    seen = await anna.sees(words)
    job = await finished(rig, job)
    assert seen.buttons == (f"{job.state} for ru",)
    return job


def words_of(english: str) -> str:
    """The beginning of a sentence as the bot says it in Russian, translated or not."""
    from enlarger.bot.error_texts import user_message
    from enlarger.catalog.messages import translator
    from enlarger.errors import (
        InsufficientCredits,
        PictureTooLarge,
        ServiceUnreachable,
        SourceUnavailable,
        TaskCancelled,
        TaskFailed,
    )

    errors = (
        TaskFailed("", task_id="a", code=500),
        TaskFailed("", task_id="a", code=422),
        InsufficientCredits(),
        PictureTooLarge(),
        ServiceUnreachable(),
        SourceUnavailable(),
        TaskCancelled("", task_id="a"),
        RuntimeError(),
    )
    say_english = translator("en")
    error = next(error for error in errors if user_message(error, say_english).startswith(english))
    return user_message(error, translator("ru"))
