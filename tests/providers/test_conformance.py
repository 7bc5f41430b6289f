"""What every hosted provider promises. A submission is paid: sent at most once, and never called refused in doubt."""

from __future__ import annotations

import logging
import traceback
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from enlarger.catalog import get_model
from enlarger.errors import AcceptanceUnknown, EnlargerError, ProviderSilent, ResultGone, RouteUnfit, SubmissionRefused
from tests.providers.rig import RETRY_AFTER, Rig, Situation, carry_out, let, load_rig, need, remember, rig_names, submit

UNSEEN_SECONDS = 180
"""How old a submission is when a list must have it."""
PROVIDERS = ["fal", "kie", "replicate", "sandbox"]


def test_every_provider_is_held_to_these_promises() -> None:
    assert rig_names() == PROVIDERS


@pytest.fixture(params=rig_names())
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    async with load_rig(request.param)(tmp_path) as opened:
        yield opened


# What a task comes to


async def test_a_task_that_succeeds_gives_pictures(rig: Rig, tmp_path: Path) -> None:
    let(rig, "succeed")

    submission, report = await carry_out(rig, rig.order())

    assert (report.state, report.progress, report.message, report.code) == ("succeeded", 100, None, None)
    assert report.provider_task_id == submission.provider_task_id
    assert report.outputs
    for number, output in enumerate(report.outputs):
        target = tmp_path / f"result-{number}"
        await rig.provider.fetch(output, target)
        with Image.open(target) as picture:
            picture.load()
            assert picture.width > 1
    assert (len(rig.taken), rig.asked) == (1, 1)


async def test_a_report_tells_what_the_provider_tells(rig: Rig) -> None:
    let(rig, "succeed")
    before = rig.now()

    _, report = await carry_out(rig, rig.order())

    assert {fact for fact in ("cost", "seconds", "ended_at") if getattr(report, fact) is not None} == rig.tells
    assert report.cost is None or report.cost >= 0
    assert report.seconds is None or report.seconds >= 0
    # A provider tells times in whole seconds, or milliseconds.
    assert report.ended_at is None or abs((report.ended_at - before).total_seconds() - rig.seconds) < 2


async def test_a_task_runs_until_it_has_ended_and_an_end_is_told_the_same_again(rig: Rig) -> None:
    let(rig, "run")
    submission = await submit(rig, rig.order())

    running = await rig.provider.poll(submission)
    rig.advance(rig.seconds)
    ended = [await rig.provider.poll(submission) for _ in range(3)]

    assert (running.state, running.outputs, running.ended_at) == ("running", (), None)
    assert 0 <= running.progress < 100
    assert ended[0].state == "succeeded"
    assert ended[1:] == ended[:1] * 2
    assert (len(rig.taken), rig.asked) == (1, 1)


async def test_a_task_that_fails_says_why(rig: Rig) -> None:
    let(rig, "fail")
    order = rig.order()
    _, report = await carry_out(rig, order)

    assert (report.state, report.outputs) == ("failed", ())
    assert report.message
    assert not report.faulty_input
    assert len(rig.taken) == 1


async def test_two_tasks_are_two(rig: Rig) -> None:
    let(rig, "succeed")

    ended = [await carry_out(rig, rig.order()) for _ in range(2)]

    assert len({submission.provider_task_id for submission, _ in ended}) == 2
    assert len({output for _, report in ended for output in report.outputs}) >= 2
    assert (len(rig.taken), rig.asked) == (2, 2)


# What surely was not taken


@pytest.mark.parametrize(
    ("situation", "reason"), [("refuse", "input"), ("busy", "busy"), ("shut_out", "access"), ("down", "down")]
)
async def test_a_refusal_says_why_and_nothing_was_taken(rig: Rig, situation: Situation, reason: str) -> None:
    let(rig, situation)

    with pytest.raises(SubmissionRefused) as raised:
        await rig.provider.submit(rig.order())

    assert raised.value.reason == reason
    assert raised.value.retry_after == (RETRY_AFTER if situation == "busy" else None)
    assert not rig.taken
    assert rig.asked <= 1


async def test_a_model_of_others_is_not_prepared(rig: Rig) -> None:
    let(rig, "unfit")
    foreign = msgspec.structs.replace(get_model("google/nano-banana"), routes={})

    with pytest.raises(RouteUnfit):
        rig.provider.prepare(foreign, {"prompt": "a room"})


async def test_after_a_refusal_the_next_task_is_taken(rig: Rig) -> None:
    let(rig, "busy")
    with pytest.raises(SubmissionRefused):
        await rig.provider.submit(rig.order())

    _, report = await carry_out(rig, rig.order())

    assert report.state == "succeeded"
    assert (len(rig.taken), rig.asked) == (1, 2)


