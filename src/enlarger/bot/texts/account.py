"""The balance, the history and the news."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from enlarger.bot.jobs import Job
from enlarger.bot.texts.words import balance_line, paragraphs, shorten
from enlarger.bot.users import BotUser
from enlarger.catalog.messages import Translate


def account(say: Translate, user: BotUser, balance: Decimal | None, examples: Sequence[str]) -> str:
    """Balance and prices."""
    parts = [balance_line(say, user.language, balance), "\n".join([say("Prices:"), *examples])]
    if balance is not None:
        parts.append(
            say(
                "For more credits, write to the operator of this bot and give your number: {number}",
                number=user.user_id,
            )
        )
    return paragraphs(*parts)


def example(what: str, cost: str) -> str:
    """A line of the price list."""
    return f"{what}: {cost}"


_STATES = {"new": "⏳", "running": "⏳", "done": "✅", "failed": "⚠️", "cancelled": "✖️"}


def history(say: Translate, jobs: Sequence[Job], now: datetime) -> str:
    """The newest jobs."""
    if not jobs:
        return say("You have not made anything yet. Send me a photo to get started.")
    lines = [
        f"{number}. {_STATES[job.state]} {_age(say, now - job.created_at)} · {shorten(job.action.title, 80)}"
        for number, job in enumerate(jobs, 1)
    ]
    return paragraphs(
        say("Your latest pictures, newest first:"),
        "\n".join(lines),
        say("Press a number to get that picture again, as a file. Pictures are kept for a few days only."),
    )


def news(say: Translate, *, on: bool) -> str:
    """Whether somebody is written to."""
    if on:
        return say("I will write to you when there is something new, which is rare.")
    return say("I will only write to you about your own pictures.")


def _age(say: Translate, age: timedelta) -> str:
    """How long ago it was: nobody knows the user's time zone."""
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return say("just now")
    if minutes < 60:
        return say("{n} min ago", n=minutes)
    if minutes < 24 * 60:
        return say("{n} h ago", n=minutes // 60)
    return say("{n} d ago", n=minutes // (24 * 60))
