"""Responses that are sent in pieces, and closed as soon as their request ends."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from litestar.middleware import ASGIMiddleware
from litestar.response import Stream
from litestar.types import ASGIApp, Receive, Scope, Send

from enlarger.server.bodies import AnyRequest

_STATE = "enlarger_stream"


def streamed(request: AnyRequest, pieces: AsyncGenerator[bytes], **options: Any) -> Stream:
    """A response made of `pieces`, which are closed when the request ends, however it ends."""
    request.scope["state"][_STATE] = pieces
    return Stream(pieces, **options)


class CloseStreams(ASGIMiddleware):
    """Closes the pieces of a streamed response.

    The framework does not close them if the client disconnects while a piece is being sent. They would stay open, with
    their waiter or their connection to the storage, until the garbage collector finds them.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Pass a request on, and close what it streamed."""
        try:
            await next_app(scope, receive, send)
        finally:
            pieces: AsyncGenerator[bytes] | None = scope["state"].pop(_STATE, None)
            if pieces is not None:
                await pieces.aclose()
