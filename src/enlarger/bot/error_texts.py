"""Errors as kind sentences: what has happened and what to do, in the user's language.

What the service or a provider says is for those who run the bot; users are told it only where it is about their photo.
"""

from __future__ import annotations

from aiogram.exceptions import TelegramAPIError

from enlarger.catalog.messages import Translate
from enlarger.errors import (
    BalanceTooLow,
    DatabaseUnavailable,
    FeatureDisabled,
    FileMissing,
    InsufficientCredits,
    InvalidInput,
    KeyCapReached,
    Maintenance,
    ModelSwitchedOff,
    ModelUnavailable,
    NotFound,
    PictureError,
    PictureTooLarge,
    RateLimited,
    RequestLimitReached,
    ServiceUnavailable,
    SourceUnavailable,
    TaskCancelled,
    TaskFailed,
    UnknownModel,
)
from enlarger.protocol.moderation import is_moderated

_ABOUT_THE_INPUT = (400, 413, 422, 451)
"""Codes of tasks that would fail again."""


def user_message(error: BaseException, say: Translate) -> str:  # noqa: PLR0912 - one case a kind
    """What to tell a user of an error."""
    match error:
        case TaskCancelled(credits=credits) if credits:
            return say(
                "Stopped. Charged: {credits}, because the picture may already have been paid for. If"
                " it turns out that it was not, your credits will be returned.",
                credits=say.say_count("{n} credit", "{n} credits", credits),
            )
        case TaskCancelled():
            return say("Stopped. Nothing was charged.")
        case TaskFailed() if is_moderated(str(error), error.fail_code):
            return say(
                "The service's content rules do not allow something in the photo or in your text."
                " Rephrase it, or send another photo. Your credits have been returned."
            )
        case TaskFailed(code=code) if code in _ABOUT_THE_INPUT:
            return say("That does not work with this photo. Send another photo, or choose something else.")
        case TaskFailed():
            return say("That failed, and your credits have been returned. Try again, or send another photo.")
        case InsufficientCredits() | BalanceTooLow() | KeyCapReached():
            return say("You do not have enough credits for this. /balance shows what you have.")
        case RateLimited():
            return say("Too many pictures at once. Please try again in a minute.")
        case RequestLimitReached():
            return say("I am still working on your last picture. Wait for it, or cancel it with /cancel.")
        case PictureTooLarge():
            return say("This photo is too large. Send one of up to 20 MB.")
        case PictureError():
            return say("I cannot read this file. Send a JPEG, PNG or WebP picture.")
        case SourceUnavailable():
            return say("Telegram no longer has this photo. Please send it again.")
        case NotFound() | FileMissing():
            return say("This picture is no longer kept. Please send the photo again.")
        case ModelUnavailable() | UnknownModel() | ModelSwitchedOff() | FeatureDisabled():
            return say("This is not available at the moment. Please choose something else.")
        case InvalidInput():
            return say("That does not work with this photo. Send another photo, or choose something else.")
        case ServiceUnavailable() | Maintenance() | DatabaseUnavailable():
            return say(
                "The service cannot be reached at the moment, and nothing was charged. Try again in a few minutes."
            )
        case TelegramAPIError():
            return say("Telegram cannot be reached at the moment. Please try again.")
        case _:
            return say("Something went wrong on our side. Please try again; the operator of this bot can see why.")
