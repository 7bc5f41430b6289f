"""The whole bot in this process: by polling and by webhook, under floods, with errors, with a wrong token."""

from __future__ import annotations

import logging
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiogram.types import User

from enlarger.bot.app import PATH
from enlarger.bot.limits import Floods
from enlarger.bot.users import UserStore
from enlarger.errors import ConfigurationError, InvalidInput
from enlarger.infra.logs import set_up_logs
from enlarger.testing import HandClock
from tests.bot.conftest import NOWHERE, Running
from tests.bot.telegram import TOKEN, Telegram
from tests.ports import free_port


async def test_the_bot_answers_by_long_polling(running: Running, telegram: Telegram) -> None:
    telegram.webhook = {"url": NOWHERE}  # left behind by an earlier run
    anna = telegram.user(1001, "Anna")
    await anna.says("/start")  # before the bot is up
    async with running() as me:
        assert me.username == "interior_test_bot"
        await anna.sees("Send me a photo")
    assert set(telegram.commands) == {"", "ru", "zh"}


async def test_the_bot_answers_by_webhook_to_telegram_alone(running: Running, telegram: Telegram) -> None:
    anna = telegram.user(1001, "Anna")
    url = f"http://127.0.0.1:{(port := free_port())}"
    async with running(bot_public_url=url, bot_port=port):
        assert telegram.webhook is not None
        assert telegram.webhook["url"] == url + PATH
        assert TOKEN not in telegram.webhook["url"]
        await anna.says("/start")
        await anna.sees("Send me a photo")
        update = {"update_id": 1, "message": telegram.messages(1001)[0]}
        async with (
            aiohttp.ClientSession() as session,
            session.post(url + PATH, json=update, headers={"X-Telegram-Bot-Api-Secret-Token": "guessed"}) as reply,
        ):
            assert reply.status == 401
    assert telegram.webhook is not None, "Telegram keeps what comes until the next start"


async def test_a_port_that_is_taken_is_named(running: Running, telegram: Telegram) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=rf"{port} .*ENLARGER_BOT_PORT"):
            async with running(bot_public_url="http://127.0.0.1", bot_port=port):
                pass


async def test_an_address_that_telegram_does_not_take_is_named(running: Running, telegram: Telegram) -> None:
    telegram.refuse_next("setWebhook", 400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    with pytest.raises(ConfigurationError, match=r"HTTPS URL must be provided.*ENLARGER_BOT_PUBLIC_URL") as caught:
        async with running(bot_public_url="http://127.0.0.1", bot_port=0):
            pass
    assert TOKEN not in str(caught.value)


async def test_a_token_that_telegram_does_not_know(running: Running, telegram: Telegram) -> None:
    telegram.token = "987654321:AAAnotherAnotherAnotherAnotherAnother1"
    with pytest.raises(ConfigurationError, match=r"does not know this BOT_TOKEN \(401\)") as caught:
        async with running():
            pass
    assert TOKEN not in str(caught.value)


async def test_what_is_no_token(running: Running) -> None:
    with pytest.raises(ConfigurationError, match="is not a bot's token") as caught:
        async with running(bot_token="enl_whatever this is"):
            pass
    assert "whatever" not in str(caught.value)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (RuntimeError(f"http://127.0.0.1/bot{TOKEN}/getMe and {TOKEN}"), "Something went wrong on our side"),
        (InvalidInput("prompt", "secret reasons"), "That does not work with this photo"),
    ],
)
async def test_an_error_becomes_a_kind_sentence_and_tells_no_token(
    running: Running,
    telegram: Telegram,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    words: str,
) -> None:
    async def break_(*_: object) -> None:
        raise error

    monkeypatch.setattr(UserStore, "balance", break_)
    handlers = logging.getLogger().handlers[:]
    anna = telegram.user(1001, "Anna")
    try:
        set_up_logs("debug")
        async with running():
            await anna.says("/balance")
            await anna.sees(words)
    finally:
        logging.getLogger().handlers[:] = handlers
    logged = capsys.readouterr()
    assert TOKEN.partition(":")[2] not in logged.err + logged.out
    assert "update_crashed" in logged.err or isinstance(error, InvalidInput)
    assert "secret" not in telegram.transcript
    assert "Traceback" not in telegram.transcript


async def test_floods_are_told_once_and_dropped_until_they_are_over() -> None:
    clock = HandClock()
    floods = Floods(times=3, seconds=10, clock=clock)
    handled: list[int] = []

    async def handler(event: Any, data: dict[str, Any]) -> None:
        handled.append(data["event_from_user"].id)

    async def send(user_id: int, times: int) -> None:
        who = User(id=user_id, is_bot=False, first_name="A")
        for _ in range(times):
            await floods(handler, event, {"event_from_user": who})

    class Event:
        pass

    event: Any = Event()
    await send(1, 5)
    await send(2, 2)
    assert handled == [1, 1, 1, 2, 2]
    clock.advance(11)
    await send(1, 1)
    assert handled[-1] == 1


async def test_a_flood_is_answered_with_one_sentence(running: Running, telegram: Telegram) -> None:
    anna = telegram.user(1001, "Anna")
    async with running():
        for _ in range(30):
            await anna.says("/help")
        await anna.sees("Too many requests")
        done: Callable[[], Awaitable[bool]] | Any = lambda: len(telegram.called("sendMessage")) >= 21  # noqa: E731
        await telegram.until(done, what="20 answers and a notice")
    notices = [call for call in telegram.called("sendMessage") if "Too many requests" in call.params["text"]]
    assert len(notices) == 1
    assert len(telegram.called("sendMessage")) == 21
