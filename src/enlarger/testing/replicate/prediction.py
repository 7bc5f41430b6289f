"""A prediction of the stand-in: what it is at any moment follows from its times, so nothing has to work on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from enlarger.testing.fate import Fate

KEPT_SECONDS = 3600.0
"""How long after its end Replicate keeps what a prediction was given and has made."""
WAITING_SHARE = 0.25
"""How much of its usual time a prediction is `starting`, before it is `processing`."""

Status = Literal["starting", "processing", "succeeded", "failed", "canceled", "aborted"]


class SeenPrediction(msgspec.Struct, frozen=True, kw_only=True):
    """A prediction, as it was when the record was read."""

    id: str
    model: str
    input: Mapping[str, Any]
    """As it was sent."""
    webhook: str | None
    created: float
    """Unix seconds."""
    status: Status
    price: float
    """Dollars, charged if it succeeds."""
    cancel_after: float | None
    """Seconds, from the header `Cancel-After`."""


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """A prediction, with all that will become of it; times are unix seconds."""

    id: str
    model: str
    version: str
    input: Mapping[str, Any]
    webhook: str | None
    events: tuple[str, ...]
    created: float
    starts: float
    ends: float
    """When it succeeds or fails, unless it is called off before."""
    cancel_after: float | None
    canceled: float | None = None
    price: float
    failure: str | None
    files: tuple[str, ...]
    fate: Fate

    @property
    def ended(self) -> float:
        """When it ends, one way or another."""
        return min(self.ends, self._called_off)

    def status(self, now: float) -> Status:
        """What it is by then."""
        if now < self.ended:
            return "processing" if now >= self.starts else "starting"
        if self.ends > self._called_off:
            by_deadline = self.canceled is None or self.canceled > self._called_off
            return "aborted" if by_deadline and self._called_off < self.starts else "canceled"
        return "succeeded" if self.failure is None else "failed"

    def removed(self, now: float) -> bool:
        """Whether its data has been deleted by then."""
        return now >= self.ended + KEPT_SECONDS

    def record(self, now: float, base_url: str, *, tell_webhook: bool) -> dict[str, Any]:
        """What the API says of it by then; its files are beside `base_url`, which ends in `/v1`."""
        status = self.status(now)
        ended, removed = now >= self.ended, self.removed(now)
        started = self.starts if status != "aborted" and now >= self.starts else None
        record: dict[str, Any] = {
            "id": self.id,
            "model": self.model,
            "version": self.version,
            "input": {} if removed else self.input,
            "logs": None if removed else "",
            "output": self._output(base_url) if status == "succeeded" and not removed else None,
            "data_removed": removed,
            "error": self.failure if status == "failed" else None,
            "source": "api",
            "status": status,
            "created_at": _moment(self.created),
            "started_at": _moment(started),
            "completed_at": _moment(self.ended) if ended else None,
            "urls": {
                "cancel": f"{base_url}/predictions/{self.id}/cancel",
                "get": f"{base_url}/predictions/{self.id}",
            },
            "metrics": {},
        }
        if ended and started is not None:
            record["metrics"] = {
                "predict_time": round(self.ended - started, 6),
                "total_time": round(self.ended - self.created, 6),
            }
        if self.cancel_after is not None:
            record["deadline"] = _moment(self.created + self.cancel_after)
        if tell_webhook and self.webhook is not None:
            record |= {"webhook": self.webhook, "webhook_events_filter": list(self.events)}
        return record

    def seen(self, now: float) -> SeenPrediction:
        """The prediction as the stand-in's user reads it."""
        return SeenPrediction(
            id=self.id,
            model=self.model,
            input=self.input,
            webhook=self.webhook,
            created=self.created,
            status=self.status(now),
            price=self.price,
            cancel_after=self.cancel_after,
        )

    @property
    def _called_off(self) -> float:
        deadline = self.created + self.cancel_after if self.cancel_after is not None else float("inf")
        return deadline if self.canceled is None else min(self.canceled, deadline)

    def _output(self, base_url: str) -> str | list[str]:
        urls = [f"{base_url.removesuffix('/v1')}/results/{name}" for name in self.files]
        return urls[0] if len(urls) == 1 else urls


def _moment(time: float | None) -> str | None:
    if time is None:
        return None
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
