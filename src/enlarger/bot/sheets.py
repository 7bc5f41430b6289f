"""The sheet that shows what the styles look like."""

from __future__ import annotations

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import BufferedInputFile, InlineKeyboardMarkup, ReplyParameters

from enlarger.bot.users import BotUser
from enlarger.interior import draw_sheet


class Sheets:
    """Sends the sheet; uploaded once for each language, it is then sent by Telegram's own name for it."""

    def __init__(self) -> None:
        self._file_ids: dict[str, str] = {}

    async def send(
        self,
        bot: Bot,
        user: BotUser,
        words: str,
        *,
        buttons: InlineKeyboardMarkup,
        reply_parameters: ReplyParameters | None = None,
    ) -> None:
        """Send the sheet in the user's language, with words and buttons beneath it."""
        known = self._file_ids.get(user.language)
        if known is not None:
            try:
                await bot.send_photo(
                    user.user_id, known, caption=words, reply_markup=buttons, reply_parameters=reply_parameters
                )
            except TelegramBadRequest:
                del self._file_ids[user.language]  # Telegram knows it no longer
            else:
                return
        sheet = BufferedInputFile(draw_sheet(user.language), "styles.png")
        message = await bot.send_photo(
            user.user_id, sheet, caption=words, reply_markup=buttons, reply_parameters=reply_parameters
        )
        if message.photo:
            self._file_ids[user.language] = message.photo[-1].file_id
