"""The two functions of the first documents, and the task that each of them makes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any, Literal, Unpack, get_args

import msgspec

from enlarger.catalog import get_model
from enlarger.client import KieApiClient
from enlarger.client.async_client import RunOptions
from enlarger.errors import InvalidInput
from enlarger.interior.prompts import build_prompt, clear_space_prompt
from enlarger.interior.telegram import MOST_BYTES, Telegram, Token

Quality = Literal["standard", "1K", "2K", "4K"]
"""Google's Nano Banana, or Nano Banana Pro with the longest side of its picture."""
QUALITIES: tuple[Quality, ...] = get_args(Quality)

_STANDARD = "google/nano-banana-edit"
_PRO = "nano-banana-pro"


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """A task that changes pictures: what `KieApiClient.submit` and `quote` take."""

    model: str
    input: dict[str, Any]


def edit_task(pictures: Sequence[Any], prompt: str, quality: Quality = "standard") -> Edit:
    """The task that changes the first picture as a prompt says; the others are samples. Raises InvalidInput.

    Pictures are what the client takes: URLs, paths or bytes. The result keeps the first one's proportions.
    """
    if quality not in QUALITIES:
        raise InvalidInput("quality", f"There is no quality {str(quality)[:20]!r}: choose {', '.join(QUALITIES)}.")
    wanted = {"prompt": prompt, "aspect_ratio": "auto"}
    if quality == "standard":
        return Edit(model=_STANDARD, input={"image_urls": list(pictures), **wanted, "output_format": "png"})
    more = {"resolution": quality, "output_format": "jpg"}  # a PNG of 4K is too large to be sent in chats
    return Edit(model=_PRO, input={"image_input": list(pictures), **wanted, **more})


def most_bytes(quality: Quality = "standard") -> int:
    """How large a photo from Telegram may be: what bots may fetch, and what the model takes."""
    task = edit_task([], "", quality)
    fields = get_model(task.model).fields()
    limits = [int(field.max_mb * 1_000_000) for name, field in fields.items() if name in task.input and field.max_mb]
    return min([MOST_BYTES, *limits])


async def generate_interior_with_nano_banana(
    photo_file_id: str,
    room: str,
    style: str,
    bot_token: str,
    *,
    wishes: str = "",
    quality: Quality = "standard",
    client: KieApiClient | None = None,
    telegram_url: str | None = None,
    **how: Unpack[RunOptions],
) -> str:
    """Redesign the room in a photo that a Telegram bot was sent; returns the new picture's URL, never None.

    The photo is fetched with the token and uploaded to the service; the token, and any address with it, stays between
    this machine and Telegram. `client`: else one by KIE_API_KEY and KIE_BASE_URL. `telegram_url`: a Bot API server
    (TELEGRAM_API_URL). The rest is `KieApiClient.run`'s: with an `idempotency_key`, an Enlarger service makes one task
    however often this is called.

    Raises InvalidInput for a room, style or wishes that will not do, before anything is sent; what `Telegram.fetch`
    raises; and TaskFailed, WaitTimeout and whatever else `run` raises.
    """
    prompt = build_prompt(room, style, wishes)
    token = Token(bot_token)
    del bot_token  # a traceback that shows variables does not show it
    return await _change(token, telegram_url, photo_file_id, prompt, quality, client, how)


async def clear_space_with_kie(
    photo_file_id: str,
    bot_token: str,
    *,
    quality: Quality = "standard",
    client: KieApiClient | None = None,
    telegram_url: str | None = None,
    **how: Unpack[RunOptions],
) -> str:
    """Empty the room in a photo that a Telegram bot was sent; returns the new picture's URL, never None.

    What is said at `generate_interior_with_nano_banana` holds here, too.
    """
    token = Token(bot_token)
    del bot_token
    return await _change(token, telegram_url, photo_file_id, clear_space_prompt(), quality, client, how)


async def _change(
    token: Token,
    telegram_url: str | None,
    file_id: str,
    prompt: str,
    quality: Quality,
    client: KieApiClient | None,
    how: RunOptions,
) -> str:
    most = most_bytes(quality)
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(Telegram(token, telegram_url))
        if client is None:
            client = await stack.enter_async_context(KieApiClient())
        photo = await telegram.fetch(file_id, most=most)
        upload = await client.upload(photo.content, name=photo.name)
        task = edit_task([upload.url], prompt, quality)
        return (await client.run(task.model, task.input, **how)).url
