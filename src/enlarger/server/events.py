"""The events of a task as they happen, by server-sent events (https://html.spec.whatwg.org/#server-sent-events).

An event is sent for every change of a task's state or progress, and has a number. Who lost the connection gives the
last number they saw, as browsers do by themselves, and gets what came after it: nothing twice, nothing left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial
from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import ServerSentEventMessage, Stream

from enlarger.errors import ApiKeyRejected, DatabaseUnavailable, InvalidInput
from enlarger.protocol.records import TaskRecord
from enlarger.server.access import authenticate_by
from enlarger.server.bodies import AnyRequest
from enlarger.server.dependencies import Service
from enlarger.server.openapi import refuses
from enlarger.server.parameters import Parameters, header, query, takes
from enlarger.server.requests import base_url
from enlarger.server.streams import streamed
from enlarger.tasks.accounts import Caller
from enlarger.tasks.records import Event, Task
from enlarger.tasks.wire import to_record, to_task_event

_NOTHING_MORE = 204
"""Tells an EventSource not to connect again."""
_RECONNECT_MILLISECONDS = 1000
_LONGEST_NUMBER = 18
_STREAM = {
    "200": {
        "description": "Server-sent events; the data of the last one is the task's whole record.",
        "content": {"text/event-stream": {"schema": {"$ref": "#/components/schemas/TaskStreamEvent"}}},
    },
    "204": {"description": "The task has ended, and its last event has been received."},
}


class FollowParameters(Parameters, frozen=True):
    """The event after which a stream starts."""

    last_event_id: Annotated[str, header("The id of the last event received: the stream starts after it.")] = (
        msgspec.field(default="", name="Last-Event-ID")
    )
    in_query: Annotated[str, query("The same, for clients that cannot send a header.")] = msgspec.field(
        default="", name="lastEventId"
    )


@get(
    "/v1/tasks/{task_id:str}/events",
    summary="Follow a task's events",
    tags=["Tasks"],
    responses=refuses(400, 401, 404, 422),
    **takes(FollowParameters, replies=_STREAM),
)
async def follow_task(
    request: AnyRequest,
    service: NamedDependency[Service],
    caller: NamedDependency[Caller],
    task_id: FromPath[str],
    parameters: NamedDependency[FollowParameters],
) -> Stream | Response[None]:
    """Every change of the task's state or progress: first the past ones, then new ones until the task ends.

    These are [server-sent events](https://html.spec.whatwg.org/multipage/server-sent-events.html).

    The data of the last event is the task's whole record. After 15 seconds without an event the stream has a comment,
    `: still here`. After a lost connection, send the id of the last event received, as browsers do by themselves: no
    event is lost or sent twice. HTTP 204 means that nothing is left to send. A stream that ends before the task does
    was closed because the service is stopping or the key was revoked: connect again.
    """
    seen = _last_event_id(parameters)
    task, latest = await service.events.start(caller.account_id, task_id)
    if task.ended and seen >= latest:
        return Response(None, status_code=_NOTHING_MORE)
    return streamed(
        request,
        _stream(
            service,
            task,
            partial(authenticate_by(request.route_handler), request, service),
            after=min(seen, latest),
            base_url=base_url(request, service),
        ),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
    )


def _last_event_id(parameters: FollowParameters) -> int:
    """The number of the last event that was seen; -1 for none."""
    given = parameters.last_event_id or parameters.in_query or "-1"
    digits = given.strip().removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_NUMBER):
        raise InvalidInput("Last-Event-ID", "The Last-Event-ID must be the id of an event of this task.")
    return int(given)


async def _stream(
    service: Service, task: Task, still_valid: Callable[[], Awaitable[Caller]], *, after: int, base_url: str
) -> AsyncGenerator[bytes]:
    """The stream's bytes; it ends when the key is no longer valid, which is checked before anything is sent."""
    yield ServerSentEventMessage(data=None, retry=_RECONNECT_MILLISECONDS).encode()
    clock = asyncio.get_running_loop().time
    silent_since = clock()
    with service.listener.waiter(task.id) as waiter:
        while True:
            waiter.clear()
            found = await _look(service, task, after)
            rest = silent_since + service.heartbeat - clock()
            if (found or rest <= 0) and await _revoked(still_valid):
                return
            for event, ended in found:
                yield _write(event, to_record(ended, service.links, base_url) if ended else None)
                after, silent_since = event.id, clock()
                if ended:
                    return
            if service.listener.stopping:
                return
            rest = silent_since + service.heartbeat - clock()
            if rest <= 0:
                yield ServerSentEventMessage(data=None, comment="still here").encode()
                silent_since = clock()
            else:
                await service.listener.wait(waiter, rest)


async def _revoked(still_valid: Callable[[], Awaitable[Caller]]) -> bool:
    """Whether the key is no longer valid; False while the database is unavailable."""
    try:
        await still_valid()
    except ApiKeyRejected:
        return True
    except DatabaseUnavailable:
        return False
    return False


async def _look(service: Service, task: Task, after: int) -> list[tuple[Event, Task | None]]:
    """The events since the one of this number, the last one of all with its task; none while the database is away."""
    try:
        found = await service.events.after(task.id, after)
        if not found and task.ended:
            # They are no longer kept; what the task came to is still known.
            found = [Event(id=0, task_id=task.id, state=task.state, progress=task.progress, at=task.updated_at)]
        if not found or not found[-1].last:
            return [(event, None) for event in found]
        ended = await service.tasks.get(task.account_id, task.id)
        return [*((event, None) for event in found[:-1]), (found[-1], ended)]
    except DatabaseUnavailable:
        return []


def _write(event: Event, record: TaskRecord | None) -> bytes:
    """An event as it goes over the wire, together with the task's record if there is one."""
    data = (msgspec.to_builtins(record) if record else {}) | msgspec.to_builtins(to_task_event(event))
    return ServerSentEventMessage(msgspec.json.encode(data), event="task", id=event.id).encode()
