"""The first words, the help and the language."""

from __future__ import annotations

from tests.bot.conversation import Conversation, words_of
from tests.bot.handlers.steps import ADMIN


async def test_the_first_words_tell_what_to_do_and_what_there_is(chat: Conversation) -> None:
    said = words_of(await chat.text("/start"))
    assert "Send me a photo" in said
    assert "40 credits" in said


async def test_whoever_has_a_russian_telegram_is_spoken_to_in_russian(chat: Conversation) -> None:
    assert "Пришлите фотографию" in words_of(await chat.text("/start", language="ru-RU"))


async def test_the_language_can_be_changed(chat: Conversation) -> None:
    await chat.text("/language")
    assert "по-русски" in words_of(await chat.press("Русский"))
    assert "Что я умею" not in words_of(await chat.text("/help"))
    assert "Пришлите одну фотографию" in words_of(await chat.text("/help"))


async def test_admins_read_of_their_commands(chat: Conversation) -> None:
    assert "/topup" in words_of(await chat.text("/help", user=ADMIN))
    assert "/topup" not in words_of(await chat.text("/help"))
