"""A task of the stand-in: what it is at any moment follows from its times, so nothing has to work on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from enlarger.protocol.records import State, TaskRecord, encode_result
from enlarger.testing.fate import Fate
from enlarger.testing.recorded import SeenTask

_WAITING_SHARE = 0.25
"""How much of its time a task is `waiting`, before it is `generating`."""
_RESULT_OBJECT = '{"resultObject":{"text":"This is what a stand-in says."}}'


class Failure(msgspec.Struct, frozen=True):
    """Why a task fails, in the words of its record."""

    message: str = "Internal server error"
    code: str = "500"


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A task, with all that will become of it; times are unix seconds."""

    id: str
    model: str
    input: Mapping[str, Any]
    """As it was sent."""
    param: str
    callback_url: str | None
    created: float
    ends: float
    price: float
    failure: Failure | None
    files: tuple[str, ...]
    """The names of its results; none where the result is an object."""
    fate: Fate = Fate()

    def state(self, now: float) -> State:
        """What it is by then."""
        if now >= self.ends:
            return "success" if self.failure is None else "fail"
        return "waiting" if now - self.created < (self.ends - self.created) * _WAITING_SHARE else "generating"

    def record(self, now: float, results_url: str) -> TaskRecord:
        """What recordInfo says of it by then; the results' addresses are under `results_url`."""
        state = self.state(now)
        record = TaskRecord(
            task_id=self.id,
            model=self.model,
            state=state,
            param=self.param,
            create_time=_milliseconds(self.created),
            credits_consumed=0.0,
        )
        if state not in ("success", "fail"):
            return record
        record = msgspec.structs.replace(record, complete_time=_milliseconds(self.ends))
        if self.failure is not None:
            return msgspec.structs.replace(
                record, fail_code=self.failure.code, fail_msg=self.failure.message, cost_time=0
            )
        urls = [f"{results_url}/results/{name}" for name in self.files]
        return msgspec.structs.replace(
            record,
            result_json=encode_result(urls) if urls else _RESULT_OBJECT,
            cost_time=round(self.ends - self.created),
            credits_consumed=float(self.price),
        )

    def seen(self, now: float) -> SeenTask:
        """The task as the stand-in's user reads it."""
        return SeenTask(
            id=self.id,
            model=self.model,
            input=self.input,
            callback_url=self.callback_url,
            created=self.created,
            state=self.state(now),
            price=self.price,
        )


def _milliseconds(moment: float) -> int:
    return int(moment * 1000)
