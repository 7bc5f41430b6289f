"""A chat with the bot without Telegram: what people send goes into the dispatcher, what the bot does is recorded."""

from __future__ import annotations

import itertools
from collections.abc import AsyncGenerator, Sequence
from decimal import Decimal
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.client.session.base import BaseSession
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.methods import TelegramMethod
from aiogram.types import InputFile, Message, User

from enlarger.all_settings import Settings
from enlarger.bot.actions import Action
from enlarger.bot.app import make_dispatcher
from enlarger.bot.jobs import Job, JobResult, JobStore
from enlarger.bot.middleware import AtWork
from enlarger.bot.storage import PostgresStorage
from enlarger.bot.users import BotUser, UserStore
from enlarger.client import KieApiClient
from enlarger.errors import RequestLimitReached
from enlarger.infra.database import Database

TOKEN = "42:TEST-TOKEN"
TIME = 1_795_000_000
ANNA = 1001

Json = dict[str, Any]


class Recorder(BaseSession):
    """Telegram's side: notes what is asked, and answers as Telegram does."""

    def __init__(self, numbers: itertools.count[int]) -> None:
        super().__init__()
        self.calls: list[tuple[str, Json]] = []
        self.messages: dict[tuple[int, int], Json] = {}
        """By chat and number, as Telegram would send them along with a button."""
        self.blocked: set[int] = set()
        self.refuse: set[str] = set()
        """Methods that Telegram does not carry out."""
        self._numbers = numbers

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:
        name = method.__api_method__
        said: Json = {
            field: value if isinstance(value, InputFile) else plain(value)
            for field, value in method
            if value is not None and type(value).__name__ != "Default"
        }
        self.calls.append((name, said))
        if said.get("chat_id") in self.blocked:
            raise TelegramForbiddenError(method=method, message="Forbidden: bot was blocked by the user")
        if name in self.refuse:
            raise TelegramBadRequest(method=method, message="Bad Request: not today")
        if name == "getMe":
            return User(id=42, is_bot=True, first_name="Designer", username="designer_bot")
        if name in ("sendMessage", "sendPhoto", "sendDocument"):
            return self._answer(bot, self._keep(name, said))
        if name.startswith("editMessage"):
            return self._answer(bot, self._edit(said))
        if name == "deleteMessage":
            self.messages.pop((said["chat_id"], said["message_id"]), None)
        return True

    def _answer(self, bot: Bot, message: Json) -> Message:
        return Message.model_validate(message, context={"bot": bot})

    def _keep(self, name: str, said: Json) -> Json:
        chat_id = int(said["chat_id"])
        message: Json = {"message_id": next(self._numbers), "date": TIME, "chat": private_chat(chat_id)}
        if name == "sendMessage":
            message["text"] = said["text"]
        else:
            message["caption"] = said.get("caption")
            message["photo"] = [photo_size(f"sent-{message['message_id']}")]
        message["reply_markup"] = said.get("reply_markup")
        asked = (said.get("reply_parameters") or {}).get("message_id")
        if asked is not None and (chat_id, asked) in self.messages:
            message["reply_to_message"] = self.messages[chat_id, asked]
        self.messages[chat_id, message["message_id"]] = message
        return message

    def _edit(self, said: Json) -> Json:
        message = self.messages[said["chat_id"], said["message_id"]]
        message |= {name: said[name] for name in ("text", "caption") if name in said}
        message["reply_markup"] = said.get("reply_markup")
        return message

    async def close(self) -> None:
        pass

    async def stream_content(
        self,
        url: str,
        headers: Json | None = None,
        timeout: int = 30,
        chunk_size: int = 65536,
        raise_for_status: bool = True,
    ) -> AsyncGenerator[bytes, None]:
        yield b""


class FakeWork:
    """Writes jobs down as the real one does, and leaves it to the test what becomes of them."""

    def __init__(self, jobs: JobStore) -> None:
        self._jobs = jobs
        self.originals: list[int] = []

    async def start(self, user: BotUser, chat_id: int, action: Action, photo_ids: Sequence[str] | None = None) -> Job:
        photos = [photo.file_id for photo in action.photos]
        added = await self._jobs.add(user.user_id, chat_id, action, photos, at_once=1)
        if added is None:
            raise RequestLimitReached("one at a time")
        return added[0]

    async def settled(self, job: Job) -> Job:
        return job

    async def cancel(self, job: Job) -> None:
        await self._jobs.end(job, "cancelled")

    async def send_original(self, job: Job, user: BotUser) -> None:
        self.originals.append(job.id)


