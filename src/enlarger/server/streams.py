"""Replies that are sent piece by piece, and closed at once when their receiver goes away."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from litestar.middleware import ASGIMiddleware
from litestar.response import Stream
from litestar.types import ASGIApp, Receive, Scope, Send

from enlarger.server.bodies import AnyRequest

_STATE = "enlarger_stream"


def streamed(request: AnyRequest, pieces: AsyncGenerator[bytes], **options: Any) -> Stream:
    """A reply of `pieces`, which are closed when the request ends, however it does."""
    request.scope["state"][_STATE] = pieces
    return Stream(pieces, **options)


class CloseStreams(ASGIMiddleware):
    """Closes what a reply is made of.

    The framework forgets it where a receiver goes away while a piece is being sent. It would then be closed when the
    garbage collector finds it, and until then keep its waiter or its connection to the storage.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Hand a request on."""
        try:
            await next_app(scope, receive, send)
        finally:
            pieces: AsyncGenerator[bytes] | None = scope["state"].pop(_STATE, None)
            if pieces is not None:
                await pieces.aclose()
