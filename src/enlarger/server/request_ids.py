"""An id for every request: in its reply, in everything logged while it is handled, and in the client's error."""

from __future__ import annotations

import re
import uuid
from typing import Any

import structlog
from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message

from enlarger.protocol.extensions import REQUEST_ID
from enlarger.server.request_log import LogsRequests

_NAME = REQUEST_ID.lower().encode()
_USABLE = re.compile(rb"[A-Za-z0-9._:-]{1,64}")


class NamesRequests(LogsRequests):
    """An application that puts an id into every reply; one that a proxy has already given to the request is kept."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name.lower() == _NAME), b"")
        request_id = given.decode() if _USABLE.fullmatch(given) else uuid.uuid4().hex

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableScopeHeaders.from_message(message)[REQUEST_ID] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await super().__call__(scope, receive, send_named)
