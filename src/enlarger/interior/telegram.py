"""Fetches photos that people sent to a bot. Telegram's address of a file has the bot's token in it, so it stays here.

The token is put into a request below everything that logs, keeps or raises requests; see `_Door`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2
import msgspec

from enlarger.client.http import FAILURES
from enlarger.client.options import is_loopback
from enlarger.client.schedule import BACKOFF
from enlarger.engines.formats import SNIFF_BYTES, Format, sniff_common
from enlarger.errors import ConfigurationError, InvalidInput, PictureTooLarge, PictureUnreadable, SourceUnavailable
from enlarger.handshakes import watch_handshake
from enlarger.protocol.content import stream_capped
from enlarger.retry import Failure, Sleep, retry

TELEGRAM_URL = "https://api.telegram.org"
MOST_BYTES = 20_000_000
"""What Telegram lets bots fetch: core.telegram.org/bots/api#getfile."""

_TRIES = 5
_LONGEST_WAIT = 30.0
"""Seconds: when Telegram asks for a longer pause, the caller is told at once."""
_TIMEOUT = httpx2.Timeout(60.0, connect=10.0)
_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{1,200}")
_IN_PATH = re.compile(r"/bot[0-9]+:[A-Za-z0-9_-]+")
_MARK = "/bot-of-the-caller/"
"""Stands for the token wherever a request can be seen."""


class Token:
    """A bot's token that shows itself nowhere but in `value`. Raises ConfigurationError for what is none."""

    __slots__ = ("value",)

    def __init__(self, value: str | None) -> None:
        if value is None or not str(value).strip():
            raise ConfigurationError(
                "There is no token of the bot: give bot_token=…, the one from @BotFather (BOT_TOKEN)."
            )
        self.value: str
        self.value, value = str(value).strip(), ""
        if not _TOKEN.fullmatch(self.value):
            raise ConfigurationError("The bot's token is not one: copy it from @BotFather once more (BOT_TOKEN).")

    def __repr__(self) -> str:
        return "Token(***)"


class Photo(msgspec.Struct, frozen=True, kw_only=True):
    """A photo as it was sent."""

    content: bytes
    format: Format

    @property
    def name(self) -> str:
        """A name for its upload; it tells nothing of its sender."""
        return f"photo{self.format.extension}"


class _File(msgspec.Struct, frozen=True):
    file_path: str | None = None
    file_size: int | None = None


class _Parameters(msgspec.Struct, frozen=True):
    retry_after: float | None = None


class _Answer(msgspec.Struct, frozen=True):
    ok: bool = False
    result: _File | None = None
    description: str = ""
    parameters: _Parameters | None = None


class Telegram:
    """Fetches files for one bot, with `async with`. Its errors, logs and `repr` never show the token."""

    def __init__(self, bot_token: Token, url: str | None = None, *, pause: Sleep = asyncio.sleep) -> None:
        """`url` is the Bot API's server: TELEGRAM_API_URL, else Telegram's own. Raises ConfigurationError."""
        base = _check_url(url or os.environ.get("TELEGRAM_API_URL", "").strip() or TELEGRAM_URL)
        self._base = base
        self._pause = pause
        self._secret = bot_token
        logging.getLogger("httpcore2.http11").addFilter(_hide_in_log)
        self._http = httpx2.AsyncClient(
            transport=_Door(bot_token, _find_proxy(base)),
            timeout=_TIMEOUT,
            follow_redirects=False,
            event_hooks={"request": [watch_handshake]},
        )

    def __repr__(self) -> str:
        return f"Telegram(url={self._base!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def fetch(self, file_id: str, *, most: int = MOST_BYTES) -> Photo:
        """A photo by the `file_id` that Telegram gave the bot, of at most so many bytes.

        Raises InvalidInput for an id that is not this bot's, PictureTooLarge, PictureUnreadable and PictureUnsupported,
        ConfigurationError where Telegram does not know the token, SourceUnavailable where it does not answer.
        """
        if not file_id or not file_id.isascii() or not file_id.isprintable() or len(file_id) > 500:
            raise _unknown_file()
        file = (await self._ask("getFile", {"file_id": file_id})).result or _File()
        if (file.file_size or 0) > most:
            raise _too_large(most)
        if not file.file_path or file.file_path.startswith("/"):
            raise SourceUnavailable(
                "The Bot API server gives no address for the photo: run it without `--local` (TELEGRAM_API_URL)."
            )
        content = await self._download(file.file_path, most)
        return Photo(content=content, format=sniff_common(content[:SNIFF_BYTES]))

    async def _ask(self, method: str, parameters: dict[str, str]) -> _Answer:
        status, body = await self._get(f"{_MARK}{method}", parameters, MOST_BYTES)
        try:
            answer = msgspec.json.decode(body, type=_Answer)
        except msgspec.DecodeError:
            answer = None
        if answer is not None and answer.ok and status == 200:
            return answer
        if answer is not None and status == 400:
            raise _too_large(MOST_BYTES) if "too big" in answer.description else _unknown_file()
        raise _refused(status)

    async def _download(self, path: str, most: int) -> bytes:
        status, content = await self._get(f"/file{_MARK}{quote(path)}", {}, most)
        if status != 200:
            raise _refused(status)
        if not content:
            raise PictureUnreadable("The photo from Telegram is empty: send it once more.")
        return content

    async def _get(self, path: str, parameters: dict[str, str], most: int) -> tuple[int, bytes]:
        """An answer's status and body; what may be better in a moment is asked for again."""
        try:
            return await retry(
                lambda: self._get_once(path, parameters, most), on=_NotNow, pauses=_pause, sleep=self._pause
            )
        except _NotNow as error:
            trouble = str(error)
        # Raised outside the `except`, so that it has no context.
        raise SourceUnavailable(f"Telegram does not give the photo now ({trouble}): try again in a minute.")

    async def _get_once(self, path: str, parameters: dict[str, str], most: int) -> tuple[int, bytes]:
        """Raises _NotNow, without a context: a request that failed knows where it went."""
        try:
            status, body = await self._stream(path, parameters, most)
        except FAILURES as error:
            trouble, asked_for = type(error).__name__, None
        else:
            if status != 429 and status < 500:
                return status, body
            trouble, asked_for = f"HTTP {status}", _read_pause(body)
        raise _NotNow(trouble, asked_for)

    async def _stream(self, path: str, parameters: dict[str, str], most: int) -> tuple[int, bytes]:
        body = bytearray()
        async with self._http.stream("GET", self._base + path, params=parameters) as response:
            async for chunk in stream_capped(response, most, lambda: _too_large(most)):
                body += chunk
            # Servers like to repeat in an error what they were asked for.
            return response.status_code, bytes(body).replace(self._secret.value.encode(), b"***")


