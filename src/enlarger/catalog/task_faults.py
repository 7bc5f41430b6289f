"""What can be wrong with an earlier task that an input names."""

from __future__ import annotations

from enlarger.catalog.faults import Fault
from enlarger.catalog.messages import Translate


def unknown_task(name: str, say: Translate) -> Fault:
    """A task's id that is none of the account."""
    sentence = say(
        "The field '{field}' names a task that does not exist on this account: use the task_id of an earlier generation"
        " (for example of grok-imagine/text-to-image)",
        field=name,
    )
    return Fault(name, "unknown_task", sentence)


def failed_task(name: str, reason: str, say: Translate) -> Fault:
    """The id of a task that has failed."""
    sentence = say(
        "The field '{field}' names a task that failed ({reason}): repeat it, or use the task_id of another generation"
        " (for example of grok-imagine/text-to-image)",
        field=name, reason=reason,
    )  # fmt: skip
    return Fault(name, "task_failed", sentence)


def open_task(name: str, state: str, say: Translate) -> Fault:
    """The id of a task that has not ended."""
    sentence = say(
        "The field '{field}' names a task that is still {state}: wait until its state is success",
        field=name,
        state=state,
    )
    return Fault(name, "task_not_ended", sentence)


def task_without_picture(name: str, say: Translate) -> Fault:
    """The id of a task that made no picture, or whose picture has expired."""
    sentence = say(
        "The field '{field}' names a task without a picture, or whose picture is no longer kept: use the task_id of an"
        " earlier generation (for example of grok-imagine/text-to-image)",
        field=name,
    )
    return Fault(name, "task_without_picture", sentence)
