"""What each answer to a question about a task means."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import msgspec
import pytest

from enlarger.errors import ProviderSilent, ResultGone
from enlarger.providers import Report
from enlarger.testing import InjectedFault
from enlarger.testing.exchange import Answer, page, refusal, success, with_headers
from tests.providers.kie.answers import SUCCEEDED, TASK_ID, Answering, record, submission
from tests.providers.kie_rig import KieRig
from tests.providers.rig import remember


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
