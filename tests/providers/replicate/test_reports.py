"""What a prediction says of its task."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from enlarger.errors import ProviderSilent, ResultGone
from enlarger.testing import InjectedFault
from tests.providers.replicate.steps import NOW, accept, read


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
