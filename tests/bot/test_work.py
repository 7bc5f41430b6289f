"""Jobs are carried out once, whatever dies, and users are told how they stand and what to do."""

from __future__ import annotations

import asyncio
import io
import traceback
from decimal import Decimal
from typing import Any
from unittest.mock import AsyncMock

import msgspec
import pytest
from aiogram.exceptions import TelegramNetworkError
from aiogram.types import File
from PIL import Image

from enlarger.bot.actions import enlarge
from enlarger.bot.handover import SizeLimits
from enlarger.bot.jobs import Job, JobStore
from enlarger.bot.telegram import fetch_photo
from enlarger.client import TaskStatus
from enlarger.errors import NotFound, PictureTooLarge, RequestLimitReached
from enlarger.tasks.endings import Refund
from enlarger.testing import InjectedFault, StandIn
from tests.bot.conftest import BERT, SECRET, OneKey, Rig, titled
from tests.bot.telegram import Person
from tests.waiting import until

OVERLOADED = "Internal Server Error"


class Mortal(JobStore):
    """Dies before or after one of its writes: what it should do next never happens."""

    def __init__(self, rig: Rig, step: int) -> None:
        super().__init__(rig.database)
        self.steps = 0
        self.deadly = step
        self.died = asyncio.Event()

    async def change(self, job: Job, **what: Any) -> Job:
        await self._step()
        changed = await super().change(job, **what)
        await self._step()
        return changed

    async def end(self, job: Job, *args: Any, **what: Any) -> Job:
        await self._step()
        ended = await super().end(job, *args, **what)
        await self._step()
        return ended

    async def _step(self) -> None:
        if self.steps == self.deadly:
            self.died.set()
            await asyncio.Event().wait()
        self.steps += 1


async def finished(rig: Rig, job: Job) -> Job:
    """The job, once nobody is at work any more."""
    await rig.work.idle()
    found = await rig.jobs.find(job.id, job.user_id)
    assert found is not None
    return found


# All goes well


async def test_a_photo_goes_in_and_a_picture_comes_out(rig: Rig) -> None:
    anna, user = await rig.person()
    job = await rig.work.start(user, anna.id, rig.redesign())
    seen = await anna.sees("Японди", photo=True)
    job = await finished(rig, job)
    assert job.state == "done"
    assert job.result is not None
    assert job.result.file_id is not None
    assert job.result.credits == Decimal(4)
    assert seen.content is not None
    assert Image.open(io.BytesIO(seen.content)).size
    assert seen.buttons == ("done for ru",)
    (task,) = rig.kie.tasks
    assert task.id == job.task_id
    texts = [message.get("text") for message in rig.telegram.messages(anna.id)]
    assert texts == ["/start", None], "the progress message has gone"


async def test_progress_is_shown_by_editing_one_message_not_too_often(rig: Rig) -> None:
    anna, user = await rig.person()
    with_time(rig, seconds=40)
    await finished(rig, await rig.work.start(user, anna.id, rig.redesign()))
    sent = rig.telegram.called("sendMessage")
    edits = rig.telegram.called("editMessageText")
    assert len(sent) == 1
    assert 8 <= len(edits) <= 14, "every three seconds"
    assert len({edit.params["message_id"] for edit in edits}) == 1
    assert "Гостиная · Японди" in edits[0].params["text"]


def with_time(rig: Rig, *, seconds: float) -> None:
    """Tasks take so long."""
    rig.kie._service._seconds = lambda _model, _input: seconds


async def test_the_result_of_one_job_is_the_photo_of_the_next(rig: Rig) -> None:
    anna, user = await rig.person()
    first = await finished(rig, await rig.work.start(user, anna.id, rig.redesign()))
    second = await finished(rig, await rig.work.start(user, anna.id, rig.enlarge(first)))
    assert second.state == "done"
    seen = await anna.sees("Увеличено", document=True)
    assert seen.name in {"enlarge-2x.png", "enlarge-2x.jpg"}
    assert rig.kie.tasks[1].input["image_url"].startswith(rig.kie.results_url)


