"""The deliveries of a task's callback, and sending it again."""

from __future__ import annotations

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK

from enlarger.errors import InvalidInput
from enlarger.infra.safe_http import describe
from enlarger.protocol.records import CallbackTry, Deliveries
from enlarger.server.dependencies import Service
from enlarger.server.openapi import refuses
from enlarger.server.replies import Reply, success
from enlarger.tasks.accounts import Caller
from enlarger.tasks.deliveries import Delivery
from enlarger.tasks.records import Task
from enlarger.tasks.wire import to_milliseconds

_PATH = "/v1/tasks/{task_id:str}/deliveries"


@get(
    _PATH,
    summary="Show a callback's deliveries",
    tags=["Tasks"],
    response_description="The deliveries so far.",
    responses=refuses(400, 401, 404, 422),
)
async def show_deliveries(
    service: NamedDependency[Service], caller: NamedDependency[Caller], task_id: FromPath[str]
) -> Reply[Deliveries]:
    """Whether the task's callback is delivered: each try with its answer, and when the next one is due."""
    task = await service.tasks.get(caller.account_id, task_id)
    return success(to_deliveries(task, await service.deliveries.find(task.id)))


@post(
    _PATH,
    status_code=HTTP_200_OK,
    summary="Send a callback again",
    tags=["Tasks"],
    response_description="The callback is due.",
    responses=refuses(400, 401, 404, 422),
)
async def send_again(
    service: NamedDependency[Service], caller: NamedDependency[Caller], task_id: FromPath[str]
) -> Reply[Deliveries]:
    """Send the callback again at once, even if it was delivered or given up, and retry it as usual.

    A task that has not ended, or has no callback URL, is 422.
    """
    task = await service.tasks.get(caller.account_id, task_id)
    if task.callback_url is None:
        raise InvalidInput("callBackUrl", "The task has no callback URL: it was made without 'callBackUrl'.")
    if not task.ended:
        raise InvalidInput("task_id", "The task has not ended: its callback is sent when it has.")
    await service.deliveries.renew(task)
    return success(to_deliveries(task, await service.deliveries.find(task.id)))


def to_deliveries(task: Task, delivery: Delivery | None) -> Deliveries:
    """A callback as the wire has it; of its URL only what is no secret."""
    to = describe(task.callback_url) if task.callback_url else None
    if delivery is None:
        return Deliveries(task_id=task.id, state="not_ended" if to and not task.ended else "no_callback", to=to)
    return Deliveries(
        task_id=task.id,
        state=delivery.state,
        to=to,
        next_try=to_milliseconds(delivery.next_try_at) if delivery.state == "pending" else None,
        tries=[
            CallbackTry(
                number=one.number,
                at=to_milliseconds(one.at),
                duration=one.milliseconds,
                answer=one.answer,
                ok=one.accepted,
            )
            for one in delivery.tries
        ],
    )
