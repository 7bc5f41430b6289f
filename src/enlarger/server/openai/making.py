"""From a request of the OpenAI API to its tasks."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from functools import partial

import msgspec
from msgspec import UNSET

from enlarger.catalog import UNKNOWN_FIELD
from enlarger.errors import InvalidInput
from enlarger.server.bodies import AnyRequest
from enlarger.server.dependencies import Service
from enlarger.server.inline_files import InlineFiles
from enlarger.server.jobs import NewTaskParameters, log_created
from enlarger.server.new_task import make_new_task, read_create_task
from enlarger.server.openai.fields import Asked
from enlarger.server.openai.translate import param_of, pictures_each, require_use, to_input
from enlarger.server.openai_names import Use
from enlarger.server.replies import task_begins
from enlarger.server.request_log import note
from enlarger.server.requests import base_url, locale_of
from enlarger.tasks.accounts import Caller
from enlarger.tasks.records import NewTask, Task
from enlarger.translatable import sentence


async def make_tasks(
    request: AnyRequest,
    service: Service,
    caller: Caller,
    parameters: NewTaskParameters,
    use: Use,
    asked: Asked,
    seconds: float,
) -> tuple[Sequence[Task], bool]:
    """The tasks for a request, all of them or none; the flag says that an earlier request had made them.

    `seconds` is how long the request will wait for them. Raises what creating a task raises, with OpenAI's names of
    fields.
    """
    fields, locale = asked.fields, locale_of(request, service)
    if fields.stream is True and fields.response_format == "url":
        raise InvalidInput(
            "response_format",
            sentence("A stream has the pictures themselves: leave 'response_format' or 'stream' out."),
        )
    name = None if fields.model is UNSET else fields.model
    model = service.openai_names.find(name, use)
    require_use(model, name or model.id, use)
    mark = {} if fields.user is UNSET else {"user": fields.user}
    try:
        wanted = read_create_task({"model": model.id, "input": to_input(model, asked), **mark}, locale=locale)
        for warning in wanted.warnings:
            if warning.code == UNKNOWN_FIELD:
                raise InvalidInput(warning.field, warning.message)
        with InlineFiles(service, caller.account_id) as files:
            new = await make_new_task(
                service,
                wanted,
                caller=caller,
                files=files,
                idempotency_key=parameters.idempotency_key,
                base_url=base_url(request, service),
                waits=seconds,
            )
            count = -(-fields.count // pictures_each(model))
            made = await files.create_all(_several(new, count), caller, partial(task_begins, request))
    except InvalidInput as error:
        error.field = param_of(model, error.field)
        raise
    note(request, task_id=made[0][0].id)
    for task, replayed in made:
        log_created(task, model, replayed=replayed)
    return [task for task, _ in made], all(replayed for _, replayed in made)


def _several(new: NewTask, count: int) -> list[NewTask]:
    """So many tasks like this one, whose idempotency keys are made of its own and bound to their number."""
    if count == 1:
        return [new]
    digest = hashlib.sha256(new.request_sha256 + str(count).encode()).digest()
    key = new.idempotency_key
    return [
        msgspec.structs.replace(
            new,
            id=secrets.token_hex(16),
            request_sha256=digest,
            idempotency_key=_derive(key, number) if key is not None and number else key,
        )
        for number in range(count)
    ]


def _derive(key: str, number: int) -> str:
    return "picture-" + hashlib.sha256(f"{number} {key}".encode()).hexdigest()
