"""What goes wrong, and when: by a script, or by dice that fall the same way every time."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from http import HTTPStatus

import msgspec

from enlarger.protocol.codes import NO_RECORD
from enlarger.testing.exchange import JSON, Answer, page, refusal, rewritten, upload_refusal, with_headers

ROUTES = ("createTask", "recordInfo", "credit", "download-url", "models", "results", "upload", "files", "unknown")
"""What requests are counted by: the jobs API's routes, `results` (the results' files), `upload` (all three ways of it),
`files` (what was uploaded), and `unknown` for any other path."""


class Fault(Enum):
    """A kind of thing that goes wrong with one request."""

    CUT_BEFORE = "cut_before"
    """The connection is closed without an answer, and nothing is done."""
    CUT_AFTER = "cut_after"
    """The request is carried out; then the connection is closed without an answer."""
    CUT_MIDDLE = "cut_middle"
    """The request is carried out; half of the answer's body is sent, then the connection is closed."""
    BAD_GATEWAY = "bad_gateway"
    """HTTP 502 with a web page; nothing is done."""
    FORBIDDEN = "forbidden"
    """HTTP 403 with a web page, as for a country that is shut out; nothing is done."""
    TOO_MANY = "too_many"
    """Body code 429; nothing is done."""
    MAINTENANCE = "maintenance"
    """Body code 455; nothing is done."""
    SERVER_ERROR = "server_error"
    """Body code 500; nothing is done."""
    NULL_RECORD = "null_record"
    """recordInfo does not know a task that is there."""
    NO_DATA = "no_data"
    """The request is carried out, and its answer has no `data`."""
    SLOW = "slow"
    """The request is carried out, and its answer keeps the client waiting."""
    EMPTY_RESULT = "empty_result"
    """recordInfo says `success` while `resultJson` is still empty; a task that has not succeeded is told as it is."""


_OF_RECORDS = (Fault.NULL_RECORD, Fault.EMPTY_RESULT)
_OF_FILES = (
    Fault.CUT_BEFORE, Fault.CUT_AFTER, Fault.CUT_MIDDLE, Fault.BAD_GATEWAY, Fault.FORBIDDEN, Fault.SLOW,
)  # fmt: skip
_REFUSALS = {
    Fault.TOO_MANY: (429, "Your call frequency is too high. Please try again later."),
    Fault.MAINTENANCE: (455, "The service is currently being maintained. Please try again later."),
    Fault.SERVER_ERROR: (500, "Server exception, please try again later or contact customer service"),
    Fault.NULL_RECORD: (422, NO_RECORD),
}


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """Faults that come by chance. The same seed makes the n-th request of a route meet the same fate in every run.

    A kind that a route cannot have is passed over there: see `fits`.
    """

    rate: float
    """The share of requests that something goes wrong with, 0 to 1."""
    kinds: tuple[Fault, ...]
    """One of these, each as likely as the others."""
    routes: tuple[str, ...] = ("recordInfo",)
    """What they happen to, of ROUTES."""
    seed: int = 0
    slow_seconds: float = 1.0
    """How long SLOW is."""
    retry_after: int | None = None
    """Seconds that TOO_MANY names in a Retry-After header; None leaves the header out, as the hosted service does."""


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """One fault, as it happens to one request."""

    fault: Fault
    slow_seconds: float = 1.0
    retry_after: int | None = None


class Mishaps:
    """Says what goes wrong with the next request of a route. A script counts before chance."""

    def __init__(self, faults: Sequence[Faults] = ()) -> None:
        for one in faults:
            for route in one.routes:
                check_route(route)
        self._faults = tuple(faults)
        self._lock = threading.Lock()
        self._scripts: dict[str, deque[Incident | None]] = {}
        self._dice: dict[tuple[int, str], random.Random] = {}

    def script(self, route: str, incidents: Iterable[Incident | None]) -> None:
        """Let these happen to the next requests of a route, after those that are written down for it already."""
        check_route(route)
        incidents = list(incidents)
        for incident in incidents:
            if incident is not None and not fits(incident.fault, route):
                raise ValueError(f"{incident.fault} cannot happen to {route}.")
        with self._lock:
            self._scripts.setdefault(route, deque()).extend(incidents)

    def draw(self, route: str) -> Incident | None:
        """What goes wrong with this request, if anything does."""
        with self._lock:
            # The dice fall for scripted requests too, so that a script does not shift what comes after it.
            drawn = [self._roll(number, faults, route) for number, faults in enumerate(self._faults)]
            if script := self._scripts.get(route):
                return script.popleft()
        return next((incident for incident in drawn if incident is not None), None)

    def _roll(self, number: int, faults: Faults, route: str) -> Incident | None:
        kinds = [kind for kind in faults.kinds if fits(kind, route)]
        if route not in faults.routes or not kinds:
            return None
        dice = self._dice.setdefault((number, route), random.Random(f"{faults.seed} {route}"))
        happens, kind = dice.random() < faults.rate, dice.choice(kinds)
        if not happens:
            return None
        return Incident(fault=kind, slow_seconds=faults.slow_seconds, retry_after=faults.retry_after)


def check_route(route: str) -> None:
    """Raise ValueError for a route that there is not."""
    if route not in ROUTES:
        raise ValueError(f"There is no route {route!r}: choose one of {', '.join(ROUTES)}.")


def fits(fault: Fault, route: str) -> bool:
    """Whether a route can have the fault: two are recordInfo's alone, and files have no envelope to be wrong."""
    if fault in _OF_RECORDS:
        return route == "recordInfo"
    return fault in _OF_FILES or route not in ("results", "files")


def befall(incident: Incident, route: str, carry_out: Callable[[], Answer]) -> Answer:
    """The answer to a request that something goes wrong with; `carry_out` is called where it is done nevertheless."""
    match incident.fault:
        case Fault.CUT_BEFORE:
            return Answer(sent="nothing")
        case Fault.CUT_AFTER:
            return msgspec.structs.replace(carry_out(), sent="nothing")
        case Fault.CUT_MIDDLE:
            return msgspec.structs.replace(carry_out(), sent="half")
        case Fault.BAD_GATEWAY:
            return page(HTTPStatus.BAD_GATEWAY)
        case Fault.FORBIDDEN:
            return page(HTTPStatus.FORBIDDEN)
        case Fault.NO_DATA:
            return _without_data(carry_out())
        case Fault.SLOW:
            return msgspec.structs.replace(carry_out(), pause=incident.slow_seconds)
        case Fault.EMPTY_RESULT:
            return _without_result(carry_out())
        case Fault.TOO_MANY | Fault.MAINTENANCE | Fault.SERVER_ERROR | Fault.NULL_RECORD:
            refuse = upload_refusal if route == "upload" else refusal
            answer = refuse(*_REFUSALS[incident.fault])
            if incident.fault is Fault.TOO_MANY and incident.retry_after is not None:
                return with_headers(answer, {"Retry-After": str(incident.retry_after)})
            return answer


def _without_data(answer: Answer) -> Answer:
    if answer.headers.get("Content-Type") != JSON:
        return answer
    body = msgspec.json.decode(answer.body)
    body.pop("data", None)
    return rewritten(answer, body)


def _without_result(answer: Answer) -> Answer:
    body = msgspec.json.decode(answer.body)
    if not body.get("data") or body["data"]["state"] != "success":
        return answer
    body["data"]["resultJson"] = ""
    return rewritten(answer, body)
