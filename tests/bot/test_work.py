"""Jobs of the bot: a photo goes in and a picture comes out, wherever the bot dies and whoever is away."""

from __future__ import annotations

import asyncio
import io
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from PIL import Image

from enlarger.bot.handover import SizeLimits
from enlarger.bot.jobs import Job, JobStore
from enlarger.errors import NotFound, RequestLimitReached
from enlarger.testing import InjectedFault
from tests.bot.conftest import BERT, Rig
from tests.bot.job_steps import finished, with_time

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
