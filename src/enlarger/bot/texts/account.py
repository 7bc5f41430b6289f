"""The balance, the history and the news."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from enlarger.bot.jobs import Job
from enlarger.bot.texts.words import balance_line, paragraphs, shorten
from enlarger.bot.users import BotUser
from enlarger.catalog.messages import Translate


def account(tr: Translate, user: BotUser, balance: Decimal | None, examples: Sequence[str]) -> str:
    """Balance and prices."""
    parts = [balance_line(tr, user.language, balance), "\n".join([tr("Prices:"), *examples])]
    if balance is not None:
        parts.append(
            tr(
                "For more credits, write to the operator of this bot and give your number: {number}",
                number=user.user_id,
            )
        )
    return paragraphs(*parts)


def example(what: str, cost: str) -> str:
    """A line of the price list."""
    return f"{what}: {cost}"


_STATES = {"new": "⏳", "running": "⏳", "done": "✅", "failed": "⚠️", "cancelled": "✖️"}


def history(tr: Translate, jobs: Sequence[Job], now: datetime) -> str:
    """The newest jobs."""
    if not jobs:
        return tr("You have not made anything yet. Send me a photo to get started.")
    lines = [
        f"{number}. {_STATES[job.state]} {_age(tr, now - job.created_at)} · {shorten(job.action.title, 80)}"
        for number, job in enumerate(jobs, 1)
    ]
    return paragraphs(
        tr("Your latest pictures, newest first:"),
        "\n".join(lines),
        tr("Press a number to get that picture again, as a file. Pictures are kept for a few days only."),
    )


def news(tr: Translate, *, on: bool) -> str:
    """Whether somebody is written to."""
    if on:
        return tr("I will write to you when there is something new, which is rare.")
    return tr("I will only write to you about your own pictures.")


def _age(tr: Translate, age: timedelta) -> str:
    """How long ago it was: nobody knows the user's time zone."""
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return tr("just now")
    if minutes < 60:
        return tr("{n} min ago", n=minutes)
    if minutes < 24 * 60:
        return tr("{n} h ago", n=minutes // 60)
    return tr("{n} d ago", n=minutes // (24 * 60))
