"""KIE beyond what every provider promises: what each of its answers means."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enlarger.catalog import get_model
from enlarger.client.wire import Reply
from enlarger.errors import (
    AcceptanceUnknown,
    ConfigurationError,
    FileMissing,
    ProviderError,
    ProviderSilent,
    ResultGone,
    ResultUnusable,
    RouteUnfit,
    SubmissionRefused,
)
from enlarger.infra.safe_http import Allowed
from enlarger.protocol.webhook import Webhook
from enlarger.providers import Accepted, Order, Report, Submission, WireRequest
from enlarger.providers.kie import KieProvider
from enlarger.providers.kie.answers import read_created
from enlarger.providers.kie.provider import KieConfig
from enlarger.providers.kie.settings import KieSettings
from enlarger.settings import read_settings
from enlarger.testing import InjectedFault, StandIn
from enlarger.testing.exchange import Answer, Request, file, page, refusal, success, with_headers
from enlarger.testing.listener import Listener
from enlarger.testing.pictures import draw_picture
from tests.loopback_server import loopback_server
from tests.providers.kie_rig import MODEL, PICTURE, WEBHOOK_KEY, WEBHOOK_URL, KieRig, announce, open_rig, settings_for
from tests.providers.rig import heard, make_order, remember

TASK_ID = "5f488be792eafad4b066e21e5bc472c7"
CREATED = success({"taskId": TASK_ID, "recordId": TASK_ID})
NO_RECORD = refusal(422, "recordInfo is null")


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[KieRig]:
    async with open_rig(tmp_path) as opened:
        yield opened


class Scripted:
    """A service on loopback that gives these answers, the last one as often as it is asked."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self._answers = list(answers)
        self.requests: list[Request] = []
        self.listener = Listener(self._answer)

    def _answer(self, request: Request) -> Answer:
        self.requests.append(request)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@contextmanager
def scripted(*answers: Answer) -> Iterator[Scripted]:
    service = Scripted(answers)
    service.listener.start()
    try:
        yield service
    finally:
        service.listener.close()


Answering = Callable[..., tuple[KieProvider, list[Request]]]


@pytest.fixture
async def answering() -> AsyncIterator[Answering]:
    """Makes a provider whose KIE gives these answers, and the list of what it is asked."""
    providers = []
    with ExitStack() as opened:

        def make(*answers: Answer, **changes: Any) -> tuple[KieProvider, list[Request]]:
            service = opened.enter_context(scripted(*answers))
            settings = read_settings(
                KieSettings,
                **{
                    "kie_api_key": "key-of-the-account",
                    "kie_base_url": service.listener.url,
                    "kie_webhook_key": WEBHOOK_KEY,
                    **changes,
                },
            )
            providers.append(KieProvider(settings, Allowed.parse(())))
            return providers[-1], service.requests

        yield make
        for provider in providers:
            await provider.close()


def order(**input: Any) -> Order:
    """Of a model that KIE knows by the same words."""
    input = {"prompt": "a cat", "image_urls": [PICTURE], **input}
    return Order(task_id="task-1", request=WireRequest(model=MODEL, input=input), webhook_url=WEBHOOK_URL)


def submission(*, age: float = 1000, provider_task_id: str | None = TASK_ID) -> Submission:
    sent = order()
    return Submission(
        task_id=sent.task_id,
        request=sent.request,
        submitted_at=datetime.now(UTC) - timedelta(seconds=age),
        webhook_url=sent.webhook_url,
        provider_task_id=provider_task_id,
    )


def record(state: str, **fields: Any) -> dict[str, Any]:
    return {
        "taskId": TASK_ID,
        "model": MODEL,
        "state": state,
        "param": "{}",
        "resultJson": "",
        "failCode": None,
        "failMsg": None,
        "costTime": None,
        "completeTime": None,
        "createTime": 1_786_413_261_000,
        "creditsConsumed": 0.0,
        **fields,
    }


SUCCEEDED = record(
    "success",
    resultJson='{"resultUrls":["https://example.com/1.png","https://example.com/2.png"]}',
    costTime=21,
    completeTime=1_786_413_282_000,
    creditsConsumed=4.5,
)


