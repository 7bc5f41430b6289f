"""Conversations: what people send, what the bot says, and what it then has made."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from enlarger import interior
from enlarger.all_settings import load_settings
from enlarger.bot import sheets
from enlarger.bot.keyboards import job_buttons
from enlarger.infra.database import Database
from tests.bot.conversation import ANNA, TIME, Conversation, Json, buttons, person, photo_size, private_chat, words_of

_ADMIN = 7
_BORIS = 2002


@pytest.fixture(autouse=True)
def _sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "draw_sheet", lambda _: b"a picture of all styles")


@pytest.fixture
def chat(database: Database) -> Conversation:
    return Conversation(database, load_settings(sandbox=True, bot_admins=(_ADMIN,)))


# Beginning


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
    assert "/topup" in words_of(await chat.text("/help", user=_ADMIN))
    assert "/topup" not in words_of(await chat.text("/help"))


# A photo


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


# Redesign


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


# What needs no words


async def test_a_photo_is_enlarged_at_a_price_that_goes_by_its_size(chat: Conversation) -> None:
    await chat.photo(size=(1280, 960))
    await chat.press("Enlarge")
    assert [text for text, _ in buttons(chat.shown())][:2] == ["2× · 20 🪙", "4× · 40 🪙"]
    await chat.press("2×")
    action = (await chat.latest_job()).action
    assert (action.model, action.input) == (
        "topaz/image-upscale",
        {"image_url": "photo:0", "upscale_factor": "2"},
    )
    assert action.deliver == "document"


async def test_of_a_file_the_most_that_enlarging_may_cost_is_shown(chat: Conversation) -> None:
    await chat.document()
    await chat.press("Enlarge")
    assert "2× · ≤ 40 🪙" in str(buttons(chat.shown()))


async def test_a_background_is_removed(chat: Conversation) -> None:
    await chat.photo("room-1")
    await chat.press("Remove the background")
    action = (await chat.latest_job()).action
    assert (action.model, action.deliver) == ("recraft/remove-background", "document")


# One at a time, and the end of it


async def test_a_second_job_is_told_to_wait_and_can_stop_the_first(chat: Conversation) -> None:
    await chat.photo()
    await chat.press("Empty the room")
    said = words_of(await chat.press("Remove the background"))
    assert "I am still working on “Empty room”" in said
    await chat.press("Stop")
    assert (await chat.latest_job()).state == "cancelled"


async def test_cancel_stops_what_goes_on_or_takes_a_question_back(chat: Conversation) -> None:
    assert "Nothing is in progress" in words_of(await chat.text("/cancel"))
    await to_wishes(chat)
    assert "cancelled" in words_of(await chat.text("/cancel"))
    assert "photo first" in words_of(await chat.text("a green sofa"))
    await chat.photo()
    await chat.press("Empty the room")
    assert "Empty room" in words_of(await chat.text("/cancel"))
    assert (await chat.latest_job()).state == "cancelled"


async def test_who_cannot_afford_it_is_told_price_balance_and_what_to_do(database: Database) -> None:
    chat = Conversation(database, load_settings(sandbox=True), credits=Decimal(3))
    await chat.photo()
    said = words_of(await chat.press("Empty the room"))
    assert "costs 4 credits" in said
    assert "have 3 credits" in said
    assert str(ANNA) in said
    assert await chat.jobs.history(ANNA) == []


async def test_without_limit_nobody_is_asked_for_credits(database: Database) -> None:
    chat = Conversation(database, load_settings(sandbox=True), credits=None)
    assert "no limit" in words_of(await chat.photo())
    await chat.press("Empty the room")
    assert (await chat.latest_job()).open


# Results


async def test_once_more_and_in_another_style(chat: Conversation) -> None:
    job = await done(chat)
    await press_of_job(chat, job, "Again · 4 🪙")
    again = await chat.latest_job()
    assert (again.action, again.photo_ids) == (job.action, job.photo_ids)
    await chat.finish()
    calls = await press_of_job(chat, job, "Other style")
    assert "4 credits" in words_of(calls)
    await chat.press("Boho")
    other = await chat.latest_job()
    assert (other.action.style, other.action.wishes) == ("boho", "a green sofa")
    assert other.action.title == "Kitchen · Boho"


async def test_a_result_is_enlarged_through_its_task(chat: Conversation) -> None:
    job = await done(chat)
    await press_of_job(chat, job, "Enlarge this")
    assert "≤ 40 🪙" in str(buttons(chat.shown()))  # the service is not there to say it exactly
    await chat.press("4×")
    action = (await chat.latest_job()).action
    assert (action.source, action.photos) == ("ab" * 16, ())
    assert action.input == {"image_url": "result", "upscale_factor": "4"}
    assert action.title == "Enlarged 4×"


async def test_the_original_comes_as_a_file(chat: Conversation) -> None:
    job = await done(chat)
    await press_of_job(chat, job, "Full quality")
    assert chat.work.originals == [job.id]


async def test_results_of_what_has_not_ended_or_has_failed_are_told_so(chat: Conversation) -> None:
    await chat.photo()
    await chat.press("Empty the room")
    job = await chat.latest_job()
    assert "not ready" in words_of(await chat.callback(f"jo:original:{job.id}", None))
    await chat.jobs.end(job, "failed", error="it was not to be")
    assert "That one failed" in words_of(await chat.callback(f"jo:enlarge:{job.id}", None))
    await press_of_job(chat, await chat.latest_job(), "Again")
    assert (await chat.latest_job()).id != job.id


async def test_nobody_gets_at_anothers_job(chat: Conversation) -> None:
    job = await done(chat)
    for data in (f"jo:original:{job.id}", f"jo:cancel:{job.id}", f"jo:again:{job.id}", f"je:{job.id}:2"):
        assert "no longer know" in words_of(await chat.callback(data, None, user=_BORIS))
    assert chat.work.originals == []
    assert await chat.jobs.history(_BORIS) == []


async def test_buttons_of_a_finished_job_say_so(chat: Conversation) -> None:
    job = await done(chat)
    assert await chat.callback(f"jo:cancel:{job.id}", None) == []
    assert chat.telegram.calls[-2][1]["text"] == "That has already finished."


async def test_old_buttons_say_what_to_do(chat: Conversation) -> None:
    await chat.text("/start")
    assert "send it again" in words_of(await chat.callback("do:clear_space", None))  # its message is too old
    for data in ("do:frobnicate", "zz:1", "jo:again:nine"):
        assert "too old" in words_of(await chat.callback(data, None))
    await to_wishes(chat)
    shown = chat.shown()
    assert await chat.jobs.history(ANNA) == []
    assert "too old" in words_of(await chat.callback("go:kitchen:no-such-style", shown))
    assert "too old" in words_of(await chat.callback("ro:no-such-room:redesign", shown))
    assert await chat.jobs.history(ANNA) == []


async def test_a_message_that_cannot_be_changed_is_written_anew(chat: Conversation) -> None:
    await chat.photo("room-1")
    chat.telegram.refuse = {"editMessageText"}
    assert [name for name, _ in await chat.press("Redesign")] == ["editMessageText", "sendMessage"]
    await chat.press("Kitchen")
    await chat.press("Japandi")
    await chat.press("Start")
    assert (await chat.latest_job()).photo_ids == ["room-1"]


# The account


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


# Admins


async def test_admins_commands_are_unknown_to_everybody_else(chat: Conversation) -> None:
    for command in ("/stats", "/topup 1001 5", "/broadcast"):
        assert "do not know this command" in words_of(await chat.text(command))
    assert "too old" in words_of(await chat.callback("br:1", None))


async def test_admins_see_numbers(chat: Conversation) -> None:
    await done(chat)
    said = words_of(await chat.text("/stats", user=_ADMIN))
    assert "Users: 2" in said
    assert "Spent today: 4 credits" in said


async def test_admins_give_credits_and_the_user_is_told(chat: Conversation) -> None:
    await chat.text("/start", language="ru")
    calls = await chat.text(f"/topup {ANNA} 2.5", user=_ADMIN)
    assert "42.5 credits" in words_of(calls)
    assert (calls[1][1]["chat_id"], "2,5 кредита" in calls[1][1]["text"]) == (ANNA, True)
    assert len(await chat.text(f"/topup {ANNA} -2,5", user=_ADMIN)) == 1
    user = await chat.users.find(ANNA)
    assert user is not None
    assert await chat.users.balance(user) == 40


@pytest.mark.parametrize("args", ["", " 1001", " 1001 many", " 1001 0", " 1001 nan", " 1001 1e9"])
async def test_topping_up_wants_a_user_and_an_amount(chat: Conversation, args: str) -> None:
    assert "/topup USER CREDITS" in words_of(await chat.text(f"/topup{args}", user=_ADMIN))


async def test_topping_up_nobody_is_told_so(chat: Conversation) -> None:
    assert "never written" in words_of(await chat.text("/topup 555 10", user=_ADMIN))


async def test_a_broadcast_goes_to_those_who_want_it_once_it_is_confirmed(chat: Conversation) -> None:
    for user in (ANNA, _BORIS):
        await chat.text("/news", user=user)
        await chat.press("Turn news on", user=user)
    await chat.text("/start", user=3003)
    chat.telegram.blocked = {_BORIS}
    await chat.text("/broadcast", user=_ADMIN)
    assert "2 people" in words_of(await chat.text("Good news!", user=_ADMIN))
    question = {**chat.shown(_ADMIN)}
    calls = await chat.press("Send", user=_ADMIN)
    assert [said["chat_id"] for name, said in calls if name == "copyMessage"] == [ANNA, _BORIS]
    assert await chat.press("Send", user=_ADMIN, message=question) == []
    assert "Sent to 1 person; 1 could not be reached" in words_of(calls)
    assert [user.user_id async for user in chat.users.subscribers()] == [ANNA]


async def test_a_broadcast_can_be_called_off(chat: Conversation) -> None:
    await chat.text("/broadcast", user=_ADMIN)
    assert "Nobody has news turned on" in words_of(await chat.text("Good news!", user=_ADMIN))
    await chat.text("/news")
    await chat.press("Turn news on")
    await chat.text("/broadcast", user=_ADMIN)
    await chat.photo(user=_ADMIN)
    calls = await chat.press("Do not send", user=_ADMIN)
    assert "not sent" in words_of(calls)
    assert "copyMessage" not in [name for name, _ in calls]


# Groups


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


@pytest.mark.parametrize("user", [ANNA, _ADMIN])
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


async def test_an_update_that_comes_twice_begins_one_job(chat: Conversation) -> None:
    await chat.photo()
    menu = chat.shown()
    query = {"id": "1", "from": person(ANNA), "chat_instance": "1", "data": "do:clear_space", "message": menu}
    for _ in range(2):
        await chat.dispatcher.feed_raw_update(chat.bot, {"update_id": 999, "callback_query": query})
    assert len(await chat.jobs.history(ANNA)) == 1


# Steps


async def to_wishes(chat: Conversation) -> None:
    """As far as the last question of a redesign."""
    await chat.photo("room-1")
    await chat.press("Redesign")
    await chat.press("Kitchen")
    await chat.press("Japandi")


async def done(chat: Conversation) -> Any:
    """A redesign that is done."""
    await to_wishes(chat)
    await chat.text("a green sofa")
    await chat.press("Start")
    return await chat.finish()


async def press_of_job(chat: Conversation, job: Any, label: str) -> list[tuple[str, Json]]:
    """A button beneath a job's message."""
    user = await chat.users.find(job.user_id)
    assert user is not None
    markup = job_buttons(job, user)
    assert markup is not None
    message = {
        "message_id": 50,
        "date": TIME,
        "chat": private_chat(job.user_id),
        "photo": [photo_size("made")],
        "reply_markup": markup.model_dump(exclude_none=True),
    }
    return await chat.press(label, message=message)
