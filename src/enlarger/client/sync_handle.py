"""`SyncTaskHandle`: `TaskHandle` without `await`; written by `make sync`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from enlarger.catalog import InputIssue
from enlarger.client import running, waiting
from enlarger.client.core import Core
from enlarger.client.effects import Flow
from enlarger.client.records import Result, TaskStatus
from enlarger.client.schedule import Seconds
from enlarger.client.sync_driver import SyncDriver
from enlarger.client.waiting import OnProgress, Terms, Wait

if TYPE_CHECKING:
    from enlarger.client.sync_client import SyncKieApiClient

T = TypeVar("T")


class SyncTaskHandle:
    """One task of a service. Its `id` is all that is needed to make another handle: `client.task(id)`."""

    def __init__(
        self,
        client: SyncKieApiClient,
        task_id: str,
        *,
        model: str | None,
        made_now: bool,
        warnings: tuple[InputIssue, ...] = (),
    ) -> None:
        waiting.check_task_id(task_id)
        self._client = client
        self.id: str = task_id
        """The task's id."""
        self.task_id: str = task_id
        """The same."""
        self.model = model
        """The model, if it is known."""
        self.warnings = warnings
        """Problems with the input that did not prevent the task, such as a field that the model does not have."""
        self._made_now = made_now

    def __repr__(self) -> str:
        return f"SyncTaskHandle({self.id!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SyncTaskHandle):
            return NotImplemented
        return (self.id, self._client) == (other.id, other._client)

    def __hash__(self) -> int:
        return hash((SyncTaskHandle, self.id))

    def __reduce__(self) -> tuple[Any, ...]:
        # By the time that it is unpickled the task may have ended, so it is polled at once.
        make = partial(SyncTaskHandle, model=self.model, made_now=False, warnings=self.warnings)
        return make, (self._client, self.id)

    def status(self, *, extra_headers: Mapping[str, str] | None = None) -> TaskStatus:
        """The task's current record."""
        return self._client.get_task_status(self.id, extra_headers=extra_headers)

    def wait(
        self,
        *,
        deadline: Seconds | None = None,
        on_progress: OnProgress | None = None,
        cancel_on_interrupt: bool = False,
        extra_headers: Mapping[str, str] | None = None,
    ) -> TaskStatus:
        """Wait until the task has succeeded or failed; returns its last record.

        `deadline` is a number of seconds or a timedelta. Without it, the wait lasts as long as the model takes at most.
        `on_progress` is called with every record that is seen. Raises WaitTimeout,
        which has the task's id and the line of code that resumes the wait. With `cancel_on_interrupt`, anything that
        interrupts the wait except its deadline also cancels the task, if the service can.
        """
        return self._run(waiting.wait, deadline, on_progress, cancel_on_interrupt, extra_headers)

    def result(
        self,
        *,
        deadline: Seconds | None = None,
        on_progress: OnProgress | None = None,
        cancel_on_interrupt: bool = False,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Result:
        """Wait for the task's result. Raises what `wait` raises, and TaskFailed with the provider's own reason."""
        return self._run(waiting.finish, deadline, on_progress, cancel_on_interrupt, extra_headers)

    def __iter__(self) -> Iterator[TaskStatus]:
        """Every record that is seen until the task has ended; see `statuses` for a deadline."""
        for status in self.statuses():
            yield status

    def statuses(
        self, *, deadline: Seconds | None = None, extra_headers: Mapping[str, str] | None = None
    ) -> Iterator[TaskStatus]:
        """Every record that is seen until the task has ended; the last one has the result or the error.

        It polls as often as `wait` does, and raises what `wait` raises.
        """
        wish = self._wish(Terms(awaits=SyncDriver.awaits, deadline=deadline))
        core = self._client._core.with_headers(extra_headers)
        watch = waiting.Watching(core, wish)
        while True:
            status = self._client._driver.run(core, watch.look())
            yield status
            if watch.over:
                return

    def cancel(self, *, extra_headers: Mapping[str, str] | None = None) -> TaskStatus:
        """Cancel the task, if the service can."""
        return self._client.cancel(self.id, extra_headers=extra_headers)

    def _run(
        self,
        flow: Callable[[Core, Wait], Flow[T]],
        deadline: Seconds | None,
        on_progress: OnProgress | None,
        cancel_on_interrupt: bool,
        extra_headers: Mapping[str, str] | None,
    ) -> T:
        terms = Terms(
            awaits=SyncDriver.awaits,
            deadline=deadline,
            on_progress=on_progress,
            cancel_on_interrupt=cancel_on_interrupt,
        )
        return self._client._call(extra_headers, flow, self._wish(terms))

    def _wish(self, terms: Terms) -> Wait:
        made_now, self._made_now = self._made_now, False
        return Wait(
            task_id=self.id,
            terms=terms,
            model=self.model,
            made_now=made_now,
            resume=running.resume(self.id, self.model, awaits=SyncDriver.awaits),
            warnings=self.warnings,
        )


OnSubmitted = Callable[[SyncTaskHandle], object]
"""Called with the handle as soon as the task exists."""