def reply(body: Any, *, status: int = 200, **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return Reply(
        status_code=status, headers={name.replace("_", "-"): value for name, value in headers.items()}, content=content
    )


def envelope(code: int, message: str = "", data: Any = None) -> dict[str, Any]:
    return {"code": code, "msg": message, "data": data}


# What leaves


async def test_a_submission_is_one_request_with_the_input_translated(rig: KieRig) -> None:
    outcome = await rig.provider.submit(rig.order())

    [task] = rig.service.tasks
    assert outcome == Accepted(task.id)
    assert task.model == MODEL
    assert task.input == {"prompt": f"{rig.secrets[4]}, 0", "image_urls": [PICTURE]}
    assert task.callback_url == f"{WEBHOOK_URL}-0"
    assert rig.service.requests.counts["createTask"] == sum(rig.service.requests.counts.values()) == 1


async def test_the_route_names_the_model_and_its_fields(answering: Answering) -> None:
    provider, requests = answering(CREATED)
    model = get_model(MODEL)
    route = msgspec.structs.replace(
        model.routes["kie"], model="their/name", fields={"prompt": "text", "image_urls": "images"}
    )
    foreign = msgspec.structs.replace(model, routes={"kie": route})

    input = {"prompt": "a cat", "image_urls": [PICTURE]}
    await provider.submit(make_order(provider, "task-1", foreign, input, webhook_url=WEBHOOK_URL))
    with pytest.raises(RouteUnfit):
        provider.prepare(foreign, {**input, "aspect_ratio": "16:9"})

    [sent] = requests
    assert msgspec.json.decode(sent.body) == {
        "model": "their/name",
        "input": {"text": "a cat", "images": [PICTURE]},
        "callBackUrl": WEBHOOK_URL,
    }
    assert sent.headers["authorization"] == "Bearer key-of-the-account"


async def test_an_input_that_is_no_json_is_refused_here(answering: Answering) -> None:
    provider, requests = answering(CREATED)

    with pytest.raises(SubmissionRefused) as raised:
        await provider.submit(order(prompt=float("nan")))

    assert raised.value.reason == "input"
    assert not requests


@pytest.mark.parametrize(
    "answer",
    [
        refusal(429, "too many"),
        refusal(500, "Server exception"),
        page(HTTPStatus.BAD_GATEWAY),
        Answer(sent="nothing"),
        Answer(status=307, headers={"Location": "/elsewhere"}),
        Answer(status=302, headers={"Location": "/elsewhere"}),
        Answer(status=401, headers={"WWW-Authenticate": "Basic"}),
    ],
)
async def test_whatever_the_answer_is_nothing_is_sent_again(answering: Answering, answer: Answer) -> None:
    provider, requests = answering(answer, CREATED)

    with pytest.raises((SubmissionRefused, AcceptanceUnknown)):
        await provider.submit(order())

    assert [request.path for request in requests] == ["/api/v1/jobs/createTask"]


# What was surely not taken


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        *((code, "busy") for code in (429, 430, 550)),
        *((code, "credits") for code in (402, 433)),
        *((code, "access") for code in (401, 403)),
        *((code, "input") for code in (400, 404, 405, 413, 422, 451, 501, 505)),
        (455, "down"),
    ],
)
@pytest.mark.parametrize("real", [False, True])
def test_a_body_code_says_why_it_was_refused(code: int, reason: str, *, real: bool) -> None:
    with pytest.raises(SubmissionRefused) as raised:
        read_created(reply(envelope(code, "No."), status=code if real else 200, retry_after="7"))

    assert (raised.value.reason, raised.value.code, raised.value.retry_after) == (reason, code, 7)


