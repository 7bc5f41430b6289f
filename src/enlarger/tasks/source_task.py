"""Tasks that build on an earlier one: its picture is their input."""

from __future__ import annotations

from enlarger.catalog import task_faults
from enlarger.catalog.messages import translator
from enlarger.errors import UnknownTask
from enlarger.tasks.files import FileStore
from enlarger.tasks.records import ResultFile, StoredFile
from enlarger.tasks.store import TaskStore
from enlarger.tasks.wire import shown_state


async def source_task(
    tasks: TaskStore, *, account_id: str, field: str, task_id: str, locale: str = "en"
) -> tuple[ResultFile, ...]:
    """What the task `task_id` of the same account has made.

    Raises InvalidInput, which says in the language `locale` what stands in the way and what to do.
    """
    say = translator(locale)
    try:
        task = await tasks.get(account_id, task_id)
    except UnknownTask:
        raise task_faults.unknown_task(field, say).error() from None
    if task.state == "fail":
        raise task_faults.failed_task(field, task.fail_message or "", say).error()
    if task.result is None:
        raise task_faults.open_task(field, shown_state(task.state), say).error()
    return task.result.files


async def source_file(
    tasks: TaskStore,
    files: FileStore,
    *,
    account_id: str,
    field: str,
    task_id: str,
    locale: str = "en",
    media: tuple[str, ...] = ("image",),
) -> StoredFile:
    """The picture that the task `task_id` of the same account has made, or what else `media` allows.

    Raises InvalidInput as `source_task` does.
    """
    made = await source_task(tasks, account_id=account_id, field=field, task_id=task_id, locale=locale)
    stored = await files.get(made[0].id) if made else None
    if stored is None or stored.mime_type.partition("/")[0] not in media:
        raise task_faults.task_without_picture(field, translator(locale)).error()
    return stored