# What nobody can say


@pytest.mark.parametrize(("situation", "taken"), [("cut_before", 0), ("cut_after", 1)])
async def test_a_lost_answer_is_unclear_and_nothing_is_sent_again(rig: Rig, situation: Situation, taken: int) -> None:
    let(rig, situation)

    with pytest.raises(AcceptanceUnknown):
        await rig.provider.submit(rig.order())

    assert (len(rig.taken), rig.asked) == (taken, 1)


async def test_what_was_taken_is_found_where_the_provider_has_a_list(rig: Rig) -> None:
    let(rig, "cut_after")
    order = rig.order()
    with pytest.raises(AcceptanceUnknown):
        await rig.provider.submit(order)
    lost = remember(rig, order, None)
    if not rig.provider.traits.lists:
        with pytest.raises(ProviderSilent):
            await rig.provider.find(lost, taken=frozenset())
        return

    found = await rig.provider.find(lost, taken=frozenset())

    assert found is not None
    rig.advance(rig.seconds)
    report = await rig.provider.poll(msgspec.structs.replace(lost, provider_task_id=found.provider_task_id))
    assert report.state == "succeeded"
    rig.advance(UNSEEN_SECONDS)
    assert await rig.provider.find(lost, taken=frozenset({found.provider_task_id})) is None
    assert (len(rig.taken), rig.asked) == (1, 1)


async def test_what_was_not_taken_is_not_mistaken_for_another_task(rig: Rig) -> None:
    need(rig, "cut_before")
    let(rig, "succeed")
    other = await submit(rig, rig.order())
    let(rig, "cut_before")
    order = rig.order()
    with pytest.raises(AcceptanceUnknown):
        await rig.provider.submit(order)
    lost = remember(rig, order, None)
    assert other.provider_task_id is not None
    taken = frozenset({other.provider_task_id})
    if not rig.provider.traits.lists:
        with pytest.raises(ProviderSilent):
            await rig.provider.find(lost, taken=taken)
        return

    rig.advance(UNSEEN_SECONDS)
    assert await rig.provider.find(lost, taken=taken) is None


async def test_a_submission_to_a_provider_that_is_down_is_not_found_by_guessing(rig: Rig) -> None:
    let(rig, "down")

    with pytest.raises(ProviderSilent):
        await rig.provider.find(remember(rig, rig.order(), None), taken=frozenset())


# What is told later, or not at all


async def test_silence_says_nothing_about_a_task(rig: Rig) -> None:
    need(rig, "silent")
    let(rig, "succeed")
    submission = await submit(rig, rig.order())
    let(rig, "silent")

    with pytest.raises(ProviderSilent):
        await rig.provider.poll(submission)

    rig.advance(rig.seconds)
    assert (await rig.provider.poll(submission)).state == "succeeded"


async def test_a_provider_that_is_down_says_nothing_about_a_task(rig: Rig) -> None:
    need(rig, "down")
    let(rig, "succeed")
    submission = await submit(rig, rig.order())
    let(rig, "down")

    with pytest.raises(ProviderSilent):
        await rig.provider.poll(submission)


async def test_a_task_that_was_forgotten_is_gone(rig: Rig) -> None:
    need(rig, "forget")
    let(rig, "succeed")
    submission = await submit(rig, rig.order())
    let(rig, "forget")

    with pytest.raises(ResultGone):
        await rig.provider.poll(submission)


async def test_a_result_that_was_deleted_is_gone(rig: Rig, tmp_path: Path) -> None:
    need(rig, "expire")
    let(rig, "succeed")
    _, report = await carry_out(rig, rig.order())
    let(rig, "expire")

    with pytest.raises(ResultGone):
        await rig.provider.fetch(report.outputs[0], tmp_path / "result")

    assert not list(tmp_path.glob("*result*"))


async def test_a_download_that_breaks_off_leaves_nothing_and_can_be_made_again(rig: Rig, tmp_path: Path) -> None:
    need(rig, "cut_fetch")
    let(rig, "succeed")
    _, report = await carry_out(rig, rig.order())
    let(rig, "cut_fetch")
    target = tmp_path / "result"

    with pytest.raises(ProviderSilent):
        await rig.provider.fetch(report.outputs[0], target)
    assert not list(tmp_path.glob("*result*"))

    await rig.provider.fetch(report.outputs[0], target)
    with Image.open(target) as picture:
        picture.load()


# Announcements


