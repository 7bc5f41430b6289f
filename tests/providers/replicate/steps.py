"""Submissions to the stand-in, providers with one scripted answer, and records of predictions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from enlarger.catalog import get_model
from enlarger.errors import AcceptanceUnknown
from enlarger.infra.safe_http import Allowed
from enlarger.providers import Accepted, Order, Report, Submission
from enlarger.providers.replicate import ReplicateProvider
from enlarger.providers.replicate.provider import ReplicateConfig
from enlarger.providers.replicate.reports import read_report
from enlarger.providers.replicate.settings import ReplicateSettings
from enlarger.settings import read_settings
from enlarger.testing import InjectedFault
from enlarger.testing.exchange import Answer, Request
from enlarger.testing.listener import Listener
from tests.providers.replicate_rig import ReplicateRig
from tests.providers.rig import make_order, remember

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


async def accept(rig: ReplicateRig, order: Order | None = None) -> Submission:
    order = order or rig.order()
    outcome = await rig.provider.submit(order)
    assert isinstance(outcome, Accepted)
    return remember(rig, order, outcome)


async def lose(rig: ReplicateRig, fault: InjectedFault, order: Order | None = None) -> Submission:
    order = order or rig.order()
    rig.service.script("create", [fault])
    with pytest.raises(AcceptanceUnknown):
        await rig.provider.submit(order)
    return remember(rig, order, None)


def provider_at(
    url: str = "https://api.replicate.com/v1", *, config: ReplicateConfig | None = None, **settings: Any
) -> ReplicateProvider:
    given = {"replicate_api_token": "token", "replicate_base_url": url, **settings}
    return ReplicateProvider(read_settings(ReplicateSettings, **given), Allowed.parse(()), config=config)


def order_of(webhook_url: str | None = None) -> Order:
    return make_order(provider_at(), "1", get_model("google/nano-banana"), {"prompt": "a"}, webhook_url=webhook_url)


@asynccontextmanager
async def served(
    answer: Answer, *, config: ReplicateConfig | None = None
) -> AsyncIterator[tuple[ReplicateProvider, list[Request]]]:
    """A provider whose service answers everything with one answer, and what it was asked."""
    requests: list[Request] = []

    def take(request: Request) -> Answer:
        requests.append(request)
        return answer

    listener = Listener(take)
    listener.start()
    provider = provider_at(f"{listener.url}/v1", config=config)
    try:
        yield provider, requests
    finally:
        await provider.close()
        listener.close()


# What a record says


def record(**fields: Any) -> dict[str, Any]:
    return {"id": "abc", "status": "succeeded", "output": "https://a.b/c.png", **fields}


def submission(**changes: Any) -> Submission:
    return Submission(
        **{
            "task_id": "1",
            "request": provider_at().prepare(get_model("google/nano-banana"), {"prompt": "a"}),
            "submitted_at": NOW,
            "provider_task_id": "abc",
            **changes,
        }
    )


def read(**fields: Any) -> Report:
    report = read_report(record(**fields), submission().request)
    assert report is not None
    return report
