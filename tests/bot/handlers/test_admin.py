"""What admins alone may do: numbers, credits and broadcasts."""

from __future__ import annotations

import pytest

from tests.bot.conversation import ANNA, Conversation, words_of
from tests.bot.handlers.steps import ADMIN, BORIS, done


async def test_admins_commands_are_unknown_to_everybody_else(chat: Conversation) -> None:
    for command in ("/stats", "/topup 1001 5", "/broadcast"):
        assert "do not know this command" in words_of(await chat.text(command))
    assert "too old" in words_of(await chat.callback("br:1", None))


async def test_admins_see_numbers(chat: Conversation) -> None:
    await done(chat)
    said = words_of(await chat.text("/stats", user=ADMIN))
    assert "Users: 2" in said
    assert "Spent in 24 h: 4 credits" in said


async def test_admins_give_credits_and_the_user_is_told(chat: Conversation) -> None:
    await chat.text("/start", language="ru")
    calls = await chat.text(f"/topup {ANNA} 2.5", user=ADMIN)
    assert "42.5 credits" in words_of(calls)
    assert (calls[1][1]["chat_id"], "2,5 кредита" in calls[1][1]["text"]) == (ANNA, True)
    assert len(await chat.text(f"/topup {ANNA} -2,5", user=ADMIN)) == 1
    user = await chat.users.find(ANNA)
    assert user is not None
    assert await chat.users.balance(user) == 40


@pytest.mark.parametrize("args", ["", " 1001", " 1001 many", " 1001 0", " 1001 nan", " 1001 1e9"])
async def test_topping_up_wants_a_user_and_an_amount(chat: Conversation, args: str) -> None:
    assert "/topup USER CREDITS" in words_of(await chat.text(f"/topup{args}", user=ADMIN))


async def test_topping_up_nobody_is_told_so(chat: Conversation) -> None:
    assert "never written" in words_of(await chat.text("/topup 555 10", user=ADMIN))


async def test_a_broadcast_goes_to_those_who_want_it_once_it_is_confirmed(chat: Conversation) -> None:
    for user in (ANNA, BORIS):
        await chat.text("/news", user=user)
        await chat.press("Turn news on", user=user)
    await chat.text("/start", user=3003)
    chat.telegram.blocked = {BORIS}
    await chat.text("/broadcast", user=ADMIN)
    assert "2 people" in words_of(await chat.text("Good news!", user=ADMIN))
    question = {**chat.shown(ADMIN)}
    calls = await chat.press("Send", user=ADMIN)
    assert [said["chat_id"] for name, said in calls if name == "copyMessage"] == [ANNA, BORIS]
    assert await chat.press("Send", user=ADMIN, message=question) == []
    assert "Sent to 1 person; 1 could not be reached" in words_of(calls)
    assert [user.user_id async for user in chat.users.subscribers()] == [ANNA]


async def test_a_broadcast_can_be_called_off(chat: Conversation) -> None:
    await chat.text("/broadcast", user=ADMIN)
    assert "Nobody has news turned on" in words_of(await chat.text("Good news!", user=ADMIN))
    await chat.text("/news")
    await chat.press("Turn news on")
    await chat.text("/broadcast", user=ADMIN)
    await chat.photo(user=ADMIN)
    calls = await chat.press("Do not send", user=ADMIN)
    assert "not sent" in words_of(calls)
    assert "copyMessage" not in [name for name, _ in calls]
