from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import aiohttp
import pytest
from aiogram.types import TelegramObject, Update
from structlog.testing import capture_logs

from enlarger.bot.app import PATH
from enlarger.bot.updates import Once
from tests.bot.conftest import Running
from tests.bot.telegram import Telegram
from tests.ports import free_port

_SECRET = "X-Telegram-Bot-Api-Secret-Token"

_MALFORMED: list[bytes] = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"5",
    b"\xff\xfe",
    b"[" * 100_000,
    b"{}",
    b'{"update_id": "none"}',
    b'{"update_id": null, "message": {}}',
    b'{"update_id": 900000001, "message": {}}',
    b'{"update_id": 900000002, "message": 5}',
    b'{"update_id": 900000003, "message": {"message_id": 1, "date": "never", "chat": {"id": 1, "type": "private"}}}',
    b'{"update_id": 900000004, "callback_query": {"id": 1}}',
    b'{"update_id": 900000005, "message": {"text": "' + b"x" * 2_000_000 + b'"}}',
]
_UNKNOWN: list[bytes] = [
    b'{"update_id": 900000011}',
    b'{"update_id": 900000012, "of_next_year": {"id": 1}}',
    b'{"update_id": 900000013, "message": {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}}}',
]


async def test_an_update_that_cannot_be_read_is_accepted_logged_and_not_handled(
    running: Running, telegram: Telegram
) -> None:
    anna = telegram.user(1001, "Anna")
    url = f"http://127.0.0.1:{(port := free_port())}"
    with capture_logs() as logs:
        async with running(bot_public_url=url, bot_port=port), aiohttp.ClientSession() as session:
            assert telegram.webhook is not None
            secret = {_SECRET: telegram.webhook["secret_token"], "Content-Type": "application/json"}
            for body in (*_MALFORMED, *_UNKNOWN):
                async with session.post(url + PATH, data=io.BytesIO(body), headers=secret) as reply:
                    assert reply.status == 200, body[:80]
            nobodys = {**secret, "Content-Type": "application/json; charset=nobodys"}
            async with session.post(url + PATH, data=b"{}", headers=nobodys) as reply:
                assert reply.status == 200
            async with session.post(url + PATH, data=b"{", headers={_SECRET: "guessed"}) as reply:
                assert reply.status == 401
            await anna.says("/start")
            await anna.sees("Send me a photo")
    assert [line["event"] for line in logs].count("update_malformed") == len(_MALFORMED) + 1


async def test_an_update_that_comes_twice_is_answered_once(running: Running, telegram: Telegram) -> None:
    anna = telegram.user(1001, "Anna")
    url = f"http://127.0.0.1:{(port := free_port())}"
    async with running(bot_public_url=url, bot_port=port), aiohttp.ClientSession() as session:
        assert telegram.webhook is not None
        await anna.says("/start")
        await anna.sees("Send me a photo")
        [said] = [message for message in telegram.messages(1001) if message.get("text") == "/start"]
        body = json.dumps({"update_id": 900000021, "message": {**said, "message_id": 99}}).encode()
        headers = {_SECRET: telegram.webhook["secret_token"], "Content-Type": "application/json"}
        before = len(telegram.messages(1001))

        async def bring() -> int:
            async with session.post(url + PATH, data=body, headers=headers) as reply:
                return reply.status

        assert await asyncio.gather(*(bring() for _ in range(4))) == [200] * 4
        assert await bring() == 200
        assert len(telegram.messages(1001)) == before + 1


class TestOnce:
    async def test_one_that_was_cut_off_is_handled_when_it_comes_again(self) -> None:
        once, begun, handled = Once(), asyncio.Event(), []

        async def hang(_: TelegramObject, __: dict[str, Any]) -> None:
            begun.set()
            await asyncio.Event().wait()

        async def handle(update: TelegramObject, _: dict[str, Any]) -> None:
            handled.append(update)

        update = Update(update_id=1)
        first = asyncio.create_task(once(hang, update, {}))
        await begun.wait()
        second = asyncio.create_task(once(handle, update, {}))
        await asyncio.sleep(0)
        assert handled == []
        first.cancel()
        await second
        await once(handle, update, {})
        assert handled == [update]

    async def test_one_that_failed_is_not_handled_again(self) -> None:
        once, tries = Once(), []

        async def fail(update: TelegramObject, _: dict[str, Any]) -> None:
            tries.append(update)
            raise ValueError("broken")

        with pytest.raises(ValueError, match="broken"):
            await once(fail, Update(update_id=1), {})
        assert await once(fail, Update(update_id=1), {}) is None
        assert len(tries) == 1

    async def test_the_oldest_are_forgotten(self) -> None:
        once, handled = Once(remembered=2), []

        async def handle(update: TelegramObject, _: dict[str, Any]) -> None:
            assert isinstance(update, Update)
            handled.append(update.update_id)

        for number in (1, 2, 3, 3, 2, 1):
            await once(handle, Update(update_id=number), {})
        assert handled == [1, 2, 3, 1]
