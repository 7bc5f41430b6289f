"""What the bot says: English sentences, which are the keys of the catalogues in `enlarger.catalog.locales`.

Plain text throughout, without Telegram's markup: whatever people write can be repeated to them as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from aiogram.types import BotCommand

from enlarger.bot.actions import Action
from enlarger.bot.jobs import Job
from enlarger.bot.users import BotUser, Stats
from enlarger.catalog import Credits
from enlarger.catalog.messages import Translate, count_translator
from enlarger.interior import list_rooms, list_styles

MOST_MEGABYTES = 20
"""The largest file that Telegram lets bots have."""

_MOST_REPEATED = 300
"""Characters of somebody's own words: they may stand in a caption, which has 1,024."""

LANGUAGES = {"en": "English", "ru": "Русский", "zh": "中文"}
"""Languages, each in its own."""


def commands(say: Translate, *, admin: bool = False) -> list[BotCommand]:
    """The menu of commands; admins have some more."""
    everybody = {
        "start": say("Start"),
        "quality": say("Standard or Pro, with prices"),
        "balance": say("Your credits"),
        "history": say("Your pictures"),
        "cancel": say("Cancel the current picture"),
        "language": say("Language"),
        "news": say("News: on or off"),
        "help": say("What I can do"),
    }
    more = {
        "stats": say("Statistics (for admins)"),
        "topup": say("Add credits (for admins)"),
        "broadcast": say("Message subscribers (for admins)"),
    }
    chosen = everybody | more if admin else everybody
    return [BotCommand(command=command, description=description) for command, description in chosen.items()]


# Credits


def credits(language: str, amount: Decimal | float) -> str:
    """So many credits."""
    say_count = count_translator(language)
    return say_count("{n} credit", "{n} credits", float(amount))


def price(say: Translate, language: str, cost: Credits) -> str:
    """What something costs, in words."""
    if cost.amount is None:
        return say("price unknown")
    if not cost.amount:
        return say("free")
    amount = credits(language, cost.amount)
    return amount if cost.exact else say("at most {credits}", credits=amount)


def price_tag(say: Translate, cost: Credits) -> str:
    """The same for a button: short."""
    if not cost.amount:
        return "" if cost.amount is None else say("free")
    return f"{cost.amount:g} 🪙" if cost.exact else f"≤ {cost.amount:g} 🪙"


def balance_line(say: Translate, language: str, balance: Decimal | None) -> str:
    """What somebody has."""
    if balance is None:
        return say("Your credits have no limit.")
    return say("You have {credits}.", credits=credits(language, balance))


# Names


def room_name(language: str, room: str) -> str:
    """A room's name, for buttons and titles."""
    return next((entry.title(language) for entry in list_rooms() if entry.id == room), room)


def style_name(language: str, style: str) -> str:
    """A style's name, for buttons and titles."""
    return next((entry.title(language) for entry in list_styles() if entry.id == style), style)


def quality_name(say: Translate, quality: str) -> str:
    """A quality's name."""
    return say("Standard") if quality == "standard" else say("Pro {resolution}", resolution=quality)


def title(say: Translate, language: str, action: Action) -> str:
    """What an action is called, in progress messages, captions and the history."""
    match action.kind:
        case "redesign":
            words = f"{room_name(language, str(action.room))} · {style_name(language, str(action.style))}"
        case "facade":
            words = f"{facade(say)} · {style_name(language, str(action.style))}"
        case "clear_space":
            words = say("Empty room")
        case "like_sample":
            words = say("{room} like the sample", room=room_name(language, str(action.room)))
        case "free_prompt":
            words = say("In your own words: “{words}”", words=_shorten(action.wishes, 60))
        case "enlarge":
            words = say("Enlarged {factor}×", factor=action.factor)
        case "remove_background":
            words = say("Background removed")
    return words if action.quality == "standard" else f"{words} · {quality_name(say, action.quality)}"


# Beginning


def welcome(say: Translate, user: BotUser, balance: Decimal | None) -> str:
    """The first words."""
    return _paragraphs(
        say("Hello! I redesign rooms. 🛋"),
        say(
            "Send me a photo of your room, and I will show it in another style, or empty. I can also enlarge pictures,"
            " remove backgrounds, repaint houses, and change whatever you describe in your own words."
        ),
        balance_line(say, user.language, balance),
        say("Just send a photo. /help tells you more, /language changes the language."),
    )


