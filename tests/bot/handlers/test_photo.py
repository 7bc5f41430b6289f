"""What people send: photos, files and albums, and whatever is none."""

from __future__ import annotations

from typing import Any

import pytest

from enlarger.all_settings import load_settings
from enlarger.infra.database import Database
from tests.bot.conversation import ANNA, TIME, Conversation, Json, buttons, words_of


async def test_a_photo_is_answered_with_what_can_be_done_and_what_it_costs(chat: Conversation) -> None:
    calls = await chat.photo()
    assert [name for name, _ in calls] == ["sendMessage"]
    labels = [text for text, _ in buttons(chat.shown())]
    assert "🛋 Redesign" in labels
    assert "🧹 Empty the room · 4 🪙" in labels
    assert "✂️ Remove the background · 1 🪙" in labels


async def test_without_a_provider_only_enlarging_is_offered(database: Database) -> None:
    chat = Conversation(database, load_settings())
    assert "only enlarge" in words_of(await chat.photo())
    assert [text for text, _ in buttons(chat.shown())] == ["🔍 Enlarge"]
    await chat.press("Enlarge")
    await chat.press("4×")
    job = await chat.latest_job()
    assert (job.action.model, job.action.deliver) == ("real-esrgan/x4plus", "document")


async def test_a_picture_sent_as_a_file_and_a_forwarded_one_are_photos_too(chat: Conversation) -> None:
    await chat.document("file-9")
    await chat.press("Empty the room")
    assert (await chat.latest_job()).photo_ids == ["file-9"]
    origin = {"type": "hidden_user", "sender_user_name": "Somebody", "date": TIME}
    assert "What would you like to do" in words_of(await chat.photo(forward_origin=origin))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"mime": "image/heic", "name": "a.heic"}, "JPEG, PNG and WebP"),
        ({"mime": "application/pdf", "name": "a.pdf"}, "JPEG, PNG and WebP"),
        ({"mime": None, "name": "plan"}, "JPEG, PNG and WebP"),
        ({"megabytes": 25}, "25 MB"),
    ],
)
async def test_a_file_that_will_not_do_is_told_why(chat: Conversation, content: dict[str, Any], says: str) -> None:
    calls = await chat.document(**content)
    assert says in words_of(calls)
    assert "as a photo" in words_of(calls)
    assert not calls[0][1].get("reply_markup")


async def test_a_file_without_a_type_is_known_by_its_name(chat: Conversation) -> None:
    assert "What would you like to do" in words_of(await chat.document(mime=None, name="ROOM.JPG"))


async def test_a_file_that_is_too_heavy_for_what_is_wanted_begins_nothing(chat: Conversation) -> None:
    await chat.document(megabytes=12)
    assert "at most 10 MB" in words_of(await chat.press("Empty the room"))
    assert await chat.jobs.history(ANNA) == []


@pytest.mark.parametrize(
    "content",
    [
        {"sticker": {"file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1,
                     "is_animated": False, "is_video": False}},
        {"voice": {"file_id": "v", "file_unique_id": "v", "duration": 1}},
        {"location": {"latitude": 1.0, "longitude": 1.0}},
    ],
)  # fmt: skip
async def test_whatever_is_no_photo_is_told_so(chat: Conversation, content: Json) -> None:
    assert "photos only" in words_of(await chat.message(**content))


async def test_words_out_of_nothing_and_unknown_commands_are_answered(chat: Conversation) -> None:
    assert "photo first" in words_of(await chat.text("make my kitchen blue"))
    assert "/help" in words_of(await chat.text("/frobnicate"))


async def test_what_telegram_says_in_a_chat_is_not_answered(chat: Conversation) -> None:
    assert await chat.message(message_auto_delete_timer_changed={"message_auto_delete_time": 86400}) == []


async def test_of_an_album_the_first_photo_is_taken_and_that_is_said_once(chat: Conversation) -> None:
    first = await chat.photo("first", media_group_id="g")
    second = await chat.photo("second", media_group_id="g")
    third = await chat.photo("third", media_group_id="g")
    assert "What would you like to do" in words_of(first)
    assert "several photos" in words_of(second)
    assert third == []
    await chat.press("Empty the room")
    assert (await chat.latest_job()).photo_ids == ["first"]
