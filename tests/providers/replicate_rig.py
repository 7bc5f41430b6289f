"""Replicate, as its stand-in plays it."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2

from enlarger.catalog import get_model
from enlarger.infra.safe_http import Allowed
from enlarger.protocol.signatures import BODY_ID, BODY_SIGNATURE, BODY_TIMESTAMP, sign_body
from enlarger.protocol.webhook import Webhook
from enlarger.providers import HostedProvider, Order
from enlarger.providers.replicate import ReplicateProvider
from enlarger.providers.replicate.settings import ReplicateSettings
from enlarger.settings import read_settings
from enlarger.testing import HandClock, InjectedFault, ReplicateStandIn
from tests.providers.rig import RETRY_AFTER, Fact, Situation, make_order

WEBHOOK_KEY = "whsec_a2V5LW9mLXRoZS10ZXN0cw=="
WEBHOOK_URL = "http://127.0.0.1:9/hooks/replicate/token-of-the-attempt"
PROMPT = "a prompt that is nobody's business"
PICTURE = "https://example.com/photo.jpg?token=of-the-picture"
MODEL = "google/nano-banana-edit"

_FAULTS: dict[Situation, tuple[str, InjectedFault]] = {
    "busy": ("create", InjectedFault.TOO_MANY),
    "shut_out": ("create", InjectedFault.FORBIDDEN),
    "cut_before": ("create", InjectedFault.CUT_BEFORE),
    "cut_after": ("create", InjectedFault.CUT_AFTER),
    "silent": ("get", InjectedFault.BAD_GATEWAY),
    "forget": ("get", InjectedFault.NULL_RECORD),
    "cut_fetch": ("results", InjectedFault.CUT_MIDDLE),
}


def settings_for(service: ReplicateStandIn, **changes: Any) -> ReplicateSettings:
    """The settings of a machine whose Replicate is the stand-in."""
    return read_settings(
        ReplicateSettings,
        **{
            "replicate_api_token": service.api_token,
            "replicate_base_url": service.base_url,
            "replicate_webhook_key": service.webhook_key,
            **changes,
        },
    )


class ReplicateRig:
    """The provider and the stand-in, on a clock that is moved by hand."""

    cannot: frozenset[Situation] = frozenset()
    tells: frozenset[Fact] = frozenset({"cost", "seconds", "ended_at"})
    seconds = 20.0

    def __init__(self, service: ReplicateStandIn, clock: HandClock, opened: ExitStack, **changes: Any) -> None:
        self.service = service
        self.clock = clock
        self.provider: HostedProvider = ReplicateProvider(
            settings_for(service, **changes), Allowed.parse(()), clock=clock
        )
        self.secrets = (service.api_token, WEBHOOK_KEY, WEBHOOK_URL, "token-of-the-attempt", PROMPT, "of-the-picture")
        self._opened = opened
        self._numbers = itertools.count()
        self._refuse = False

    @property
    def taken(self) -> tuple[str, ...]:
        return tuple(prediction.id for prediction in self.service.predictions)

    @property
    def asked(self) -> int:
        return self.service.requests.counts["create"]

    def let(self, situation: Situation) -> None:
        match situation:
            case "refuse":
                self._refuse = True
            case "fail":
                self.service.fail_next("The model had an accident. (E9243)")
            case "down":
                self._opened.close()
            case "forget":
                self.advance(91)
            case "expire":
                self.advance(3601)
        if situation in _FAULTS:
            route, fault = _FAULTS[situation]
            self.service.script(route, [fault], retry_after=RETRY_AFTER if situation == "busy" else None)

    def order(self, *, picture_url: str | None = None) -> Order:
        number = next(self._numbers)
        input = {"prompt": f"{PROMPT}, {number}", "image_urls": [picture_url or PICTURE]}
        if self._refuse:
            input["image_urls"] = ["of-the-picture, and no URL"]
        model, url = get_model(MODEL), f"{WEBHOOK_URL}-{number}"
        return make_order(self.provider, f"task-{number}", model, input, webhook_url=url)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def read_upload(self, url: str) -> bytes:
        headers = {"Authorization": f"Bearer {self.service.api_token}"}
        return httpx2.get(f"{url}/download", headers=headers, trust_env=False).content

    def webhook(self, provider_task_id: str, *, signed: bool = True) -> Webhook:
        headers = {"Authorization": f"Bearer {self.service.api_token}"}
        url = f"{self.service.base_url}/predictions/{provider_task_id}"
        body = httpx2.get(url, headers=headers, trust_env=False).content
        return announce(body, key=WEBHOOK_KEY if signed else "whsec_YW5vdGhlcg==", at=self.clock())


def announce(body: bytes, *, key: str, at: float) -> Webhook:
    """A webhook as Replicate sends it."""
    timestamp = str(int(at))
    return Webhook(
        headers={
            "content-type": "application/json",
            BODY_ID: "msg_1",
            BODY_TIMESTAMP: timestamp,
            BODY_SIGNATURE: sign_body("msg_1", timestamp, body, key),
        },
        body=body,
    )


@asynccontextmanager
async def open_rig(
    folder: Path, *, settings: dict[str, Any] | None = None, **options: Any
) -> AsyncIterator[ReplicateRig]:
    """The rig, for as long as the stand-in runs; `options` are its own."""
    clock = HandClock()
    with ExitStack() as opened:
        service = opened.enter_context(
            ReplicateStandIn(
                **{
                    "seconds": ReplicateRig.seconds,
                    "clock": clock,
                    "webhook_key": WEBHOOK_KEY,
                    "limits": False,
                    **options,
                }
            )
        )
        rig = ReplicateRig(service, clock, opened, **(settings or {}))
        try:
            yield rig
        finally:
            await rig.provider.close()
