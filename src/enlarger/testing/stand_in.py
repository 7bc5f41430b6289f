"""The stand-in as its user has it: a service on loopback, for the length of a `with` block."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from enlarger.testing.account import Account
from enlarger.testing.base import StandInBase
from enlarger.testing.callbacks import Callbacks, encode_body, task_signature
from enlarger.testing.clock import Clock
from enlarger.testing.fate import Fate, Fates
from enlarger.testing.fault_kinds import ROUTES
from enlarger.testing.faults import FaultInjector, Faults
from enlarger.testing.listener import Listener
from enlarger.testing.recorded import Notes, SeenTask
from enlarger.testing.service import Service
from enlarger.testing.tasks import Failure, Task

_EXTENSIONS = ("idempotency-key",)


class StandIn(StandInBase):
    """A mock server of the hosted KIE service, on three free ports of this machine, with one account and its key.

    It follows the catalogue: models, inputs and prices are checked. As at the hosted service, errors are HTTP 200 with
    a body code, rate limits hold, and nothing is idempotent. Tasks produce small images. It only connects to loopback
    addresses. Use it as a context manager, once; what it recorded stays readable afterwards.
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
        fate: Fates | None = None,
        callback_delay: float = 1.0,
        callbacks_at_once: int = 1,
        clock: Clock = time.time,
    ) -> None:
        """No port is opened before the `with` block.

        `seconds` is a task's duration, or a function of model and input that returns it. recordInfo knows a task only
        `visible_after` seconds after its creation. `limits=False` switches the rate limits off. `extensions` are
        features of Enlarger that the service announces. Of several `faults` at once, the first counts. `fate` returns
        for a model and an input what happens to that task; `script` takes precedence over it. `webhook_key` signs
        callbacks. A callback is sent when its task has ended, but at least `callback_delay` seconds after its creation;
        a retry comes as many seconds later, and `callbacks_at_once` are sent at a time. All times follow `clock`,
        except the pauses of slow answers.
        """
        if unknown := set(extensions) - set(_EXTENSIONS):
            raise ValueError(f"The stand-in does not have {', '.join(sorted(unknown))}: it can have {_EXTENSIONS[0]}.")
        self.api_key = api_key
        self.webhook_key = webhook_key
        self._callback_delay = callback_delay
        super().__init__(
            fault_injector=FaultInjector([faults] if isinstance(faults, Faults) else faults),
            callbacks=Callbacks(
                sign=task_signature(webhook_key), delay=callback_delay, clock=clock, at_once=callbacks_at_once
            ),
            notes=Notes(ROUTES),
        )
        self._api: Listener | None = None
        self._account = Account(credits=credits, limits=limits, visible_after=visible_after, clock=clock)
        self._service = Service(
            api_key=api_key,
            account=self._account,
            fault_injector=self._fault_injector,
            notes=self._notes,
            seconds=seconds if callable(seconds) else lambda _model, _input: seconds,
            extensions=tuple(extensions),
            fate=fate or (lambda _model, _input: Fate()),
            on_created=self._announce,
            clock=clock,
        )

    def _listeners(self) -> tuple[Listener, ...]:
        service = self._service
        self._api = api = Listener(service.answer_api)
        upload, results = Listener(service.answer_upload), Listener(service.answer_results)
        service.base_url, service.upload_url, service.results_url = api.url, upload.url, results.url
        return api, upload, results

    def go_down(self) -> None:
        """Refuse all connections to the API and send no more callbacks, from now on.

        Results and uploads stay available, because the hosted service has them on other hosts. Raises RuntimeError
        before the `with` block.
        """
        if self._api is None:
            raise RuntimeError("A StandIn is not up before its `with` block: call go_down() inside it.")
        self._callbacks.close()
        self._api.close()

    @property
    def base_url(self) -> str:
        """The URL of the API, without `/api/v1`; empty before the `with` block."""
        return self._service.base_url

    @property
    def upload_url(self) -> str:
        """The URL of the upload host; empty before the `with` block."""
        return self._service.upload_url

    @property
    def results_url(self) -> str:
        """The URL of the host of results; empty before the `with` block."""
        return self._service.results_url

    def fail_next(self, message: str = "Internal server error", code: str = "500") -> None:
        """Let the next task end in `fail`; called n times, the next n tasks."""
        self._account.fail_next(Failure(message, code))

    @property
    def tasks(self) -> tuple[SeenTask, ...]:
        """Every task, oldest first."""
        return self._account.tasks()

    @property
    def duplicates(self) -> tuple[SeenTask, ...]:
        """The tasks with the model and input of an earlier task: what was paid for twice."""
        return self._account.duplicates()

    @property
    def charged(self) -> float:
        """The credits that tasks have cost; failed tasks cost nothing."""
        return self._account.charged()

    @property
    def credits(self) -> float:
        """The credits that are left."""
        return self._account.balance()

    def _announce(self, task: Task) -> None:
        if task.callback_url is None or task.ends == math.inf:
            return
        body = encode_body(task.record(task.ends, self._service.results_url))
        earliest = task.created if task.fate.announced_first else task.created + self._callback_delay
        for delay in task.fate.callbacks:
            self._callbacks.schedule(task.id, task.callback_url, lambda: body, max(task.ends, earliest) + delay)
        if task.fate.announced_first and task.fate.callbacks:
            self._callbacks.wait_for(task.id)
