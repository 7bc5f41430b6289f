"""What a handler needs of the one who writes: speaking to them, prices in their words, beginning something for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import msgspec
from aiogram import BaseMiddleware, Bot, F, Router
from aiogram.enums import ChatType
from aiogram.exceptions import TelegramAPIError
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message, ReplyParameters, TelegramObject

from enlarger.all_settings import Settings
from enlarger.bot import actions, keyboards, texts
from enlarger.bot.actions import Action, Photo
from enlarger.bot.jobs import JobStore
from enlarger.bot.sheets import Sheets
from enlarger.bot.telegram import quietly
from enlarger.bot.users import BotUser, UserStore
from enlarger.bot.work import Work
from enlarger.catalog import Credits
from enlarger.catalog.messages import Translate, translator
from enlarger.errors import RequestLimitReached
from enlarger.interior import QUALITIES, Quality
from enlarger.providers.registry import specs
from enlarger.providers.setup import unconfigured_of

_EDIT = "image-edit"
"""The type of task that changes a picture."""


class Talk(StatesGroup):
    """What the bot waits for."""

    wishes: State = State()
    words: State = State()
    sample: State = State()
    broadcast: State = State()


class Written(NamedTuple):
    """What somebody wrote about a photo."""

    words: str
    typed: bool = False
    """Whether as an answer, not beneath the photo."""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One message or button of one user, and what it takes to answer it."""

    bot: Bot
    state: FSMContext
    user: BotUser
    tr: Translate
    users: UserStore
    jobs: JobStore
    work: Work
    settings: Settings
    sheets: Sheets

    @property
    def language(self) -> str:
        """The user's."""
        return self.user.language

    @property
    def quality(self) -> Quality:
        """The user's; standard where it is one that there is no longer."""
        return self.user.quality if self.user.quality in QUALITIES else "standard"

    @property
    def hosted(self) -> bool:
        """Whether anybody is set up who changes pictures; this machine's engine only enlarges them."""
        unconfigured = unconfigured_of(self.settings)
        return any(spec.can_do(_EDIT) and spec.name not in unconfigured for spec in specs())

    @property
    def services(self) -> tuple[str, ...]:
        """The picture services that could be set up, by their names for people."""
        return tuple(spec.title for spec in specs() if spec.can_do(_EDIT) and not spec.simulates)

    @property
    def admin(self) -> bool:
        """Whether the user runs the bot."""
        return self.user.user_id in self.settings.bot_admins

    def of(self, user: BotUser) -> Visit:
        """The same visit, once the user's language or quality has changed."""
        return replace(self, user=user, tr=translator(user.language))

    async def tell(
        self, words: str, buttons: InlineKeyboardMarkup | None = None, *, beneath: int | None = None
    ) -> Message:
        """Write to the user, perhaps as an answer to the message `beneath`."""
        return await self.bot.send_message(
            self.user.user_id, words, reply_markup=buttons, reply_parameters=reply_to(beneath)
        )

    async def turn(self, query: CallbackQuery, words: str, buttons: InlineKeyboardMarkup | None = None) -> int:
        """Change the message of a button that was pressed, or write a new one where that cannot be; returns its id."""
        message = query.message
        try:
            if isinstance(message, Message) and message.text is not None:
                await message.edit_text(words, reply_markup=buttons)
            elif isinstance(message, Message) and message.photo:
                await message.edit_caption(caption=words, reply_markup=buttons)
            else:
                return (await self.tell(words, buttons)).message_id
        except TelegramAPIError as error:
            if "not modified" not in str(error):
                return (await self.tell(words, buttons, beneath=_photo_message(query))).message_id
        assert message is not None  # it was changed, or is as it should be
        return message.message_id

    async def replace(self, query: CallbackQuery, words: str, buttons: InlineKeyboardMarkup | None = None) -> None:
        """The same for a message that shall have no picture any more: it is written anew beneath the photo."""
        if isinstance(query.message, Message) and query.message.text is not None:
            await self.turn(query, words, buttons)
            return
        await self.tell(words, buttons, beneath=_photo_message(query))
        await self.remove(query)

    async def remove(self, query: CallbackQuery) -> None:
        """Remove the message of a button, which has served."""
        if isinstance(query.message, Message):
            await quietly(query.message.delete())

    async def show_sheet(self, query: CallbackQuery, words: str, buttons: InlineKeyboardMarkup) -> None:
        """Show the styles, in the place of the message of a button that was pressed."""
        await self.sheets.send(
            self.bot, self.user, words, buttons=buttons, reply_parameters=reply_to(_photo_message(query))
        )
        await self.remove(query)

    async def photo(self, query: CallbackQuery) -> Photo | None:
        """The photo that a button's message answers; None, and the user is told, when it is gone."""
        message = query.message
        asked = message.reply_to_message if isinstance(message, Message) else None
        photo = read_photo(asked) if asked else None
        if photo is None:
            await self.tell(texts.photo.photo_gone(self.tr))
        return photo

    async def written(self, query: CallbackQuery, most: int) -> Written:
        """What somebody wrote about the photo of a button: up to `most` characters, as an answer or beneath the photo.

        A forwarded photo brings the words of others along, which are none.
        """
        answer = await self.answer(query, "typed")
        if answer and len(answer) <= most:
            return Written(answer, typed=True)
        message = query.message
        asked = message.reply_to_message if isinstance(message, Message) else None
        if asked is None or asked.forward_origin is not None:
            return Written("")
        words = (asked.caption or "").strip()
        return Written(words if len(words) <= most else "")

    async def answer(self, query: CallbackQuery, name: str) -> Any:
        """What was answered to the question that a button stands beneath; None where that is not known any longer."""
        data = await self.state.get_data()
        mine = isinstance(query.message, Message) and data.get("question") == query.message.message_id
        return data.get(name) if mine else None

    async def ask(
        self,
        query: CallbackQuery,
        state: State,
        photo: Photo,
        words: str,
        buttons: InlineKeyboardMarkup,
        **more: Any,
    ) -> None:
        """Ask something about a photo in the place of a button's message, and wait for the answer."""
        kept = {"photo": msgspec.to_builtins(photo), "beneath": _photo_message(query), **more}
        await self.state.set_state(state)
        await self.state.update_data(kept)
        await self.state.update_data(question=await self.turn(query, words, buttons))

    async def kept(self) -> tuple[Photo, dict[str, Any]] | None:
        """The photo that an answer is about, and what was kept with it."""
        data = await self.state.get_data()
        if "photo" not in data:
            await self.state.set_state(None)
            await self.tell(texts.photo.photo_gone(self.tr))
            return None
        return msgspec.convert(data["photo"], Photo), data

    async def confirm(self, kept: dict[str, Any], words: str, buttons: InlineKeyboardMarkup, **answer: Any) -> None:
        """Show an answer with its price beneath the photo, in the place of the question: it begins on the button."""
        shown = await self.tell(words, buttons, beneath=kept.get("beneath"))
        await self.state.update_data(question=shown.message_id, **answer)
        if kept.get("question"):
            await quietly(self.bot.delete_message(self.user.user_id, kept["question"]))

    async def balance_line(self) -> str:
        """What the user has."""
        return texts.words.balance_line(self.tr, self.language, await self.users.balance(self.user))

    def price(self, cost: Credits) -> str:
        """What something costs, in words."""
        return texts.words.price(self.tr, self.language, cost)

    def design_price(self, quality: Quality | None = None) -> Credits:
        """What every redesign costs."""
        return actions.price(actions.clear_space(Photo(file_id="-"), quality=quality or self.quality))

    async def begin(self, action: Action) -> bool:
        """Begin something, unless the user is told why not."""
        heavy = actions.most_megabytes(action)
        if heavy is not None:
            await self.tell(texts.photo.too_heavy(self.tr, heavy))
            return False
        cost, balance = actions.price(action), await self.users.balance(self.user)
        if balance is not None and cost.exact and cost.amount is not None and cost.amount > balance:
            await self.tell(texts.progress.too_expensive(self.tr, self.user, self.price(cost), balance))
            return False
        titled = msgspec.structs.replace(action, title=texts.words.title(self.tr, self.language, action))
        try:
            await self.work.start(self.user, self.user.user_id, titled)
        except RequestLimitReached:
            await self._say_busy()
            return False
        return True

    async def _say_busy(self) -> None:
        going_on = await self.jobs.open(self.user.user_id)
        if not going_on:
            raise RequestLimitReached("The user's jobs have ended in this very moment.")
        job = going_on[0]
        await self.tell(texts.progress.busy(self.tr, job.action.title), keyboards.job_buttons(job, self.user))


