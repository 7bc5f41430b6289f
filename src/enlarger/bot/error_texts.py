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

_SOON_SECONDS = 600.0
"""A longer wait means that a daily limit is reached."""
_ABOUT_THE_INPUT = (400, 413, 422, 451)
"""Codes of tasks that would fail again."""


def user_message(error: BaseException, tr: Translate) -> str:  # noqa: PLR0912 - one case a kind
    """What to tell a user of an error."""
    match error:
        case TaskCancelled(credits=credits) if credits:
            return tr(
                "Stopped. Charged: {credits}, because the picture may already have been paid for. If"
                " it turns out that it was not, your credits will be returned.",
                credits=tr.tr_count("{n} credit", "{n} credits", credits),
            )
        case TaskCancelled():
            return tr("Stopped. Nothing was charged.")
        case TaskFailed() if is_moderated(str(error), error.fail_code):
            return tr(
                "The service's content rules do not allow something in the photo or in your text."
                " Rephrase it, or send another photo. Your credits have been returned."
            )
        case TaskFailed(code=code) if code in _ABOUT_THE_INPUT:
            return tr("That does not work with this photo. Send another photo, or choose something else.")
        case TaskFailed():
            return tr("That failed, and your credits have been returned. Try again, or send another photo.")
        case InsufficientCredits() | BalanceTooLow() | KeyCapReached():
            return tr("You do not have enough credits for this. /balance shows what you have.")
        case RateLimited(retry_after=float(seconds)) if seconds > _SOON_SECONDS:
            return tr("You have reached your limit for today. Please try again tomorrow.")
        case RateLimited():
            return tr("Too many pictures at once. Please try again in a minute.")
        case RequestLimitReached():
            return tr("I am still working on your last picture. Wait for it, or cancel it with /cancel.")
        case PictureTooLarge():
            return tr("This photo is too large. Send one of up to 20 MB.")
        case PictureError():
            return tr("I cannot read this file. Send a JPEG, PNG or WebP picture.")
        case SourceUnavailable():
            return tr("Telegram no longer has this photo. Please send it again.")
        case NotFound() | FileMissing():
            return tr("This picture is no longer kept. Please send the photo again.")
        case ModelUnavailable() | UnknownModel() | ModelSwitchedOff() | FeatureDisabled():
            return tr("This is not available at the moment. Please choose something else.")
        case InvalidInput():
            return tr("That does not work with this photo. Send another photo, or choose something else.")
        case ServiceUnavailable() | Maintenance() | DatabaseUnavailable():
            return tr(
                "The service cannot be reached at the moment, and nothing was charged. Try again in a few minutes."
            )
        case TelegramAPIError():
            return tr("Telegram cannot be reached at the moment. Please try again.")
        case _:
            return tr("Something went wrong on our side. Please try again; the operator of this bot can see why.")
