"""What is said while work is in progress, or about what has ended."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from enlarger.bot.texts.words import count_credits, paragraphs
from enlarger.bot.users import BotUser
from enlarger.catalog.messages import Translate


def busy(say: Translate, name: str) -> str:
    """A second job at the same time."""
    return paragraphs(
        say("One at a time, please: I am still working on “{name}”.", name=name),
        say("Wait until it is done, or stop it. Your photo stays here, with its buttons."),
    )


def too_expensive(say: Translate, user: BotUser, cost: str, balance: Decimal) -> str:
    """Too few credits."""
    return paragraphs(
        say("This costs {price}, and you have {credits}.", price=cost, credits=count_credits(user.language, balance)),
        say(
            "Standard quality is the cheapest: /quality. For more credits, write to the operator"
            " of this bot and give your number: {number}",
            number=user.user_id,
        ),
    )


def stopping(say: Translate) -> str:
    """Answers a button, briefly."""
    return say("I am stopping it.")


def nothing_to_stop(say: Translate) -> str:
    """Nothing goes on."""
    return say("Nothing is in progress. Send me a photo whenever you like.")


def forgotten(say: Translate) -> str:
    """A question was taken back."""
    return say("All right, cancelled. Send me a photo whenever you like.")


def stopped(say: Translate, names: Iterable[str]) -> str:
    """What is being stopped."""
    return say("I am stopping: {names}. You will see in a moment what was charged.", names="; ".join(names))


def stopping_costs(say: Translate) -> str:
    """Above the button that stops a job, where that may cost something."""
    return say("If you stop it, your credits are returned only if work on it has not started.")


def job_gone(say: Translate) -> str:
    """A button of a job that we do not know."""
    return say("I no longer know what this button belongs to. Please send the photo again.")


def has_ended(say: Translate) -> str:
    """A cancel button of a job that has ended."""
    return say("That has already finished.")


def still_going(say: Translate) -> str:
    """A result button of a job that has not ended."""
    return say("That is not ready yet. I will send it as soon as it is.")


def no_result(say: Translate) -> str:
    """A result button of a job that came to nothing."""
    return say("That one failed. “Again” tries it once more.")


def old_button(say: Translate) -> str:
    """A button that nobody understands."""
    return say("This button is too old. Please send the photo again, or see /help.")
