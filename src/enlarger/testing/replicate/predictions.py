"""All predictions of the stand-in's one account, under one lock."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from collections import deque
from collections.abc import Mapping
from typing import Any

import msgspec

from enlarger.testing.account import Window
from enlarger.testing.clock import Clock
from enlarger.testing.exchange import Refused
from enlarger.testing.fate import Fate
from enlarger.testing.new_task import FAIL_MARKER
from enlarger.testing.replicate.answers import not_found, throttled
from enlarger.testing.replicate.prediction import WAITING_SHARE, Prediction, SeenPrediction

_FAILED = "Prediction failed: the model had an accident. (E9243)"


class ParsedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a request asks for."""

    model: str
    version: str
    input: Mapping[str, Any]
    webhook: str | None
    events: tuple[str, ...]
    cancel_after: float | None
    price: float
    """Dollars for all of it."""
    files: int

    @property
    def fingerprint(self) -> bytes:
        """The same for the same model and the same input, whatever the order of its fields."""
        return hashlib.sha256(msgspec.json.encode([self.model, self.input], order="deterministic")).digest()


class Predictions:
    """Makes predictions and tells what became of them. Every method may be called from any thread."""

    def __init__(self, *, credit: float | None, limits: bool, clock: Clock) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._credit = credit
        self._created = Window(600, 60.0) if limits else None
        self._asked = Window(3000, 60.0) if limits else None
        self._all: dict[str, Prediction] = {}
        self._failures: deque[str] = deque()
        self._fingerprints: set[bytes] = set()
        self._duplicates: list[str] = []

    def create(self, wanted: ParsedRequest, *, seconds: float, fate: Fate) -> Prediction:
        """Make a prediction that takes so many seconds, but for its fate. Raises Refused."""
        with self._lock:
            now = self._clock()
            self._count(self._created, now)
            if self._credit is not None and self._spent(now, reserved=True) + wanted.price > self._credit:
                raise Refused(402, "You have insufficient credit to run this model.")
            prediction = self._make(wanted, now, seconds, fate)
            self._all[prediction.id] = prediction
            if wanted.fingerprint in self._fingerprints:
                self._duplicates.append(prediction.id)
            self._fingerprints.add(wanted.fingerprint)
            return prediction

    def get(self, prediction_id: str) -> Prediction:
        """The prediction of this id. Raises Refused."""
        with self._lock:
            return self._find(prediction_id)

    def cancel(self, prediction_id: str) -> tuple[Prediction, bool]:
        """Call a prediction off; says also whether it had not ended yet. Raises Refused."""
        with self._lock:
            prediction, now = self._find(prediction_id), self._clock()
            if now >= prediction.ended:
                return prediction, False
            prediction = msgspec.structs.replace(prediction, canceled=now)
            self._all[prediction_id] = prediction
            return prediction, True

    def page(self, cursor: str | None, size: int) -> tuple[list[Prediction], str | None]:
        """Some predictions, the newest first, from a cursor on, and the cursor of the next page. Raises Refused."""
        with self._lock:
            newest_first = list(reversed(self._all.values()))
        start = 0
        if cursor is not None:
            last = _read_cursor(cursor)
            places = [place for place, prediction in enumerate(newest_first) if prediction.id == last]
            if not places:
                raise Refused(400, "Invalid cursor")
            start = places[0] + 1
        page = newest_first[start : start + size]
        return page, _make_cursor(page[-1].id) if start + size < len(newest_first) else None

    def count_request(self) -> None:
        """Raise Refused where this is one request too many in a minute."""
        with self._lock:
            self._count(self._asked, self._clock())

    def fail_next(self, message: str) -> None:
        """Let the next prediction that is made fail."""
        with self._lock:
            self._failures.append(message)

    def charged(self) -> float:
        """The dollars that predictions have cost."""
        with self._lock:
            return self._spent(self._clock(), reserved=False)

    def all(self) -> tuple[SeenPrediction, ...]:
        """All predictions, oldest first."""
        with self._lock:
            now = self._clock()
            return tuple(prediction.seen(now) for prediction in self._all.values())

    def duplicates(self) -> tuple[SeenPrediction, ...]:
        """The predictions that had the same model and input as an earlier one."""
        with self._lock:
            now = self._clock()
            return tuple(self._all[prediction_id].seen(now) for prediction_id in self._duplicates)

    def _find(self, prediction_id: str) -> Prediction:
        if prediction_id not in self._all:
            raise not_found()
        return self._all[prediction_id]

    def _make(self, wanted: ParsedRequest, now: float, seconds: float, fate: Fate) -> Prediction:
        prediction_id = base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()
        return Prediction(
            id=prediction_id,
            model=wanted.model,
            version=wanted.version,
            input=wanted.input,
            webhook=wanted.webhook,
            events=wanted.events,
            created=now,
            starts=now + (0.0 if fate.announced_first else seconds * WAITING_SHARE),
            ends=now + fate.seconds(seconds),
            cancel_after=wanted.cancel_after,
            price=wanted.price,
            failure=self._failure(wanted, fate),
            files=tuple(f"{prediction_id}-{number}.png" for number in range(wanted.files)),
            fate=fate,
        )

    def _failure(self, wanted: ParsedRequest, fate: Fate) -> str | None:
        if self._failures:
            return self._failures.popleft()
        return _FAILED if FAIL_MARKER.encode() in msgspec.json.encode(wanted.input) else fate.failure

    def _spent(self, now: float, *, reserved: bool) -> float:
        counted = ("succeeded", "starting", "processing") if reserved else ("succeeded",)
        return round(sum(one.price for one in self._all.values() if one.status(now) in counted), 6)

    @staticmethod
    def _count(window: Window | None, now: float) -> None:
        if window is not None:
            if not window.has_room(now):
                raise throttled()
            window.add(now)


def _make_cursor(prediction_id: str) -> str:
    return base64.urlsafe_b64encode(prediction_id.encode()).decode()


def _read_cursor(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor).decode()
    except ValueError:
        raise Refused(400, "Invalid cursor") from None