@pytest.mark.parametrize(
    ("status", "reason"),
    [(403, "access"), (401, "access"), (407, "access"), (429, "busy"), (404, "down"), (405, "down"), (413, "input")],
)
@pytest.mark.parametrize("body", [b"<html>No.</html>", b'{"status":404,"error":"Not Found"}', b"", b"[]"])
def test_a_page_of_something_in_front_of_the_service_refuses_by_its_status(
    status: int, reason: str, body: bytes
) -> None:
    with pytest.raises(SubmissionRefused) as raised:
        read_created(reply(body, status=status, retry_after="Wed, 21 Oct 2015 07:28:00 GMT"))

    assert (raised.value.reason, raised.value.code, raised.value.retry_after) == (reason, status, 0)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("prompt is required", "input"),
        ("input is required.", "input"),
        ("The 'image_urls' field is required", "input"),
        ("This interface is temporarily paused.", "input"),
        ("Credits insufficient: the current credits are not enough to run this request. Please top up.", "credits"),
        ("Your credits are insufficient", "credits"),
    ],
)
@pytest.mark.parametrize("status", [200, 500])
def test_code_500_is_a_refusal_in_the_words_that_mean_one(words: str, reason: str, status: int) -> None:
    with pytest.raises(SubmissionRefused) as raised:
        read_created(reply(envelope(500, words), status=status))

    assert raised.value.reason == reason


async def test_a_service_without_the_model_or_a_field_refuses(rig: KieRig) -> None:
    paused = get_model("sora-2-text-to-video")
    with pytest.raises(SubmissionRefused) as raised:
        await rig.provider.submit(make_order(rig.provider, "1", paused, {"prompt": "a cat"}))
    assert (raised.value.reason, raised.value.code) == ("input", 500)

    with pytest.raises(SubmissionRefused) as raised:
        await rig.provider.submit(make_order(rig.provider, "2", get_model(MODEL), {"prompt": "a cat"}))
    assert (raised.value.reason, raised.value.code) == ("input", 500)

    assert not rig.taken


async def test_an_account_without_credits_is_told_so(tmp_path: Path) -> None:
    async with open_rig(tmp_path, credits=3) as rig:
        with pytest.raises(SubmissionRefused) as raised:
            await rig.provider.submit(rig.order())
    assert (raised.value.reason, raised.value.code, rig.taken) == ("credits", 402, ())


async def test_maintenance_is_out_of_order(rig: KieRig) -> None:
    rig.service.script("createTask", [InjectedFault.MAINTENANCE])

    with pytest.raises(SubmissionRefused) as raised:
        await rig.provider.submit(rig.order())

    assert (raised.value.reason, raised.value.code) == ("down", 455)


# What nobody can say


@pytest.mark.parametrize(
    ("fault", "taken"),
    [
        (InjectedFault.CUT_BEFORE, 0),
        (InjectedFault.CUT_AFTER, 1),
        (InjectedFault.CUT_MIDDLE, 1),
        (InjectedFault.NO_DATA, 1),
        (InjectedFault.ERROR_AFTER, 1),
        (InjectedFault.BAD_GATEWAY, 0),
        (InjectedFault.SERVER_ERROR, 0),
    ],
)
async def test_a_fault_after_sending_is_unclear(rig: KieRig, fault: InjectedFault, taken: int) -> None:
    rig.service.script("createTask", [fault])

    with pytest.raises(AcceptanceUnknown):
        await rig.provider.submit(rig.order())

    assert (len(rig.taken), rig.asked) == (taken, 1)