def help_(say: Translate, *, admin: bool = False) -> str:
    """What there is, and how it works."""
    parts = [
        say("Send me one photo and choose what to do with it:"),
        "\n".join(
            (
                say("🛋 Redesign: choose the room and a style, and add your wishes"),
                say("🧹 Empty the room: everything movable is removed"),
                say("🏠 Facade: the outside of a house in another style"),
                say("🖼 Like a sample: a second photo shows how it should look"),
                say("✏️ In your own words: describe what to change"),
                say("🔍 Enlarge: 2 or 4 times, as a file"),
                say("✂️ Remove the background: as a file, with transparency"),
            )
        ),
        say("A caption under a photo is used as your wishes."),
        say(
            "For the best quality, send the photo as a file, because Telegram shrinks photos."
            " Files may be up to {most} MB. You see the price before anything starts, and failures"
            " cost nothing.",
            most=MOST_MEGABYTES,
        ),
        "\n".join(
            (
                say("/quality: Standard or Pro (1K, 2K, 4K), with prices"),
                say("/balance: your credits"),
                say("/history: your pictures, to get them again"),
                say("/cancel: cancel the current picture"),
                say("/language: English, Русский, 中文"),
                say("/news: turn news on or off"),
            )
        ),
    ]
    if admin:
        parts.append(
            "\n".join(
                (
                    say("For admins:"),
                    say("/stats: users, pictures, credits"),
                    say("/topup USER CREDITS: add credits, or take some with a minus"),
                    say("/broadcast: message everybody who has news turned on"),
                )
            )
        )
    return _paragraphs(*parts)


def group_hint(say: Translate, name: str) -> str:
    """In groups."""
    return say("I work in private chats only: open @{name} and send me a photo there.", name=name)


def choose_language(say: Translate) -> str:
    """Above the languages."""
    return say("Choose a language")


def language_set(say: Translate) -> str:
    """After it was chosen; in the new language."""
    return say("I will speak English from now on. Send me a photo whenever you like.")


# A photo


def menu(say: Translate, user: BotUser, balance: Decimal | None, *, services: Sequence[str] = ()) -> str:
    """Beneath a photo; `services` are those of which one has to be set up before more than enlarging can be done."""
    parts = [say("What would you like to do?")]
    if services:
        parts.append(
            say(
                "I can only enlarge pictures at the moment. For everything else, the operator of this"
                " bot has to set up a picture service: {services}.",
                services=", ".join(services),
            )
        )
    return _paragraphs(*parts, balance_line(say, user.language, balance))


def album(say: Translate) -> str:
    """Several photos at once."""
    return say(
        "You sent several photos. I will use the first one; the second one can be the sample"
        " for “Like a sample”. Send the others one by one."
    )


def photo_gone(say: Translate) -> str:
    """A button whose photo is not there any more."""
    return say("I no longer have the photo that this button belongs to. Please send it again.")


def too_large(say: Translate, megabytes: float) -> str:
    """More than Telegram gives to bots."""
    return say(
        "This file is {size} MB, but Telegram gives me at most {most} MB. Please send it as a"
        " photo instead of a file, or send a smaller version.",
        size=f"{megabytes:.0f}",
        most=MOST_MEGABYTES,
    )


def too_heavy(say: Translate, most: float) -> str:
    """More than a model takes."""
    return say(
        "For this, the file may be at most {most} MB. Please send it as a photo instead of a file: then it will fit.",
        most=f"{most:g}",
    )


def wrong_type(say: Translate) -> str:
    """A file that is no picture that we take."""
    return say(
        "I accept JPEG, PNG and WebP pictures. Please send this one as a photo instead of a"
        " file: Telegram then converts it to JPEG."
    )


def no_picture(say: Translate) -> str:
    """Videos, voices, stickers and the like."""
    return say("I work with photos only. Please send me one, as a photo or as a file.")


def unknown_command(say: Translate) -> str:
    """A command that there is not."""
    return say("I do not know this command. /help tells you what I can do.")


def sample_wanted(say: Translate) -> str:
    """Something else than a sample came."""
    return say("I am waiting for the sample: please send me a photo, or press /cancel.")


def photo_first(say: Translate) -> str:
    """Words out of nothing."""
    return say("Please send me a photo first, and then choose “In my own words”. /help tells you what I can do.")


# Design


def choose_room(say: Translate) -> str:
    """Above the rooms."""
    return say("Which room is it?")


def choose_style(say: Translate, subject: str, cost: str) -> str:
    """Above the styles; `subject` is the room's name, or the facade's."""
    return _paragraphs(say("{subject}: which style?", subject=subject), say("Price: {price}.", price=cost))


def wishes(say: Translate, what: str, cost: str, balance: str, written: str = "") -> str:
    """The last question before a design begins; `written` stands beneath the photo."""
    known = say("Your wishes: “{words}”. Start, or write different ones now.", words=_shorten(written, _MOST_REPEATED))
    return _paragraphs(
        what,
        known
        if written
        else say(
            "Do you have any wishes? Write them now, for example “a green sofa, keep the shelves”,"
            " or start without any."
        ),
        say("Price: {price}.", price=cost) + " " + balance,
    )


def facade(say: Translate) -> str:
    """What a facade is called above the styles."""
    return say("Facade")


def own_words(say: Translate, cost: str, balance: str, written: str = "") -> str:
    """The question for a prompt; `written` stands beneath the photo."""
    known = say("Your text: “{words}”. Start, or write something else now.", words=_shorten(written, _MOST_REPEATED))
    return _paragraphs(
        known
        if written
        else say("Describe what to change, for example “paint the walls olive green and put a piano at the window”."),
        say("Price: {price}.", price=cost) + " " + balance,
    )


