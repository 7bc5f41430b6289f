"""What is said while work is in progress, or about what has ended."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from enlarger.bot.texts.words import count_credits, paragraphs
from enlarger.bot.users import BotUser
from enlarger.catalog.messages import Translate


def busy(tr: Translate, name: str) -> str:
    """A second job at the same time."""
    return paragraphs(
        tr("One at a time, please: I am still working on “{name}”.", name=name),
        tr("Wait until it is done, or stop it. Your photo stays here, with its buttons."),
    )


def too_expensive(tr: Translate, user: BotUser, cost: str, balance: Decimal) -> str:
    """Too few credits."""
    return paragraphs(
        tr("This costs {price}, and you have {credits}.", price=cost, credits=count_credits(user.language, balance)),
        tr(
            "Standard quality is the cheapest: /quality. For more credits, write to the operator"
            " of this bot and give your number: {number}",
            number=user.user_id,
        ),
    )


def stopping(tr: Translate) -> str:
    """Answers a button, briefly."""
    return tr("I am stopping it.")


def nothing_to_stop(tr: Translate) -> str:
    """Nothing goes on."""
    return tr("Nothing is in progress. Send me a photo whenever you like.")


def forgotten(tr: Translate) -> str:
    """A question was taken back."""
    return tr("All right, cancelled. Send me a photo whenever you like.")


def stopped(tr: Translate, names: Iterable[str]) -> str:
    """What is being stopped."""
    return tr("I am stopping: {names}. You will see in a moment what was charged.", names="; ".join(names))


def stopping_costs(tr: Translate) -> str:
    """Above the button that stops a job, where that may cost something."""
    return tr("If you stop it, your credits are returned only if work on it has not started.")


def job_gone(tr: Translate) -> str:
    """A button of a job that we do not know."""
    return tr("I no longer know what this button belongs to. Please send the photo again.")


def has_ended(tr: Translate) -> str:
    """A cancel button of a job that has ended."""
    return tr("That has already finished.")


def still_going(tr: Translate) -> str:
    """A result button of a job that has not ended."""
    return tr("That is not ready yet. I will send it as soon as it is.")


def no_result(tr: Translate) -> str:
    """A result button of a job that came to nothing."""
    return tr("That one failed. “Again” tries it once more.")


def old_button(tr: Translate) -> str:
    """A button that nobody understands."""
    return tr("This button is too old. Please send the photo again, or see /help.")
