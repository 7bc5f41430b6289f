"""What every stand-in is: listeners on loopback for the length of a `with` block, scripts, and what was seen."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from enlarger.testing.callbacks import Callbacks
from enlarger.testing.fault_kinds import InjectedFault
from enlarger.testing.faults import FaultInjector, Incident
from enlarger.testing.listener import Listener
from enlarger.testing.models import read_catalogue
from enlarger.testing.recorded import Delivery, Notes, Requests


class StandInBase(ABC):
    """A service on this machine, which can be entered once; what it has seen can still be read afterwards."""

    def __init__(self, *, fault_injector: FaultInjector, callbacks: Callbacks, notes: Notes) -> None:
        self._fault_injector = fault_injector
        self._callbacks = callbacks
        self._notes = notes
        self._entered = False
        self._open = ExitStack()

    @abstractmethod
    def _listeners(self) -> Sequence[Listener]:
        """Listeners that are open and do not serve yet; the service knows their addresses."""

    def __enter__(self) -> Self:
        if self._entered:
            raise RuntimeError(f"A {type(self).__name__} can be entered once: make another one.")
        self._entered = True
        # Read before there are threads, each of which would read it.
        read_catalogue()
        with ExitStack() as opened:
            listeners = self._listeners()
            for listener in listeners:
                opened.callback(listener.close)
            opened.callback(self._callbacks.close)
            self._callbacks.start()
            for listener in listeners:
                listener.start()
            self._open = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._open.close()

    def script(
        self,
        route: str,
        faults: Iterable[InjectedFault | None],
        *,
        slow_seconds: float = 1.0,
        retry_after: int | None = None,
    ) -> None:
        """Inject these faults into the next requests of a route, one each; None lets a request succeed.

        The routes are in `enlarger.testing.fault_kinds`: ROUTES, REPLICATE_ROUTES and FAL_ROUTES. Raises ValueError for
        a fault that the route cannot have.
        """
        self._fault_injector.script(
            route,
            [
                None if fault is None else Incident(fault=fault, slow_seconds=slow_seconds, retry_after=retry_after)
                for fault in faults
            ],
        )

    @property
    def requests(self) -> Requests:
        """The requests that were received, and how they were answered."""
        return self._notes.requests()

    @property
    def callbacks(self) -> tuple[Delivery, ...]:
        """Every try to deliver a callback or webhook, oldest first."""
        return self._callbacks.deliveries()

    def wait_for_callbacks(self, count: int = 1, timeout: float = 5.0) -> tuple[Delivery, ...]:
        """Wait for at least `count` tries to deliver callbacks, and return all of them. Raises TimeoutError."""
        return self._callbacks.wait(count, timeout)
