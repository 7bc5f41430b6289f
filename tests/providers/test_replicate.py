"""Replicate's own rules, beside those that every provider keeps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest

from enlarger.catalog import get_model
from enlarger.errors import (
    AcceptanceUnknown,
    ConfigurationError,
    ProviderSilent,
    ResultGone,
    RouteUnfit,
    SubmissionRefused,
)
from enlarger.infra.safe_http import Allowed
from enlarger.providers import Accepted, Order, Report, Submission
from enlarger.providers.replicate import ReplicateProvider
from enlarger.providers.replicate.answers import read_created
from enlarger.providers.replicate.finding import Search, SoughtSubmission
from enlarger.providers.replicate.provider import ReplicateConfig, _OwnFiles
from enlarger.providers.replicate.reports import read_report
from enlarger.providers.replicate.settings import ReplicateSettings
from enlarger.settings import read_settings
from enlarger.testing import InjectedFault
from enlarger.testing.exchange import Answer, Request
from enlarger.testing.listener import Listener
from tests.providers.replicate_rig import PICTURE, WEBHOOK_KEY, WEBHOOK_URL, ReplicateRig, announce, open_rig
from tests.providers.rig import heard, make_order, remember

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def opened(tmp_path: Path) -> AbstractAsyncContextManager[ReplicateRig]:
    return open_rig(tmp_path)


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


# What is sent


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


@pytest.mark.parametrize(
    ("output", "outputs"),
    [
        ("https://a.b/c.png", ("https://a.b/c.png",)),
        (["https://a.b/1", "https://a.b/2"], ("https://a.b/1", "https://a.b/2")),
        ({"image": "https://a.b/1"}, ("https://a.b/1",)),
    ],
)
def test_outputs_are_urls_in_any_shape(output: Any, outputs: tuple[str, ...]) -> None:
    report = read(output=output)
    assert (report.outputs, report.cost) == (outputs, Decimal("0.039") * len(outputs))


def test_an_output_that_is_no_file_is_data() -> None:
    assert read(output="a word").data == {"result": "a word"}


@pytest.mark.parametrize("fields", [{"output": None}, {"output": []}, {"status": "starting"}, {"status": "new word"}])
def test_a_success_without_its_output_is_running(fields: dict[str, Any]) -> None:
    assert read(**fields).state == "running"


def test_times_are_read() -> None:
    report = read(completed_at="2026-11-21T12:00:05.123456789Z", metrics={"predict_time": 4.5})
    assert (report.seconds, report.ended_at) == (4.5, NOW + timedelta(seconds=5, microseconds=123456))


@pytest.mark.parametrize(
    ("message", "code", "faulty"),
    [
        ("NSFW content detected.", "failed", True),
        ("The input was flagged as sensitive. (E005)", "E005", True),
        ("Invalid image", "failed", True),
        ("unsupported format", "failed", True),
        ("CUDA out of memory", "failed", False),
        ("Prediction interrupted; please retry (code: PA)", "PA", False),
        (None, "failed", False),
    ],
)
def test_a_failure_says_whose_fault_it_is(message: str | None, code: str, faulty: bool) -> None:
    report = read(status="failed", error=message, output=None)
    assert (report.state, report.code, report.faulty_input, report.cost) == ("failed", code, faulty, Decimal(0))
    assert report.message


@pytest.mark.parametrize(("status", "cost"), [("canceled", None), ("aborted", Decimal(0))])
def test_what_was_called_off_has_failed(status: str, cost: Decimal | None) -> None:
    report = read(status=status, output=None)
    assert (report.state, report.code, report.cost) == ("failed", status, cost)


async def test_a_result_whose_data_was_removed_is_gone(opened: Any) -> None:
    async with opened as rig:
        sent = await accept(rig)
        rig.advance(rig.seconds + 3600)
        with pytest.raises(ResultGone):
            await rig.provider.poll(sent)


async def test_a_prediction_that_is_not_known_yet_is_running(opened: Any) -> None:
    async with opened as rig:
        sent = await accept(rig)
        rig.service.script("get", [InjectedFault.NULL_RECORD])
        assert (await rig.provider.poll(sent)).state == "running"


@pytest.mark.parametrize(
    "fault",
    [
        InjectedFault.TOO_MANY,
        InjectedFault.SERVER_ERROR,
        InjectedFault.CUT_AFTER,
        InjectedFault.NO_DATA,
        InjectedFault.FORBIDDEN,
    ],
)
async def test_no_usable_answer_is_silence(opened: Any, fault: InjectedFault) -> None:
    async with opened as rig:
        sent = await accept(rig)
        rig.service.script("get", [fault], retry_after=9)
        with pytest.raises(ProviderSilent) as raised:
            await rig.provider.poll(sent)
        assert raised.value.retry_after == (9 if fault is InjectedFault.TOO_MANY else None)


# The list


async def test_a_lost_submission_is_found_beyond_the_first_page(tmp_path: Path) -> None:
    async with open_rig(tmp_path, page_size=2) as rig:
        lost = await lose(rig, InjectedFault.CUT_AFTER)
        for _ in range(5):
            await accept(rig)
        found = await rig.provider.find(lost, taken=frozenset(rig.taken[1:]))
        assert found == Accepted(rig.taken[0])


async def test_a_lost_submission_is_found_after_the_catalogue_has_changed(opened: Any) -> None:
    """What is looked for is what was sent, not what would be sent today."""
    model, input = get_model("topaz/image-upscale"), {"image_url": PICTURE, "upscale_factor": "2"}
    route = model.routes["replicate"]
    renamed = msgspec.structs.replace(route, model="topazlabs/new-name", fields={**route.fields, "image_url": "photo"})
    later = msgspec.structs.replace(model, routes={"replicate": renamed})
    async with opened as rig:
        lost = await lose(rig, InjectedFault.CUT_AFTER, make_order(rig.provider, "1", model, input))
        changed = rig.provider.prepare(later, input)
        assert (changed.model, changed.input) != (lost.request.model, lost.request.input)
        assert await rig.provider.find(lost, taken=frozenset()) == Accepted(rig.taken[0])
        rig.advance(ReplicateConfig().unlisted)
        anew = msgspec.structs.replace(lost, request=changed)
        assert await rig.provider.find(anew, taken=frozenset()) is None, "so it would have been sent again"


async def test_the_list_is_read_no_further_than_the_submission(tmp_path: Path) -> None:
    async with open_rig(tmp_path, page_size=1) as rig:
        for _ in range(4):
            await accept(rig)
        rig.advance(61)
        lost = await lose(rig, InjectedFault.CUT_BEFORE)
        rig.advance(180)
        assert await rig.provider.find(lost, taken=frozenset()) is None
        assert rig.service.requests.counts["list"] == 1


def test_a_list_need_not_be_in_the_strict_order_of_time() -> None:
    earliest = NOW - timedelta(minutes=1)
    wanted = SoughtSubmission(model="a/b", input={"prompt": "x"}, webhook=None, submitted_at=NOW, earliest=earliest)
    search = Search(wanted, frozenset())
    old, own = ({"id": name, "model": "a/b", "input": wanted.input} for name in ("old", "own"))
    old["created_at"] = (NOW - timedelta(minutes=2)).isoformat()
    own["created_at"] = NOW.isoformat()
    assert not search.see([old, own])
    assert search.likely == "own"
    assert search.see([own, old])


async def test_a_young_submission_is_not_given_up(opened: Any) -> None:
    async with opened as rig:
        lost = await lose(rig, InjectedFault.CUT_BEFORE)
        rig.advance(179)
        with pytest.raises(ProviderSilent):
            await rig.provider.find(lost, taken=frozenset())


async def test_a_list_that_breaks_off_says_nothing(tmp_path: Path) -> None:
    async with open_rig(tmp_path, page_size=1) as rig:
        lost = await lose(rig, InjectedFault.CUT_BEFORE)
        await accept(rig)
        await accept(rig)
        rig.advance(180)
        for fault in (
            InjectedFault.BAD_GATEWAY,
            InjectedFault.CUT_MIDDLE,
            InjectedFault.NO_DATA,
            InjectedFault.TOO_MANY,
        ):
            rig.service.script("list", [None, fault])
            with pytest.raises(ProviderSilent):
                await rig.provider.find(lost, taken=frozenset())


async def test_a_webhook_that_is_named_decides(tmp_path: Path) -> None:
    async with open_rig(tmp_path, tell_webhooks=True) as rig:
        order = rig.order()
        await accept(rig, msgspec.structs.replace(order, webhook_url=f"{WEBHOOK_URL}-of-another"))
        lost = await lose(rig, InjectedFault.CUT_BEFORE, order)
        rig.advance(180)
        assert await rig.provider.find(lost, taken=frozenset()) is None
        lost = await lose(rig, InjectedFault.CUT_AFTER, order)
        assert await rig.provider.find(lost, taken=frozenset()) == Accepted(rig.taken[-1])


async def test_a_prediction_that_was_only_heard_of_has_to_be_the_submissions_own(tmp_path: Path) -> None:
    async with open_rig(tmp_path, tell_webhooks=True) as rig:
        own, other = await heard(rig), await heard(rig)

        assert (await rig.provider.poll(own)).state == "running"
        with pytest.raises(ProviderSilent, match="for another submission"):
            await rig.provider.poll(msgspec.structs.replace(own, provider_task_id=other.provider_task_id))


async def test_of_two_that_are_alike_the_nearer_one_is_meant(opened: Any) -> None:
    async with opened as rig:
        order = rig.order()
        first = await lose(rig, InjectedFault.CUT_AFTER, order)
        rig.advance(20)
        second = await lose(rig, InjectedFault.CUT_AFTER, order)
        one, two = rig.taken
        assert await rig.provider.find(first, taken=frozenset()) == Accepted(one)
        assert await rig.provider.find(second, taken=frozenset()) == Accepted(two)
        assert await rig.provider.find(second, taken=frozenset({two})) == Accepted(one)


async def test_one_that_is_alike_and_far_too_late_is_doubtful(opened: Any) -> None:
    async with opened as rig:
        order = rig.order()
        lost = await lose(rig, InjectedFault.CUT_BEFORE, order)
        rig.advance(400)
        await accept(rig, order)
        with pytest.raises(ProviderSilent):
            await rig.provider.find(lost, taken=frozenset())


async def test_one_whose_input_was_removed_is_doubtful(opened: Any) -> None:
    async with opened as rig:
        lost = await lose(rig, InjectedFault.CUT_AFTER)
        rig.advance(rig.seconds + 3600)
        with pytest.raises(ProviderSilent):
            await rig.provider.find(lost, taken=frozenset())


async def test_the_token_follows_no_address_of_the_list() -> None:
    body = msgspec.json.encode({"results": [], "next": "http://127.0.0.2:9/v1/predictions?cursor=x"})
    async with served(Answer(body=body)) as (provider, requests):
        with pytest.raises(ProviderSilent, match="does not reach back"):
            await provider.find(submission(provider_task_id=None), taken=frozenset())
        assert {request.path for request in requests} == {"/v1/predictions"}


# Announcements


async def test_the_key_is_asked_for_once_where_none_is_set(tmp_path: Path) -> None:
    async with open_rig(tmp_path, settings={"replicate_webhook_key": None}) as rig:
        sent = await accept(rig)
        rig.advance(rig.seconds)
        assert sent.provider_task_id
        for _ in range(3):
            report = await rig.provider.verify_webhook(rig.webhook(sent.provider_task_id), sent)
            assert report is not None
            assert report.state == "succeeded"
        assert rig.service.requests.counts["secret"] == 1


async def test_a_key_that_cannot_be_had_leaves_it_to_a_question(tmp_path: Path) -> None:
    async with open_rig(tmp_path, settings={"replicate_webhook_key": None}) as rig:
        sent = await accept(rig)
        rig.advance(rig.seconds)
        rig.service.script("secret", [InjectedFault.SERVER_ERROR])
        assert sent.provider_task_id
        assert await rig.provider.verify_webhook(rig.webhook(sent.provider_task_id), sent) is None
        assert await rig.provider.verify_webhook(rig.webhook(sent.provider_task_id), sent) is None
        assert rig.service.requests.counts["secret"] == 1
        rig.advance(60)
        assert await rig.provider.verify_webhook(rig.webhook(sent.provider_task_id), sent) is not None


async def test_an_old_announcement_is_not_believed(opened: Any) -> None:
    async with opened as rig:
        sent = await accept(rig)
        rig.advance(rig.seconds)
        assert sent.provider_task_id
        webhook = rig.webhook(sent.provider_task_id)
        rig.advance(301)
        assert await rig.provider.verify_webhook(webhook, sent) is None


async def test_an_announcement_of_something_unfinished_says_nothing(opened: Any) -> None:
    async with opened as rig:
        sent = await accept(rig)
        assert sent.provider_task_id
        assert await rig.provider.verify_webhook(rig.webhook(sent.provider_task_id), sent) is None


async def test_an_announcement_that_names_another_webhook_is_not_believed(opened: Any) -> None:
    async with opened as rig:
        body = msgspec.json.encode(record(webhook="https://example.com/another"))
        webhook = announce(body, key=WEBHOOK_KEY, at=rig.clock())
        assert await rig.provider.verify_webhook(webhook, submission(webhook_url=WEBHOOK_URL)) is None


# Files, and the rest


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://api.replicate.com/v1/files/abc", True),
        ("https://api.replicate.com/v1/account", False),
        ("https://api.replicate.com/v1/files/../account", False),
        ("https://api.replicate.com.example.com/v1/files/abc", False),
        ("http://api.replicate.com/v1/files/abc", False),
        ("https://api.replicate.com:8443/v1/files/abc", False),
        ("https://replicate.delivery/v1/files/abc", False),
    ],
)
def test_the_token_goes_to_replicates_own_files_alone(url: str, sent: bool) -> None:
    auth = _OwnFiles("https://api.replicate.com/v1", "token")
    [request] = auth.auth_flow(httpx2.Request("GET", url))
    assert ("authorization" in request.headers) == sent


async def test_an_own_file_can_be_fetched(opened: Any, tmp_path: Path) -> None:
    async with opened as rig:
        (tmp_path / "a.png").write_bytes(b"bytes")
        url = await rig.provider.upload(tmp_path / "a.png", name="a.png", mime_type="image/png")
        await rig.provider.fetch(f"{url}/download", tmp_path / "b.png")
        assert (tmp_path / "b.png").read_bytes() == b"bytes"


async def test_a_probe_says_what_is_wrong(opened: Any) -> None:
    async with opened as rig:
        for fault, reason in ((InjectedFault.FORBIDDEN, "access"), (InjectedFault.TOO_MANY, "busy")):
            rig.service.script("account", [fault])
            with pytest.raises(SubmissionRefused) as raised:
                await rig.provider.probe()
            assert raised.value.reason == reason
        rig.service.script("account", [InjectedFault.SERVER_ERROR])
        with pytest.raises(ProviderSilent):
            await rig.provider.probe()


@pytest.mark.parametrize(
    "wrong",
    [
        {"replicate_api_token": " "},
        {"replicate_api_token": "тайна"},
        {"url": "no-url"},
        {"replicate_webhook_key": "whsec_!"},
        {"replicate_proxy": "no proxy"},
    ],
)
def test_a_setting_that_is_wrong_is_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as raised:
        provider_at(**wrong)
    assert "REPLICATE" in str(raised.value) or "proxy" in str(raised.value)
    assert not any(value.strip() and value in str(raised.value) for value in wrong.values())