class Visits(BaseMiddleware):
    """Gives handlers the `visit`, if it is a user's; in groups it may be anybody's."""

    def __init__(self) -> None:
        self._sheets = Sheets()

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        """Hand an update on."""
        names = ("bot", "state", "user", "tr", "users", "jobs", "work", "settings")
        if data.get("user") is not None:
            data["visit"] = Visit(sheets=self._sheets, **{name: data[name] for name in names})
        return await handler(event, data)


def private(name: str) -> Router:
    """A router for what comes in private chats."""
    router = Router(name=name)
    router.message.filter(F.chat.type == ChatType.PRIVATE)
    router.callback_query.filter(F.message.chat.type == ChatType.PRIVATE)
    return router


def reply_to(message_id: int | None) -> ReplyParameters | None:
    """As an answer to a message, if it is still there."""
    return ReplyParameters(message_id=message_id, allow_sending_without_reply=True) if message_id else None


# Photos in messages

_TYPES = ("image/jpeg", "image/png", "image/webp")
_ENDINGS = (".jpg", ".jpeg", ".png", ".webp")
_MEGABYTE = 1_000_000


def read_photo(message: Message) -> Photo | None:
    """The picture of a message, sent as a photo or as a file; None when it has none that we take."""
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return Photo(file_id=largest.file_id, bytes=largest.file_size, width=largest.width, height=largest.height)
    file = message.document
    if file is None or message.animation is not None or not _is_picture(file.mime_type, file.file_name):
        return None
    return Photo(file_id=file.file_id, document=True, bytes=file.file_size)


def what_is_wrong(tr: Translate, message: Message) -> str | None:
    """Why the picture of a message cannot be used, and what to do."""
    photo = read_photo(message)
    if photo is None:
        return texts.photo.wrong_type(tr) if message.document and not message.animation else texts.photo.no_picture(tr)
    megabytes = (photo.bytes or 0) / _MEGABYTE
    return texts.photo.too_large(tr, megabytes) if megabytes > texts.words.MOST_MEGABYTES else None


def _is_picture(mime_type: str | None, name: str | None) -> bool:
    """Some programs name no type, or one for any file: then the name's ending counts."""
    if mime_type in (None, "application/octet-stream"):
        return (name or "").lower().endswith(_ENDINGS)
    return mime_type in _TYPES


def _photo_message(query: CallbackQuery) -> int | None:
    message = query.message
    asked = message.reply_to_message if isinstance(message, Message) else None
    return asked.message_id if asked else None
