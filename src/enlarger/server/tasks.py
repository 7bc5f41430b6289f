"""Tasks by Enlarger's own routes, with real HTTP statuses: make, show, list and cancel them."""

from __future__ import annotations

from typing import cast, get_args

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED

from enlarger.catalog import get_model
from enlarger.errors import InvalidInput, UnknownTask
from enlarger.protocol.records import CreatedTask, Envelope, State, TaskPage, TaskRecord, WholeTask
from enlarger.server.bodies import INLINE_BODY_BYTES, AnyRequest
from enlarger.server.jobs import REFUSALS, create
from enlarger.server.new_task import parse_create_task
from enlarger.server.openapi import ListTasksOperation, SubmitTaskOperation, answers, made
from enlarger.server.replies import REPLAYED, TASKS, Reply, success
from enlarger.server.requests import account_of, base_url, caller_of
from enlarger.server.service import Service
from enlarger.tasks.wire import kept_states, to_attempt_record, to_record

_STATES: tuple[State, ...] = get_args(State)
_USUAL_PAGE = 20
_LONGEST_PAGE = 100


@post(
    TASKS,
    status_code=HTTP_201_CREATED,
    summary="Make a task, with real HTTP statuses (an extension)",
    tags=["Tasks"],
    operation_class=SubmitTaskOperation,
    request_max_body_size=INLINE_BODY_BYTES,
    responses=made(Envelope[CreatedTask], "The task is made.", *REFUSALS),
)
async def submit_task(request: AnyRequest, service: NamedDependency[Service]) -> Reply:
    """Make a task, as createTask does.

    HTTP 201 means that the task is new, 200 that an earlier request with the same Idempotency-Key had made it.
    """
    reply = await create(request, service, await caller_of(request, service), parse_create_task)
    if reply.status_code == HTTP_200_OK and REPLAYED not in reply.headers:
        reply.status_code = HTTP_201_CREATED
    return reply


@get(
    TASKS,
    summary="The account's tasks (an extension)",
    tags=["Tasks"],
    operation_class=ListTasksOperation,
    responses=answers(Envelope[TaskPage], "One page of them.", 400, 401, 422),
)
async def list_tasks(request: AnyRequest, service: NamedDependency[Service]) -> Reply:
    """The account's tasks, newest first, a page at a time; `next` is the `after` of the page that follows."""
    account_id = await account_of(request, service)
    limit = _limit(request)
    try:
        tasks = await service.tasks.newest(
            account_id,
            states=_states(request),
            model=_model(request),
            after=request.query_params.get("after", "").strip() or None,
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
    summary="A task, and what was done for it (an extension)",
    tags=["Tasks"],
    responses=answers(Envelope[WholeTask], "Its record and its attempts.", 400, 401, 404),
)
async def show_task(request: AnyRequest, service: NamedDependency[Service], task_id: FromPath[str]) -> Reply:
    """A task's record, and every attempt: which provider was asked, what became of it, which ones were passed over."""
    task = await service.tasks.get(await account_of(request, service), task_id)
    attempts = [to_attempt_record(attempt) for attempt in await service.attempts.of_task(task.id)]
    record = to_record(task, service.links, base_url(request, service))
    return success(WholeTask(record=record, attempts=attempts, result_urls=record.result_urls))


@post(
    TASKS + "/{task_id:str}/cancel",
    status_code=HTTP_200_OK,
    summary="Cancel a task (an extension)",
    tags=["Tasks"],
    responses=answers(Envelope[TaskRecord], "The task as it is now.", 400, 401, 404),
)
async def cancel_task(request: AnyRequest, service: NamedDependency[Service], task_id: FromPath[str]) -> Reply:
    """Call a task off: what has not ended ends as failed, with the failCode `cancelled`; what has ended stays.

    Credits are given back as `refundOnCancel` of a quote says; `creditsConsumed` of the record is what was kept.
    """
    account_id = await account_of(request, service)
    task = await service.tasks.cancel(account_id, task_id, refund=service.settings.refund_on_cancel)
    return success(to_record(task, service.links, base_url(request, service)))


def _limit(request: AnyRequest) -> int:
    given = request.query_params.get("limit", "").strip() or str(_USUAL_PAGE)
    if not (given.isascii() and given.isdigit() and len(given) < 5 and 1 <= int(given) <= _LONGEST_PAGE):
        raise InvalidInput("limit", f"The parameter 'limit' must be a whole number from 1 to {_LONGEST_PAGE}.")
    return int(given)


def _states(request: AnyRequest) -> list[State] | None:
    """The states that are asked for, as the database has them; None for all."""
    given = [part.strip() for values in request.query_params.getall("state", []) for part in values.split(",")]
    names = [name for name in given if name]
    if not names:
        return None
    if not set(names) <= set(_STATES):
        raise InvalidInput(
            "state", f"The parameter 'state' must be one or more of {', '.join(_STATES)}, with commas between them."
        )
    return kept_states(cast(list[State], names))


def _model(request: AnyRequest) -> str | None:
    """The catalogue's id of the model that is asked for, by any of its names."""
    name = request.query_params.get("model", "").strip()
    if not name:
        return None
    try:
        return get_model(name).id
    except InvalidInput as error:
        raise InvalidInput("model", f"The parameter 'model' names no model of the catalogue. {error}") from None
