"""What is sent, and what each answer to it means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest

from enlarger.catalog import get_model
from enlarger.errors import AcceptanceUnknown, RouteUnfit, SubmissionRefused
from enlarger.providers import Accepted
from enlarger.providers.replicate.answers import read_created
from enlarger.providers.replicate.provider import ReplicateConfig
from enlarger.testing.exchange import Answer
from tests.providers.replicate.steps import accept, order_of, provider_at, served
from tests.providers.replicate_rig import PICTURE, WEBHOOK_URL, open_rig
from tests.providers.rig import make_order


async def test_the_order_goes_in_replicates_words(opened: Any) -> None:
    async with opened as rig:
        model, input = get_model("topaz/image-upscale"), {"image_url": PICTURE, "upscale_factor": "2"}
        await accept(rig, make_order(rig.provider, "1", model, input, webhook_url=WEBHOOK_URL))
        [made] = rig.service.predictions
        assert made.model == "topazlabs/image-upscale"
        assert (made.input["image"], made.input["upscale_factor"]) == (PICTURE, "2x")
        assert (made.webhook, made.cancel_after) == (WEBHOOK_URL, model.duration.most)


async def test_a_prediction_is_called_off_at_the_deadline_that_is_set(tmp_path: Path) -> None:
    async with open_rig(tmp_path, settings={"deadline": 2.5}) as rig:
        await accept(rig)
        assert rig.service.predictions[0].cancel_after == 5


async def test_what_the_route_cannot_do_is_not_sent(opened: Any) -> None:
    async with opened as rig:
        with pytest.raises(RouteUnfit, match="upscale_factor"):
            rig.provider.prepare(get_model("topaz/image-upscale"), {"image_url": PICTURE, "upscale_factor": "8"})


def test_the_service_itself_is_told_of_https_webhooks_alone() -> None:
    provider = provider_at()
    assert provider._webhook("http://example.com/hook") is None
    assert provider._webhook("https://example.com/hook") == "https://example.com/hook"


# What a submission came to

_ID = b'{"id": "abc"}'


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (400, "input"), (401, "access"), (402, "credits"), (403, "access"), (404, "input"), (422, "input"),
        (429, "busy"),
    ],
)  # fmt: skip
async def test_a_refusal_has_a_reason(status: int, reason: str) -> None:
    async with served(Answer(status=status, headers={"Retry-After": "12"}, body=b"<html>")) as (provider, requests):
        with pytest.raises(SubmissionRefused) as raised:
            await provider.submit(order_of())
        assert (raised.value.reason, raised.value.code, raised.value.retry_after) == (reason, status, 12)
        assert len(requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=500, body=b"{}"),
        Answer(status=502, body=b"<html>"),
        Answer(status=503, headers={"Retry-After": "1"}),
        Answer(status=408),
        Answer(status=409),
        Answer(status=201, body=b"{}"),
        Answer(status=201, body=b'{"id": ""}'),
        Answer(status=201, body=b'{"id": 7}'),
        Answer(status=200, body=b"<html>"),
        Answer(status=301, headers={"Location": "/v1/elsewhere"}),
        Answer(status=422, body=_ID),
        Answer(status=201, body=_ID, sent="nothing"),
        Answer(status=201, body=_ID, sent="half"),
    ],
    ids=lambda answer: f"{answer.status}-{answer.sent}-{answer.body.decode()}",
)
async def test_any_doubt_is_unclear_and_sent_once(answer: Answer) -> None:
    async with served(answer) as (provider, requests):
        with pytest.raises(AcceptanceUnknown):
            await provider.submit(order_of())
        assert len(requests) == 1


async def test_a_submission_asks_for_no_wait() -> None:
    async with served(Answer(status=201, body=_ID)) as (provider, requests):
        assert await provider.submit(order_of()) == Accepted("abc")
        [request] = requests
        assert "prefer" not in request.headers
        assert request.headers["authorization"] == "Bearer token"
        assert msgspec.json.decode(request.body) == {"input": {"prompt": "a"}}


async def test_a_webhook_is_asked_for_the_end_alone() -> None:
    async with served(Answer(status=201, body=_ID)) as (provider, requests):
        await provider.submit(order_of(WEBHOOK_URL))
        body = msgspec.json.decode(requests[0].body)
        assert (body["webhook"], body["webhook_events_filter"]) == (WEBHOOK_URL, ["completed"])


async def test_a_request_that_is_slow_is_unclear() -> None:
    quick = ReplicateConfig(submit=0.05)
    async with served(Answer(status=201, body=_ID, pause=30), config=quick) as (provider, requests):
        with pytest.raises(AcceptanceUnknown):
            await provider.submit(order_of())
        assert len(requests) == 1


def test_an_id_that_cannot_be_asked_for_is_none() -> None:
    with pytest.raises(AcceptanceUnknown):
        read_created(httpx2.Response(201, json={"id": "../../account"}))