async def test_what_is_too_large_for_a_photo_comes_as_a_document(rig: Rig) -> None:
    rig.work = rig.make_work(limits=SizeLimits(photo=100))
    anna, user = await rig.person()
    await rig.work.start(user, anna.id, rig.redesign())
    seen = await anna.sees("Японди", document=True)
    assert seen.name is not None
    assert seen.name.startswith("redesign-living-room-japandi.")


async def test_a_photo_that_telegram_does_not_like_comes_as_a_document(rig: Rig) -> None:
    rig.telegram.refuse_next("sendPhoto", 400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
    anna, user = await rig.person()
    job = await finished(rig, await rig.work.start(user, anna.id, rig.redesign()))
    await anna.sees("Японди", document=True)
    assert job.state == "done"


async def test_the_original_comes_as_a_document(rig: Rig) -> None:
    anna, user = await rig.person()
    job = await finished(rig, await rig.work.start(user, anna.id, rig.redesign()))
    await anna.says("original")
    await rig.work.send_original(job, user)
    assert (await anna.sees(document=True)).buttons == ()
    with pytest.raises(NotFound):
        await rig.work.send_original(msgspec.structs.replace(job, task_id=None), user)


async def test_what_is_too_large_for_telegram_is_kept_and_has_a_number(rig: Rig) -> None:
    rig.work = rig.make_work(limits=SizeLimits(photo=100, document=100))
    anna, user = await rig.person()
    job = await rig.work.start(user, anna.id, rig.redesign())
    seen = await anna.sees("больше 50 МБ")
    job = await finished(rig, job)
    assert seen.buttons == ("done for ru",), "it was made, and can be enlarged or made again"
    assert job.state == "done"
    assert str(job.task_id) in str(rig.telegram.messages(anna.id)[-1]["text"])


async def test_a_document_that_the_server_finds_too_large_is_told_in_the_same_way(rig: Rig) -> None:
    rig.telegram.refuse_next("sendDocument", 413, "Request Entity Too Large")
    anna, user = await rig.person()
    first = await finished(rig, await rig.work.start(user, anna.id, rig.redesign()))
    second = await finished(rig, await rig.work.start(user, anna.id, rig.enlarge(first)))
    await anna.sees("больше 50 МБ")
    assert second.state == "done"


async def test_where_no_photo_is_sent_none_is_spoken_of(rig: Rig) -> None:
    anna, user = await rig.person()
    first = await finished(rig, await rig.work.start(user, anna.id, rig.redesign()))
    await finished(rig, await rig.work.start(user, anna.id, rig.enlarge(first)))
    redesign, enlarge = (call.params["text"] for call in rig.telegram.called("sendMessage"))
    assert "Отправляю вашу фотографию" in redesign
    assert "В очереди" in enlarge


# One at a time


async def test_one_job_at_a_time_for_each_user(rig: Rig) -> None:
    anna, user = await rig.person()
    bert, other = await rig.person(BERT)
    async with rig.telegram.holding("getFile") as came:
        await rig.work.start(user, anna.id, rig.redesign())
        await came.wait()
        with pytest.raises(RequestLimitReached):
            await rig.work.start(user, anna.id, rig.redesign())
        await rig.work.start(other, bert.id, rig.redesign())
        await bert.sees(photo=True)
    await rig.work.idle()
    assert len(rig.kie.tasks) == 2


# Dying


@pytest.mark.parametrize("step", range(9))
async def test_wherever_the_bot_dies_there_is_one_task_and_the_user_gets_the_result(rig: Rig, step: int) -> None:
    anna, user = await rig.person()
    mortal = Mortal(rig, step)
    rig.jobs = mortal
    rig.work = rig.make_work()
    job = await rig.work.start(user, anna.id, rig.redesign())
    dying = asyncio.create_task(mortal.died.wait())
    await asyncio.wait([dying, asyncio.create_task(rig.work.idle())], return_when=asyncio.FIRST_COMPLETED)
    assert mortal.died.is_set() == (step < 8), "the last one does not die"
    rig.jobs = JobStore(rig.database)
    await rig.kill()
    taken_up = await rig.work.resume()
    job = await finished(rig, job)
    assert taken_up == (step < 7)
    assert job.state == "done"
    assert len(rig.kie.tasks) == 1
    assert not rig.kie.duplicates
    pictures = [message for message in rig.telegram.messages(anna.id) if message.get("photo")]
    assert len(pictures) == (2 if step == 6 else 1), "twice only when nobody could note that it was sent"


async def test_a_submission_without_an_answer_is_paid_once(rig: Rig) -> None:
    rig.kie.script("createTask", [InjectedFault.CUT_AFTER])
    anna, user = await rig.person()
    job = await finished(rig, await rig.work.start(user, anna.id, rig.redesign()))
    await anna.sees(photo=True)
    assert job.state == "done"
    assert len(rig.kie.tasks) == 1


async def test_a_job_that_may_be_paid_for_is_not_given_up(rig: Rig) -> None:
    """Once an answer was lost, the same request is sent until it is known whether there is a task."""
    rig.kie.script("createTask", [InjectedFault.CUT_AFTER] + [InjectedFault.MAINTENANCE] * 60)
    anna, user = await rig.person()
    job = await finished(rig, await rig.work.start(user, anna.id, rig.redesign()))
    await anna.sees(photo=True)
    assert sum(rig.slept) > 600
    assert job.state == "done"
    assert len(rig.kie.tasks) == 1


async def test_a_service_that_is_away_for_a_while_is_waited_for(rig: Rig) -> None:
    rig.kie.script("upload", [InjectedFault.BAD_GATEWAY] * 2)
    rig.kie.script("createTask", [InjectedFault.MAINTENANCE] * 3)
    rig.kie.script("recordInfo", [InjectedFault.SERVER_ERROR] * 3)
    rig.kie.script("results", [InjectedFault.BAD_GATEWAY])
    anna, user = await rig.person()
    job = await finished(rig, await rig.work.start(user, anna.id, rig.redesign()))
    await anna.sees(photo=True)
    assert job.state == "done"
    assert len(rig.kie.tasks) == 1


# Telegram's ways


async def test_telegram_is_asked_in_its_own_pace(rig: Rig) -> None:
    anna, user = await rig.person()
    rig.telegram.refuse_next("sendMessage", 429, "Too Many Requests: retry after 7", retry_after=7)
    rig.telegram.refuse_next("sendPhoto", 429, "Too Many Requests: retry after 11", retry_after=11)
    await finished(rig, await rig.work.start(user, anna.id, rig.redesign()))
    await anna.sees(photo=True)
    assert {7, 11} <= set(rig.slept)


async def test_a_result_waits_for_telegram_to_come_back(rig: Rig) -> None:
    anna, user = await rig.person()
    for _ in range(20):
        rig.telegram.refuse_next("sendPhoto", 502, "Bad Gateway")
    job = await finished(rig, await rig.work.start(user, anna.id, rig.redesign()))
    await anna.sees(photo=True)
    assert job.state == "done"
    assert len(rig.kie.tasks) == 1


async def test_a_result_waits_for_a_token_that_is_known(rig: Rig) -> None:
    anna, user = await rig.person()
    rig.telegram.refuse_next("sendPhoto", 401, "Unauthorized")
    job = await finished(rig, await rig.work.start(user, anna.id, rig.redesign()))
    await anna.sees(photo=True)
    assert job.state == "done"


async def test_a_result_that_is_being_sent_is_sent_before_the_end(rig: Rig) -> None:
    anna, user = await rig.person()
    async with rig.telegram.holding("sendPhoto") as came:
        job = await rig.work.start(user, anna.id, rig.redesign())
        await came.wait()
        closing = asyncio.create_task(rig.work.aclose(30))
        await asyncio.sleep(0)
        assert not closing.done()
    await closing
    found = await rig.jobs.find(job.id, job.user_id)
    assert found is not None
    assert found.state == "done", "so that it is not sent once more at the next start"


async def test_buttons_of_a_result_work_as_soon_as_it_is_seen(rig: Rig) -> None:
    anna, user = await rig.person()
    async with rig.telegram.holding("sendPhoto") as came:
        job = await rig.work.start(user, anna.id, rig.redesign())
        await came.wait()
        pressed = asyncio.create_task(rig.work.settled(job))
        await asyncio.sleep(0)
        assert not pressed.done()
    settled = await pressed
    assert settled.state == "done", "and not that it is not ready yet"
    assert await rig.work.settled(settled) == settled


async def test_progress_that_cannot_be_shown_is_no_reason_to_stop(rig: Rig) -> None:
    anna, user = await rig.person()
    with_time(rig, seconds=20)
    rig.telegram.refuse_next("editMessageText", 400, "Bad Request: message to edit not found")
    rig.telegram.refuse_next("editMessageText", 429, "Too Many Requests: retry after 5", retry_after=5)
    rig.telegram.refuse_next("editMessageText", 400, "Bad Request: message is not modified")
    await finished(rig, await rig.work.start(user, anna.id, rig.redesign()))
    await anna.sees(photo=True)


async def test_who_has_blocked_the_bot_is_left_alone(rig: Rig) -> None:
    anna, user = await rig.person()
    async with rig.telegram.holding("sendPhoto") as came:
        job = await rig.work.start(user, anna.id, rig.redesign())
        await came.wait()
        rig.telegram.blocked.add(anna.id)
    job = await finished(rig, job)
    assert (job.state, job.error) == ("failed", "The user has blocked the bot.")
    found = await rig.users.find(user.user_id)
    assert found is not None
    assert found.blocked


# Failures, in words


async def told(rig: Rig, anna: Person, job: Job, words: str) -> Job:
    seen = await anna.sees(words)
    job = await finished(rig, job)
    assert seen.buttons == (f"{job.state} for ru",)
    return job


async def test_a_task_that_fails(rig: Rig) -> None:
    anna, user = await rig.person()
    rig.kie.fail_next("The model has dreamt of a secret: https://x.invalid/?token=abc")
    job = await told(rig, anna, await rig.work.start(user, anna.id, rig.redesign()), words_of("That failed"))
    assert job.state == "failed"
    assert "dreamt" not in rig.telegram.transcript


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("Your prompt was flagged by Website as violating content policies.", "500"),
        ("NSFW content detected. (E005)", "500"),
    ],
)
async def test_what_the_service_does_not_like_is_told_as_such(rig: Rig, message: str, code: str) -> None:
    anna, user = await rig.person()
    rig.kie.fail_next(message, code)
    job = await told(rig, anna, await rig.work.start(user, anna.id, rig.redesign()), "правила")
    assert job.state == "failed"
    assert message not in rig.telegram.transcript


