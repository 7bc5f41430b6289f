"""A task as the wire has it: in recordInfo, in callbacks, and in the stream of its events."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import get_args

import msgspec

from enlarger.infra.links import Links
from enlarger.protocol.records import (
    AttemptRecord,
    State,
    TaskEvent,
    TaskRecord,
    encode_object,
    encode_param,
    encode_result,
)
from enlarger.tasks.records import Attempt, Event, ResultFile, Task


def to_record(task: Task, links: Links, base_url: str) -> TaskRecord:
    """The record of a task, with links to its results under `base_url`."""
    record = TaskRecord(
        task_id=task.id,
        model=task.model,
        state=shown_state(task.state),
        param=task.param or encode_param({"model": task.model, "input": task.input, "callBackUrl": task.callback_url}),
        create_time=to_milliseconds(task.created_at),
        update_time=to_milliseconds(task.updated_at),
        progress=task.progress,
    )
    if task.completed_at is None:
        return record
    complete = msgspec.structs.replace(
        record,
        complete_time=to_milliseconds(task.completed_at),
        credits_consumed=to_number(task.credits_consumed),  # also of one that was cancelled
    )
    if task.result is None:
        return msgspec.structs.replace(complete, fail_code=task.fail_code, fail_msg=task.fail_message, cost_time=0)
    if task.result.data is not None and not task.result.files:
        result_json = encode_object(task.result.data)
    else:
        urls = [_result_url(file, links, base_url) for file in task.result.files]
        result_json = encode_result(urls, task.result.data)
    return msgspec.structs.replace(
        complete,
        result_json=result_json,
        cost_time=round((task.completed_at - task.created_at).total_seconds()),
        enlarger=task.result.made,
    )


def to_attempt_record(attempt: Attempt) -> AttemptRecord:
    """An attempt, as the wire has it."""
    return AttemptRecord(
        provider=attempt.provider,
        state=attempt.state,
        reason=attempt.error,
        started=to_milliseconds(attempt.started_at),
        ended=to_milliseconds(attempt.ended_at) if attempt.ended_at else None,
        abandoned=attempt.abandoned_at is not None,
    )


def _result_url(file: ResultFile, links: Links, base_url: str) -> str:
    return base_url + links.make(file.id, file.name, file.expires_at)


def to_task_event(event: Event) -> TaskEvent:
    """An event, as the stream of a task has it."""
    return TaskEvent(
        task_id=event.task_id, state=shown_state(event.state), progress=event.progress, at=to_milliseconds(event.at)
    )


def to_number(credits: Decimal) -> float | int:
    """Credits as the wire has them: a whole number where they are whole."""
    return int(credits) if credits == credits.to_integral_value() else float(credits)


def kept_states(shown: Collection[State]) -> list[State]:
    """The states in the database of the tasks whose records show one of `shown`."""
    return [state for state in get_args(State) if shown_state(state) in shown]


def shown_state(state: State) -> State:
    """Dispatched but not yet at work is still waiting for an app; some clients know no other word."""
    return "waiting" if state == "queuing" else state


def to_milliseconds(moment: datetime) -> int:
    """A moment in milliseconds since 1970."""
    return int(moment.timestamp() * 1000)
