"""Telegram, played: its Bot API on a free port of this machine, and people who write to the bot.

    async with Telegram() as telegram:
        anna = telegram.user(1001, "Anna", language="ru")
        await anna.says("/start")
        await anna.sees("Hello")
        await anna.sends_photo(jpeg)
        await anna.presses("Redesign")
        result = await anna.sees(photo=True)
        print(telegram.transcript)

It is as strict as Telegram where bots go wrong: an edit that changes nothing, a query that is answered twice, texts and
buttons that are too long, files that are too large, people who have blocked the bot, another token.
"""

from __future__ import annotations

import asyncio
import copy
import io
import itertools
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp
from aiohttp import web
from PIL import Image

TOKEN = "123456789:AAFakeFakeFakeFakeFakeFakeFakeFake42"
BOT = {"id": 123456789, "is_bot": True, "first_name": "Interior", "username": "interior_test_bot"}

_LONGEST_TEXT, _LONGEST_CAPTION, _LONGEST_DATA, _LONGEST_ANSWER = 4096, 1024, 64, 200
_PHOTO_BYTES, _DOCUMENT_BYTES, _DOWNLOAD_BYTES = 10_000_000, 50_000_000, 20_000_000
_PHOTO_SIDES, _PHOTO_RATIO = 10_000, 20
_SEES_SECONDS = 180.0

Json = dict[str, Any]


class Refusal(Exception):
    """What the Bot API answers instead of a result."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


@dataclass(frozen=True)
class Call:
    """One request of the bot's."""

    method: str
    params: Json
    """Without files."""


@dataclass(frozen=True)
class Seen:
    """A message of the bot's as it is now."""

    message_id: int
    text: str
    """The text, or the caption."""
    buttons: tuple[str, ...]
    content: bytes | None
    """The photo or the file."""
    name: str | None
    """The file's."""


@dataclass
class _File:
    content: bytes
    path: str
    name: str | None


