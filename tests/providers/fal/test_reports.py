"""What a request says of its task: its status, and its result once it has ended."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from enlarger.errors import ProviderSilent, ResultGone
from enlarger.providers.fal.reports import ended_badly
from enlarger.testing import InjectedFault
from enlarger.testing.exchange import Answer
from tests.providers.fal.steps import ID, accept, detail, json_of, read, served, submission

PRICE = Decimal("0.0398")


@pytest.mark.parametrize(
    ("output", "outputs"),
    [
        ({"images": [{"url": "https://a.b/1"}, {"url": "https://a.b/2"}]}, ("https://a.b/1", "https://a.b/2")),
        ({"image": {"url": "https://a.b/1", "content_type": "image/png"}, "seed": 7}, ("https://a.b/1",)),
        ({"video": {"url": "https://a.b/1.mp4"}, "prompt": "see https://example.com"}, ("https://a.b/1.mp4",)),
        ({"images": [{"url": "data:image/png;base64,AA=="}], "image": {"url": "https://a.b/1"}}, ("https://a.b/1",)),
    ],
)
def test_outputs_are_files_in_any_field(output: Any, outputs: tuple[str, ...]) -> None:
    report = read(output)
    assert report is not None
    assert (report.state, report.outputs, report.data) == ("succeeded", outputs, None)
    assert report.cost == PRICE * len(outputs)


def test_an_output_without_a_file_is_data() -> None:
    report = read({"text": "a word"})
    assert report is not None
    assert (report.outputs, report.data, report.cost) == ((), {"text": "a word"}, PRICE)


def test_a_success_without_its_output_is_running() -> None:
    report = read({})
    assert report is not None
    assert report.state == "running"


def test_a_picture_that_the_safety_checker_has_blackened_is_no_success() -> None:
    images = {"images": [{"url": "https://a.b/1"}]}
    black, fine = read(images | {"has_nsfw_concepts": [True]}), read(images | {"has_nsfw_concepts": [False]})
    assert black is not None
    assert fine is not None
    assert (black.state, black.code, black.faulty_input) == ("failed", "content_policy_violation", True)
    assert (black.outputs, black.cost) == ((), PRICE)
    assert fine.state == "succeeded"


@pytest.mark.parametrize(
    ("status", "body", "code", "faulty", "cost"),
    [
        (422, detail("content_policy_violation"), "content_policy_violation", True, None),
        (422, detail("image_load_error", "Failed to load the image.", "image_url"), "image_load_error", True, None),
        (422, detail("missing", "Field required", "prompt"), "missing", False, None),
        (422, detail("value_error", "The prompt was flagged."), "value_error", True, None),
        (400, detail("downstream_service_error"), "downstream_service_error", False, None),
        (500, detail("internal_server_error"), "internal_server_error", False, Decimal(0)),
        (504, detail("generation_timeout"), "generation_timeout", False, Decimal(0)),
        (504, {"detail": "Request timed out", "error_type": "request_timeout"}, "request_timeout", False, Decimal(0)),
        (422, {"detail": "Something is wrong"}, "failed", False, Decimal(0)),
        (422, {"detail": []}, "failed", False, Decimal(0)),
        (422, {"detail": [7]}, "failed", False, Decimal(0)),
    ],
)
def test_a_failure_says_whose_fault_it_is(
    status: int, body: Any, code: str, faulty: bool, cost: Decimal | None
) -> None:
    report = read(body, status)
    assert report is not None
    assert (report.state, report.code, report.faulty_input, report.cost) == ("failed", code, faulty, cost)
    assert report.message
    assert report == ended_badly(ID, body), "a webhook says the same"


def test_a_models_error_names_the_field() -> None:
    several = {"detail": [*detail("missing", "Field required", "image_urls", "0")["detail"], {"msg": "And more."}]}
    report = read(several, 422)
    assert report is not None
    assert report.message == "image_urls.0: Field required; And more."


def test_a_message_is_not_longer_than_a_record_takes() -> None:
    report = read(detail("value_error", "x" * 5000), 422)
    assert report is not None
    assert report.message == "x" * 1000


def test_what_the_status_says_counts_where_the_result_does_not_say_it() -> None:
    report = read("<html>", 502, error="Runner disconnected")
    assert report is not None
    assert (report.state, report.message, report.cost) == ("failed", "Runner disconnected", Decimal(0))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"detail": "Unauthorized"}),
        (429, {"detail": "Rate limit exceeded."}),
        (500, {"detail": "Internal Server Error"}),
        (502, {"detail": [{"msg": "Bad gateway"}]}),
        (503, {"detail": "Service unavailable"}),
        (422, {"title": "no detail"}),
    ],
)
def test_a_service_that_is_out_of_order_says_nothing_about_a_request(status: int, body: Any) -> None:
    assert read(body, status) is None


def test_an_error_of_the_requests_own_is_known_by_its_type() -> None:
    report = read({"detail": "Runner crashed"}, 503, **{"X-Fal-Error-Type": "runner_disconnected"})
    assert report is not None
    assert report.state == "failed"


@pytest.mark.parametrize("status", [404, 410])
def test_a_result_that_was_deleted_is_gone(status: int) -> None:
    with pytest.raises(ResultGone):
        read({"detail": "Not found"}, status)


@pytest.mark.parametrize("word", ["IN_QUEUE", "IN_PROGRESS", "A_NEW_WORD"])
async def test_what_has_not_ended_is_running(word: str) -> None:
    async with served(json_of({"status": word, "queue_position": 3}, 202)) as (provider, requests):
        assert (await provider.poll(submission())).state == "running"
        assert [request.path.rpartition("/")[2] for request in requests] == ["status"]


async def test_the_status_of_another_request_is_not_believed() -> None:
    async with served(json_of({"status": "COMPLETED", "request_id": "another"})) as (provider, requests):
        with pytest.raises(ProviderSilent):
            await provider.poll(submission())
        assert len(requests) == 1


async def test_a_request_that_is_not_known_yet_is_running(opened: Any) -> None:
    async with opened as rig:
        sent = await accept(rig)
        rig.service.script("status", [InjectedFault.NULL_RECORD])
        assert (await rig.provider.poll(sent)).state == "running"


@pytest.mark.parametrize("route", ["status", "result"])
@pytest.mark.parametrize(
    "fault",
    [
        InjectedFault.TOO_MANY,
        InjectedFault.SERVER_ERROR,
        InjectedFault.MAINTENANCE,
        InjectedFault.BAD_GATEWAY,
        InjectedFault.CUT_AFTER,
        InjectedFault.FORBIDDEN,
    ],
)
async def test_no_usable_answer_is_silence(opened: Any, route: str, fault: InjectedFault) -> None:
    async with opened as rig:
        sent = await accept(rig)
        rig.advance(rig.seconds)
        rig.service.script(route, [fault], retry_after=9)
        with pytest.raises(ProviderSilent) as raised:
            await rig.provider.poll(sent)
        assert raised.value.retry_after == (9 if fault is InjectedFault.TOO_MANY else None)
        assert (await rig.provider.poll(sent)).state == "succeeded"


async def test_an_input_that_the_model_refuses_fails_and_may_have_cost_something(opened: Any) -> None:
    async with opened as rig:
        rig.service.fail_next("The content was flagged by a content checker.", kind="content_policy_violation")
        sent = await accept(rig)
        rig.advance(rig.seconds)
        report = await rig.provider.poll(sent)
        assert (report.code, report.faulty_input, report.cost) == ("content_policy_violation", True, None)
        assert report.message == "prompt: The content was flagged by a content checker."
        assert rig.service.charged == pytest.approx(0.0398)


async def test_a_cancelled_request_has_failed_and_cost_nothing(opened: Any) -> None:
    async with opened as rig:
        sent = await accept(rig)
        await rig.provider.cancel(sent)
        await rig.provider.cancel(sent)  # it has ended: nothing happens
        report = await rig.provider.poll(sent)
        assert (report.state, report.code, report.cost) == ("failed", "client_cancelled", 0)
        assert rig.service.charged == 0


@pytest.mark.parametrize(("status", "left"), [(202, True), (400, True), (404, True), (500, False), (401, False)])
async def test_cancelling_says_when_it_did_not_work(status: int, left: bool) -> None:
    async with served(Answer(status=status, body=b"{}")) as (provider, requests):
        if left:
            await provider.cancel(submission())
        else:
            with pytest.raises(ProviderSilent):
                await provider.cancel(submission())
        [request] = requests
        assert (request.method, request.path) == ("PUT", f"/fal-ai/nano-banana/requests/{ID}/cancel")
