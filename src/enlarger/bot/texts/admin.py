"""What admins read."""

from __future__ import annotations

from enlarger.bot.texts.words import count_credits
from enlarger.bot.users import Stats
from enlarger.catalog.messages import Translate, count_translator


def stats(say: Translate, language: str, numbers: Stats) -> str:
    """What the bot has done."""
    return "\n".join(
        (
            say("Users: {all}, new today: {new}", all=numbers.users, new=numbers.users_today),
            say("Active today: {active}", active=numbers.active_today),
            say(
                "News turned on: {subscribed}, blocked me: {blocked}",
                subscribed=numbers.subscribed,
                blocked=numbers.blocked,
            ),
            say(
                "Pictures: {all}, today: {today}, failed today: {failed}, in progress: {open}",
                all=numbers.jobs,
                today=numbers.jobs_today,
                failed=numbers.jobs_failed_today,
                open=numbers.jobs_open,
            ),
            say("Spent today: {credits}", credits=count_credits(language, numbers.credits_today)),
        )
    )


def no_such_account(say: Translate, user_id: int) -> str:
    """Nobody to give credits to."""
    return say(
        "User {number} has never written to me, or their credits have no limit. Users find their number with /balance.",
        number=user_id,
    )


def how_to_top_up(say: Translate) -> str:
    """What /topup wants."""
    return say("Usage: /topup USER CREDITS, for example /topup 123456789 100. Users find their number with /balance.")


def topped_up(say: Translate, user_id: int, balance: str) -> str:
    """Done."""
    return say("Done: user {number} now has {credits}.", number=user_id, credits=balance)


def got_credits(say: Translate, amount: str, balance: str) -> str:
    """To whom it was given."""
    return say("You received {credits}. You now have {balance}. 🎉", credits=amount, balance=balance)


def what_to_broadcast(say: Translate) -> str:
    """The question for a broadcast."""
    return say(
        "What would you like to send to everybody who has news turned on? Send me the message,"
        " with or without a picture, or press /cancel."
    )


def confirm_broadcast(say: Translate, language: str, count: int) -> str:
    """The last question before a broadcast."""
    people = _people(language, count)
    return say("This will go to {people}. Send it?", people=people)


def nobody(say: Translate) -> str:
    """Nobody wants news."""
    return say("Nobody has news turned on yet, so there is nobody to write to.")


def broadcast_begun(say: Translate) -> str:
    """It goes out."""
    return say("Sending…")


def broadcast_done(say: Translate, language: str, sent: int, lost: int) -> str:
    """It went out."""
    people = _people(language, sent)
    return say("Sent to {people}; {lost} could not be reached.", people=people, lost=lost)


def not_sent(say: Translate) -> str:
    """A broadcast was called off."""
    return say("All right, it was not sent.")


def _people(language: str, count: int) -> str:
    say_count = count_translator(language)
    return say_count("{n} person", "{n} people", count)
