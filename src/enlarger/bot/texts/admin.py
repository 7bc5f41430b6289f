"""What admins read."""

from __future__ import annotations

from enlarger.bot.texts.words import count_credits
from enlarger.bot.users import Stats
from enlarger.catalog.messages import Translate, count_translator


def stats(tr: Translate, language: str, numbers: Stats) -> str:
    """What the bot has done."""
    return "\n".join(
        (
            tr("Users: {all}, new in 24 h: {new}", all=numbers.users, new=numbers.users_today),
            tr("Active in 24 h: {active}", active=numbers.active_today),
            tr(
                "News turned on: {subscribed}, blocked me: {blocked}",
                subscribed=numbers.subscribed,
                blocked=numbers.blocked,
            ),
            tr(
                "Pictures: {all}, in 24 h: {today}, failed in 24 h: {failed}, in progress: {open}",
                all=numbers.jobs,
                today=numbers.jobs_today,
                failed=numbers.jobs_failed_today,
                open=numbers.jobs_open,
            ),
            tr("Spent in 24 h: {credits}", credits=count_credits(language, numbers.credits_today)),
        )
    )


def no_such_account(tr: Translate, user_id: int) -> str:
    """Nobody to give credits to."""
    return tr(
        "User {number} has never written to me, or their credits have no limit. Users find their number with /balance.",
        number=user_id,
    )


def how_to_top_up(tr: Translate) -> str:
    """What /topup wants."""
    return tr("Usage: /topup USER CREDITS, for example /topup 123456789 100. Users find their number with /balance.")


def topped_up(tr: Translate, user_id: int, balance: str) -> str:
    """Done."""
    return tr("Done: user {number} now has {credits}.", number=user_id, credits=balance)


def got_credits(tr: Translate, amount: str, balance: str) -> str:
    """To whom it was given."""
    return tr("You received {credits}. You now have {balance}. 🎉", credits=amount, balance=balance)


def what_to_broadcast(tr: Translate) -> str:
    """The question for a broadcast."""
    return tr(
        "What would you like to send to everybody who has news turned on? Send me the message,"
        " with or without a picture, or press /cancel."
    )


def confirm_broadcast(tr: Translate, language: str, count: int) -> str:
    """The last question before a broadcast."""
    people = _people(language, count)
    return tr("This will go to {people}. Send it?", people=people)


def nobody(tr: Translate) -> str:
    """Nobody wants news."""
    return tr("Nobody has news turned on yet, so there is nobody to write to.")


def broadcast_begun(tr: Translate) -> str:
    """It goes out."""
    return tr("Sending…")


def broadcast_done(tr: Translate, language: str, sent: int, lost: int) -> str:
    """It went out."""
    people = _people(language, sent)
    return tr("Sent to {people}; {lost} could not be reached.", people=people, lost=lost)


def not_sent(tr: Translate) -> str:
    """A broadcast was called off."""
    return tr("All right, it was not sent.")


def _people(language: str, count: int) -> str:
    tr_count = count_translator(language)
    return tr_count("{n} person", "{n} people", count)
