"""The buttons beneath a result, and buttons that are old."""

from __future__ import annotations

from tests.bot.conversation import ANNA, Conversation, buttons, words_of
from tests.bot.handlers.steps import BORIS, done, press_of_job, to_wishes


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
        assert "no longer know" in words_of(await chat.callback(data, None, user=BORIS))
    assert chat.work.originals == []
    assert await chat.jobs.history(BORIS) == []


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
