"""Photos from Telegram: what may be better in a moment is asked for again, all else is said in a sentence."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from enlarger.errors import (
    ConfigurationError,
    EnlargerError,
    InvalidInput,
    PictureTooLarge,
    PictureUnreadable,
    PictureUnsupported,
    SourceUnavailable,
)
from enlarger.interior import clear_space_with_kie, generate_interior_with_nano_banana, telegram
from enlarger.interior.telegram import Photo, Token
from enlarger.testing.exchange import Answer, json_answer
from tests.interior.telegram import FILE_ID, TOKEN, Telegram, failure

_BUSY = failure(429, "Too Many Requests: retry after 7", retry_after=7)


class Pauses:
    """Waits that do not take any time."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


async def fetch(
    server: Telegram, pauses: Pauses | None = None, *, file_id: str = FILE_ID, most: int = 100_000
) -> Photo:
    pause: Callable[[float], Awaitable[object]] = pauses or Pauses()
    async with telegram.Telegram(Token(TOKEN), server.url, pause=pause) as bot:
        return await bot.fetch(file_id, most=most)


async def test_a_photo_comes_whole(small_photo: Path) -> None:
    with Telegram(small_photo.read_bytes()) as server:
        photo = await fetch(server)
    assert photo.content == small_photo.read_bytes()
    assert photo.name == "photo.jpg"


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize(
    "bad",
    [failure(502, "Bad Gateway"), Answer(status=500), Answer(sent="nothing"), _BUSY],
    ids=["502", "500", "cut", "429"],
)
async def test_what_goes_wrong_for_a_moment_is_asked_for_again(small_photo: Path, bad: Answer, first: int) -> None:
    pauses = Pauses()
    with Telegram(small_photo.read_bytes(), *[None] * first, bad, bad) as server:
        assert (await fetch(server, pauses)).content == small_photo.read_bytes()
    assert len(pauses.seconds) == 2
    assert bad is not _BUSY or min(pauses.seconds) >= 7


async def test_half_a_photo_is_none(small_photo: Path) -> None:
    half = Answer(body=small_photo.read_bytes(), sent="half")
    with Telegram(small_photo.read_bytes(), None, half) as server:
        assert (await fetch(server)).content == small_photo.read_bytes()


async def test_it_gives_up_some_time() -> None:
    pauses = Pauses()
    with Telegram(b"", *[Answer(status=502)] * 9) as server:
        with pytest.raises(SourceUnavailable, match="HTTP 502"):
            await fetch(server, pauses)
        assert len(server.asked) == 5
    assert len(pauses.seconds) == 4


async def test_a_long_pause_is_the_caller_s_to_make() -> None:
    with Telegram(b"", failure(429, "Too Many Requests", retry_after=600)) as server:
        with pytest.raises(SourceUnavailable, match="HTTP 429"):
            await fetch(server)
        assert len(server.asked) == 1


@pytest.mark.parametrize("tell_size", [True, False])
async def test_a_photo_that_is_too_large_is_not_taken(tell_size: bool) -> None:
    with Telegram(b"\xff\xd8\xff" + bytes(1_000_000), tell_size=tell_size) as server:
        with pytest.raises(PictureTooLarge, match=r"more than 0\.5 MB"):
            await fetch(server, most=500_000)
        assert len(server.asked) == (1 if tell_size else 2)


@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        (failure(400, "Bad Request: file is too big"), PictureTooLarge),
        (failure(400, "Bad Request: invalid file_id"), InvalidInput),
        (failure(401, "Unauthorized"), ConfigurationError),
        (failure(404, "Not Found"), ConfigurationError),
        (Answer(body=b"<html>sign in to this network</html>"), SourceUnavailable),
        (Answer(status=302, headers={"Location": "http://elsewhere.invalid/"}), SourceUnavailable),
        (json_answer(200, {"ok": True, "result": {"file_path": "/var/lib/telegram/12.jpg"}}), SourceUnavailable),
        (json_answer(200, {"ok": True, "result": {}}), SourceUnavailable),
    ],
)
async def test_what_will_not_be_better_is_said_at_once(bad: Answer, kind: type[EnlargerError]) -> None:
    with Telegram(b"", bad) as server:
        with pytest.raises(kind) as raised:
            await fetch(server)
        assert len(server.asked) == 1
    assert TOKEN not in repr(raised.value)


@pytest.mark.parametrize("file_id", ["", "of another bot", "a\nb", "я", "a" * 501])
async def test_a_wrong_file_id_is_said_to_be_one(file_id: str) -> None:
    with Telegram(b"") as server, pytest.raises(InvalidInput, match="photo_file_id"):
        await fetch(server, file_id=file_id)


@pytest.mark.parametrize(("content", "kind"), [(b"", PictureUnreadable), (b"%PDF-1.7", PictureUnsupported)])
async def test_what_is_no_picture_is_refused(content: bytes, kind: type[EnlargerError]) -> None:
    with Telegram(content) as server, pytest.raises(kind):
        await fetch(server)


@pytest.mark.parametrize("token", [None, "", " "])
async def test_a_token_that_is_missing_is_asked_for(token: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"no token of the bot: give bot_token=.*BOT_TOKEN"):
        await generate_interior_with_nano_banana("file", "living-room", "japandi", token)
    with pytest.raises(ConfigurationError, match="no token of the bot"):
        await clear_space_with_kie("file", token)


@pytest.mark.parametrize("token", ["no token", "123456", "123:abc/../../x", "123:abc?x=1"])
def test_a_token_that_is_none_is_not_shown(token: str) -> None:
    with pytest.raises(ConfigurationError, match="BOT_TOKEN") as raised:
        Token(token)
    assert token not in str(raised.value)


@pytest.mark.parametrize(
    "url", ["api.telegram.org", "ftp://x", "http://u:p@x", "http://x/?a=b", "http://[", "http://x:0"]
)
def test_a_server_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="TELEGRAM_API_URL"):
        telegram.Telegram(Token(TOKEN), url)


async def test_the_environment_s_proxy_is_used_for_telegram_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:secret@127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    async with telegram.Telegram(Token(TOKEN), pause=Pauses()) as bot:
        with pytest.raises(SourceUnavailable) as raised:
            await bot.fetch(FILE_ID)
    assert "secret" not in str(raised.value)
    with Telegram(b"\xff\xd8\xff") as server:
        assert (await fetch(server)).content
    monkeypatch.setenv("HTTPS_PROXY", "nonsense://x")
    with pytest.raises(ConfigurationError, match="HTTPS_PROXY"):
        telegram.Telegram(Token(TOKEN))
