"""The menu of commands, the welcome and the help."""

from __future__ import annotations

from decimal import Decimal

from aiogram.types import BotCommand

from enlarger.bot.texts.words import MOST_MEGABYTES, balance_line, paragraphs
from enlarger.bot.users import BotUser
from enlarger.catalog.messages import Translate

LANGUAGES = {"en": "English", "ru": "Русский", "zh": "中文"}
"""Languages, each in its own."""


def commands(tr: Translate, *, admin: bool = False) -> list[BotCommand]:
    """The menu of commands; admins have some more."""
    everybody = {
        "start": tr("Start"),
        "quality": tr("Standard or Pro, with prices"),
        "balance": tr("Your credits"),
        "history": tr("Your pictures"),
        "cancel": tr("Cancel the current picture"),
        "language": tr("Language"),
        "news": tr("News: on or off"),
        "help": tr("What I can do"),
    }
    more = {
        "stats": tr("Statistics (for admins)"),
        "topup": tr("Add credits (for admins)"),
        "broadcast": tr("Message subscribers (for admins)"),
    }
    chosen = everybody | more if admin else everybody
    return [BotCommand(command=command, description=description) for command, description in chosen.items()]


def welcome(tr: Translate, user: BotUser, balance: Decimal | None) -> str:
    """The first words."""
    return paragraphs(
        tr("Hello! I redesign rooms. 🛋"),
        tr(
            "Send me a photo of your room, and I will show it in another style, or empty. I can also enlarge pictures,"
            " remove backgrounds, repaint houses, and change whatever you describe in your own words."
        ),
        balance_line(tr, user.language, balance),
        tr("Just send a photo. /help tells you more, /language changes the language."),
    )


def help_(tr: Translate, *, admin: bool = False) -> str:
    """What there is, and how it works."""
    parts = [
        tr("Send me one photo and choose what to do with it:"),
        "\n".join(
            (
                tr("🛋 Redesign: choose the room and a style, and add your wishes"),
                tr("🧹 Empty the room: everything movable is removed"),
                tr("🏠 Facade: the outside of a house in another style"),
                tr("🖼 Like a sample: a second photo shows how it should look"),
                tr("✏️ In your own words: describe what to change"),
                tr("🔍 Enlarge: 2 or 4 times, as a file"),
                tr("✂️ Remove the background: as a file, with transparency"),
            )
        ),
        tr("A caption under a photo is used as your wishes."),
        tr(
            "For the best quality, send the photo as a file, because Telegram shrinks photos."
            " Files may be up to {most} MB. You see the price before anything starts, and failures"
            " cost nothing.",
            most=MOST_MEGABYTES,
        ),
        "\n".join(
            (
                tr("/quality: Standard or Pro (1K, 2K, 4K), with prices"),
                tr("/balance: your credits"),
                tr("/history: your pictures, to get them again"),
                tr("/cancel: cancel the current picture"),
                tr("/language: English, Русский, 中文"),
                tr("/news: turn news on or off"),
            )
        ),
    ]
    if admin:
        parts.append(
            "\n".join(
                (
                    tr("For admins:"),
                    tr("/stats: users, pictures, credits"),
                    tr("/topup USER CREDITS: add credits, or take some with a minus"),
                    tr("/broadcast: message everybody who has news turned on"),
                )
            )
        )
    return paragraphs(*parts)


def group_hint(tr: Translate, name: str) -> str:
    """In groups."""
    return tr("I work in private chats only: open @{name} and send me a photo there.", name=name)


def choose_language(tr: Translate) -> str:
    """Above the languages."""
    return tr("Choose a language")


def language_set(tr: Translate) -> str:
    """After it was chosen; in the new language."""
    return tr("I will speak English from now on. Send me a photo whenever you like.")
