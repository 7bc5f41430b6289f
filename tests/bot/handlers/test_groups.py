"""What the bot says in groups, and what it does not."""

from __future__ import annotations

import pytest

from tests.bot.conversation import ANNA, TIME, Conversation, Json, person, photo_size, words_of
from tests.bot.handlers.steps import ADMIN


async def test_groups_get_a_hint_and_only_when_they_ask(chat: Conversation) -> None:
    group = {"id": -5, "type": "supergroup", "title": "Friends"}
    message: Json = {"message_id": 5, "date": TIME, "chat": group, "from": person(ANNA)}
    command = {"text": "/start@designer_bot", "entities": [{"type": "bot_command", "offset": 0, "length": 19}]}
    calls = await chat.feed({"message": {**message, **command}})
    assert "@designer_bot" in words_of(calls)
    assert await chat.feed({"message": {**message, "text": "hello everybody"}}) == []
    assert await chat.feed({"message": {**message, "photo": [photo_size("p")]}}) == []
    assert await chat.users.find(ANNA) is None


async def test_a_group_that_has_thrown_the_bot_out_is_not_its_user(chat: Conversation) -> None:
    await chat.text("/start")
    chat.telegram.blocked.add(-5)
    group = {"id": -5, "type": "supergroup", "title": "Friends"}
    command = {"text": "/start@designer_bot", "entities": [{"type": "bot_command", "offset": 0, "length": 19}]}
    await chat.feed({"message": {"message_id": 5, "date": TIME, "chat": group, "from": person(ANNA), **command}})
    user = await chat.users.find(ANNA)
    assert user is not None
    assert not user.blocked


@pytest.mark.parametrize("user", [ANNA, ADMIN])
async def test_a_button_in_a_group_does_nothing_to_whoever_presses_it(chat: Conversation, user: int) -> None:
    group = {"id": -5, "type": "supergroup", "title": "Friends"}
    message = {"message_id": 5, "date": TIME, "chat": group, "text": "?"}
    for data in ("do:clear_space", "br:1", "nonsense"):
        query = {"id": "1", "from": person(user), "chat_instance": "1", "data": data, "message": message}
        assert await chat.feed({"callback_query": query}) == []
    assert await chat.users.find(user) is None


async def test_much_talk_in_a_group_is_not_answered(chat: Conversation) -> None:
    group = {"id": -5, "type": "supergroup", "title": "Friends"}
    message: Json = {"message_id": 5, "date": TIME, "chat": group, "from": person(ANNA), "text": "hello"}
    for _ in range(30):
        assert await chat.feed({"message": message}) == []
