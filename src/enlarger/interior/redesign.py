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
"""`standard` is Google's Nano Banana; the others are Nano Banana Pro at that resolution."""
QUALITIES: tuple[Quality, ...] = get_args(Quality)

_STANDARD = "google/nano-banana-edit"
_PRO = "nano-banana-pro"


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """The model and input of a task that edits images, for `KieApiClient.submit` and `quote`."""

    model: str
    input: dict[str, Any]


def edit_task(pictures: Sequence[Any], prompt: str, quality: Quality = "standard") -> Edit:
    """The task that edits the first image by a prompt; further images are samples. Raises InvalidInput.

    Images are URLs, paths or bytes. The result keeps the proportions of the first one.
    """
    if quality not in QUALITIES:
        raise InvalidInput("quality", f"There is no quality {str(quality)[:20]!r}: choose {', '.join(QUALITIES)}.")
    wanted = {"prompt": prompt, "aspect_ratio": "auto"}
    if quality == "standard":
        return Edit(model=_STANDARD, input={"image_urls": list(pictures), **wanted, "output_format": "png"})
    more = {"resolution": quality, "output_format": "jpg"}  # a PNG of 4K is too large to be sent in chats
    return Edit(model=_PRO, input={"image_input": list(pictures), **wanted, **more})


def most_bytes(quality: Quality = "standard") -> int:
    """The maximum size in bytes of a photo from Telegram, which bots may fetch and the model accepts."""
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
    """Redesign the room in a photo that was sent to a Telegram bot; returns the new image's URL, never None.

    The photo is fetched with the token and uploaded to the service, which never sees the token. Without a `client`, one
    is made from KIE_API_KEY and KIE_BASE_URL. `telegram_url` is the URL of a Bot API server (TELEGRAM_API_URL). All
    other arguments are those of `KieApiClient.run`.

    Raises InvalidInput for a wrong room, style or wish before anything is sent, the errors of the download from
    Telegram, and those of `run`.
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
    """Empty the room in a photo that was sent to a Telegram bot; returns the new image's URL, never None.

    Arguments and errors are those of `generate_interior_with_nano_banana`.
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
