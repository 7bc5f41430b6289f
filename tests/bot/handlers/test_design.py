"""Redesigns, changes in one's own words and samples, from the photo to the job."""

from __future__ import annotations

import pytest

from enlarger import interior
from tests.bot.conversation import ANNA, TIME, Conversation, Json, buttons, words_of
from tests.bot.handlers.steps import to_wishes


async def test_a_room_is_redesigned(chat: Conversation) -> None:
    await chat.photo("room-1")
    assert "Which room" in words_of(await chat.press("Redesign"))
    calls = await chat.press("Kitchen")
    assert [name for name, _ in calls] == ["sendPhoto", "deleteMessage"]
    assert "4 credits" in words_of(calls)
    said = words_of(await chat.press("Japandi"))
    assert "Kitchen · Japandi" in said
    assert "4 credits" in said
    assert "You have 40 credits" in said
    await chat.press("Start · 4 🪙")
    job = await chat.latest_job()
    assert job.photo_ids == ["room-1"]
    assert job.action.title == "Kitchen · Japandi"
    assert job.action.model == "google/nano-banana-edit"
    assert job.action.input["image_urls"] == ["photo:0"]
    assert job.action.input["prompt"] == interior.build_prompt("kitchen", "japandi")


async def test_wishes_are_written_and_shown_with_the_price_and_begin_on_the_button(chat: Conversation) -> None:
    await to_wishes(chat)
    question = chat.shown()["message_id"]
    calls = await chat.text("a green sofa")
    assert [name for name, _ in calls] == ["sendMessage", "deleteMessage"]
    assert calls[1][1]["message_id"] == question
    said = words_of(calls)
    for words in ("Kitchen · Japandi", "“a green sofa”", "Price: 4 credits", "You have 40 credits"):
        assert words in said
    assert await chat.jobs.history(ANNA) == []
    await chat.press("Start · 4 🪙")
    job = await chat.latest_job()
    assert job.photo_ids == ["room-1"]
    assert job.action.input["prompt"] == interior.build_prompt("kitchen", "japandi", "a green sofa")
    assert "photo first" in words_of(await chat.text("and a lamp"))


async def test_what_stands_beneath_the_photo_are_wishes(chat: Conversation) -> None:
    await chat.photo(caption="keep the piano")
    await chat.press("Redesign")
    await chat.press("Kitchen")
    assert "“keep the piano”" in words_of(await chat.press("Japandi"))
    await chat.press("Start")
    assert (await chat.latest_job()).action.wishes == "keep the piano"


async def test_what_is_written_later_takes_the_place_of_what_stands_beneath_the_photo(chat: Conversation) -> None:
    await chat.photo(caption="keep the piano")
    await chat.press("Redesign")
    await chat.press("Kitchen")
    await chat.press("Japandi")
    await chat.text("no piano")
    await chat.press("Start")
    assert (await chat.latest_job()).action.wishes == "no piano"


@pytest.mark.parametrize(
    "more",
    [
        {
            "caption": "our summer sale",
            "forward_origin": {"type": "hidden_user", "sender_user_name": "B", "date": TIME},
        },
        {"caption": "long " * 250},
    ],
)
async def test_the_words_of_others_and_too_many_are_no_wishes(chat: Conversation, more: Json) -> None:
    await chat.photo(**more)
    await chat.press("Facade")
    assert "any wishes" in words_of(await chat.press("Japandi"))
    await chat.press("Start")
    assert (await chat.latest_job()).action.wishes == ""


async def test_what_stands_beneath_the_photo_may_be_the_prompt(chat: Conversation) -> None:
    await chat.photo("room-1", caption="paint the walls green")
    said = words_of(await chat.press("In my own words"))
    assert "“paint the walls green”" in said
    assert "Price" in said
    await chat.press("Start")
    job = await chat.latest_job()
    assert (job.action.kind, job.action.wishes, job.photo_ids) == ("free_prompt", "paint the walls green", ["room-1"])


async def test_wishes_may_be_too_long_and_are_then_asked_for_again(chat: Conversation) -> None:
    await to_wishes(chat)
    assert "too long: 1001 characters" in words_of(await chat.text("x" * 1001))
    await chat.text("shorter")
    await chat.text("shorter still")
    await chat.press("Start")
    assert (await chat.latest_job()).action.wishes == "shorter still"


async def test_a_restart_in_the_middle_of_a_conversation_is_not_noticed(chat: Conversation) -> None:
    await chat.photo()
    chat.restart()
    await chat.press("Redesign")
    chat.restart()
    await chat.press("Kitchen")
    chat.restart()
    await chat.press("Japandi")
    chat.restart()
    await chat.text("a green sofa")
    chat.restart()
    await chat.press("Start")
    assert (await chat.latest_job()).action.wishes == "a green sofa"


async def test_a_new_photo_in_the_middle_begins_anew(chat: Conversation) -> None:
    await to_wishes(chat)
    await chat.photo("room-2")
    assert "photo first" in words_of(await chat.text("a green sofa"))
    await chat.press("Empty the room")
    assert (await chat.latest_job()).photo_ids == ["room-2"]


