"""What is said about a photo that was sent."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from enlarger.bot.texts.words import MOST_MEGABYTES, balance_line, paragraphs
from enlarger.bot.users import BotUser
from enlarger.catalog.messages import Translate


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
    return paragraphs(*parts, balance_line(say, user.language, balance))


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