async def test_an_answer_that_does_not_come_in_time_is_unclear(rig: KieRig) -> None:
    rig.service.script("createTask", [InjectedFault.SLOW], slow_seconds=30)
    provider = KieProvider(settings_for(rig.service), Allowed.parse(()), config=KieConfig(submit=0.1))

    with pytest.raises(AcceptanceUnknown):
        await provider.submit(rig.order())
    await provider.close()

    assert len(rig.taken) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, envelope(500, "Server exception, please try again later or contact customer service")),
        (200, envelope(500, "The task was stored, but authentication of the worker is required again")),
        (200, envelope(408, "The upstream is silent")),
        (200, envelope(409, "In flight")),
        (200, envelope(777, "Something new")),
        (200, envelope(200, "success", {})),
        (200, envelope(200, "success", {"taskId": ""})),
        (200, envelope(200, "success", {"taskId": 7})),
        (200, envelope(200, "success", {"taskId": "a\nb"})),
        (200, envelope(200, "success", None)),
        (200, envelope(422, "But there is a task", {"taskId": TASK_ID})),
        (200, b""),
        (200, b'{"code":200,"da'),
        (200, b"<html>Welcome to the hotel</html>"),
        (200, b"[" * 100_000),
        (202, b""),
        (204, b""),
        (302, b""),
        (303, b""),
        (408, b"<html>Timeout</html>"),
        (408, envelope(408)),
        (499, b""),
        (403, envelope(200, "success", {"taskId": TASK_ID})),
        *((status, b"<html>Oh no</html>") for status in (500, 501, 502, 503, 504, 505, 520, 522, 524, 550)),
        (502, envelope(422, "Somebody else's words")),
        (503, envelope(500, "prompt is required")),
        (500, envelope(500, "Internal error")),
    ],
)
def test_whatever_is_no_clear_refusal_is_unclear(status: int, body: Any) -> None:
    with pytest.raises(AcceptanceUnknown):
        read_created(reply(body, status=status))


@given(
    status=st.sampled_from([200, 201, 202, 301, 302, 400, 401, 403, 404, 408, 422, 429, 451, 500, 502, 503, 505, 550]),
    code=st.none() | st.integers(0, 999) | st.integers(0, 999).map(str) | st.text(max_size=3),
    message=st.sampled_from(["success", "prompt is required", "This interface is temporarily paused", "Oh no"]),
    name=st.sampled_from(["taskId", "recordId"]),
)
def test_an_answer_that_names_a_task_is_never_a_refusal(status: int, code: Any, message: str, name: str) -> None:
    body = {"code": code, "msg": message, "data": {name: TASK_ID}}
    try:
        assert read_created(reply(body, status=status)) == TASK_ID
    except AcceptanceUnknown:
        assert (status, str(code)) != (200, "200")


# What became of it


async def test_a_success_tells_all_that_the_record_tells(answering: Answering) -> None:
    provider, requests = answering(success(SUCCEEDED))

    report = await provider.poll(submission())

    assert report == Report(
        provider_task_id=TASK_ID,
        state="succeeded",
        progress=100,
        outputs=("https://example.com/1.png", "https://example.com/2.png"),
        cost=Decimal("0.0225"),
        seconds=21,
        ended_at=datetime(2026, 8, 11, 1, 54, 42, tzinfo=UTC),
    )
    assert [(request.path, request.query) for request in requests] == [("/api/v1/jobs/recordInfo", {"taskId": TASK_ID})]


@pytest.mark.parametrize(
    ("result", "data"),
    [
        ('{"resultObject":{"text":"hello"}}', {"text": "hello"}),
        ('{"resultObject":"hello"}', {"result": "hello"}),
        ('{"resultObject":["hello"]}', {"result": ["hello"]}),
    ],
)
async def test_a_result_that_is_no_file_is_data(answering: Answering, result: str, data: dict[str, Any]) -> None:
    provider, _ = answering(success(record("success", resultJson=result)))

    report = await provider.poll(submission())

    assert (report.state, report.outputs, report.data) == ("succeeded", (), data)


@pytest.mark.parametrize(
    ("told", "progress"),
    [
        (record("waiting"), 0),
        (record("queuing"), 0),
        (record("generating", progress=40), 40),
        (record("generating", progress=100), 99),
        (record("generating", progress=-3), 0),
        (record("a-word-of-next-year"), 0),
        (record("success"), 0),
        (record("success", resultJson='{"resultUrls":[]}'), 0),
        (record("success", resultJson="{broken"), 0),
    ],
)
async def test_what_has_no_result_yet_is_running(answering: Answering, told: dict[str, Any], progress: int) -> None:
    provider, _ = answering(success(told))

    assert await provider.poll(submission()) == Report(provider_task_id=TASK_ID, state="running", progress=progress)


