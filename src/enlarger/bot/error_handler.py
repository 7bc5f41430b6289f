"""What becomes of errors in handlers: a kind sentence for the user, a line in the log for those who run the bot."""

from __future__ import annotations

from typing import Any

import structlog
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest
from aiogram.types import CallbackQuery, Chat, ErrorEvent, Message, User

from enlarger.bot.error_texts import user_message
from enlarger.bot.telegram import GONE, quietly
from enlarger.bot.users import BotUser, UserStore
from enlarger.catalog.messages import Translate, translator
from enlarger.errors import EnlargerError

_HARMLESS = ("message is not modified", "query is too old", "message to edit not found", "message to delete not found")
_LONGEST_ALERT = 200

_log = structlog.get_logger("enlarger.bot")


async def tell(
    event: ErrorEvent,
    users: UserStore,
    tr: Translate | None = None,
    user: BotUser | None = None,
    event_from_user: User | None = None,
    event_chat: Chat | None = None,
) -> Any:
    """Log an error and say it to the user; neither traceback nor address goes to them."""
    error = event.exception
    if isinstance(error, TelegramBadRequest) and any(words in error.message for words in _HARMLESS):
        return None
    if isinstance(error, GONE):
        in_private = event_chat is None or event_chat.type == "private"  # a group may have thrown the bot out
        if event_from_user is not None and user is not None and in_private:
            await users.set_blocked(event_from_user.id)
        return None
    if isinstance(error, EnlargerError | TelegramAPIError):
        _log.info("update_refused", kind=type(error).__name__)
    else:
        _log.error("update_crashed", exc_info=error)
    words = user_message(error, tr or translator("en"))
    match event.update.event:
        case CallbackQuery() as query:
            await quietly(query.answer(words[:_LONGEST_ALERT], show_alert=True))
        case Message() as message:
            await quietly(message.answer(words))
        case _:
            pass
    return None
