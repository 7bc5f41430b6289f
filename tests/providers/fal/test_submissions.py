"""What is sent, and what each answer to it means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from enlarger.catalog import get_model
from enlarger.errors import AcceptanceUnknown, ProviderSilent, RouteUnfit, SubmissionRefused
from enlarger.providers import Accepted
from enlarger.providers.fal.provider import FalConfig
from enlarger.testing import InjectedFault
from enlarger.testing.exchange import Answer
from tests.providers.fal.steps import ID, accept, json_of, order_of, provider_at, served
from tests.providers.fal_rig import PICTURE, WEBHOOK_URL, open_rig
from tests.providers.rig import make_order, remember


async def test_the_order_goes_in_fals_words(opened: Any) -> None:
    async with opened as rig:
        model, input = get_model("topaz/image-upscale"), {"image_url": PICTURE, "upscale_factor": "2"}
        await accept(rig, make_order(rig.provider, "1", model, input, webhook_url=WEBHOOK_URL))
        [made] = rig.service.tasks
        assert made.model == "fal-ai/topaz/upscale/image"
        assert made.input == {"image_url": PICTURE, "upscale_factor": 2, "output_format": "png"}
        assert (made.webhook, made.start_timeout) == (WEBHOOK_URL, model.duration.most)


@pytest.mark.parametrize(("deadline", "start"), [(100.5, 101), (0.5, 2)])
async def test_a_request_does_not_begin_after_the_deadline_that_is_set(
    tmp_path: Path, deadline: float, start: int
) -> None:
    async with open_rig(tmp_path, settings={"deadline": deadline}) as rig:
        await accept(rig)
        assert rig.service.tasks[0].start_timeout == start


async def test_a_request_that_waits_too_long_fails_and_costs_nothing(tmp_path: Path) -> None:
    async with open_rig(tmp_path, settings={"deadline": 4}) as rig:
        sent = await accept(rig)
        rig.advance(5)
        report = await rig.provider.poll(sent)
        assert (report.state, report.code, report.faulty_input) == ("failed", "request_timeout", False)
        assert report.cost == 0
        assert rig.service.charged == 0


async def test_what_the_route_cannot_do_is_not_sent(opened: Any) -> None:
    async with opened as rig:
        with pytest.raises(RouteUnfit, match="upscale_factor"):
            rig.provider.prepare(get_model("topaz/image-upscale"), {"image_url": PICTURE, "upscale_factor": "8"})


async def test_a_request_is_a_bare_input_with_the_key() -> None:
    async with served(json_of({"request_id": ID})) as (provider, requests):
        assert await provider.submit(order_of()) == Accepted(ID)
        [request] = requests
    assert (request.method, request.path, request.query) == ("POST", "/fal-ai/nano-banana", {})
    assert request.headers["authorization"] == "Key id:secret"
    assert msgspec.json.decode(request.body) == {"prompt": "a"}


def test_the_service_itself_is_told_of_https_webhooks_alone() -> None:
    provider = provider_at()
    assert provider._webhook("http://example.com/hook") is None
    assert provider._webhook("https://example.com/hook") == "https://example.com/hook"


async def test_a_webhook_goes_into_the_address() -> None:
    url = f"{WEBHOOK_URL}?a=1&b=2"
    async with served(json_of({"request_id": ID})) as (provider, requests):
        await provider.submit(order_of(url))
    assert requests[0].query == {"fal_webhook": url}


async def test_a_model_whose_name_leads_elsewhere_is_not_asked_for() -> None:
    order = order_of()
    order = msgspec.structs.replace(order, request=msgspec.structs.replace(order.request, model="../storage/x"))
    async with served(json_of({"request_id": ID})) as (provider, requests):
        with pytest.raises(SubmissionRefused):
            await provider.submit(order)
    assert requests == []


# What a submission came to

_MADE = b'{"request_id": "abc"}'
_LOCKED = b'{"detail": "User is locked. Reason: Exhausted balance. Top up your balance."}'


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (400, b"<html>", "input"), (401, b"<html>", "access"), (402, b"{}", "credits"), (403, b"<html>", "access"),
        (403, b'{"detail": "Forbidden"}', "access"), (403, _LOCKED, "credits"), (404, b"<html>", "input"),
        (422, b'{"detail": []}', "input"), (429, b"", "busy"),
    ],
)  # fmt: skip
async def test_a_refusal_has_a_reason(status: int, body: bytes, reason: str) -> None:
    async with served(Answer(status=status, headers={"Retry-After": "12"}, body=body)) as (provider, requests):
        with pytest.raises(SubmissionRefused) as raised:
            await provider.submit(order_of())
        assert (raised.value.reason, raised.value.code, raised.value.retry_after) == (reason, status, 12)
        assert len(requests) == 1


async def test_an_account_without_credit_is_refused(tmp_path: Path) -> None:
    async with open_rig(tmp_path, credit=0.01) as rig:
        with pytest.raises(SubmissionRefused) as raised:
            await rig.provider.submit(rig.order())
        assert raised.value.reason == "credits"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=500, body=b"{}"),
        Answer(status=502, body=b"<html>"),
        Answer(status=503, headers={"Retry-After": "1"}),
        Answer(status=504),
        Answer(status=408),
        Answer(status=409),
        Answer(status=200, body=b"{}"),
        Answer(status=200, body=b'{"request_id": ""}'),
        Answer(status=200, body=b'{"request_id": 7}'),
        Answer(status=200, body=b'{"request_id": "../../storage"}'),
        Answer(status=200, body=b"<html>"),
        Answer(status=301, headers={"Location": "/elsewhere"}),
        Answer(status=422, body=_MADE),
        Answer(status=200, body=_MADE, sent="nothing"),
        Answer(status=200, body=_MADE, sent="half"),
    ],
    ids=lambda answer: f"{answer.status}-{answer.sent}-{answer.body.decode()}",
)
async def test_any_doubt_is_unclear_and_sent_once(answer: Answer) -> None:
    async with served(answer) as (provider, requests):
        with pytest.raises(AcceptanceUnknown):
            await provider.submit(order_of())
        assert len(requests) == 1


async def test_a_request_that_is_slow_is_unclear() -> None:
    quick = FalConfig(submit=0.05)
    async with served(Answer(body=_MADE, pause=30), config=quick) as (provider, requests):
        with pytest.raises(AcceptanceUnknown):
            await provider.submit(order_of())
        assert len(requests) == 1


@pytest.mark.parametrize("fault", [InjectedFault.CUT_BEFORE, InjectedFault.CUT_AFTER, InjectedFault.ERROR_AFTER])
async def test_of_a_lost_submission_fal_is_asked_nothing_and_sent_nothing(opened: Any, fault: InjectedFault) -> None:
    async with opened as rig:
        order = rig.order()
        rig.service.script("submit", [fault])
        with pytest.raises(AcceptanceUnknown):
            await rig.provider.submit(order)
        lost = remember(rig, order, None)
        with pytest.raises(ProviderSilent, match="no list"):
            await rig.provider.find(lost, taken=frozenset())
        with pytest.raises(ProviderSilent, match="nobody knows its id"):
            await rig.provider.poll(lost)
        assert sum(rig.service.requests.counts.values()) == 1
        assert rig.service.duplicates == ()
