"""All requests of the stand-in's one account, under one lock."""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections import deque
from collections.abc import Mapping
from typing import Any

import msgspec

from enlarger.testing.account import Window
from enlarger.testing.clock import Clock
from enlarger.testing.exchange import Refused
from enlarger.testing.fal.answers import not_found, throttled
from enlarger.testing.fal.request import WAITING_SHARE, Failure, FalRequest, SeenFalRequest
from enlarger.testing.fate import Fate
from enlarger.testing.new_task import FAIL_MARKER

_LOCKED = "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."
_LATE = Failure(status=504, message="Request timed out", kind="request_timeout", of_model=False)


def accident(message: str) -> Failure:
    """An error of the model's that is not the input's fault."""
    return Failure(status=500, message=message, kind="internal_server_error")


class ParsedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a submission asks for."""

    model: str
    input: Mapping[str, Any]
    webhook: str | None
    start_timeout: float | None
    price: float
    """Dollars for all of it."""
    files: int
    problem: Failure | None
    """What is wrong with its input: the queue takes it nevertheless, and the model refuses it."""

    @property
    def fingerprint(self) -> bytes:
        """The same for the same model and the same input, whatever the order of its fields."""
        return hashlib.sha256(msgspec.json.encode([self.model, self.input], order="deterministic")).digest()


class FalRequests:
    """Takes requests and tells what became of them. Every method may be called from any thread."""

    def __init__(self, *, credit: float | None, limits: bool, clock: Clock) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._credit = credit
        self._asked = Window(10, 1.0) if limits else None
        self._all: dict[str, FalRequest] = {}
        self._failures: deque[Failure] = deque()
        self._fingerprints: set[bytes] = set()
        self._duplicates: list[str] = []

    def create(self, wanted: ParsedRequest, *, seconds: float, fate: Fate) -> FalRequest:
        """Take a request that takes so many seconds, but for its fate. Raises Refused."""
        with self._lock:
            now = self._clock()
            if self._credit is not None and self._spent(now, reserved=True) + wanted.price > self._credit:
                raise Refused(403, _LOCKED)
            request = self._make(wanted, now, seconds, fate)
            self._all[request.id] = request
            if wanted.fingerprint in self._fingerprints:
                self._duplicates.append(request.id)
            self._fingerprints.add(wanted.fingerprint)
            return request

    def get(self, app: str | None, request_id: str) -> FalRequest:
        """The request of this id, at an app unless that does not matter. Raises Refused."""
        with self._lock:
            return self._find(app, request_id)

    def cancel(self, app: str, request_id: str) -> tuple[FalRequest, bool]:
        """Cancel a request; says also whether it had not ended yet. Raises Refused."""
        with self._lock:
            request, now = self._find(app, request_id), self._clock()
            if now >= request.ended:
                return request, False
            request = msgspec.structs.replace(request, canceled=now)
            self._all[request_id] = request
            return request, True

    def count_request(self) -> None:
        """Raise Refused where this is one request too many in a second."""
        with self._lock:
            if self._asked is not None:
                now = self._clock()
                if not self._asked.has_room(now):
                    raise throttled()
                self._asked.add(now)

    def fail_next(self, failure: Failure) -> None:
        """Let the next request that is taken fail."""
        with self._lock:
            self._failures.append(failure)

    def charged(self) -> float:
        """The dollars that requests have cost."""
        with self._lock:
            return self._spent(self._clock(), reserved=False)

    def all(self) -> tuple[SeenFalRequest, ...]:
        """All requests, oldest first."""
        with self._lock:
            now = self._clock()
            return tuple(request.seen(now) for request in self._all.values())

    def duplicates(self) -> tuple[SeenFalRequest, ...]:
        """The requests that had the same model and input as an earlier one."""
        with self._lock:
            now = self._clock()
            return tuple(self._all[request_id].seen(now) for request_id in self._duplicates)

    def _find(self, app: str | None, request_id: str) -> FalRequest:
        request = self._all.get(request_id)
        if request is None or app not in (None, request.app):
            raise not_found()
        return request

    def _make(self, wanted: ParsedRequest, now: float, seconds: float, fate: Fate) -> FalRequest:
        request_id = str(uuid.uuid4())
        starts = now + (0.0 if fate.announced_first else seconds * WAITING_SHARE)
        ends, failure = now + fate.seconds(seconds), self._failure(wanted, fate)
        if wanted.start_timeout is not None and starts > now + wanted.start_timeout:
            ends, failure = now + wanted.start_timeout, _LATE
        return FalRequest(
            id=request_id,
            model=wanted.model,
            input=wanted.input,
            webhook=wanted.webhook,
            created=now,
            starts=starts,
            ends=ends,
            start_timeout=wanted.start_timeout,
            price=wanted.price,
            failure=failure,
            files=tuple(f"{request_id}_{number}.png" for number in range(wanted.files)),
            fate=fate,
        )

    def _failure(self, wanted: ParsedRequest, fate: Fate) -> Failure | None:
        if self._failures:
            return self._failures.popleft()
        if wanted.problem is not None:
            return wanted.problem
        if FAIL_MARKER.encode() in msgspec.json.encode(wanted.input):
            return accident("The model had an accident.")
        return None if fate.failure is None else accident(fate.failure)

    def _spent(self, now: float, *, reserved: bool) -> float:
        """The dollars of what has ended, and with `reserved` of what may still cost something."""
        dollars = (one.price if reserved and now < one.ended else one.charged(now) for one in self._all.values())
        return round(sum(dollars), 6)
