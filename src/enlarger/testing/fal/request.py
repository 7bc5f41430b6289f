"""A request of the stand-in: what it is at any moment follows from its times, so nothing has to work on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from enlarger.testing.fate import Fate

KEPT_SECONDS = 7 * 24 * 3600.0
"""How long files are kept that a request has made."""
WAITING_SHARE = 0.25
"""How much of its usual time a request is `IN_QUEUE`, before it is `IN_PROGRESS`."""

Status = Literal["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request ends badly: a model's error has a type and a field, fal's own an `error_type`."""

    status: int
    """The HTTP status of its result."""
    message: str
    kind: str
    field: str | None = None
    of_model: bool = True

    @property
    def body(self) -> dict[str, Any]:
        """What its result is."""
        if not self.of_model:
            return {"detail": self.message, "error_type": self.kind}
        where = ["body", self.field] if self.field else ["body"]
        link = f"https://docs.fal.ai/errors#{self.kind}"
        return {"detail": [{"loc": where, "msg": self.message, "type": self.kind, "url": link, "ctx": {}}]}

    @property
    def error(self) -> str:
        """What its status and its webhook say."""
        return self.message if not self.of_model else f"Invalid status code: {self.status}"


class SeenFalRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request, as it was when the record was read."""

    id: str
    model: str
    """The model's name, with the path of the route."""
    input: Mapping[str, Any]
    """As it was sent."""
    webhook: str | None
    created: float
    """Unix seconds."""
    status: Literal["IN_QUEUE", "IN_PROGRESS", "COMPLETED", "FAILED", "CANCELED"]
    """fal itself calls the last three of them `COMPLETED`."""
    price: float
    """Dollars, charged if it succeeds or its input is wrong."""
    start_timeout: float | None
    """Seconds, from the header `X-Fal-Request-Timeout`."""


class FalRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request, with all that will become of it; times are unix seconds."""

    id: str
    model: str
    input: Mapping[str, Any]
    webhook: str | None
    created: float
    starts: float
    ends: float
    """When it succeeds or fails, unless it is cancelled before."""
    canceled: float | None = None
    start_timeout: float | None
    price: float
    failure: Failure | None
    files: tuple[str, ...]
    fate: Fate

    @property
    def app(self) -> str:
        """The owner and the app, which stand in its addresses."""
        return "/".join(self.model.split("/")[:2])

    @property
    def ended(self) -> float:
        """When it ends, one way or another."""
        return self.ends if self.canceled is None else min(self.ends, self.canceled)

    @property
    def outcome(self) -> Failure | None:
        """Why it ends badly; None where it succeeds."""
        if self.canceled is not None and self.canceled < self.ends:
            return Failure(status=400, message="The request was cancelled.", kind="client_cancelled", of_model=False)
        return self.failure

    def status(self, now: float) -> Status:
        """What it is by then."""
        if now >= self.ended:
            return "COMPLETED"
        return "IN_PROGRESS" if now >= self.starts else "IN_QUEUE"

    def addresses(self, base_url: str) -> dict[str, str]:
        """Where it is asked about."""
        url = f"{base_url}/{self.app}/requests/{self.id}"
        return {"response_url": url, "status_url": f"{url}/status", "cancel_url": f"{url}/cancel"}

    def record(self, now: float, base_url: str) -> dict[str, Any]:
        """What its status says by then."""
        status = self.status(now)
        record: dict[str, Any] = {"status": status, "request_id": self.id, **self.addresses(base_url), "logs": None}
        if status == "IN_QUEUE":
            return record | {"queue_position": 0}
        if status == "COMPLETED":
            record["metrics"] = {"inference_time": round(max(self.ended - self.starts, 0.0), 3)}
            if (failure := self.outcome) is not None:
                record["error"] = failure.error
                record |= {} if failure.of_model else {"error_type": failure.kind}
        return record

    def result(self, base_url: str) -> dict[str, Any]:
        """The output of the model, or the body of the error."""
        if (failure := self.outcome) is not None:
            return failure.body
        files = [
            {
                "url": f"{base_url}/results/{name}",
                "content_type": "image/png",
                "file_name": name,
                "width": 64,
                "height": 64,
            }
            for name in self.files
        ]
        return {"image": files[0]} if "upscale" in self.model else {"images": files, "seed": 1, "prompt": ""}

    def announcement(self, base_url: str) -> dict[str, Any]:
        """The body of the webhook of its end."""
        failure = self.outcome
        body = {"request_id": self.id, "gateway_request_id": self.id, "status": "OK" if failure is None else "ERROR"}
        return body | {"error": failure and failure.error, "payload": self.result(base_url)}

    def charged(self, now: float) -> float:
        """The dollars that it has cost by then."""
        failure = self.outcome
        return self.price if now >= self.ended and (failure is None or failure.status == 422) else 0.0

    def seen(self, now: float) -> SeenFalRequest:
        """The request as the stand-in's user reads it."""
        status: Any = self.status(now)
        if status == "COMPLETED" and (failure := self.outcome) is not None:
            status = "CANCELED" if failure.kind == "client_cancelled" else "FAILED"
        return SeenFalRequest(
            id=self.id,
            model=self.model,
            input=self.input,
            webhook=self.webhook,
            created=self.created,
            status=status,
            price=self.price,
            start_timeout=self.start_timeout,
        )