async def test_a_success_without_its_result_is_asked_for_again(rig: KieRig) -> None:
    order = rig.order()
    sent = remember(rig, order, await rig.provider.submit(order))
    rig.advance(rig.seconds)
    rig.service.script("recordInfo", [InjectedFault.EMPTY_RESULT])

    assert [(await rig.provider.poll(sent)).state for _ in range(2)] == ["running", "succeeded"]


@pytest.mark.parametrize(
    ("code", "message", "faulty"),
    [
        *((code, "Oh no", True) for code in ("400", "413", "422", "451")),
        *((code, "Oh no", False) for code in ("500", "501", "408", None)),
        ("500", "Your prompt was flagged by our content policy.", True),
        ("500", "NSFW content detected", True),
        ("501", "InputImageSensitive", True),
        ("nsfw", "Oh no", True),
        ("content_policy", "Oh no", True),
        ("501", "This is prohibited content", True),
        ("500", "Oh no, the names are case-insensitive", False),
        ("500", "The police station could not be drawn", False),
    ],
)
async def test_a_failure_says_why_and_whose_fault_it_is(
    answering: Answering, code: str | None, message: str, *, faulty: bool
) -> None:
    failed = record("fail", failCode=code, failMsg=message, costTime=0, completeTime=1_786_413_282_000)
    provider, _ = answering(success(failed))

    assert await provider.poll(submission()) == Report(
        provider_task_id=TASK_ID,
        state="failed",
        progress=100,
        code=code,
        message=message,
        faulty_input=faulty,
        cost=Decimal(0),
        ended_at=datetime(2026, 8, 11, 1, 54, 42, tzinfo=UTC),
    )


async def test_a_failure_without_a_reason_has_a_message_all_the_same(answering: Answering) -> None:
    provider, _ = answering(success(record("fail")))

    assert (await provider.poll(submission())).message


@pytest.mark.parametrize("credits", [None, "4", True, -1, [4]])
async def test_a_cost_that_is_none_is_not_told(answering: Answering, credits: Any) -> None:
    provider, _ = answering(success({**SUCCEEDED, "creditsConsumed": credits}))

    assert (await provider.poll(submission())).cost is None


async def test_a_task_that_was_just_made_may_not_be_known_yet(rig: KieRig) -> None:
    order = rig.order()
    sent = remember(rig, order, await rig.provider.submit(order))
    rig.service.script("recordInfo", [InjectedFault.NULL_RECORD] * 2)

    rig.advance(89)
    assert (await rig.provider.poll(sent)).state == "running"
    rig.advance(1)
    with pytest.raises(ResultGone):
        await rig.provider.poll(sent)
    assert (await rig.provider.poll(sent)).state == "succeeded"


@pytest.mark.parametrize(
    ("answer", "code", "retry_after"),
    [
        (with_headers(refusal(429, "too many"), {"Retry-After": "3"}), 429, 3),
        (refusal(401, "No."), 401, None),
        (refusal(402, "No."), 402, None),
        (refusal(404, "No."), 404, None),
        (refusal(422, "taskId is wrong"), 422, None),
        (refusal(455, "Closed."), 455, None),
        (refusal(500, "Oh no."), 500, None),
        (page(HTTPStatus.FORBIDDEN), 403, None),
        (page(HTTPStatus.NOT_FOUND), 404, None),
        (page(HTTPStatus.BAD_GATEWAY), 502, None),
        (page(HTTPStatus.OK), 200, None),
        (success(None), 500, None),
        (success({"state": "success"}), 500, None),
        (success({**SUCCEEDED, "taskId": "another"}), 500, None),
        (msgspec.structs.replace(success(SUCCEEDED), sent="half"), 500, None),
        (Answer(sent="nothing"), 500, None),
    ],
)
async def test_whatever_says_nothing_of_the_task_is_silence(
    answering: Answering, answer: Answer, code: int, retry_after: float | None
) -> None:
    provider, requests = answering(answer)

    with pytest.raises(ProviderSilent) as raised:
        await provider.poll(submission())

    assert (raised.value.code, raised.value.retry_after) == (code, retry_after)
    assert len(requests) == 1


async def test_a_task_without_an_id_is_not_asked_for(answering: Answering) -> None:
    provider, requests = answering(success(SUCCEEDED))

    with pytest.raises(ProviderSilent):
        await provider.poll(submission(provider_task_id=None))

    assert not requests


