"""Submissions to the stand-in, providers with scripted answers, and results of requests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx2
import msgspec

from enlarger.catalog import get_model
from enlarger.infra.safe_http import Allowed
from enlarger.providers import Order, Report, Submission
from enlarger.providers.fal import FalProvider
from enlarger.providers.fal.provider import FalConfig
from enlarger.providers.fal.reports import read_end
from enlarger.providers.fal.settings import FalSettings
from enlarger.settings import read_settings
from enlarger.testing.exchange import Answer, Request
from enlarger.testing.listener import Listener
from tests.providers.fal_rig import FalRig
from tests.providers.rig import make_order, remember

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ID = "0b7f6a34-5a2c-4c7e-9d0f-2f1f6f4f0a11"


async def accept(rig: FalRig, order: Order | None = None) -> Submission:
    order = order or rig.order()
    return remember(rig, order, await rig.provider.submit(order))


def provider_at(url: str = "https://queue.fal.run", *, config: FalConfig | None = None, **settings: Any) -> FalProvider:
    given = {"fal_key": "id:secret", "fal_base_url": url, **settings}
    return FalProvider(read_settings(FalSettings, **given), Allowed.parse(()), config=config)


def order_of(webhook_url: str | None = None) -> Order:
    return make_order(provider_at(), "1", get_model("google/nano-banana"), {"prompt": "a"}, webhook_url=webhook_url)


@asynccontextmanager
async def served(*answers: Answer, config: FalConfig | None = None) -> AsyncIterator[tuple[FalProvider, list[Request]]]:
    """A provider whose service gives these answers, the last one again and again, and what it was asked."""
    requests: list[Request] = []
    left = list(answers)

    def take(request: Request) -> Answer:
        requests.append(request)
        return left.pop(0) if len(left) > 1 else left[0]

    listener = Listener(take)
    listener.start()
    provider = provider_at(listener.url, config=config)
    try:
        yield provider, requests
    finally:
        await provider.close()
        listener.close()


def json_of(body: Any, status: int = 200, **headers: str) -> Answer:
    return Answer(status=status, headers=headers, body=msgspec.json.encode(body))


def submission(**changes: Any) -> Submission:
    return Submission(
        **{
            "task_id": "1",
            "request": provider_at().prepare(get_model("google/nano-banana"), {"prompt": "a"}),
            "submitted_at": NOW,
            "provider_task_id": ID,
            **changes,
        }
    )


def read(body: Any, status: int = 200, *, error: str | None = None, **headers: str) -> Report | None:
    """What a request has come to whose result is this; `error` is what its status says."""
    record = {"status": "COMPLETED"} | ({"error": error} if error is not None else {})
    response = httpx2.Response(status, json=body, headers=headers)
    return read_end(ID, submission().request, record, response)


def detail(kind: str, message: str = "It is wrong.", *where: str) -> dict[str, Any]:
    """An error as models have it."""
    return {
        "detail": [{"loc": ["body", *where], "msg": message, "type": kind, "url": "https://docs.fal.ai", "ctx": {}}]
    }
