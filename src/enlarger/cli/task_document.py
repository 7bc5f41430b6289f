"""A task as data: the same in every command that prints one with `--json`; `docs/reference/cli.md` has the table."""

from __future__ import annotations

from typing import Any

from enlarger.cli.result_origin import read_origin
from enlarger.client import TaskStatus


def task_document(status: TaskStatus, **more: Any) -> dict[str, Any]:
    """A task's record with all its keys, null where nothing is known, and the keys that a command adds."""
    return {
        "taskId": status.task_id,
        "state": status.state,
        "model": status.model,
        "input": status.input,
        "urls": list(status.urls),
        "data": status.data,
        "failCode": status.fail_code,
        "failMessage": status.fail_message,
        "progress": status.progress,
        "credits": status.credits,
        "seconds": status.seconds,
        "startsIn": status.starts_in,
        "endsIn": status.ends_in,
        "callbackUrl": status.callback_url,
        "createdAt": status.created_at,
        "completedAt": status.completed_at,
        "enlarger": status.raw["enlarger"] if read_origin(status) else None,
        **more,
    }


def new_task(task_id: str, model: str, input: dict[str, Any]) -> TaskStatus:
    """A task that was made this moment, before the service was asked about it."""
    return TaskStatus(task_id=task_id, state="waiting", model=model, input=input, raw={})
