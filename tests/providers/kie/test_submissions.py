"""What each answer to a submission means: accepted, refused, or unclear."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enlarger.catalog import get_model
from enlarger.errors import AcceptanceUnknown, RouteUnfit, SubmissionRefused
from enlarger.infra.safe_http import Allowed
from enlarger.providers import Accepted
from enlarger.providers.kie import KieProvider
from enlarger.providers.kie.answers import read_created
from enlarger.providers.kie.provider import KieConfig
from enlarger.testing import InjectedFault
from enlarger.testing.exchange import Answer, page, refusal
from tests.providers.kie.answers import CREATED, TASK_ID, Answering, envelope, order, reply
from tests.providers.kie_rig import MODEL, PICTURE, WEBHOOK_URL, KieRig, open_rig, settings_for
from tests.providers.rig import make_order


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