# Callbacks


@pytest.mark.parametrize("seconds", [-301, 301])
async def test_an_old_callback_is_not_believed(rig: KieRig, seconds: float) -> None:
    rig.advance(86_400)
    webhook = announce(SUCCEEDED, key=WEBHOOK_KEY, at=rig.clock() + seconds)
    other = announce(SUCCEEDED, key=WEBHOOK_KEY, at=rig.clock() + seconds * 0.9)

    assert await rig.provider.verify_webhook(webhook, submission()) is None
    assert await rig.provider.verify_webhook(other, submission()) is not None
    assert rig.provider.webhook_task_id(webhook) == TASK_ID


async def test_without_a_key_no_callback_is_believed(rig: KieRig) -> None:
    provider = KieProvider(settings_for(rig.service, kie_webhook_key=""), Allowed.parse(()), clock=rig.clock)
    webhook = announce(SUCCEEDED, key=WEBHOOK_KEY, at=rig.clock())

    assert await provider.verify_webhook(webhook, submission()) is None
    assert provider.webhook_task_id(webhook) == TASK_ID
    await provider.close()


async def test_a_task_that_was_only_heard_of_has_to_be_the_submissions_own(rig: KieRig) -> None:
    own, other = await heard(rig), await heard(rig)

    assert (await rig.provider.poll(own)).state == "running"
    moved = msgspec.structs.replace(own, webhook_url=str(own.webhook_url).replace("127.0.0.1:9", "moved.example"))
    assert (await rig.provider.poll(moved)).state == "running"
    with pytest.raises(ProviderSilent, match="for another submission"):
        await rig.provider.poll(msgspec.structs.replace(own, provider_task_id=other.provider_task_id))


async def test_a_callback_that_tells_no_end_has_the_service_asked(rig: KieRig) -> None:
    webhook = announce(record("success"), key=WEBHOOK_KEY, at=rig.clock())

    assert await rig.provider.verify_webhook(webhook, submission()) is None


@pytest.mark.parametrize("task_id", ["", "x" * 500, "a\x00b", "é", " \n"])
async def test_an_id_that_is_none_is_not_handed_on(rig: KieRig, task_id: str) -> None:
    webhook = announce({**SUCCEEDED, "taskId": task_id}, key=WEBHOOK_KEY, at=rig.clock())

    assert rig.provider.webhook_task_id(webhook) is None
    assert await rig.provider.verify_webhook(webhook, submission(provider_task_id=None)) is None


@functools.cache
def nobody() -> KieProvider:
    """A provider that connects to nobody."""
    return KieProvider(read_settings(KieSettings, kie_api_key="key"), Allowed.parse(()))


@given(body=st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["data", "taskId", "task_id", "state", "resultJson", "failCode", "completeTime"]), inner
    ),
    max_leaves=12,
).map(lambda value: msgspec.json.encode(value) if not isinstance(value, int) else b"7"))  # fmt: skip
def test_no_body_of_a_callback_is_too_strange(body: bytes) -> None:
    named = nobody().webhook_task_id(Webhook(headers={}, body=body))

    assert named is None or (named and named.isprintable())


# Files


async def test_a_result_is_fetched_without_the_key(answering: Answering, tmp_path: Path) -> None:
    # The host of the base URL is the operator's own choice, at any port.
    provider, _ = answering(CREATED)
    picture = draw_picture("a")
    with scripted(Answer(status=302, headers={"Location": "/2.png"}), file(picture, "image/png")) as host:
        await provider.fetch(f"{host.listener.url}/1.png?token=x", tmp_path / "result")

    assert (tmp_path / "result").read_bytes() == picture
    assert [request.path for request in host.requests] == ["/1.png", "/2.png"]
    assert "key-of-the-account" not in repr(host.requests)


