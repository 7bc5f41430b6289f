"""Tasks that build on an earlier one: its picture is their input."""

from __future__ import annotations

from enlarger.errors import InvalidInput, UnknownTask
from enlarger.tasks.files import FileStore
from enlarger.tasks.records import ResultFile, StoredFile
from enlarger.tasks.store import TaskStore
from enlarger.tasks.wire import shown_state
from enlarger.translatable import Sentence, sentence


async def source_task(tasks: TaskStore, *, account_id: str, field: str, task_id: str) -> tuple[ResultFile, ...]:
    """What the task `task_id` of the same account has made.

    Raises InvalidInput, which says what stands in the way and what to do.
    """
    try:
        task = await tasks.get(account_id, task_id)
    except UnknownTask:
        message = sentence(
            "The field '{field}' names a task that does not exist on this account: use the task_id of an earlier"
            " generation (for example of grok-imagine/text-to-image)",
            field=field,
        )
        raise _refusal(field, "unknown_task", message) from None
    if task.state == "fail":
        message = sentence(
            "The field '{field}' names a task that failed ({reason}): repeat it, or use the task_id of another"
            " generation (for example of grok-imagine/text-to-image)",
            field=field, reason=task.fail_message or "",
        )  # fmt: skip
        raise _refusal(field, "task_failed", message)
    if task.result is None:
        message = sentence(
            "The field '{field}' names a task that is still {state}: wait until its state is success",
            field=field, state=shown_state(task.state),
        )  # fmt: skip
        raise _refusal(field, "task_not_ended", message)
    return task.result.files


async def source_file(
    tasks: TaskStore,
    files: FileStore,
    *,
    account_id: str,
    field: str,
    task_id: str,
    media: tuple[str, ...] = ("image",),
) -> StoredFile:
    """The picture that the task `task_id` of the same account has made, or what else `media` allows.

    Raises InvalidInput as `source_task` does.
    """
    made = await source_task(tasks, account_id=account_id, field=field, task_id=task_id)
    stored = await files.get(made[0].id) if made else None
    if stored is None or stored.mime_type.partition("/")[0] not in media:
        message = sentence(
            "The field '{field}' names a task without a picture, or whose picture is no longer kept: use the task_id"
            " of an earlier generation (for example of grok-imagine/text-to-image)",
            field=field,
        )
        raise _refusal(field, "task_without_picture", message)
    return stored


def _refusal(field: str, code: str, message: Sentence) -> InvalidInput:
    return InvalidInput(field, message, [(field, code, message)])
