"""Tasks by Enlarger's own routes, with real HTTP statuses: make, show, list and cancel them."""

from __future__ import annotations

from typing import Annotated

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED

from enlarger.catalog import get_model
from enlarger.errors import InvalidInput, UnknownTask
from enlarger.protocol.records import LONGEST_PAGE, CreatedTask, State, TaskPage, TaskRecord, WholeTask
from enlarger.server.bodies import INLINE_BODY_BYTES, AnyRequest
from enlarger.server.dependencies import Service
from enlarger.server.estimating import to_estimated_record
from enlarger.server.jobs import CREATE_EXAMPLES, REFUSALS, NewTaskParameters, create
from enlarger.server.new_task import CreateTaskRequest, parse_create_task
from enlarger.server.openapi import refuses, repeated
from enlarger.server.parameters import Parameters, query, takes
from enlarger.server.replies import REPLAYED, TASKS, Reply, success
from enlarger.server.requests import base_url
from enlarger.tasks.accounts import Caller
from enlarger.tasks.wire import kept_states, to_attempt_record, to_record

_USUAL_PAGE = 20


class ListParameters(Parameters, frozen=True):
    """Which of the account's tasks are listed, and how many of them."""

    state: Annotated[tuple[State, ...], query("Only tasks in these states, separated by commas.")] = ()
    model: Annotated[str, query("Only tasks of this model, by any of its names.")] = ""
    after: Annotated[str, query("The `next` of the previous page.")] = ""
    limit: Annotated[int, query("Tasks per page.", ge=1, le=LONGEST_PAGE)] = _USUAL_PAGE


@post(
    TASKS,
    status_code=HTTP_201_CREATED,
    summary="Create a task, with real HTTP statuses",
    tags=["Tasks"],
    request_max_body_size=INLINE_BODY_BYTES,
    response_description="The task is created.",
    responses={**repeated(CreatedTask), **refuses(*REFUSALS)},
    **takes(NewTaskParameters, body=CreateTaskRequest, examples=CREATE_EXAMPLES),
)
async def submit_task(
    request: AnyRequest,
    service: NamedDependency[Service],
    caller: NamedDependency[Caller],
    parameters: NamedDependency[NewTaskParameters],
) -> Reply[CreatedTask]:
    """As createTask. Repeat it with the same `Idempotency-Key` if the reply is lost.

    HTTP 201 means that the task is new, 200 that an earlier request with the same `Idempotency-Key` created it. The
    header `Location` has the path of the task.
    """
    reply = await create(request, service, caller, parameters, parse_create_task)
    if reply.status_code == HTTP_200_OK and REPLAYED not in reply.headers:
        reply.status_code = HTTP_201_CREATED
    return reply


@get(
    TASKS,
    summary="List the account's tasks",
    tags=["Tasks"],
    response_description="A page of tasks.",
    responses=refuses(400, 401, 422),
    **takes(ListParameters),
)
async def list_tasks(
    request: AnyRequest,
    service: NamedDependency[Service],
    caller: NamedDependency[Caller],
    parameters: NamedDependency[ListParameters],
) -> Reply[TaskPage]:
    """The account's tasks, newest first, page by page."""
    limit = parameters.limit
    try:
        tasks = await service.tasks.newest(
            caller.account_id,
            states=kept_states(parameters.state) if parameters.state else None,
            model=_model_id(parameters.model) if parameters.model else None,
            after=parameters.after or None,
            most=limit + 1,
        )
    except UnknownTask:
        raise InvalidInput(
            "after", "The parameter 'after' names no task of this account: give the 'next' of the page before."
        ) from None
    base = base_url(request, service)
    return success(
        TaskPage(
            tasks=[to_record(task, service.links, base) for task in tasks[:limit]],
            next=tasks[limit - 1].id if len(tasks) > limit else None,
        )
    )


@get(
    TASKS + "/{task_id:str}",
    summary="Get a task and its attempts",
    tags=["Tasks"],
    response_description="The record and the attempts.",
    responses=refuses(400, 401, 404),
)
async def show_task(
    request: AnyRequest, service: NamedDependency[Service], caller: NamedDependency[Caller], task_id: FromPath[str]
) -> Reply[WholeTask]:
    """The task's record, the links of its results, and its attempts: which providers were asked or skipped, and why."""
    task = await service.tasks.get(caller.account_id, task_id)
    attempts = [to_attempt_record(attempt) for attempt in await service.attempts.of_task(task.id)]
    record = await to_estimated_record(request, service, task)
    return success(WholeTask(record=record, attempts=attempts, result_urls=record.result_urls))


@post(
    TASKS + "/{task_id:str}/cancel",
    status_code=HTTP_200_OK,
    summary="Cancel a task",
    tags=["Tasks"],
    response_description="The task as it is now.",
    responses=refuses(400, 401, 404),
)
async def cancel_task(
    request: AnyRequest, service: NamedDependency[Service], caller: NamedDependency[Caller], task_id: FromPath[str]
) -> Reply[TaskRecord]:
    """An open task fails with the failCode `cancelled`. A task that has ended stays as it is.

    Credits are given back as `refundOnCancel` of a quote says; `creditsConsumed` is what the task has cost all the
    same.
    """
    task = await service.tasks.cancel(caller.account_id, task_id, refund=service.settings.refund_on_cancel)
    return success(to_record(task, service.links, base_url(request, service)))


def _model_id(name: str) -> str:
    """The catalogue's id of a model, by any of its names."""
    try:
        return get_model(name).id
    except InvalidInput as error:
        raise InvalidInput("model", f"The parameter 'model' names no model of the catalogue. {error}") from None
