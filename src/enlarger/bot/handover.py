"""From the service's storage to a chat: as a photo where Telegram takes it as one, else as a document, else a link.

What is too large and has no address that users can reach stays in the service, and they are told its number.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramEntityTooLarge
from aiogram.types import FSInputFile, InlineKeyboardMarkup, Message

from enlarger.bot.actions import Action
from enlarger.bot.telegram import patiently, quietly
from enlarger.catalog import HEADER_BYTES, measure
from enlarger.catalog.messages import Translate
from enlarger.client import KieApiClient, TaskStatus
from enlarger.client.options import is_loopback
from enlarger.retry import Sleep

_PHOTO_SIDES = 10_000
_PHOTO_RATIO = 20
"""Telegram's limits of a photo: width and height together, one by the other."""
_PHOTOS = (".jpg", ".jpeg", ".png", ".webp")
_UPLOAD_SECONDS = 600
_LONGEST_CAPTION = 1024


class SizeLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Telegram's limits of what a bot sends, in bytes."""

    photo: int = 10_000_000
    document: int = 50_000_000


async def hand_over(
    bot: Bot,
    client: KieApiClient,
    status: TaskStatus,
    chat_id: int,
    action: Action,
    buttons: InlineKeyboardMarkup | None,
    tr: Translate,
    sleep: Sleep,
    limits: SizeLimits,
) -> str | None:
    """Send the first file of a task's result; returns Telegram's id of it, None when only words were sent.

    Raises NotFound when it is no longer kept, and TelegramAPIError.
    """
    caption = action.title[:_LONGEST_CAPTION] or None
    url = status.urls[0]
    with tempfile.TemporaryDirectory(prefix="enlarger-bot-") as folder:
        (file,) = await client.download(url, f"{folder}/")
        if action.deliver == "photo" and fits_as_photo(file, limits):
            await quietly(bot.send_chat_action(chat_id, "upload_photo"))
            try:
                message = await patiently(
                    lambda: bot.send_photo(
                        chat_id,
                        FSInputFile(file),
                        caption=caption,
                        reply_markup=buttons,
                        request_timeout=_UPLOAD_SECONDS,
                    ),
                    sleep,
                )
            except (TelegramBadRequest, TelegramEntityTooLarge):
                pass  # it does not like it as a photo, but perhaps as a document
            else:
                return _file_id(message)
        if file.stat().st_size <= limits.document:
            await quietly(bot.send_chat_action(chat_id, "upload_document"))
            try:
                message = await patiently(
                    lambda: bot.send_document(
                        chat_id,
                        FSInputFile(file, filename=_name(action, file)),
                        caption=caption,
                        reply_markup=buttons,
                        disable_content_type_detection=True,
                        request_timeout=_UPLOAD_SECONDS,
                    ),
                    sleep,
                )
            except TelegramEntityTooLarge:
                pass  # a server of one's own may have another limit
            else:
                return _file_id(message)
    if is_loopback(url):
        words = tr(
            "The picture is ready, but it is larger than the 50 MB that Telegram lets me send. It"
            " is kept for a few days: the operator of this bot can send it to you. Its number:"
            " {number}",
            number=status.task_id,
        )
    else:
        words = tr("The picture is too large for Telegram. Here it is: {url}", url=url)
    await patiently(lambda: bot.send_message(chat_id, words, reply_markup=buttons), sleep)
    return None


def fits_as_photo(file: Path, limits: SizeLimits) -> bool:
    """Whether Telegram takes a file as a photo."""
    if file.suffix.lower() not in _PHOTOS or file.stat().st_size > limits.photo:
        return False
    with file.open("rb") as stream:
        size = measure(stream.read(HEADER_BYTES))
    return size is None or (sum(size) <= _PHOTO_SIDES and max(size) <= _PHOTO_RATIO * min(size))


def _name(action: Action, file: Path) -> str:
    words = [action.kind.replace("_", "-"), action.room, action.style, f"{action.factor}x" if action.factor else None]
    return "-".join(str(word).replace("_", "-") for word in words if word) + file.suffix


def _file_id(message: Message) -> str | None:
    if message.photo:
        return message.photo[-1].file_id
    return message.document.file_id if message.document else None