@dataclass
class Telegram:
    """The Bot API and everybody's chats."""

    token: str = TOKEN
    calls: list[Call] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    """The path of every request, with whatever token it had."""
    lines: list[str] = field(default_factory=list)
    blocked: set[int] = field(default_factory=set)
    """Users who have blocked the bot."""
    webhook: Json | None = None
    commands: dict[str, list[Json]] = field(default_factory=dict)
    url: str = ""

    def __post_init__(self) -> None:
        self._ids = itertools.count(1)
        self._update_ids = itertools.count(700_000_001)
        self._updates: list[Json] = []
        self._chats: dict[int, dict[int, Json]] = {}
        self._changed: dict[tuple[int, int], int] = {}
        self._clock = itertools.count(1)
        self._files: dict[str, _File] = {}
        self._queries: dict[str, bool] = {}
        self._refusals: dict[str, list[Refusal | Callable[[], Any]]] = {}
        self._news = asyncio.Condition()
        self._closing = False
        self._names: dict[int, str] = {}
        self._runner: web.AppRunner | None = None
        self._deliverer: asyncio.Task[None] | None = None

    # Running

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=200_000_000)
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        app.router.add_get("/file/bot{token}/{path:.+}", self._answer_file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._deliverer = asyncio.create_task(self._deliver())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing = True
        await self._tell()
        assert self._deliverer is not None
        assert self._runner is not None
        self._deliverer.cancel()
        await asyncio.gather(self._deliverer, return_exceptions=True)
        await self._runner.cleanup()

    # What tests do

    def user(self, user_id: int, name: str, *, language: str = "en") -> Person:
        """Somebody with a private chat with the bot."""
        self._names[user_id] = name
        return Person(self, user_id, name, language)

    def refuse_next(self, method: str, code: int, description: str, **parameters: int) -> None:
        """Let the next request of this method fail; several wait their turn."""
        self._refusals.setdefault(method, []).append(Refusal(code, description, **parameters))

    @asynccontextmanager
    async def holding(self, method: str) -> AsyncIterator[asyncio.Event]:
        """Around a block, requests of this method get no answer; the event is set once there is one."""
        came, go = asyncio.Event(), asyncio.Event()

        async def hold() -> None:
            came.set()
            await go.wait()

        self._refusals.setdefault(method, []).append(hold)
        try:
            yield came
        finally:
            go.set()

    def called(self, method: str) -> list[Call]:
        """The requests of a method so far."""
        return [call for call in self.calls if call.method == method]

    async def until(self, condition: Callable[[], Any], *, what: str, seconds: float = _SEES_SECONDS) -> Any:
        """Wait for what becomes true by something that the bot does."""
        try:
            async with asyncio.timeout(seconds), self._news:
                await self._news.wait_for(condition)
        except TimeoutError:
            raise AssertionError(f"{what} within {seconds:g} seconds\n\n{self.transcript}") from None
        return condition()

    @property
    def transcript(self) -> str:
        """Who has said what so far."""
        return "\n".join(self.lines)

    def messages(self, chat_id: int) -> list[Json]:
        """A chat's messages that are there now, oldest first."""
        return [message for _, message in sorted(self._chats.get(chat_id, {}).items())]

    # What people do

    async def bring(self, kind: str, content: Json) -> None:
        """An update for the bot."""
        self._updates.append({"update_id": next(self._update_ids), kind: content})
        await self._tell()

    def keep_file(self, content: bytes, *, name: str | None, folder: str, suffix: str) -> Json:
        """What Telegram says of a file that it has."""
        number = next(self._ids)
        file_id = f"BQACAgIAAxkBAAI{number:05d}file"
        self._files[file_id] = _File(content, f"{folder}/file_{number}{suffix}", name)
        return {"file_id": file_id, "file_unique_id": f"AQAD{number:05d}", "file_size": len(content)}

    def photo_sizes(self, content: bytes) -> list[Json]:
        """What Telegram says of a photo: a small one, and the largest that it keeps."""
        with Image.open(io.BytesIO(content)) as image:
            width, height = image.size
            small = image.convert("RGB")
            small.thumbnail((90, 90))
        thumbnail = io.BytesIO()
        small.save(thumbnail, "JPEG")
        return [
            {
                **self.keep_file(thumbnail.getvalue(), name=None, folder="photos", suffix=".jpg"),
                "width": small.width,
                "height": small.height,
            },
            {**self.keep_file(content, name=None, folder="photos", suffix=".jpg"), "width": width, "height": height},
        ]

    def add(self, chat_id: int, sender: Json, content: Json) -> Json:
        """A new message in a chat."""
        message = {
            "message_id": next(self._ids),
            "date": int(time.time()),
            "chat": {"id": chat_id, "type": "private", "first_name": self._names.get(chat_id, "?")},
            "from": sender,
            **content,
        }
        self._chats.setdefault(chat_id, {})[message["message_id"]] = message
        self._changed[chat_id, message["message_id"]] = next(self._clock)
        return message

    def tick(self) -> int:
        """A moment, later than all before."""
        return next(self._clock)

    def changed(self, chat_id: int, message_id: int) -> int:
        """The moment when a message was sent or edited last."""
        return self._changed[chat_id, message_id]

    def open_query(self) -> str:
        """The id of a query that waits for its answer."""
        query = f"query{next(self._ids)}"
        self._queries[query] = False
        return query

    def seen(self, message: Json) -> Seen:
        """A message as a person sees it."""
        media = message["photo"][-1] if message.get("photo") else message.get("document")
        return Seen(
            message_id=message["message_id"],
            text=message.get("text") or message.get("caption") or "",
            buttons=tuple(button["text"] for button in buttons_of(message)),
            content=self._files[media["file_id"]].content if media else None,
            name=message["document"]["file_name"] if message.get("document") else None,
        )

    # The Bot API

    async def _answer(self, request: web.Request) -> web.Response:
        self.addresses.append(request.path)
        method = request.match_info["method"]
        try:
            if request.match_info["token"] != self.token:
                raise Refusal(401, "Unauthorized")
            params, files = await _read(request)
            self.calls.append(Call(method, params))
            if waiting := self._refusals.get(method):
                strike = waiting.pop(0)
                if isinstance(strike, Refusal):
                    raise strike
                await self._tell()
                await strike()
            handler = getattr(self, f"_on_{method}", None)
            if handler is None:
                raise Refusal(404, "Not Found")
            result = await handler(params, files)
        except Refusal as refusal:
            reply: Json = {"ok": False, "error_code": refusal.code, "description": refusal.description}
            if refusal.parameters:
                reply["parameters"] = refusal.parameters
            await self._tell()
            return web.json_response(reply, status=refusal.code)
        await self._tell()
        return web.json_response({"ok": True, "result": result})

    async def _answer_file(self, request: web.Request) -> web.Response:
        self.addresses.append(request.path)
        file = next((file for file in self._files.values() if file.path == request.match_info["path"]), None)
        if request.match_info["token"] != self.token or file is None:
            return web.json_response({"ok": False, "error_code": 404, "description": "Not Found"}, status=404)
        return web.Response(body=file.content)

    async def _on_getMe(self, params: Json, files: Json) -> Json:  # noqa: N802
        return BOT

    async def _on_getUpdates(self, params: Json, files: Json) -> list[Json]:  # noqa: N802
        if self.webhook is not None:
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active")
        offset, allowed = int(params.get("offset", 0)), params.get("allowed_updates")

        def waiting() -> list[Json]:
            return [update for update in self._updates if not allowed or set(update) & set(allowed)]

        self._updates[:] = [update for update in self._updates if update["update_id"] >= offset]
        try:
            async with asyncio.timeout(float(params.get("timeout", 0)) or 0.01), self._news:
                await self._news.wait_for(lambda: waiting() or self._closing)
        except TimeoutError:
            pass
        return waiting()[:100]

    async def _on_setWebhook(self, params: Json, files: Json) -> bool:  # noqa: N802
        self.webhook = params
        return True

    async def _on_deleteWebhook(self, params: Json, files: Json) -> bool:  # noqa: N802
        self.webhook = None
        return True

    async def _on_setMyCommands(self, params: Json, files: Json) -> bool:  # noqa: N802
        self.commands[params.get("language_code", "")] = params["commands"]
        return True

    async def _on_sendChatAction(self, params: Json, files: Json) -> bool:  # noqa: N802
        self._reach(params)
        return True

    async def _on_sendMessage(self, params: Json, files: Json) -> Json:  # noqa: N802
        _check_text(params.get("text", ""))
        return self._send(params, {"text": params["text"]}, params["text"])

    async def _on_sendPhoto(self, params: Json, files: Json) -> Json:  # noqa: N802
        return self._send(params, self._photo(params["photo"], files), "🖼 ")

    async def _on_sendDocument(self, params: Json, files: Json) -> Json:  # noqa: N802
        content = self._document(params["document"], files)
        return self._send(params, content, f"📎 {content['document']['file_name']} ")

    async def _on_sendMediaGroup(self, params: Json, files: Json) -> list[Json]:  # noqa: N802
        messages = []
        for item in params["media"]:
            make = self._photo if item["type"] == "photo" else self._document
            own = {**params, "caption": item.get("caption", ""), "reply_markup": None}
            messages.append(self._send(own, make(item["media"], files), "🖼 "))
        return messages

    async def _on_copyMessage(self, params: Json, files: Json) -> Json:  # noqa: N802
        original = self._chats[int(params["from_chat_id"])][int(params["message_id"])]
        content: Json = {name: original[name] for name in ("text", "caption", "photo", "document") if name in original}
        made = self._send({**params, "caption": original.get("caption")}, content, original.get("text", "🖼 "))
        return {"message_id": made["message_id"]}

    async def _on_editMessageText(self, params: Json, files: Json) -> Json:  # noqa: N802
        _check_text(params.get("text", ""))
        return self._edit(params, {"text": params["text"]})

    async def _on_editMessageCaption(self, params: Json, files: Json) -> Json:  # noqa: N802
        _check_caption(params)
        return self._edit(params, {"caption": params.get("caption", "")})

    async def _on_editMessageReplyMarkup(self, params: Json, files: Json) -> Json:  # noqa: N802
        return self._edit(params, {})

    async def _on_editMessageMedia(self, params: Json, files: Json) -> Json:  # noqa: N802
        media = params["media"]
        content = (
            self._photo(media["media"], files) if media["type"] == "photo" else self._document(media["media"], files)
        )
        return self._edit(params, {**content, "caption": media.get("caption", "")})

    async def _on_deleteMessage(self, params: Json, files: Json) -> bool:  # noqa: N802
        message = self._find(params, "message to delete not found")
        del self._chats[message["chat"]["id"]][message["message_id"]]
        return True

    async def _on_answerCallbackQuery(self, params: Json, files: Json) -> bool:  # noqa: N802
        query = params["callback_query_id"]
        if self._queries.get(query, True):
            raise Refusal(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        if len(params.get("text", "")) > _LONGEST_ANSWER:
            raise Refusal(400, "Bad Request: MESSAGE_TOO_LONG")
        self._queries[query] = True
        if params.get("text"):
            self.lines.append(f"bot (briefly): {params['text']}")
        return True

    async def _on_getFile(self, params: Json, files: Json) -> Json:  # noqa: N802
        file = self._files.get(params["file_id"])
        if file is None:
            raise Refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if len(file.content) > _DOWNLOAD_BYTES:
            raise Refusal(400, "Bad Request: file is too big")
        return {
            "file_id": params["file_id"],
            "file_unique_id": "AQAD",
            "file_size": len(file.content),
            "file_path": file.path,
        }

    # Messages of the bot's

    def _reach(self, params: Json) -> int:
        chat_id = int(params["chat_id"])
        if chat_id in self.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if chat_id not in self._chats:
            raise Refusal(400, "Bad Request: chat not found")
        return chat_id

    def _send(self, params: Json, content: Json, shown: str) -> Json:
        chat_id = self._reach(params)
        _check_buttons(params)
        _check_caption(params)
        if params.get("caption"):
            content = {**content, "caption": params["caption"]}
        if params.get("reply_markup"):
            content["reply_markup"] = params["reply_markup"]
        reply = params.get("reply_parameters") or {}
        if "message_id" in reply:
            target = self._chats[chat_id].get(int(reply["message_id"]))
            if target is None and not reply.get("allow_sending_without_reply"):
                raise Refusal(400, "Bad Request: message to be replied not found")
            if target is not None:
                plain = {name: value for name, value in target.items() if name != "reply_to_message"}
                content["reply_to_message"] = plain
        message = self.add(chat_id, BOT, content)
        self._note(
            "bot", chat_id, shown + params.get("caption", "") if shown.startswith(("🖼", "📎")) else shown, message
        )
        return message

    def _edit(self, params: Json, content: Json) -> Json:
        message = self._find(params, "message to edit not found")
        _check_buttons(params)
        before = copy.deepcopy(message)
        if "text" in content and "text" not in message:
            raise Refusal(400, "Bad Request: there is no text in the message to edit")
        if {"photo", "document"} & set(content):
            for name in ("text", "photo", "document"):
                message.pop(name, None)
        message.update(content)
        message.pop("reply_markup", None)
        if params.get("reply_markup"):
            message["reply_markup"] = params["reply_markup"]
        if message == before:
            raise Refusal(
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are exactly the"
                " same as a current content and reply markup of the message",
            )
        message["edit_date"] = int(time.time())
        chat_id = message["chat"]["id"]
        self._changed[chat_id, message["message_id"]] = next(self._clock)
        self._note("bot (edits)", chat_id, content.get("text") or content.get("caption") or "the buttons", message)
        return message

    def _find(self, params: Json, otherwise: str) -> Json:
        message = self._chats[self._reach(params)].get(int(params.get("message_id", 0)))
        if message is None:
            raise Refusal(400, f"Bad Request: {otherwise}")
        return message

    def _photo(self, given: str, files: Json) -> Json:
        content, _ = self._content(given, files)
        if len(content) > _PHOTO_BYTES:
            raise Refusal(400, "Bad Request: file is too big")
        with Image.open(io.BytesIO(content)) as image:
            width, height = image.size
        if width + height > _PHOTO_SIDES or max(width, height) > _PHOTO_RATIO * min(width, height):
            raise Refusal(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
        return {"photo": self.photo_sizes(content)}

    def _document(self, given: str, files: Json) -> Json:
        content, name = self._content(given, files)
        if len(content) > _DOCUMENT_BYTES:
            raise Refusal(413, "Request Entity Too Large")
        kept = self.keep_file(content, name=name, folder="documents", suffix="")
        return {"document": {**kept, "file_name": name or "file"}}

    def _content(self, given: str, files: Json) -> tuple[bytes, str | None]:
        if given.startswith("attach://"):
            content, name = files[given.removeprefix("attach://")]
            return content, name
        if given not in self._files:
            raise Refusal(400, "Bad Request: wrong file identifier/HTTP URL specified")
        file = self._files[given]
        return file.content, file.name

    def _note(self, who: str, chat_id: int, words: str, message: Json) -> None:
        to = f" → {self._names[chat_id]}" if len(self._names) > 1 else ""
        rows = (message.get("reply_markup") or {}).get("inline_keyboard", [])
        buttons = "".join("\n      " + " ".join(f"[{button['text']}]" for button in row) for row in rows)
        self.lines.append(f"{who}{to}: {words}".replace("\n", "\n      ") + buttons)

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def _deliver(self) -> None:
        """Bring updates to the webhook while there is one, each until it is taken."""
        async with aiohttp.ClientSession() as session:
            while not self._closing:
                async with self._news:
                    await self._news.wait_for(lambda: self._closing or (self.webhook and self._updates))
                if self._closing or self.webhook is None:
                    continue
                headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook.get("secret_token", "")}
                update = self._updates[0]
                try:
                    async with session.post(self.webhook["url"], json=update, headers=headers) as response:
                        if response.status == 200:
                            self._updates.remove(update)
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0)


@dataclass(frozen=True)
class Person:
    """Somebody who writes to the bot, and sees what it writes."""

    telegram: Telegram
    id: int
    name: str
    language: str
    since: list[int] = field(default_factory=lambda: [0])
    """The moment of the latest thing that they have done."""

    async def says(self, text: str) -> None:
        """Write a text."""
        entities = {"entities": [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]}
        await self._send({"text": text, **(entities if text.startswith("/") else {})}, text)

    async def sends_photo(self, content: bytes, *, caption: str | None = None, album: str | None = None) -> None:
        """Send a photo."""
        more = {"caption": caption} if caption else {}
        more |= {"media_group_id": album} if album else {}
        await self._send({"photo": self.telegram.photo_sizes(content), **more}, f"🖼 {caption or ''}")

    async def sends_file(self, content: bytes, name: str, mime_type: str = "image/jpeg") -> None:
        """Send a file."""
        kept = self.telegram.keep_file(content, name=name, folder="documents", suffix="")
        await self._send({"document": {**kept, "file_name": name, "mime_type": mime_type}}, f"📎 {name}")

    async def presses(self, words: str) -> Seen:
        """Press the button with these words on it, of the newest message that has one; returns that message."""
        for message in reversed(self.telegram.messages(self.id)):
            for button in buttons_of(message):
                if words in button["text"]:
                    self.telegram.lines.append(f"{self.name} presses [{button['text']}]")
                    self.since[0] = self.telegram.tick()
                    query = {
                        "id": self.telegram.open_query(),
                        "from": self._who(),
                        "chat_instance": str(self.id),
                        "data": button["callback_data"],
                        "message": copy.deepcopy(message),
                    }
                    await self.telegram.bring("callback_query", query)
                    return self.telegram.seen(message)
        raise AssertionError(f"no button has {words!r}\n\n{self.telegram.transcript}")

    async def sees(
        self,
        words: str = "",
        *,
        button: str | None = None,
        photo: bool = False,
        document: bool = False,
        seconds: float = _SEES_SECONDS,
    ) -> Seen:
        """Wait for a message of the bot's, sent or edited since this person did something last.

        Name what the test goes on with: words, the button to press next, a photo, a document. Whatever comes first
        may be a late edit of something else.
        """
        if not (words or button or photo or document):
            raise ValueError("say what is waited for")

        def found() -> Json | None:
            for message in reversed(self.telegram.messages(self.id)):
                if (
                    message["from"]["id"] == self.id
                    or self.telegram.changed(self.id, message["message_id"]) < self.since[0]
                ):
                    continue
                if photo != bool(message.get("photo")) or document != bool(message.get("document")):
                    continue
                if button is not None and not any(button in shown["text"] for shown in buttons_of(message)):
                    continue
                if words in (message.get("text") or message.get("caption") or ""):
                    return message
            return None

        what = f"{self.name} does not see {words!r}" + " in a photo" * photo + " in a document" * document
        what += f" with a button {button!r}" if button else ""
        message = await self.telegram.until(found, what=what, seconds=seconds)
        return self.telegram.seen(message)

    def _who(self) -> Json:
        return {"id": self.id, "is_bot": False, "first_name": self.name, "language_code": self.language}

    async def _send(self, content: Json, shown: str) -> None:
        self.telegram.lines.append(f"{self.name}: {shown}")
        self.since[0] = self.telegram.tick()
        message = self.telegram.add(self.id, self._who(), content)
        await self.telegram.bring("message", copy.deepcopy(message))


def buttons_of(message: Json) -> list[Json]:
    """A message's buttons, from left to right and from top to bottom."""
    rows = (message.get("reply_markup") or {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]


async def _read(request: web.Request) -> tuple[Json, Json]:
    """The parameters, those that are JSON as what they mean, and the files."""
    params: Json = {}
    files: Json = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files[name] = (value.file.read(), value.filename)
        elif isinstance(value, str) and value[:1] in ("{", "["):
            params[name] = json.loads(value) if name not in ("text", "caption") else value
        else:
            params[name] = value
    return params, files


def _check_text(text: str) -> None:
    if not text.strip():
        raise Refusal(400, "Bad Request: message text is empty")
    if len(text) > _LONGEST_TEXT:
        raise Refusal(400, "Bad Request: message is too long")


def _check_caption(params: Json) -> None:
    if len(params.get("caption") or "") > _LONGEST_CAPTION:
        raise Refusal(400, "Bad Request: message caption is too long")


def _check_buttons(params: Json) -> None:
    for row in (params.get("reply_markup") or {}).get("inline_keyboard", []):
        for button in row:
            if not button["text"] or len(button.get("callback_data", "x").encode()) > _LONGEST_DATA:
                raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