async def test_a_signed_announcement_says_what_a_poll_says(rig: Rig) -> None:
    let(rig, "webhook", "succeed")
    submission, report = await carry_out(rig, rig.order())
    webhook = rig.webhook(report.provider_task_id)

    assert await rig.provider.verify_webhook(webhook, submission) == report
    assert rig.provider.webhook_task_id(webhook) == report.provider_task_id


async def test_an_announcement_that_somebody_else_signed_is_only_a_hint(rig: Rig) -> None:
    let(rig, "webhook", "succeed")
    submission, report = await carry_out(rig, rig.order())
    webhook = rig.webhook(report.provider_task_id, signed=False)

    assert await rig.provider.verify_webhook(webhook, submission) is None
    assert rig.provider.webhook_task_id(webhook) == report.provider_task_id


async def test_an_announcement_of_another_task_is_not_believed(rig: Rig) -> None:
    let(rig, "webhook", "succeed")
    submission, _ = await carry_out(rig, rig.order())
    _, other = await carry_out(rig, rig.order())

    assert await rig.provider.verify_webhook(rig.webhook(other.provider_task_id), submission) is None


async def test_an_announcement_resolves_a_lost_answer(rig: Rig) -> None:
    let(rig, "webhook", "cut_after")
    order = rig.order()
    with pytest.raises(AcceptanceUnknown):
        await rig.provider.submit(order)
    [task_id] = rig.taken
    rig.advance(rig.seconds)
    webhook = rig.webhook(task_id)

    report = await rig.provider.verify_webhook(webhook, remember(rig, order, None))

    assert report is not None
    assert (report.state, report.provider_task_id) == ("succeeded", task_id)
    assert rig.provider.webhook_task_id(webhook) == task_id


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"id": 7, "data": {"taskId": 7}}', b"\xff" * 9])
async def test_an_announcement_that_is_none_says_nothing(rig: Rig, body: bytes) -> None:
    let(rig, "webhook", "succeed")
    submission, report = await carry_out(rig, rig.order())
    webhook = msgspec.structs.replace(rig.webhook(report.provider_task_id), body=body)

    assert await rig.provider.verify_webhook(webhook, submission) is None
    assert rig.provider.webhook_task_id(webhook) is None


# Files, and the rest


async def test_an_uploaded_file_can_be_used_as_input(rig: Rig, small_photo: Path) -> None:
    let(rig, "upload", "succeed")

    url = await rig.provider.upload(small_photo, name="photo.jpg", mime_type="image/jpeg")
    again = await rig.provider.upload(small_photo, name="photo.jpg", mime_type="image/jpeg")
    _, report = await carry_out(rig, rig.order(picture_url=url))

    assert rig.read_upload(url) == small_photo.read_bytes()
    assert again != url
    assert report.state == "succeeded"


async def test_an_upload_to_a_provider_that_is_down_can_be_made_later(rig: Rig, small_photo: Path) -> None:
    let(rig, "upload", "down")

    with pytest.raises(ProviderSilent):
        await rig.provider.upload(small_photo, name="photo.jpg", mime_type="image/jpeg")


async def test_a_task_that_is_called_off_ends_where_the_provider_can_do_that(rig: Rig) -> None:
    let(rig, "run")
    submission = await submit(rig, rig.order())

    await rig.provider.cancel(submission)

    state = (await rig.provider.poll(submission)).state
    assert state == ("running" if "cancel" in rig.cannot else "failed")
    assert (len(rig.taken), rig.asked) == (1, 1)


async def test_a_probe_costs_nothing(rig: Rig) -> None:
    await rig.provider.probe()

    assert (len(rig.taken), rig.asked) == (0, 0)


async def test_a_probe_says_that_the_provider_is_down(rig: Rig) -> None:
    let(rig, "down")

    with pytest.raises((SubmissionRefused, ProviderSilent)) as raised:
        await rig.provider.probe()

    assert not isinstance(raised.value, SubmissionRefused) or raised.value.reason == "down"


@pytest.mark.parametrize("situation", ["refuse", "busy", "shut_out", "down", "cut_before", "cut_after"])
async def test_no_error_and_no_log_tells_a_secret(
    rig: Rig, situation: Situation, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "enlarger")
    let(rig, situation)

    with pytest.raises(EnlargerError) as raised:
        await rig.provider.submit(rig.order())

    told = "".join(traceback.format_exception(raised.value)) + caplog.text
    assert rig.secrets
    assert not [secret for secret in rig.secrets if secret in told]
    assert str(raised.value).endswith((".", "!", ")"))


async def test_a_provider_can_be_closed_twice(rig: Rig) -> None:
    await rig.provider.probe()

    await rig.provider.close()
    await rig.provider.close()
