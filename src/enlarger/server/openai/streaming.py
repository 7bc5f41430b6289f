"""Pictures as server-sent events: one for each as it is made, and comments meanwhile."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import msgspec
from litestar.response import ServerSentEventMessage
from msgspec import UNSET

from enlarger.errors import EnlargerError
from enlarger.server.bodies import AnyRequest
from enlarger.server.dependencies import Service
from enlarger.server.openai.answers import write_event
from enlarger.server.openai.errors import ApiErrorReply, of_failure, of_unfinished, on_error
from enlarger.server.openai.fields import AnyImagesRequest
from enlarger.server.wait import wait_for_end
from enlarger.tasks.records import Task


async def stream_pictures(
    request: AnyRequest, service: Service, tasks: Sequence[Task], fields: AnyImagesRequest, *, edits: bool
) -> AsyncGenerator[bytes]:
    """The events for tasks, up to the end of the last one; a failure is the last event, after the pictures."""
    asked = {
        name: value for name in ("background", "quality") if isinstance(value := getattr(fields, name, UNSET), str)
    }
    failed = None
    for made in tasks:
        task = made
        while not task.ended:
            task = await wait_for_end(service, task, service.heartbeat)
            if service.listener.stopping and not task.ended:
                yield _error_event(of_unfinished(request, tasks)[1])
                return
            if not task.ended:
                yield ServerSentEventMessage(data=None, comment="still here").encode()
        if task.result is None:
            failed = failed or of_failure(request, [task])[1]
            continue
        for file in task.result.files:
            try:
                body = await write_event(service, task, file, edits=edits, asked=asked)
            except EnlargerError as error:
                failed = failed or on_error(request, error).content
                continue
            async with aclosing(body.pieces(service)) as pieces:
                async for piece in pieces:
                    yield piece
    if failed is not None:
        yield _error_event(failed)


def _error_event(reply: ApiErrorReply) -> bytes:
    data = {"type": "error", **msgspec.to_builtins(reply)}
    return ServerSentEventMessage(msgspec.json.encode(data), event="error").encode()
