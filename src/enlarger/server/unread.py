"""Reads and discards the rest of a request's body when the answer came before its end.

A connection that is closed with unread bytes is reset, and the client never sees the answer.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from litestar.types import Message

from enlarger.server.head import HeadAsGet

MOST_BYTES = 64_000_000
_MOST_SECONDS = 30.0


class DiscardsUnread(HeadAsGet):
    """An application that answers at once, and completes the answer when the request has been received."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not _has_body(scope):
            await super().__call__(scope, receive, send)
            return
        received = False

        async def watched_receive() -> Any:
            nonlocal received
            event = await receive()
            received = received or event["type"] != "http.request" or not event.get("more_body", False)
            return event

        async def send_and_discard(message: Message) -> None:
            if received or message["type"] != "http.response.body" or message.get("more_body", False):
                await send(message)
                return
            await send({**message, "more_body": True})
            with suppress(TimeoutError):
                async with asyncio.timeout(_MOST_SECONDS):
                    await discard()
            await send({"type": "http.response.body", "body": b"", "more_body": False})

        async def discard() -> None:
            size = 0
            while not received and size < MOST_BYTES:
                event = await watched_receive()
                size += len(event.get("body", b""))

        await super().__call__(scope, watched_receive, send_and_discard)


def _has_body(scope: Any) -> bool:
    return any(
        (name == b"content-length" and value != b"0") or name == b"transfer-encoding"
        for name, value in scope["headers"]
    )
