"""HEAD, answered as GET would be, without the body, on every route (RFC 9110, 9.3.2)."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Litestar
from litestar.types import HTTPDisconnectEvent, Message

_OWN_HEAD = "/files/"
"""Files answer HEAD themselves: a bucket's links are signed for GET alone, so a request is not led on to one."""


class HeadAsGet(Litestar):
    """An application whose GET routes answer HEAD."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD" or scope["path"].startswith(_OWN_HEAD):
            await super().__call__(scope, receive, send)
            return
        begun = asyncio.Event()

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                begun.set()

        async def hang_up() -> HTTPDisconnectEvent:
            """What ends a stream: nobody is there any more who would hear it."""
            await begun.wait()
            return {"type": "http.disconnect"}

        scope["method"] = "GET"
        await super().__call__(scope, hang_up, send_head)
