"""What goes wrong, and when: by a script, or by dice that fall the same way every time."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Protocol

import msgspec

from enlarger.protocol.codes import NO_RECORD
from enlarger.testing.exchange import JSON, Answer, page, refusal, rewritten, upload_refusal, with_headers
from enlarger.testing.fault_kinds import ROUTES, InjectedFault, check_fits, fits

_PAGES = {
    InjectedFault.BAD_GATEWAY: HTTPStatus.BAD_GATEWAY,
    InjectedFault.FORBIDDEN: HTTPStatus.FORBIDDEN,
    InjectedFault.MISSING_FILE: HTTPStatus.NOT_FOUND,
}
_FAILED = (500, "Server exception, please try again later or contact customer service")
_REFUSALS = {
    InjectedFault.TOO_MANY: (429, "Your call frequency is too high. Please try again later."),
    InjectedFault.MAINTENANCE: (455, "The service is currently being maintained. Please try again later."),
    InjectedFault.SERVER_ERROR: _FAILED,
    InjectedFault.ERROR_AFTER: _FAILED,
    InjectedFault.NULL_RECORD: (422, NO_RECORD),
}


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """Random faults. With the same seed, the n-th request of a route gets the same fault in every run.

    A kind that a route cannot have is skipped there.
    """

    rate: float
    """The share of requests that get a fault, 0 to 1."""
    kinds: tuple[InjectedFault, ...]
    """The kinds of faults, each equally likely."""
    routes: tuple[str, ...] = ("recordInfo",)
    """The routes that get faults."""
    seed: int = 0
    """The seed of the random numbers."""
    slow_seconds: float = 1.0
    """How long SLOW delays an answer."""
    retry_after: int | None = None
    """Seconds in the Retry-After header of TOO_MANY; None leaves the header out, as the hosted service does."""


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """One fault, as it happens to one request."""

    fault: InjectedFault
    slow_seconds: float = 1.0
    retry_after: int | None = None


class FaultInjector:
    """Says what goes wrong with the next request of a route. A script counts before chance."""

    def __init__(self, faults: Sequence[Faults] = (), routes: Sequence[str] = ROUTES) -> None:
        self._routes = tuple(routes)
        for one in faults:
            for route in one.routes:
                self._check_route(route)
        self._faults = tuple(faults)
        self._lock = threading.Lock()
        self._scripts: dict[tuple[str, str], deque[Incident | None]] = {}
        self._dice: dict[tuple[int, str], random.Random] = {}

    def script(self, route: str, incidents: Iterable[Incident | None], task_id: str = "") -> None:
        """Let these happen to the next requests of a route, after those that are written down for it already.

        With `task_id` to those that are about this task, where nothing is written down for the route as a whole.
        """
        self._check_route(route)
        incidents = list(incidents)
        for incident in incidents:
            if incident is not None:
                check_fits(incident.fault, route)
        with self._lock:
            self._scripts.setdefault((route, task_id), deque()).extend(incidents)

    def draw(self, route: str, task_id: str = "") -> Incident | None:
        """What goes wrong with this request, which is perhaps about a task, if anything does."""
        with self._lock:
            # The dice fall for scripted requests too, so that a script does not shift what comes after it.
            drawn = [self._roll(number, faults, route) for number, faults in enumerate(self._faults)]
            for subject in ("", task_id):
                if script := self._scripts.get((route, subject)):
                    return script.popleft()
        return next((incident for incident in drawn if incident is not None), None)

    def _check_route(self, route: str) -> None:
        if route not in self._routes:
            raise ValueError(f"There is no route {route!r}: choose one of {', '.join(self._routes)}.")

    def _roll(self, number: int, faults: Faults, route: str) -> Incident | None:
        kinds = [kind for kind in faults.kinds if fits(kind, route)]
        if route not in faults.routes or not kinds:
            return None
        dice = self._dice.setdefault((number, route), random.Random(f"{faults.seed} {route}"))
        happens, kind = dice.random() < faults.rate, dice.choice(kinds)
        if not happens:
            return None
        return Incident(fault=kind, slow_seconds=faults.slow_seconds, retry_after=faults.retry_after)


class ErrorStyle(Protocol):
    """How a service says that something is wrong."""

    def refuse(self, fault: InjectedFault, route: str) -> Answer:
        """Its answer to a request that it does not carry out."""
        ...

    def without_data(self, answer: Answer) -> Answer:
        """The same answer without what it is about."""
        ...

    def without_result(self, answer: Answer) -> Answer:
        """The same record without its result, where it has one."""
        ...


class KieErrorStyle:
    """HTTP 200, and the error in the body."""

    def refuse(self, fault: InjectedFault, route: str) -> Answer:
        """An envelope with the error's code; the upload host's has a real HTTP status."""
        return (upload_refusal if route == "upload" else refusal)(*_REFUSALS[fault])

    def without_data(self, answer: Answer) -> Answer:
        """The envelope alone."""
        if answer.headers.get("Content-Type") != JSON:
            return answer
        body = msgspec.json.decode(answer.body)
        body.pop("data", None)
        return rewritten(answer, body)

    def without_result(self, answer: Answer) -> Answer:
        """A success with an empty `resultJson`."""
        body = msgspec.json.decode(answer.body)
        if not body.get("data") or body["data"]["state"] != "success":
            return answer
        body["data"]["resultJson"] = ""
        return rewritten(answer, body)


def apply_fault(incident: Incident, route: str, carry_out: Callable[[], Answer], error_style: ErrorStyle) -> Answer:
    """The answer to a request that something goes wrong with; `carry_out` is called where it is done nevertheless."""
    return msgspec.structs.replace(_apply_fault(incident, route, carry_out, error_style), fault=incident.fault)


def _apply_fault(incident: Incident, route: str, carry_out: Callable[[], Answer], error_style: ErrorStyle) -> Answer:
    match incident.fault:
        case InjectedFault.CUT_BEFORE:
            return Answer(sent="nothing")
        case InjectedFault.CUT_AFTER:
            return msgspec.structs.replace(carry_out(), sent="nothing")
        case InjectedFault.CUT_MIDDLE:
            return msgspec.structs.replace(carry_out(), sent="half")
        case InjectedFault.BAD_GATEWAY | InjectedFault.FORBIDDEN | InjectedFault.MISSING_FILE as fault:
            return page(_PAGES[fault])
        case InjectedFault.NO_DATA:
            return error_style.without_data(carry_out())
        case InjectedFault.SLOW:
            return msgspec.structs.replace(carry_out(), pause=incident.slow_seconds)
        case InjectedFault.EMPTY_RESULT:
            return error_style.without_result(carry_out())
        case InjectedFault.HALF_FILE | InjectedFault.EMPTY_FILE as fault:
            answer = carry_out()
            kept = len(answer.body) // 2 if fault is InjectedFault.HALF_FILE else 0
            return msgspec.structs.replace(answer, body=answer.body[:kept])
        case InjectedFault.ERROR_AFTER as fault:
            carry_out()
            return error_style.refuse(fault, route)
        case (
            InjectedFault.TOO_MANY
            | InjectedFault.MAINTENANCE
            | InjectedFault.SERVER_ERROR
            | InjectedFault.NULL_RECORD as fault
        ):
            answer = error_style.refuse(fault, route)
            if fault is InjectedFault.TOO_MANY and incident.retry_after is not None:
                return with_headers(answer, {"Retry-After": str(incident.retry_after)})
            return answer