async def test_back_leads_to_the_menu_of_the_same_photo(chat: Conversation) -> None:
    await chat.photo("room-1")
    await chat.press("Redesign")
    await chat.press("Back")
    await chat.press("Redesign")
    await chat.press("Kitchen")
    calls = await chat.press("Back")
    assert [name for name, _ in calls] == ["sendMessage", "deleteMessage"]
    await chat.press("Empty the room")
    assert (await chat.latest_job()).photo_ids == ["room-1"]


async def test_pro_quality_is_chosen_with_its_price_and_kept(chat: Conversation) -> None:
    await to_wishes(chat)
    await chat.press("Quality: Standard")
    assert [text for text, _ in buttons(chat.shown())] == [
        "● Standard · 4 🪙",
        "Pro 1K · 18 🪙",
        "Pro 2K · 18 🪙",
        "Pro 4K · 24 🪙",
    ]
    assert "24 credits" in words_of(await chat.press("Pro 4K"))
    await chat.press("Start · 24 🪙")
    action = (await chat.latest_job()).action
    assert (action.model, action.input["resolution"], action.deliver) == ("nano-banana-pro", "4K", "document")
    assert action.title == "Kitchen · Japandi · Pro 4K"
    await chat.photo()
    assert "Quality: Pro 4K" in str(buttons(chat.shown()))


async def test_the_quality_can_be_set_in_the_menu_and_by_command(chat: Conversation) -> None:
    await chat.photo()
    await chat.press("Quality: Standard")
    await chat.press("Pro 1K")
    assert "Empty the room · 18 🪙" in str(buttons(chat.shown()))
    await chat.text("/quality")
    assert "Standard" in words_of(await chat.press("Standard · 4"))


async def test_a_facade_is_redesigned(chat: Conversation) -> None:
    await chat.photo("house")
    await chat.press("Facade")
    await chat.press("Mediterranean")
    await chat.text("blue shutters")
    await chat.press("Start")
    action = (await chat.latest_job()).action
    assert action.title == "Facade · Mediterranean"
    assert action.input["prompt"] == interior.facade_prompt("mediterranean", "blue shutters")


# In words, and like a sample


async def test_a_photo_is_changed_in_ones_own_words(chat: Conversation) -> None:
    await chat.photo("room-1")
    assert "4 credits" in words_of(await chat.press("In my own words"))
    sticker = {"file_id": "v", "file_unique_id": "v", "duration": 1}
    assert "in text" in words_of(await chat.message(voice=sticker))
    assert "too long" in words_of(await chat.text("x" * 3001))
    said = words_of(await chat.text("paint the walls <olive> {green}"))
    assert "“paint the walls <olive> {green}”" in said
    assert "Price: 4 credits" in said
    assert await chat.jobs.history(ANNA) == []
    await chat.press("Start · 4 🪙")
    job = await chat.latest_job()
    assert job.action.input["prompt"] == interior.free_prompt("paint the walls <olive> {green}")
    assert "<olive> {green}" in job.action.title


async def test_a_prompt_that_looks_like_a_placeholder_stays_a_prompt(chat: Conversation) -> None:
    await chat.photo("room-1")
    await chat.press("In my own words")
    await chat.text("result")
    await chat.press("Start")
    assert "result" in (await chat.latest_job()).action.wishes


async def test_a_second_photo_is_the_sample(chat: Conversation) -> None:
    await chat.photo("mine")
    await chat.press("Like a sample")
    assert "sample" in words_of(await chat.press("Bedroom"))
    assert "waiting for the sample" in words_of(await chat.text("which one?"))
    said = words_of(await chat.photo("theirs"))
    assert "Bedroom like the sample" in said
    assert "Price: 4 credits" in said
    assert await chat.jobs.history(ANNA) == []
    chat.restart()
    await chat.press("Start · 4 🪙")
    job = await chat.latest_job()
    assert job.photo_ids == ["mine", "theirs"]
    assert job.action.input["image_urls"] == ["photo:0", "photo:1"]
    assert job.action.input["prompt"] == interior.sample_prompt("bedroom")


async def test_the_second_photo_of_an_album_is_the_sample(chat: Conversation) -> None:
    await chat.photo("mine", media_group_id="g")
    await chat.photo("theirs", media_group_id="g")
    await chat.press("Like a sample")
    assert "Price: 4 credits" in words_of(await chat.press("Bedroom"))
    await chat.press("Start · 4 🪙")
    assert (await chat.latest_job()).photo_ids == ["mine", "theirs"]


async def test_of_an_album_of_samples_the_first_is_taken(chat: Conversation) -> None:
    await chat.photo("mine")
    await chat.press("Like a sample")
    await chat.press("Bedroom")
    await chat.photo("sample-1", media_group_id="s")
    assert await chat.photo("sample-2", media_group_id="s") == []
    await chat.press("Start")
    assert (await chat.latest_job()).photo_ids == ["mine", "sample-1"]