@pytest.mark.parametrize("code", ["400", "413", "422", "451"])
async def test_what_cannot_be_done_with_the_photo_is_told_as_such(rig: Rig, code: str) -> None:
    anna, user = await rig.person()
    rig.kie.fail_next("Not here.", code)
    job = await told(rig, anna, await rig.work.start(user, anna.id, rig.redesign()), words_of("That does not work"))
    assert job.state == "failed"
    assert "Not here." not in rig.telegram.transcript


def words_of(english: str) -> str:
    """The beginning of a sentence as the bot says it in Russian, translated or not."""
    from enlarger.bot.error_texts import user_message
    from enlarger.catalog.messages import translator
    from enlarger.errors import (
        InsufficientCredits,
        PictureTooLarge,
        ServiceUnreachable,
        SourceUnavailable,
        TaskCancelled,
        TaskFailed,
    )

    errors = (
        TaskFailed("", task_id="a", code=500),
        TaskFailed("", task_id="a", code=422),
        InsufficientCredits(),
        PictureTooLarge(),
        ServiceUnreachable(),
        SourceUnavailable(),
        TaskCancelled("", task_id="a"),
        RuntimeError(),
    )
    say_english = translator("en")
    error = next(error for error in errors if user_message(error, say_english).startswith(english))
    return user_message(error, translator("ru"))