async def test_a_redirect_leads_to_no_private_host(answering: Answering, tmp_path: Path) -> None:
    provider, requests = answering(Answer(status=302, headers={"Location": "http://10.0.0.1/secret"}))

    with pytest.raises(ResultUnusable, match="ENLARGER_ALLOW_PRIVATE"):
        await provider.fetch(f"{provider._core.options.base_url}/1.png", tmp_path / "result")

    assert len(requests) == 1


@pytest.mark.parametrize(
    "url",
    ["http://10.0.0.1/1.png", "http://169.254.169.254/latest", "http://[::1]/1.png", "file:///etc/passwd", "nonsense",
     "http://", "http://2130706433/1.png", "ftp://example.com/1", "http://a b/", "http://x:99999/"],
)  # fmt: skip
async def test_a_result_at_no_public_address_is_not_fetched(rig: KieRig, url: str, tmp_path: Path) -> None:
    with pytest.raises(ResultUnusable) as raised:
        await rig.provider.fetch(url, tmp_path / "result")

    assert "169.254" not in str(raised.value)
    assert not (tmp_path / "result").exists()


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        (page(HTTPStatus.NOT_FOUND), ResultGone, 404),
        (page(HTTPStatus.GONE), ResultGone, 410),
        (page(HTTPStatus.FORBIDDEN), ProviderSilent, 403),
        (page(HTTPStatus.BAD_GATEWAY), ProviderSilent, 502),
        (Answer(status=206, body=b"part"), ProviderSilent, 206),
        (Answer(headers={"Content-Encoding": "gzip"}, body=b"packed"), ResultUnusable, 500),
        (msgspec.structs.replace(file(b"0123456789", "image/png"), sent="half"), ProviderSilent, 500),
    ],
)
async def test_a_download_that_fails_says_whether_it_is_worth_another_try(
    answering: Answering,
    tmp_path: Path,
    answer: Answer,
    error: type[ProviderError],
    code: int,
) -> None:
    provider, _ = answering(answer)

    with pytest.raises(error) as raised:
        await provider.fetch(f"{provider._core.options.base_url}/1.png?token=x", tmp_path / "result")

    assert raised.value.code == code
    assert "token" not in str(raised.value)
    assert [path.name for path in tmp_path.iterdir() if "result" in path.name] == []


async def test_with_a_proxy_results_come_through_it(tmp_path: Path) -> None:
    with scripted(file(b"picture", "image/png")) as proxy:
        provider = behind(proxy.listener.url)
        await provider.fetch("http://localhost:9/1.png", tmp_path / "result")
        with pytest.raises(ResultUnusable):
            await provider.fetch("http://10.0.0.1/1.png", tmp_path / "other")
        await provider.close()

    [request] = proxy.requests
    assert request.headers["host"] == "localhost:9"
    assert (tmp_path / "result").read_bytes() == b"picture"


async def test_a_proxy_is_asked_for_a_host_by_its_name(tmp_path: Path) -> None:
    lines = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append((await reader.readuntil(b"\r\n\r\n")).splitlines()[0])
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async with loopback_server(refuse) as port:
        provider = behind(f"http://127.0.0.1:{port}")
        with pytest.raises(ProviderSilent):
            await provider.fetch("https://localhost/1.png", tmp_path / "result")
        await provider.close()

    assert lines == [b"CONNECT localhost:443 HTTP/1.1"]


def behind(proxy: str) -> KieProvider:
    """A provider whose KIE, on this machine, is asked through a proxy."""
    settings = read_settings(KieSettings, kie_api_key="key", kie_base_url="http://localhost:9", kie_proxy=proxy)
    return KieProvider(settings, Allowed.parse(()))


async def test_a_file_that_is_gone_is_no_silence(rig: KieRig, tmp_path: Path) -> None:
    with pytest.raises(FileMissing):
        await rig.provider.upload(tmp_path / "no-such-file", name="a.png", mime_type="image/png")