class Conversation:
    """One bot, and the people who write to it; `again` is the same bot after a restart."""

    def __init__(self, database: Database, settings: Settings, *, credits: Decimal | None = Decimal(40)) -> None:
        self.database = database
        self.settings = settings
        self._numbers = itertools.count(100)
        self._updates = itertools.count(1)
        self.telegram = Recorder(self._numbers)
        client = KieApiClient("enl_unused", "http://127.0.0.1:9")
        self.users = UserStore(database, client, credits=credits, secret=b"secret")
        self.jobs = JobStore(database)
        self.work = FakeWork(self.jobs)
        self.restart()

    def restart(self) -> None:
        """The process ended, and another one begins: only the database is the same."""
        self.bot = Bot(TOKEN, session=self.telegram)
        self.dispatcher: Dispatcher = make_dispatcher(
            PostgresStorage(self.database),
            at_work=AtWork(),
            settings=self.settings,
            users=self.users,
            jobs=self.jobs,
            work=self.work,  # type: ignore[arg-type]
            database=self.database,
        )

    async def text(self, words: str, *, user: int = ANNA, **more: Any) -> list[tuple[str, Json]]:
        """Somebody writes; returns what the bot then does."""
        entities = [{"type": "bot_command", "offset": 0, "length": len(words.split()[0])}] if words[0] == "/" else []
        return await self.message(user=user, text=words, entities=entities, **more)

    async def photo(
        self, file_id: str = "photo-1", *, user: int = ANNA, size: tuple[int, int] = (1280, 960), **more: Any
    ) -> list[tuple[str, Json]]:
        """Somebody sends a photo."""
        sizes = [photo_size(f"{file_id}-small", 90, 67), photo_size(file_id, *size)]
        return await self.message(user=user, photo=sizes, **more)

    async def document(
        self,
        file_id: str = "file-1",
        *,
        user: int = ANNA,
        mime: str | None = "image/png",
        megabytes: float = 3,
        **more: Any,
    ) -> list[tuple[str, Json]]:
        """Somebody sends a file."""
        file = {
            "file_id": file_id,
            "file_unique_id": file_id,
            "mime_type": mime,
            "file_name": more.pop("name", "room.png"),
            "file_size": int(megabytes * 1_000_000),
        }
        return await self.message(user=user, document=file, **more)

    async def message(self, *, user: int = ANNA, language: str = "en", **content: Any) -> list[tuple[str, Json]]:
        """Somebody sends whatever it is."""
        message = {
            "message_id": next(self._numbers),
            "date": TIME,
            "chat": private_chat(user),
            "from": person(user, language),
            **content,
        }
        self.telegram.messages[message["chat"]["id"], message["message_id"]] = message
        return await self.feed({"message": message})

    async def press(self, label: str, *, user: int = ANNA, message: Json | None = None) -> list[tuple[str, Json]]:
        """Somebody presses a button of the newest message that has one with such words."""
        shown = (
            [message] if message else [m for m in reversed(self.telegram.messages.values()) if m.get("reply_markup")]
        )
        for candidate in shown:
            if candidate["chat"]["id"] != user:
                continue
            for text, data in buttons(candidate):
                if label in text:
                    return await self.callback(data, candidate, user=user)
        raise AssertionError(f"there is no button {label!r}")

    async def callback(self, data: str, message: Json | None, *, user: int = ANNA) -> list[tuple[str, Json]]:
        """A button with such data is pressed."""
        query = {
            "id": "1",
            "from": person(user),
            "chat_instance": "1",
            "data": data,
            "message": message or {"chat": private_chat(user), "message_id": 1, "date": 0},
        }
        return await self.feed({"callback_query": query})

    async def feed(self, update: Json) -> list[tuple[str, Json]]:
        """Telegram brings an update; returns what the bot then does, without answers to button presses."""
        before = len(self.telegram.calls)
        await self.dispatcher.feed_raw_update(self.bot, {"update_id": next(self._updates), **update})
        return [call for call in self.telegram.calls[before:] if call[0] not in ("answerCallbackQuery", "getMe")]

    async def latest_job(self, user: int = ANNA) -> Job:
        """The newest job of somebody."""
        return (await self.jobs.history(user, most=1))[0]

    async def finish(self, job: Job | None = None, *, task_id: str = "ab" * 16) -> Job:
        """A job is done."""
        job = await self.jobs.change(job or await self.latest_job(), task_id=task_id)
        return await self.jobs.end(job, "done", result=JobResult(credits=Decimal(4)))

    def shown(self, user: int = ANNA) -> Json:
        """The newest message of the bot's with buttons."""
        return next(
            message
            for message in reversed(self.telegram.messages.values())
            if message.get("reply_markup") and message["chat"]["id"] == user
        )


def buttons(message: Json) -> list[tuple[str, str]]:
    """Words and data of a message's buttons."""
    rows = (message.get("reply_markup") or {}).get("inline_keyboard", [])
    return [(button["text"], button["callback_data"]) for row in rows for button in row]


def words_of(calls: list[tuple[str, Json]]) -> str:
    """Everything that was said, in one text."""
    return "\n".join(str(said.get("text") or said.get("caption") or "") for _, said in calls)


def person(user: int, language: str = "en") -> Json:
    return {"id": user, "is_bot": False, "first_name": "Anna", "language_code": language}


def private_chat(user: int) -> Json:
    return {"id": user, "type": "private", "first_name": "Anna"}


def photo_size(file_id: str, width: int = 1280, height: int = 960) -> Json:
    return {"file_id": file_id, "file_unique_id": file_id, "width": width, "height": height, "file_size": width * 100}


def plain(value: Any) -> Any:
    """A value of aiogram's as plain JSON."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.model_dump(exclude_none=True) if hasattr(value, "model_dump") else value