async def test_a_photo_that_telegram_no_longer_has(rig: Rig) -> None:
    anna, user = await rig.person()
    action = rig.redesign()
    gone = msgspec.structs.replace(action.photos[0], file_id="gone")
    job = await rig.work.start(user, anna.id, msgspec.structs.replace(action, photos=(gone,)))
    job = await told(rig, anna, job, words_of("Telegram no longer has this photo"))
    assert job.state == "failed"


async def test_a_photo_that_is_too_large(rig: Rig) -> None:
    anna, user = await rig.person()
    rig.telegram.refuse_next("getFile", 400, "Bad Request: file is too big")
    job = await rig.work.start(user, anna.id, rig.redesign())
    await told(rig, anna, job, words_of("This photo is too large"))


async def test_too_few_credits(rig: Rig, kie: StandIn) -> None:
    anna, user = await rig.person()
    kie._account._credits = 1
    job = await rig.work.start(user, anna.id, rig.redesign())
    await told(rig, anna, job, words_of("You do not have enough credits"))


async def test_a_service_that_stays_away(rig: Rig) -> None:
    anna, user = await rig.person()
    rig.kie.script("createTask", [InjectedFault.MAINTENANCE] * 60)
    job = await rig.work.start(user, anna.id, rig.redesign())
    job = await told(rig, anna, job, words_of("The service cannot be reached"))
    assert 250 < sum(rig.slept) <= 300
    assert not rig.kie.tasks


