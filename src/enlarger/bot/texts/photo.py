"""What is said about a photo that was sent."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from enlarger.bot.texts.words import MOST_MEGABYTES, balance_line, paragraphs
from enlarger.bot.users import BotUser
from enlarger.catalog.messages import Translate


def menu(tr: Translate, user: BotUser, balance: Decimal | None, *, services: Sequence[str] = ()) -> str:
    """Beneath a photo; `services` are those of which one has to be set up before more than enlarging can be done."""
    parts = [tr("What would you like to do?")]
    if services:
        parts.append(
            tr(
                "I can only enlarge pictures at the moment. For everything else, the operator of this"
                " bot has to set up a picture service: {services}.",
                services=", ".join(services),
            )
        )
    return paragraphs(*parts, balance_line(tr, user.language, balance))


def album(tr: Translate) -> str:
    """Several photos at once."""
    return tr(
        "You sent several photos. I will use the first one; the second one can be the sample"
        " for “Like a sample”. Send the others one by one."
    )


def photo_gone(tr: Translate) -> str:
    """A button whose photo is not there any more."""
    return tr("I no longer have the photo that this button belongs to. Please send it again.")


def too_large(tr: Translate, megabytes: float) -> str:
    """More than Telegram gives to bots."""
    return tr(
        "This file is {size} MB, but Telegram gives me at most {most} MB. Please send it as a"
        " photo instead of a file, or send a smaller version.",
        size=f"{megabytes:.0f}",
        most=MOST_MEGABYTES,
    )


def too_heavy(tr: Translate, most: float) -> str:
    """More than a model takes."""
    return tr(
        "For this, the file may be at most {most} MB. Please send it as a photo instead of a file: then it will fit.",
        most=f"{most:g}",
    )


def wrong_type(tr: Translate) -> str:
    """A file that is no picture that we take."""
    return tr(
        "I accept JPEG, PNG and WebP pictures. Please send this one as a photo instead of a"
        " file: Telegram then converts it to JPEG."
    )


def no_picture(tr: Translate) -> str:
    """Videos, voices, stickers and the like."""
    return tr("I work with photos only. Please send me one, as a photo or as a file.")


def unknown_command(tr: Translate) -> str:
    """A command that there is not."""
    return tr("I do not know this command. /help tells you what I can do.")


def sample_wanted(tr: Translate) -> str:
    """Something else than a sample came."""
    return tr("I am waiting for the sample: please send me a photo, or press /cancel.")


def photo_first(tr: Translate) -> str:
    """Words out of nothing."""
    return tr("Please send me a photo first, and then choose “In my own words”. /help tells you what I can do.")
