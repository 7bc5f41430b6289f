"""The menu of commands, the welcome and the help."""

from __future__ import annotations

from decimal import Decimal

from aiogram.types import BotCommand

from enlarger.bot.texts.words import MOST_MEGABYTES, balance_line, paragraphs
from enlarger.bot.users import BotUser
from enlarger.catalog.messages import Translate

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


def welcome(say: Translate, user: BotUser, balance: Decimal | None) -> str:
    """The first words."""
    return paragraphs(
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
    return paragraphs(*parts)


def group_hint(say: Translate, name: str) -> str:
    """In groups."""
    return say("I work in private chats only: open @{name} and send me a photo there.", name=name)


def choose_language(say: Translate) -> str:
    """Above the languages."""
    return say("Choose a language")


def language_set(say: Translate) -> str:
    """After it was chosen; in the new language."""
    return say("I will speak English from now on. Send me a photo whenever you like.")
