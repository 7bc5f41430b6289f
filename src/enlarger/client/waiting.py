"""Waiting for a task's end: looking at it in good time, believing only what the service says of it, losing nothing."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec

from enlarger.catalog import InputIssue
from enlarger.client import wire
from enlarger.client.core import PROBE_SECONDS, TRANSIENT, Core
from enlarger.client.effects import Flow, NoAnswer, NotSent, call, now, pause, send
from enlarger.client.options import Options
from enlarger.client.records import Result, TaskStatus, read_status, to_result
from enlarger.client.schedule import Plan, Seconds, to_seconds
from enlarger.client.wire import Request
from enlarger.errors import (
    AccessBlocked,
    InvalidInput,
    NotFound,
    ProtocolError,
    ServiceError,
    WaitTimeout,
)

_log = logging.getLogger("enlarger.client")

OnProgress = Callable[[TaskStatus], object | Awaitable[object]]
"""Called with every record of a task that a wait sees."""

_APPEARING_SECONDS = 90.0
"""For so long without a break the hosted service may not know a task that it has made: seen in its traffic."""
_RESULT_SECONDS = 30.0
"""For so long a task may have succeeded without its result being in the record."""
_GRACE, _SHORTEST_GRACE, _LONGEST_GRACE = 0.1, 1.0, 5.0
"""The last look, which is at the deadline, may take a tenth of it: at least and at most so many seconds."""
_ODD_ANSWERS = 5
"""So many answers in a row from something that is not the service end a wait; fewer are an accident on the way."""


def look(core: Core, task_id: str) -> Flow[TaskStatus]:
    """A task as it is now. Raises NotFound for one that the service does not know."""
    check_task_id(task_id)
    return _read((yield from core.ask(wire.record_info(task_id))), task_id)


def check_task_id(task_id: str) -> None:
    """Raise InvalidInput for what cannot be a task's id."""
    if not isinstance(task_id, str) or not task_id.strip():
        raise InvalidInput("task_id", "The 'task_id' must be a text: the id that submitting a task returned.")


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody wants to wait."""

    awaits: bool
    """Whether callbacks may be coroutine functions."""
    deadline: Seconds | None = None
    """Seconds; without it, as long as the model takes at most."""
    on_progress: OnProgress | None = None
    """Called with every record that is seen."""
    on_submitted: Callable[[Any], object] | None = None
    """Called with the handle once there is a task."""
    cancel_on_interrupt: bool = False
    """Whether an interruption of the wait cancels the task as well."""

    def check(self) -> None:
        """Raise InvalidInput, or TypeError for a callback that cannot be called here."""
        if self.deadline is not None:
            to_seconds(self.deadline)
        for name, callback in (("on_progress", self.on_progress), ("on_submitted", self.on_submitted)):
            if callback is None:
                continue
            if not callable(callback):
                raise TypeError(f"{name} is {type(callback).__name__!r}: give a function.")
            if not self.awaits and (_is_async(callback) or _is_async(type(callback).__call__)):
                raise TypeError(f"{name} is a coroutine function: give this client an ordinary one.")


class Wait(msgspec.Struct, frozen=True, kw_only=True):
    """Which task is waited for, and how."""

    task_id: str
    terms: Terms
    model: str | None = None
    made_now: bool = False
    """Whether it was made a moment ago, so that it cannot have ended yet."""
    resume: str
    """The line of code that resumes the wait."""
    warnings: tuple[InputIssue, ...] = ()
    """What was odd about the task's input, for its result."""


def wait(core: Core, wish: Wait) -> Flow[TaskStatus]:
    """Wait for a task's end, good or bad; returns its last record.

    The first look at a task that was made just now comes near its model's usual duration; at another, at once. What
    the service announces by itself only makes us look earlier. Answers that may be gone by the next look do not end
    the wait. Raises WaitTimeout at the deadline, and the service's error where looking on is no use; `task_id` is on
    either.
    """
    watching = Watching(core, wish)
    while True:
        status = yield from watching.look()
        if watching.over:
            return status


def tell(function: Callable[[], object], wish: Wait) -> Flow[None]:
    """Call a callback of the user's; a note on any error of its own says which task it leaves behind."""
    try:
        yield from call(function)
    except Exception as error:
        yield from interrupted(wish, error)
        raise


def interrupted(wish: Wait, error: BaseException) -> Flow[None]:
    """Note on an error which task it leaves behind; or cancel the task, if that is wanted and possible."""
    if any(wish.task_id in said for said in getattr(error, "__notes__", ())):
        return  # it was noted where the error came from
    if wish.terms.cancel_on_interrupt:
        request = Request(method="POST", path=wire.task_path(wish.task_id, "cancel"), timeout=PROBE_SECONDS)
        with suppress(ServiceError, NotSent, NoAnswer):
            wire.read((yield from send(request, shielded=True)))
            error.add_note(f"Task {wish.task_id} was cancelled.")
            return
    error.add_note(_go_on(wish))
    _log.warning("A wait was interrupted. %s", _go_on(wish))


