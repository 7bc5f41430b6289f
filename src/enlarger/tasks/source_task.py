"""Tasks that build on an earlier one: its picture is their input."""

from __future__ import annotations

from enlarger.errors import InvalidInput, UnknownTask
from enlarger.tasks.files import FileStore
from enlarger.tasks.records import ResultFile, StoredFile
from enlarger.tasks.store import TaskStore


async def source_task(tasks: TaskStore, *, account_id: str, field: str, task_id: str) -> tuple[ResultFile, ...]:
    """What the task `task_id` of the same account has made.

    Raises InvalidInput, which says what stands in the way and what to do.
    """
    try:
        task = await tasks.get(account_id, task_id)
    except UnknownTask:
        raise InvalidInput(
            field,
            f"The field '{field}' names a task that does not exist on this account: give the taskId of one that does.",
        ) from None
    if task.state == "fail":
        raise InvalidInput(
            field, f"The field '{field}' names a task that failed ({task.fail_message}): make its picture again first."
        )
    if task.result is None:
        raise InvalidInput(
            field, f"The field '{field}' names a task that is still {task.state}: wait until its state is success."
        )
    return task.result.files


async def source_file(tasks: TaskStore, files: FileStore, *, account_id: str, field: str, task_id: str) -> StoredFile:
    """The picture that the task `task_id` of the same account has made. Raises InvalidInput."""
    made = await source_task(tasks, account_id=account_id, field=field, task_id=task_id)
    stored = await files.get(made[0].id) if made else None
    if stored is None or not stored.mime_type.startswith("image/"):
        raise InvalidInput(
            field,
            f"The field '{field}' names a task without a picture, or one that is no longer kept: make it again first.",
        )
    return stored
