"""fal, as its stand-in plays it."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from enlarger.catalog import get_model
from enlarger.infra.safe_http import Allowed
from enlarger.protocol.webhook import Webhook
from enlarger.providers import HostedProvider, Order
from enlarger.providers.fal import FalProvider
from enlarger.providers.fal.settings import FalSettings
from enlarger.settings import read_settings
from enlarger.testing import FalStandIn, HandClock, InjectedFault
from tests.providers.rig import RETRY_AFTER, Fact, Situation, make_order

WEBHOOK_URL = "http://127.0.0.1:9/hooks/fal/token-of-the-attempt"
PROMPT = "a prompt that is nobody's business"
PICTURE = "https://example.com/photo.jpg?token=of-the-picture"
MODEL = "google/nano-banana-edit"
ACCOUNT = "account-of-the-tests"

_FAULTS: dict[Situation, tuple[str, InjectedFault]] = {
    "busy": ("submit", InjectedFault.TOO_MANY),
    "shut_out": ("submit", InjectedFault.FORBIDDEN),
    "cut_before": ("submit", InjectedFault.CUT_BEFORE),
    "cut_after": ("submit", InjectedFault.CUT_AFTER),
    "silent": ("status", InjectedFault.BAD_GATEWAY),
    "forget": ("status", InjectedFault.NULL_RECORD),
    "cut_fetch": ("results", InjectedFault.CUT_MIDDLE),
}


def settings_for(service: FalStandIn, **changes: Any) -> FalSettings:
    """The settings of a machine whose fal is the stand-in."""
    return read_settings(FalSettings, **{"fal_key": service.api_key, "fal_base_url": service.base_url, **changes})


class FalRig:
    """The provider and the stand-in, on a clock that is moved by hand."""

    cannot: frozenset[Situation] = frozenset()
    tells: frozenset[Fact] = frozenset({"cost"})
    seconds = 20.0

    def __init__(self, service: FalStandIn, clock: HandClock, opened: ExitStack, **changes: Any) -> None:
        self.service = service
        self.clock = clock
        self.provider: HostedProvider = FalProvider(settings_for(service, **changes), Allowed.parse(()), clock=clock)
        self.secrets = (service.api_key, WEBHOOK_URL, "token-of-the-attempt", PROMPT, "of-the-picture")
        self._opened = opened
        self._numbers = itertools.count()
        self._refuse = False

    @property
    def taken(self) -> tuple[str, ...]:
        return tuple(request.id for request in self.service.tasks)

    @property
    def asked(self) -> int:
        return self.service.requests.counts["submit"]

    def let(self, situation: Situation) -> None:
        match situation:
            case "refuse":
                self._refuse = True
            case "fail":
                self.service.fail_next("The model had an accident.")
            case "down":
                self._opened.close()
            case "forget":
                self.advance(91)
            case "expire":
                self.advance(7 * 24 * 3600 + 1)
        if situation in _FAULTS:
            route, fault = _FAULTS[situation]
            self.service.script(route, [fault], retry_after=RETRY_AFTER if situation == "busy" else None)

    def order(self, *, picture_url: str | None = None) -> Order:
        number = next(self._numbers)
        input = {"prompt": f"{PROMPT}, {number}", "image_urls": [picture_url or PICTURE]}
        order = make_order(
            self.provider, f"task-{number}", get_model(MODEL), input, webhook_url=f"{WEBHOOK_URL}-{number}"
        )
        if not self._refuse:
            return order
        # The queue takes any input; what it refuses is a model that it does not have.
        unknown = msgspec.structs.replace(order.request, model="fal-ai/not-there")
        return msgspec.structs.replace(order, request=unknown)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def read_upload(self, url: str) -> bytes:
        return httpx2.get(url, trust_env=False).content

    def webhook(self, provider_task_id: str, *, signed: bool = True) -> Webhook:
        body = self.service.announcement(provider_task_id)
        if signed:
            return announce(self.service, body, at=self.clock())
        forged = {"X-Fal-Webhook-Signature": Ed25519PrivateKey.generate().sign(body).hex()}
        return make_webhook({**self.service.sign(provider_task_id, body, self.clock()), **forged}, body)


def announce(service: FalStandIn, body: bytes, *, at: float, request_id: str = "request") -> Webhook:
    """A webhook as fal sends it."""
    return make_webhook(service.sign(request_id, body, at), body)


def make_webhook(headers: Mapping[str, str], body: bytes) -> Webhook:
    """A webhook as the server hands it on."""
    return Webhook(headers={name.lower(): value for name, value in headers.items()}, body=body)


@asynccontextmanager
async def open_rig(folder: Path, *, settings: dict[str, Any] | None = None, **options: Any) -> AsyncIterator[FalRig]:
    """The rig, for as long as the stand-in runs; `options` are its own."""
    clock = HandClock()
    with ExitStack() as opened:
        service = opened.enter_context(
            FalStandIn(
                **{"seconds": FalRig.seconds, "clock": clock, "user_id": ACCOUNT, "limits": False, **options},
            )
        )
        rig = FalRig(service, clock, opened, **(settings or {}))
        try:
            yield rig
        finally:
            await rig.provider.close()