def words_too_long(say: Translate, count: int, most: int) -> str:
    """A prompt beyond the limit."""
    return say(
        "That is too long: {count}, but at most {most} are allowed. Please use fewer words.",
        count=say.say_count("{n} character", "{n} characters", count),
        most=most,
    )


def words_wanted(say: Translate) -> str:
    """Something else than words came."""
    return say("Please describe it in text, or press /cancel.")


def send_sample(say: Translate, cost: str, balance: str) -> str:
    """The question for a sample."""
    return _paragraphs(
        say("Now send me the sample: a photo of a room that yours should look like."),
        say("Price: {price}.", price=cost) + " " + balance,
    )


def sample_ready(say: Translate, what: str, cost: str, balance: str) -> str:
    """The sample is there."""
    return _paragraphs(what, say("Price: {price}.", price=cost) + " " + balance)


def enlarge(say: Translate, balance: str) -> str:
    """Above the factors."""
    return _paragraphs(say("How much larger? The result comes as a file, because Telegram shrinks photos."), balance)


def choose_quality(say: Translate, balance: str) -> str:
    """Above the qualities."""
    return _paragraphs(
        say(
            "Choose the quality of designs. Pro follows your wishes more closely and makes larger"
            " pictures; 2K and 4K come as files."
        ),
        balance,
    )


def quality_set(say: Translate, quality: str) -> str:
    """After it was chosen."""
    return say("From now on: {quality}.", quality=quality_name(say, quality))


def another_style(say: Translate, cost: str) -> str:
    """Above the styles, beneath a result."""
    return _paragraphs(say("Which style now? I will start right away."), say("Price: {price}.", price=cost))


# What goes on


def busy(say: Translate, name: str) -> str:
    """A second job at the same time."""
    return _paragraphs(
        say("One at a time, please: I am still working on “{name}”.", name=name),
        say("Wait until it is done, or stop it. Your photo stays here, with its buttons."),
    )


def too_expensive(say: Translate, user: BotUser, cost: str, balance: Decimal) -> str:
    """Too few credits."""
    return _paragraphs(
        say("This costs {price}, and you have {credits}.", price=cost, credits=credits(user.language, balance)),
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


# The account


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
    return _paragraphs(*parts)


def example(what: str, cost: str) -> str:
    """A line of the price list."""
    return f"{what}: {cost}"


_STATES = {"new": "⏳", "running": "⏳", "done": "✅", "failed": "⚠️", "cancelled": "✖️"}


def history(say: Translate, jobs: Sequence[Job], now: datetime) -> str:
    """The newest jobs."""
    if not jobs:
        return say("You have not made anything yet. Send me a photo to get started.")
    lines = [
        f"{number}. {_STATES[job.state]} {_age(say, now - job.created_at)} · {_shorten(job.action.title, 80)}"
        for number, job in enumerate(jobs, 1)
    ]
    return _paragraphs(
        say("Your latest pictures, newest first:"),
        "\n".join(lines),
        say("Press a number to get that picture again, as a file. Pictures are kept for a few days only."),
    )


def news(say: Translate, *, on: bool) -> str:
    """Whether somebody is written to."""
    if on:
        return say("I will write to you when there is something new, which is rare.")
    return say("I will only write to you about your own pictures.")


# Admins


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
            say("Spent today: {credits}", credits=credits(language, numbers.credits_today)),
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


# Buttons


def quality_button(say: Translate, quality: str) -> str:
    """Leads to the qualities."""
    return say("⚙️ Quality: {quality}", quality=quality_name(say, quality))


def labels(say: Translate) -> dict[str, str]:
    """The words on buttons, by what they do."""
    return {
        "redesign": say("🛋 Redesign"),
        "clear_space": say("🧹 Empty the room"),
        "facade": say("🏠 Facade"),
        "like_sample": say("🖼 Like a sample"),
        "free_prompt": say("✏️ In my own words"),
        "enlarge": say("🔍 Enlarge"),
        "remove_background": say("✂️ Remove the background"),
        "begin": say("✨ Start"),
        "back": say("← Back"),
        "cancel": say("✖️ Stop"),
        "again": say("🔁 Again"),
        "style": say("🎨 Other style"),
        "enlarge_result": say("🔍 Enlarge this"),
        "original": say("📎 Full quality, as a file"),
        "send": say("📣 Send"),
        "no": say("✖️ Do not send"),
        "news_on": say("🔔 Turn news on"),
        "news_off": say("🔕 Turn news off"),
    }


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


def _people(language: str, count: int) -> str:
    say_count = count_translator(language)
    return say_count("{n} person", "{n} people", count)


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _shorten(words: str, most: int) -> str:
    joined = " ".join(words.split())
    return joined if len(joined) <= most else joined[: most - 1] + "…"