class _NotNow(Exception):
    """Telegram may answer in a moment."""

    def __init__(self, trouble: str, asked_for: float | None) -> None:
        super().__init__(trouble)
        self.asked_for = asked_for
        """Seconds that it asks to wait."""


def _pause(failure: Failure) -> float | None:
    assert isinstance(failure.error, _NotNow)
    asked_for = failure.error.asked_for
    over = failure.attempt >= _TRIES or (asked_for or 0.0) > _LONGEST_WAIT
    return None if over else BACKOFF.pause(failure.attempt, asked_for)


class _Door(httpx2.AsyncBaseTransport):
    """The last step of a request's way: here, and not before, the token comes into its address.

    So it is in no request that httpx2 logs or that hangs on an exception.
    """

    def __init__(self, token: Token, proxy: str | None) -> None:
        self._token = token
        try:
            self._way = httpx2.AsyncHTTPTransport(proxy=proxy)
            usable = True
        except (ImportError, ValueError, httpx2.InvalidURL):
            usable = False
        if not usable:
            raise ConfigurationError("The proxy of the environment (HTTPS_PROXY, ALL_PROXY) is not a proxy's URL.")

    def __repr__(self) -> str:
        return "_Door()"

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request on, with the token where its mark was."""
        path = request.url.raw_path.decode("ascii").replace(_MARK, f"/bot{self._token.value}/", 1)
        sent = httpx2.Request(
            request.method,
            request.url.copy_with(raw_path=path.encode("ascii")),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return await self._way.handle_async_request(sent)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._way.aclose()


def _hide_in_log(record: logging.LogRecord) -> bool:
    """Cut tokens out of a record: at debug level httpcore2 logs the headers of answers, also where one leads on."""
    words = record.getMessage()
    if _IN_PATH.search(words):
        record.msg, record.args = _IN_PATH.sub("/bot***", words), ()
    return True


def _check_url(url: str) -> str:
    url = url.rstrip("/")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        usable = usable and not (parts.query or parts.fragment or "@" in parts.netloc)
    except ValueError:
        usable = False
    if not usable:
        raise ConfigurationError(f"TELEGRAM_API_URL is not an http(s) URL: give one like {TELEGRAM_URL}.")
    return url


def _find_proxy(url: str) -> str | None:
    """The environment's proxy for an address; a transport of one's own does not look for it."""
    parts = urlsplit(url)
    if is_loopback(url) or proxy_bypass(parts.hostname or ""):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")


def _read_pause(body: bytes) -> float | None:
    try:
        parameters = msgspec.json.decode(body, type=_Answer).parameters
    except msgspec.DecodeError:
        return None
    return parameters.retry_after if parameters else None


def _refused(status: int) -> Exception:
    if status in (401, 403, 404):
        return ConfigurationError("Telegram does not accept the bot's token: check it with @BotFather (BOT_TOKEN).")
    return SourceUnavailable(f"Telegram does not give the photo (HTTP {status}): send the photo once more.")


def _unknown_file() -> InvalidInput:
    return InvalidInput(
        "photo_file_id",
        "Telegram does not know the photo_file_id, or not now: it must be one that this very bot was sent, whole;"
        " else send the photo once more.",
    )


def _too_large(most: int) -> PictureTooLarge:
    return PictureTooLarge(
        f"The photo has more than {most / 1_000_000:g} MB: send it as a photo instead of a file, or a smaller one."
    )