@pytest.mark.parametrize(
    "fault",
    [
        InjectedFault.CUT_AFTER,
        InjectedFault.BAD_GATEWAY,
        InjectedFault.FORBIDDEN,
        InjectedFault.TOO_MANY,
        InjectedFault.NO_DATA,
    ],
)
async def test_an_upload_that_fails_can_be_made_later(rig: KieRig, fault: InjectedFault, small_photo: Path) -> None:
    rig.service.script("upload", [fault])

    with pytest.raises(ProviderSilent):
        await rig.provider.upload(small_photo, name="photo.jpg", mime_type="image/jpeg")

    assert rig.service.requests.counts["upload"] == 1
    assert await rig.provider.upload(small_photo, name="photo.jpg", mime_type="image/jpeg")


async def test_uploads_of_another_service_go_to_it(answering: Answering, small_photo: Path) -> None:
    provider, requests = answering(success({"downloadUrl": "https://example.com/photo.jpg"}))

    url = await provider.upload(small_photo, name="photo.jpg", mime_type="image/jpeg")

    assert url == "https://example.com/photo.jpg"
    assert [request.path for request in requests] == ["/api/file-stream-upload"]


# The rest


async def test_a_probe_without_credits_is_refused(tmp_path: Path) -> None:
    async with open_rig(tmp_path, credits=0) as rig:
        with pytest.raises(SubmissionRefused) as raised:
            await rig.provider.probe()
    assert raised.value.reason == "credits"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (success(-3.5), "credits"),
        (refusal(402, "No."), "credits"),
        (refusal(401, "No."), "access"),
        (page(HTTPStatus.FORBIDDEN), "access"),
        (refusal(429, "No."), "busy"),
        (refusal(455, "No."), "down"),
    ],
)
async def test_a_probe_says_why_nothing_would_be_taken(answering: Answering, answer: Answer, reason: str) -> None:
    provider, requests = answering(answer)

    with pytest.raises(SubmissionRefused) as raised:
        await provider.probe()

    assert raised.value.reason == reason
    assert [request.path for request in requests] == ["/api/v1/chat/credit"]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(sent="nothing"),
        page(HTTPStatus.BAD_GATEWAY),
        page(HTTPStatus.OK),
        refusal(500, "Oh no."),
        success(None),
        success("12"),
        success(True),
    ],
)
async def test_a_probe_that_is_not_answered_says_nothing(answering: Answering, answer: Answer) -> None:
    provider, _ = answering(answer)

    with pytest.raises(ProviderSilent):
        await provider.probe()


async def test_cancel_asks_nobody(rig: KieRig) -> None:
    await rig.provider.cancel(TASK_ID)

    assert not sum(rig.service.requests.counts.values())


def test_its_traits_are_those_of_a_service_without_a_list() -> None:
    assert not KieProvider.traits.lists
    assert KieProvider.traits.keeps_seconds == 24 * 3600


@pytest.mark.parametrize(
    ("key", "configured"),
    [(None, False), ("", False), (" ", False), ("enl_our-own", False), (" enl_our-own", False), ("theirs", True)],
)
def test_a_key_of_our_own_is_not_one_for_kie(key: str | None, *, configured: bool) -> None:
    settings = read_settings(KieSettings, kie_api_key=key)

    assert (settings.kie_unconfigured is None) is configured
    if not configured:
        with pytest.raises(ConfigurationError, match="KIE_API_KEY"):
            KieProvider(settings, Allowed.parse(()))


@pytest.mark.parametrize(
    "changes",
    [
        {"kie_base_url": "api.kie.ai"},
        {"kie_base_url": "http://2130706433/secret"},
        {"kie_upload_url": "https://user:secret@example.com"},
        {"kie_proxy": "secret proxy"},
        {"kie_webhook_key": "whsec_secret!"},
    ],
)
def test_a_wrong_setting_is_named_without_its_secret(changes: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError) as raised:
        KieProvider(read_settings(KieSettings, kie_api_key="key", **changes), Allowed.parse(()))

    assert "secret" not in str(raised.value)


async def test_by_the_clock_on_the_wall_it_works_as_well() -> None:
    with StandIn(seconds=0) as service:
        provider = KieProvider(settings_for(service), Allowed.parse(()))
        sent = order()
        outcome = await provider.submit(sent)
        report = await provider.poll(submission(provider_task_id=outcome.provider_task_id))
        await provider.close()

    assert report.state == "succeeded"
