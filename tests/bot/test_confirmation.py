"""Nothing is paid for that was not shown with its price: only buttons begin."""

from __future__ import annotations

import msgspec
import pytest

from enlarger.all_settings import load_settings
from enlarger.bot import sheets
from enlarger.bot.keyboards import job_buttons
from enlarger.infra.database import Database
from tests.bot.conversation import ANNA, Conversation, words_of
from tests.bot.handlers.steps import done, to_wishes


@pytest.fixture(autouse=True)
def _sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "draw_sheet", lambda _: b"a picture of all styles")


@pytest.fixture
def chat(database: Database) -> Conversation:
    return Conversation(database, load_settings(sandbox=True))


async def test_a_quality_that_is_chosen_afterwards_keeps_what_was_typed(chat: Conversation) -> None:
    await to_wishes(chat)
    await chat.text("a green sofa")
    await chat.press("Quality: Standard")
    assert "“a green sofa”" in words_of(await chat.press("Pro 1K"))
    await chat.press("Start · 18 🪙")
    assert (await chat.latest_job()).action.wishes == "a green sofa"


@pytest.mark.parametrize("photo", ["wishes", "words", "sample"])
async def test_a_button_whose_answer_is_forgotten_asks_again(chat: Conversation, photo: str) -> None:
    await chat.photo("room-1")
    if photo == "words":
        await chat.press("In my own words")
        await chat.text("a green sofa")
    elif photo == "sample":
        await chat.press("Like a sample")
        await chat.press("Bedroom")
        await chat.photo("theirs")
    else:
        await chat.press("Facade")
        await chat.press("Japandi")
        await chat.text("a green sofa")
    shown = chat.shown()
    await chat.photo("room-2")  # something else begins
    said = words_of(await chat.press("Start", message=shown))
    assert {"wishes": "any wishes", "words": "Describe what to change", "sample": "send me the sample"}[photo] in said
    assert await chat.jobs.history(ANNA) == []


async def test_no_message_and_no_photo_begins_anything(chat: Conversation) -> None:
    """In whatever state the conversation is: only buttons do."""
    for steps in (["Redesign", "Kitchen", "Japandi"], ["Facade", "Japandi"], ["In my own words"],
                  ["Like a sample", "Bedroom"], ["Enlarge"], []):  # fmt: skip
        await chat.photo("room-1", caption="keep the piano")
        for label in steps:
            await chat.press(label)
        await chat.text("a green sofa")
        await chat.photo("room-2", caption="no piano")
        await chat.document("room-3")
        assert await chat.jobs.history(ANNA) == []


async def test_whatever_begins_at_once_has_its_price_on_the_button(chat: Conversation) -> None:
    job = await done(chat)
    user = await chat.users.find(job.user_id)
    assert user is not None
    for state in ("done", "failed", "cancelled"):
        markup = job_buttons(msgspec.structs.replace(job, state=state), user)
        assert markup is not None
        [again] = [button.text for row in markup.inline_keyboard for button in row if "Again" in button.text]
        assert again.endswith("4 🪙")
    gone = msgspec.structs.replace(job, action=msgspec.structs.replace(job.action, model="gone/model"))
    assert job_buttons(gone, user) is not None
