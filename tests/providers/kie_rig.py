"""KIE, as the stand-in of the hosted service plays it."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import msgspec

from enlarger.catalog import get_model
from enlarger.infra.safe_http import Allowed
from enlarger.protocol.signatures import TASK_SIGNATURE, TASK_TIMESTAMP, sign_task
from enlarger.protocol.webhook import Webhook
from enlarger.providers import HostedProvider, Order
from enlarger.providers.kie import KieProvider
from enlarger.providers.kie.settings import KieSettings
from enlarger.settings import read_settings
from enlarger.testing import HandClock, InjectedFault, StandIn
from tests.providers.rig import RETRY_AFTER, Fact, Situation, make_order

WEBHOOK_KEY = "webhook-key-of-the-tests"
WEBHOOK_URL = "http://127.0.0.1:9/hooks/kie/token-of-the-attempt"
PROMPT = "a prompt that is nobody's business"
PICTURE = "https://example.com/photo.jpg?token=of-the-picture"
MODEL = "google/nano-banana-edit"

_KEPT_THERE = 15 * 86_400
_FAULTS: dict[Situation, tuple[str, InjectedFault]] = {
    "busy": ("createTask", InjectedFault.TOO_MANY),
    "shut_out": ("createTask", InjectedFault.FORBIDDEN),
    "cut_before": ("createTask", InjectedFault.CUT_BEFORE),
    "cut_after": ("createTask", InjectedFault.CUT_AFTER),
    "silent": ("recordInfo", InjectedFault.BAD_GATEWAY),
    "forget": ("recordInfo", InjectedFault.NULL_RECORD),
    "cut_fetch": ("results", InjectedFault.CUT_MIDDLE),
}


def settings_for(service: StandIn, **changes: Any) -> KieSettings:
    """The settings of a machine whose KIE is the stand-in."""
    return read_settings(
        KieSettings,
        **{
            "kie_api_key": service.api_key,
            "kie_base_url": service.base_url,
            "kie_upload_url": service.upload_url,
            "kie_webhook_key": WEBHOOK_KEY,
            **changes,
        },
    )


class KieRig:
    """The provider and the stand-in, on a clock that is moved by hand."""

    cannot: frozenset[Situation] = frozenset({"cancel"})
    tells: frozenset[Fact] = frozenset({"cost", "seconds", "ended_at"})
    seconds = 20.0

    def __init__(self, service: StandIn, clock: HandClock, opened: ExitStack) -> None:
        self.service = service
        self.clock = clock
        self.provider: HostedProvider = KieProvider(settings_for(service), Allowed.parse(()), clock=clock)
        self.secrets = (service.api_key, WEBHOOK_KEY, WEBHOOK_URL, "token-of-the-attempt", PROMPT, "of-the-picture")
        self._opened = opened
        self._numbers = itertools.count()
        self._refuse = False

    @property
    def taken(self) -> tuple[str, ...]:
        return tuple(task.id for task in self.service.tasks)

    @property
    def asked(self) -> int:
        return self.service.requests.counts["createTask"]

    def let(self, situation: Situation) -> None:
        match situation:
            case "refuse":
                self._refuse = True
            case "fail":
                self.service.fail_next("The service had an accident.", "500")
            case "down":
                self._opened.close()
            case "forget":
                self.advance(91)
            case "expire":
                self.advance(_KEPT_THERE)
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
        return httpx2.get(url, trust_env=False).content

    def webhook(self, provider_task_id: str, *, signed: bool = True) -> Webhook:
        return announce(self.record(provider_task_id), key=WEBHOOK_KEY if signed else "another", at=self.clock())

    def record(self, provider_task_id: str) -> dict[str, Any]:
        """What the service tells of a task."""
        answer = httpx2.get(
            f"{self.service.base_url}/api/v1/jobs/recordInfo",
            params={"taskId": provider_task_id},
            headers={"Authorization": f"Bearer {self.service.api_key}"},
            trust_env=False,
        )
        data: dict[str, Any] = answer.json()["data"]
        return data


def announce(record: dict[str, Any], *, key: str, at: float) -> Webhook:
    """A callback as KIE sends it."""
    timestamp = str(int(at))
    return Webhook(
        headers={
            "content-type": "application/json",
            TASK_TIMESTAMP.lower(): timestamp,
            TASK_SIGNATURE.lower(): sign_task(record["taskId"], timestamp, key),
        },
        body=msgspec.json.encode({"code": 200, "msg": "Playground task completed successfully.", "data": record}),
    )


@asynccontextmanager
async def open_rig(folder: Path, **options: Any) -> AsyncIterator[KieRig]:
    """The rig, for as long as the stand-in runs; `options` are its own."""
    clock = HandClock()
    with ExitStack() as opened:
        service = opened.enter_context(
            StandIn(seconds=KieRig.seconds, clock=clock, webhook_key=WEBHOOK_KEY, limits=False, **options)
        )
        rig = KieRig(service, clock, opened)
        try:
            yield rig
        finally:
            await rig.provider.close()
