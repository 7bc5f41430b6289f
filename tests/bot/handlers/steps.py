"""People of these conversations, and the steps that several of them take."""

from __future__ import annotations

from typing import Any

from enlarger.bot.keyboards import job_buttons
from tests.bot.conversation import TIME, Conversation, Json, photo_size, private_chat

ADMIN = 7
BORIS = 2002


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
