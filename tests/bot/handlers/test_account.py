"""Balance, history and news."""

from __future__ import annotations

from tests.bot.conversation import ANNA, Conversation, words_of
from tests.bot.handlers.steps import done


async def test_balance_tells_credits_prices_and_the_users_number(chat: Conversation) -> None:
    said = words_of(await chat.text("/balance"))
    assert "You have 40 credits." in said
    assert "Pro 4K: 24 credits" in said
    assert str(ANNA) in said


async def test_history_gives_pictures_again(chat: Conversation) -> None:
    assert "not made anything" in words_of(await chat.text("/history"))
    job = await done(chat)
    assert "✅" in words_of(await chat.text("/history"))
    await chat.press("1")
    assert chat.work.originals == [job.id]


async def test_news_are_for_those_who_want_them(chat: Conversation) -> None:
    await chat.text("/news")
    await chat.press("Turn news on")
    assert [user.user_id async for user in chat.users.subscribers()] == [ANNA]
    await chat.press("Turn news off")
    assert [user.user_id async for user in chat.users.subscribers()] == []