class Watching:
    """A wait, record by record."""

    def __init__(self, core: Core, wish: Wait) -> None:
        wish.terms.check()
        check_task_id(wish.task_id)
        self._core = core
        self._wish = wish
        self._watch = _Watch(wish, core.options)
        self._began: float | None = None
        self.over: bool = False
        """Whether the last record was the end."""

    def look(self) -> Flow[TaskStatus]:
        """The next record that is seen."""
        try:
            return (yield from self._look())
        except BaseException as error:
            # A wait that is cancelled or interrupted says which task it leaves behind.
            if not isinstance(error, ServiceError | GeneratorExit):
                yield from interrupted(self._wish, error)
            raise

    def _look(self) -> Flow[TaskStatus]:
        core, wish, watch = self._core, self._wish, self._watch
        if self._began is None:
            self._began = yield from now()
            yield from pause(watch.first(), wish.task_id)
        else:
            yield from pause(watch.rest((yield from now()) - self._began), wish.task_id)
        began = self._began
        while True:
            try:
                left = watch.left((yield from now()) - began)
                data = yield from core.look(wish.task_id, timeout=min(core.options.timeout, max(left, watch.grace)))
                status = _read(data, wish.task_id)
            except ServiceError as error:
                watch.missed(error, (yield from now()) - began, certain=bool(core.service.extensions))
            else:
                if wish.terms.on_progress is not None:
                    yield from tell(partial(wish.terms.on_progress, status), wish)
                self.over = watch.saw(status, (yield from now()) - began)
                return status
            yield from pause(watch.rest((yield from now()) - began), wish.task_id)


def finish(core: Core, wish: Wait) -> Flow[Result]:
    """Wait for a task's result. Raises what `wait` raises, and TaskFailed or TaskCancelled."""
    result = to_result((yield from wait(core, wish)))
    return msgspec.structs.replace(result, warnings=wish.warnings)


class _Watch:
    """What was seen of a task so far, and what follows from it."""

    def __init__(self, wish: Wait, options: Options) -> None:
        self._wish = wish
        self._options = options
        self._plan = Plan(options, wish.model, wish.terms.deadline)
        self._looks = 0
        self._last: TaskStatus | None = None
        self._trouble: ServiceError | None = None
        self._odd = 0
        self._unknown_since: float | None = None
        self._age_at_start = 0.0
        self._succeeded_at: float | None = None

    def first(self) -> float:
        """Seconds to the first look."""
        return self._plan.first() if self._wish.made_now else 0.0

    def saw(self, status: TaskStatus, elapsed: float) -> bool:
        """A record came; returns whether it is the last one, with all that belongs to it."""
        self._looks += 1
        if self._last is None and not self._wish.made_now:
            self._age_at_start = _age(status)
            if self._wish.model is None:
                self._plan = Plan(self._options, status.model, self._wish.terms.deadline)
        self._last, self._trouble, self._odd, self._unknown_since = status, None, 0, None
        if status.ended and not (status.failed or status.succeeded):
            self._succeeded_at = elapsed if self._succeeded_at is None else self._succeeded_at
            if elapsed - self._succeeded_at >= _RESULT_SECONDS:
                message = f"Task {status.task_id} has succeeded, and its record has no result."
                raise self._about(ProtocolError(message))
        return status.failed or status.succeeded

    def missed(self, error: ServiceError, elapsed: float, *, certain: bool) -> None:
        """No record came. Raises the error when looking on is no use.

        `certain` is whether the service knows a task as soon as it has said that it made it, as ours does.
        """
        self._looks += 1
        self._trouble = error
        self._odd = self._odd + 1 if isinstance(error, AccessBlocked | ProtocolError) else 0
        if isinstance(error, NotFound):
            self._unknown_since = elapsed if self._unknown_since is None else self._unknown_since
            patient = not certain and elapsed - self._unknown_since < _APPEARING_SECONDS
            bearable = patient and wire.says_no_record(error)
        else:
            bearable = isinstance(error, (*TRANSIENT, AccessBlocked)) and self._odd < _ODD_ANSWERS
        if not bearable:
            raise self._about(error)

    @property
    def grace(self) -> float:
        """Seconds that the last look, which is at the deadline, may take."""
        return min(max(self._plan.deadline * _GRACE, _SHORTEST_GRACE), _LONGEST_GRACE)

    def left(self, elapsed: float) -> float:
        """Seconds to the deadline."""
        return self._plan.deadline - elapsed

    def rest(self, elapsed: float) -> float:
        """Seconds to the next look, the last of which is at the deadline. Raises WaitTimeout there."""
        left = self.left(elapsed)
        if left <= 0 or self._looks >= self._plan.most_looks:
            raise self._timeout(elapsed)
        asked_for = getattr(self._trouble, "retry_after", None) or 0.0
        return min(max(self._plan.next(self._age_at_start + elapsed), asked_for), left)

    def _about(self, error: ServiceError) -> ServiceError:
        """The same error, with the task that it is about and how to resume the wait."""
        error.task_id = self._wish.task_id
        error.add_note(_go_on(self._wish))
        return error

    def _timeout(self, elapsed: float) -> WaitTimeout:
        state = f"is {self._last.state!r}" if self._last else "was not seen yet"
        error = WaitTimeout(
            f"Task {self._wish.task_id} {state} after {elapsed:.0f} s of waiting.",
            task_id=self._wish.task_id,
            remedy=f"It goes on; resume the wait with: {self._wish.resume}",
        )
        error.resume = self._wish.resume
        error.__cause__ = self._trouble
        return error


def _go_on(wish: Wait) -> str:
    return f"Task {wish.task_id} goes on by itself. Resume the wait with: {wish.resume}"


def _is_async(function: object) -> bool:
    return inspect.iscoroutinefunction(function)


def _read(data: Any, task_id: str) -> TaskStatus:
    """A record, which must be that of the task that was asked for."""
    status = read_status(data)
    if status.task_id != task_id:
        raise ProtocolError(
            f"The service was asked about task {task_id} and answered about {status.task_id}.",
            remedy="Something between it and this machine mixes up answers: ask again.",
        )
    return status


def _age(status: TaskStatus) -> float:
    """How old a task is by the service's own clock, as far as its record tells."""
    created, updated = status.raw.get("createTime"), status.raw.get("updateTime")
    if isinstance(created, int | float) and isinstance(updated, int | float):
        return max((updated - created) / 1000, 0.0)
    return 0.0
