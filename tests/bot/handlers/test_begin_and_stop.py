"""Jobs that begin, have to wait, are stopped or cannot be afforded."""

from __future__ import annotations

from decimal import Decimal

from enlarger.all_settings import load_settings
from enlarger.infra.database import Database
from tests.bot.conversation import ANNA, Conversation, buttons, person, words_of
from tests.bot.handlers.steps import to_wishes


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


async def test_an_update_that_comes_twice_begins_one_job(chat: Conversation) -> None:
    await chat.photo()
    menu = chat.shown()
    query = {"id": "1", "from": person(ANNA), "chat_instance": "1", "data": "do:clear_space", "message": menu}
    for _ in range(2):
        await chat.dispatcher.feed_raw_update(chat.bot, {"update_id": 999, "callback_query": query})
    assert len(await chat.jobs.history(ANNA)) == 1
