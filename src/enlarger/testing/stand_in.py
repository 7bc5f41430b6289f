"""The stand-in as its user has it: a service on loopback, for the length of a `with` block."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Literal, Self

from enlarger.testing.account import Account
from enlarger.testing.callbacks import Callbacks
from enlarger.testing.clock import Clock
from enlarger.testing.faults import Fault, Faults, Incident, Mishaps
from enlarger.testing.listener import Listener
from enlarger.testing.models import read_catalogue
from enlarger.testing.seen import Delivery, Requests, SeenTask
from enlarger.testing.service import Service
from enlarger.testing.tasks import Failure, Task

_EXTENSIONS = ("idempotency-key",)


class StandIn:
    """The hosted KIE service, on two free ports of this machine, with one account and its key.

    It keeps to `enlarger.protocol` and to the catalogue: names of models, inputs and prices are checked, errors are
    HTTP 200 with a body code, limits hold, and nothing is idempotent. Its tasks make small pictures. It never
    connects to anything but loopback. It can be entered once; what it has seen can still be read afterwards.
    """

    def __init__(
        self,
        *,
        api_key: str = "stand-in-key",
        webhook_key: str | None = None,
        credits: float = 5916.25,
        seconds: float | Callable[[str, Mapping[str, Any]], float] = 0.2,
        visible_after: float = 0.0,
        limits: bool = True,
        extensions: Sequence[Literal["idempotency-key"]] = (),
        faults: Faults | Sequence[Faults] = (),
        callback_delay: float = 1.0,
        clock: Clock = time.time,
    ) -> None:
        """Nothing is opened yet.

        `seconds` is what a task takes, or says so for a model and an input; `visible_after` is how long after its
        creation recordInfo does not know a task. Without `limits` nobody asks too often. With `extensions` the
        service says that it has them. Where several `faults` strike at once, the first one counts. A callback is
        sent when its task has ended, but not before `callback_delay` seconds after creation; as many pass before it
        is tried again. `webhook_key` signs callbacks. All times follow `clock`, but for the pauses of slow answers.
        """
        if unknown := set(extensions) - set(_EXTENSIONS):
            raise ValueError(f"The stand-in does not have {', '.join(sorted(unknown))}: it can have {_EXTENSIONS[0]}.")
        self.api_key = api_key
        self.webhook_key = webhook_key
        self._callback_delay = callback_delay
        self._mishaps = Mishaps([faults] if isinstance(faults, Faults) else faults)
        self._account = Account(credits=credits, limits=limits, visible_after=visible_after, clock=clock)
        self._callbacks = Callbacks(key=webhook_key, delay=callback_delay, clock=clock)
        self._service = Service(
            api_key=api_key,
            account=self._account,
            mishaps=self._mishaps,
            seconds=seconds if callable(seconds) else lambda _model, _input: seconds,
            extensions=tuple(extensions),
            on_created=self._announce,
            clock=clock,
        )
        self._open = ExitStack()

    def __enter__(self) -> Self:
        if self._service.base_url:
            raise RuntimeError("A StandIn can be entered once: make another one.")
        # Read before there are threads, each of which would read it.
        read_catalogue()
        with ExitStack() as opened:
            api = Listener(self._service.answer_api)
            opened.callback(api.close)
            upload = Listener(self._service.answer_upload)
            opened.callback(upload.close)
            self._service.base_url, self._service.upload_url = api.url, upload.url
            opened.callback(self._callbacks.close)
            self._callbacks.start()
            api.start()
            upload.start()
            self._open = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._open.close()

    @property
    def base_url(self) -> str:
        """Where the API is, without `/api/v1`; empty before the `with` block."""
        return self._service.base_url

    @property
    def upload_url(self) -> str:
        """Where the upload host is; empty before the `with` block."""
        return self._service.upload_url

    def fail_next(self, message: str = "Internal server error", code: str = "500") -> None:
        """Let the next task that is made end in `fail`; called n times, the next n."""
        self._account.fail_next(Failure(message, code))

    def script(
        self,
        route: str,
        faults: Iterable[Fault | None],
        *,
        slow_seconds: float = 1.0,
        retry_after: int | None = None,
    ) -> None:
        """Let these happen to the next requests of a route, one each; None lets one go well.

        Routes are named in `enlarger.testing.faults.ROUTES`. Raises ValueError for a fault that the route cannot have.
        """
        self._mishaps.script(
            route,
            [
                None if fault is None else Incident(fault=fault, slow_seconds=slow_seconds, retry_after=retry_after)
                for fault in faults
            ],
        )

    @property
    def tasks(self) -> tuple[SeenTask, ...]:
        """Every task, oldest first."""
        return self._account.tasks()

    @property
    def duplicates(self) -> tuple[SeenTask, ...]:
        """The tasks whose model and input are those of an earlier one: what was paid for twice."""
        return self._account.duplicates()

    @property
    def charged(self) -> float:
        """The credits that tasks have cost; those that failed cost nothing."""
        return self._account.charged()

    @property
    def credits(self) -> float:
        """The credits that are left."""
        return self._account.balance()

    @property
    def requests(self) -> Requests:
        """What was asked, and how it was answered."""
        return self._service.requests()

    @property
    def callbacks(self) -> tuple[Delivery, ...]:
        """Every attempt at a callback, oldest first."""
        return self._callbacks.deliveries()

    def wait_for_callbacks(self, count: int = 1, timeout: float = 5.0) -> tuple[Delivery, ...]:
        """Every attempt at a callback, once there were at least `count`. Raises TimeoutError."""
        return self._callbacks.wait(count, timeout)

    def _announce(self, task: Task) -> None:
        if task.callback_url is None:
            return
        due = max(task.ends, task.created + self._callback_delay)
        self._callbacks.schedule(task.record(task.ends, self.base_url), task.callback_url, due)
