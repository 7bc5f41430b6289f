"""Running a task again: a new task with the same input."""

from __future__ import annotations

import msgspec
import structlog

from enlarger.catalog import get_model, quote
from enlarger.catalog.price import Credits
from enlarger.server.dependencies import Service
from enlarger.server.inline_files import InlineFiles
from enlarger.server.new_task import make_new_task, parse_create_task
from enlarger.server.upload_files import picture_size
from enlarger.tasks.accounts import Caller
from enlarger.tasks.records import Task

_log = structlog.get_logger("enlarger.server")


async def price_again(service: Service, task: Task) -> Credits:
    """Return what running a task again costs. Raises InvalidInput if it cannot be run any more."""
    model = get_model(task.model)
    made = task.result.made if task.result else None
    if made and made.source_width and made.source_height:
        size: tuple[int, int] | None = (made.source_width, made.source_height)
    else:
        size = await picture_size(service, model, task.input)
    return quote(model, task.input, size=size)


async def run_again(
    service: Service, caller: Caller, task: Task, *, idempotency_key: str, base_url: str, locale: str
) -> tuple[Task, bool]:
    """Create a task with the model and input of another one. Its callback URL is not used: that app did not ask for it.

    The flag says that the idempotency key brought an earlier task back. Raises what creating a task raises.
    """
    await service.maintenance.check()
    wanted = parse_create_task(msgspec.json.encode({"model": task.model, "input": task.input}), locale=locale)
    with InlineFiles(service, caller.account_id) as files:
        new = await make_new_task(
            service, wanted, caller=caller, files=files, idempotency_key=idempotency_key, base_url=base_url
        )
        made, replayed = await files.create(new, caller, lambda: None)
    _log.info("task_created", task_id=made.id, again=task.id, replayed=replayed, MODEL=made.model)
    return made, replayed
