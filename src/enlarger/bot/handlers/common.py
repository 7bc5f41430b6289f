"""What several conversations need: the photo that is talked about, and beginning something with it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec
from aiogram import Bot, Router
from aiogram.enums import ChatType
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters.magic_data import MagicData
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message, ReplyParameters
from magic_filter import F

from enlarger.bot import actions, keyboards, texts
from enlarger.bot.actions import Action, Photo, Quality
from enlarger.bot.jobs import JobStore
from enlarger.bot.telegram import quietly
from enlarger.bot.users import BotUser, UserStore
from enlarger.bot.work import Work
from enlarger.catalog.messages import Translate
from enlarger.errors import TooManyRequests
from enlarger.settings import Settings

_TAKEN = ("image/jpeg", "image/png", "image/webp")
_ENDINGS = (".jpg", ".jpeg", ".png", ".webp")
_MEGABYTE = 1_000_000


class Talk(StatesGroup):
    """What the bot waits for."""

    wishes = State()
    prompt = State()
    sample = State()
    broadcast = State()


class Kitchen:
    pass