async def test_what_nobody_has_thought_of(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    anna, user = await rig.person()

    async def break_(*_: object) -> None:
        raise RuntimeError(f"with the token {rig.telegram.token}")

    monkeypatch.setattr("enlarger.bot.work.fetch_photo", break_)
    job = await rig.work.start(user, anna.id, rig.redesign())
    job = await told(rig, anna, job, words_of("Something went wrong"))
    assert job.error == "RuntimeError"


async def test_a_photo_that_cannot_be_downloaded_tells_no_token(rig: Rig) -> None:
    kept = rig.photo()
    real, rig.telegram.token = rig.telegram.token, "123456789:AAOtherOtherOtherOtherOtherOtherOth"
    file = File(file_id=kept.file_id, file_unique_id="a", file_path="photos/elsewhere.jpg")
    rig.bot.get_file = AsyncMock(return_value=file)  # type: ignore[method-assign]
    with pytest.raises(TelegramNetworkError) as caught:
        await fetch_photo(rig.bot, kept.file_id, rig.sleep)
    assert len(rig.telegram.addresses) == 6, "it was tried again"
    assert all(real in address for address in rig.telegram.addresses)
    assert real not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(("size", "told"), [(20_000_001, True), (20_000_001, False), (20_000_000, True)])
async def test_a_photo_of_a_bot_api_server_without_limits_is_not_taken_whatever_it_has(
    rig: Rig, size: int, told: bool
) -> None:
    kept = rig.telegram.keep_file(bytes(size), name=None, folder="photos", suffix=".jpg")
    stored = rig.telegram._files[kept["file_id"]]
    file = File(file_id="a", file_unique_id="a", file_path=stored.path, file_size=size if told else None)
    rig.bot.get_file = AsyncMock(return_value=file)  # type: ignore[method-assign]
    if size == 20_000_000:
        assert len((await fetch_photo(rig.bot, "a", rig.sleep))[0]) == size
        return
    with pytest.raises(PictureTooLarge):
        await fetch_photo(rig.bot, "a", rig.sleep)
    assert len(rig.telegram.addresses) == (0 if told else 1)


# Calling off


async def test_a_job_is_called_off_before_there_is_a_task(rig: Rig) -> None:
    anna, user = await rig.person()
    async with rig.telegram.holding("getFile") as came:
        job = await rig.work.start(user, anna.id, rig.redesign())
        await came.wait()
        await rig.work.cancel(job)
        job = await told(rig, anna, job, words_of("Stopped. Nothing"))
    assert job.state == "cancelled"
    assert not rig.kie.tasks


@pytest.mark.parametrize("presses", [1, 3])
async def test_a_job_is_called_off_while_its_task_is_being_made(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, presses: int
) -> None:
    came, go, cancelled = asyncio.Event(), asyncio.Event(), []
    submit = rig.client.submit

    async def make_slowly(*args: Any, **options: Any) -> Any:
        came.set()
        await go.wait()
        return await submit(*args, **options)

    async def cancel(task_id: str) -> None:
        cancelled.append(task_id)

    monkeypatch.setattr(rig.client, "submit", make_slowly)
    monkeypatch.setattr(rig.client, "cancel", cancel)
    anna, user = await rig.person()
    job = await rig.work.start(user, anna.id, rig.redesign())
    await came.wait()
    for _ in range(presses):
        await rig.work.cancel(job)
    go.set()
    job = await finished(rig, job)
    assert cancelled == [job.task_id] == [task.id for task in rig.kie.tasks]


async def test_a_job_is_called_off_once_its_task_is_made(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    cancelled = []

    async def cancel(task_id: str) -> None:
        cancelled.append(task_id)

    monkeypatch.setattr(rig.client, "cancel", cancel)
    anna, user = await rig.person()
    job = await rig.work.start(user, anna.id, rig.redesign())

    async def is_made() -> bool:
        found = await rig.jobs.find(job.id, job.user_id)
        return found is not None and found.task_id is not None

    rig.kie.script("recordInfo", [InjectedFault.SERVER_ERROR] * 5)  # it does not end before that
    await until(is_made)
    await rig.work.cancel(job)
    assert cancelled == [(await finished(rig, job)).task_id]


@pytest.mark.parametrize(("charged", "says"), [(4, "Списано: 4 кредита"), (0, "Кредиты не списаны")])
async def test_who_stops_a_job_is_told_what_was_charged(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, charged: int, says: str
) -> None:
    async def cancelled(task_id: str) -> TaskStatus:
        return TaskStatus(task_id=task_id, state="fail", fail_code="cancelled", credits=charged, raw={})

    monkeypatch.setattr(rig.client, "get_task_status", cancelled)
    anna, user = await rig.person()
    job = await rig.work.start(user, anna.id, rig.redesign())
    assert (await told(rig, anna, job, says)).state == "cancelled"


@pytest.mark.parametrize(
    ("refund", "credits", "own", "says"),
    [
        ("unpaid", Decimal(40), False, True),
        ("unpaid", Decimal(40), True, False),
        ("unpaid", None, False, False),
        ("all", Decimal(40), False, False),
    ],
)
async def test_beside_stop_stands_that_it_may_cost_credits(
    rig: Rig, refund: Refund, credits: Decimal | None, own: bool, says: bool
) -> None:
    rig.users = OneKey(rig.database, rig.client, credits=credits, secret=SECRET)
    rig.work = rig.make_work(refund=refund)
    anna, user = await rig.person()
    with_time(rig, seconds=20)
    action = titled(enlarge(rig.photo(), factor=2, hosted=False), "Увеличено 2×") if own else rig.redesign()
    await finished(rig, await rig.work.start(user, anna.id, action))
    shown = [call.params["text"] for name in ("sendMessage", "editMessageText") for call in rig.telegram.called(name)]
    assert len(shown) > 1
    assert {"Если остановить" in text for text in shown} == {says}


async def test_what_has_ended_is_not_called_off(rig: Rig) -> None:
    anna, user = await rig.person()
    job = await finished(rig, await rig.work.start(user, anna.id, rig.redesign()))
    await rig.work.cancel(job)
    assert (await finished(rig, job)).state == "done"
