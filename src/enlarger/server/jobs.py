"""The jobs API: createTask and recordInfo, as the hosted service has them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import msgspec
import structlog
from litestar import get, post
from litestar.di import NamedDependency
from litestar.status_codes import HTTP_200_OK

from enlarger.catalog import Model
from enlarger.catalog.preview import preview
from enlarger.protocol.prefer import LONGEST_WAIT, PREFER, PREFERENCE_APPLIED, WAIT, read_wait
from enlarger.protocol.records import CreatedTask, TaskRecord
from enlarger.server.bodies import INLINE_BODY_BYTES, AnyRequest, off_loop, received, release_body
from enlarger.server.dependencies import Service
from enlarger.server.estimating import to_estimated_record
from enlarger.server.inline_files import InlineFiles
from enlarger.server.new_task import (
    LONGEST_KEY,
    CreateTaskRequest,
    ParsedRequest,
    make_new_task,
    parse_create_task,
    to_problems,
)
from enlarger.server.openapi import refuses
from enlarger.server.parameters import Parameters, header, query, takes
from enlarger.server.replies import CREATE_PATH, REPLAYED, TASKS, Reply, generation_failed, success, task_begins
from enlarger.server.request_log import note
from enlarger.server.requests import base_url, locale_of
from enlarger.server.wait import wait_for_end
from enlarger.tasks.accounts import Caller
from enlarger.tasks.records import Task
from enlarger.tasks.wire import to_record
from enlarger.translatable import sentence

REFUSALS = (400, 401, 402, 404, 408, 409, 413, 422, 429, 433, 455, 501, 503, 505)
"""The codes with which createTask refuses a request."""

CREATE_EXAMPLES: dict[str, dict[str, Any]] = {
    "upscale": {
        "model": "topaz/image-upscale",
        "input": {"image_url": "https://example.com/photo.jpg", "upscale_factor": "2"},
    }
}

_log = structlog.get_logger("enlarger.server")


class NewTaskParameters(Parameters, frozen=True):
    """How a task is to be created."""

    idempotency_key: Annotated[
        str | msgspec.UnsetType,
        header(
            "An extension. A repeated request with the same key gets the same task; with another body it is an error.",
            extra_json_schema={"minLength": 1, "maxLength": LONGEST_KEY},
        ),
    ] = msgspec.field(default=msgspec.UNSET, name="Idempotency-Key")
    prefer: Annotated[
        str,
        header(
            f"An extension. `wait=n`: reply when the task has ended, or after n seconds, at most {LONGEST_WAIT}.",
            several=True,
        ),
    ] = msgspec.field(default="", name=PREFER)


class TaskIdParameter(Parameters, frozen=True):
    """The id of the requested task."""

    task_id: Annotated[
        str,
        query(
            "The id in createTask's reply.",
            missing=sentence("The parameter 'taskId' is required: give the id that createTask answered with."),
        ),
    ]


@post(
    CREATE_PATH,
    summary="Create a task",
    tags=["Tasks"],
    status_code=HTTP_200_OK,
    request_max_body_size=INLINE_BODY_BYTES,
    response_description="The task is created.",
    responses=refuses(*REFUSALS),
    **takes(NewTaskParameters, body=CreateTaskRequest, examples=CREATE_EXAMPLES),
)
async def create_task(
    request: AnyRequest,
    service: NamedDependency[Service],
    caller: NamedDependency[Caller],
    parameters: NamedDependency[NewTaskParameters],
) -> Reply[CreatedTask]:
    """The reply has the task's id at once; the task runs afterwards.

    With `Prefer: wait=n` ([RFC 7240](https://www.rfc-editor.org/rfc/rfc7240#section-4.3)) the reply comes when the
    task has ended, with its record in `data.record`; for a failed task `code` is 501 and `msg` the reason. A reply
    without `record` means that the task is not finished: poll recordInfo, or repeat the request with the same
    `Idempotency-Key`, which waits for the same task. Disconnecting does not cancel the task. A malformed preference
    is ignored.
    """
    return await create(request, service, caller, parameters, parse_create_task)


async def create(
    request: AnyRequest,
    service: Service,
    caller: Caller,
    parameters: NewTaskParameters,
    read: Callable[..., ParsedRequest],
) -> Reply[CreatedTask]:
    """Make the task that the request's body describes, which `read` parses, and answer as createTask does.

    The header `Location` names the task's own route.
    """
    await service.maintenance.check()
    seconds = read_wait(parameters.prefer)
    async with received(request) as body:
        wanted = await off_loop(request, body, read, body, locale=locale_of(request, service))
    with InlineFiles(service, caller.account_id) as files:
        new = await make_new_task(
            service,
            wanted,
            caller=caller,
            files=files,
            idempotency_key=parameters.idempotency_key,
            base_url=base_url(request, service),
            waits=seconds or 0.0,
        )
        task, replayed = await files.create(new, caller, partial(task_begins, request))
    note(request, task_id=task.id)
    model, warnings = wanted.model, to_problems(wanted.warnings)
    del wanted  # it may hold the files
    release_body(request)
    log_created(task, model, replayed=replayed)
    created = CreatedTask(task_id=task.id, record_id=task.id, warnings=warnings)
    headers = {"Location": f"{TASKS}/{task.id}"}
    if replayed:
        headers[REPLAYED] = "true"
    if seconds is not None:
        headers[PREFERENCE_APPLIED] = WAIT
        task = await wait_for_end(service, task, seconds)
        if task.ended:
            record = to_record(task, service.links, base_url(request, service))
            created = msgspec.structs.replace(created, record=record)
            if task.state == "fail":
                return generation_failed(request, created, task.fail_message or "", headers=headers)
    return success(created, headers=headers)


def log_created(task: Task, model: Model, *, replayed: bool) -> None:
    """Note that a task was made, or brought back by its idempotency key."""
    _log.info(
        "task_created",
        task_id=task.id,
        replayed=replayed,
        MODEL=task.model,
        TYPE="+".join(model.tasks),
        INPUT_KEYS=list(task.input),
        INPUT_PREVIEW=preview(task.input),
        credits=str(task.credits_reserved),
    )


@get(
    "/api/v1/jobs/recordInfo",
    summary="Get a task's record",
    tags=["Tasks"],
    response_description="The task as it is now.",
    responses=refuses(400, 401, 422, 429),
    **takes(TaskIdParameter),
)
async def record_info(
    request: AnyRequest,
    service: NamedDependency[Service],
    caller: NamedDependency[Caller],
    parameters: NamedDependency[TaskIdParameter],
) -> Reply[TaskRecord]:
    """The task's state, and its result once it has succeeded."""
    return success(await find_record(request, service, caller, parameters))


async def find_record(request: AnyRequest, service: Service, caller: Caller, parameters: TaskIdParameter) -> TaskRecord:
    """The record of the caller's task that the request names. Raises UnknownTask."""
    await service.ledger.admit_query(caller)
    task = await service.tasks.get(caller.account_id, parameters.task_id)
    note(request, task_id=task.id)
    return await to_estimated_record(request, service, task)
