"""What users have asked for is written down, once each, and ends once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest

from enlarger.bot.actions import Action, Photo, redesign
from enlarger.bot.jobs import Job, JobResult, JobStore, update_id
from enlarger.bot.users import UserStore
from enlarger.client import KieApiClient
from enlarger.infra.database import Database
from tests.bot.conftest import ANNA, BERT, SECRET


def action() -> Action:
    return redesign(Photo(file_id="AgAC"), room="living-room", style="japandi")


@pytest.fixture
async def jobs(database: Database) -> JobStore:
    async with KieApiClient("enl_none", "http://127.0.0.1:9") as client:
        users = UserStore(database, client, credits=Decimal(40), secret=SECRET)
        for who in (ANNA, BERT):
            await users.get(who)
    return JobStore(database)


async def add(jobs: JobStore, user_id: int = 1001, *, at_once: int = 9, photo: str = "AgAC") -> Job:
    added = await jobs.add(user_id, user_id, action(), [photo], at_once=at_once)
    assert added is not None
    return added[0]


@contextmanager
def handling(number: int) -> Iterator[None]:
    token = update_id.set(number)
    try:
        yield
    finally:
        update_id.reset(token)


async def test_a_job_is_what_was_asked_for(jobs: JobStore) -> None:
    job = await add(jobs)
    assert job.action == action()
    assert (job.user_id, job.chat_id, job.photo_ids, job.state) == (1001, 1001, ["AgAC"], "new")
    assert job.open
    assert await jobs.find(job.id, 1001) == job
    assert await jobs.find(job.id, 1002) is None


async def test_one_at_a_time_also_when_two_come_at_once(jobs: JobStore) -> None:
    tries = (jobs.add(1001, 1001, action(), [str(number)], at_once=1) for number in range(5))
    assert sum(added is not None for added in await asyncio.gather(*tries)) == 1
    assert await jobs.add(1002, 1002, action(), [], at_once=1) is not None


async def test_an_update_that_comes_twice_makes_one_job(jobs: JobStore) -> None:
    with handling(700):
        first = await jobs.add(1001, 1001, action(), ["AgAC"], at_once=1)
        second = await jobs.add(1001, 1001, action(), ["AgAC"], at_once=1)
    assert first is not None
    assert second is not None
    assert first[0] == second[0]
    assert (first[1], second[1]) == (True, False)
    with handling(701):
        assert await jobs.add(1001, 1001, action(), ["other"], at_once=1) is None


async def test_a_button_that_is_pressed_twice_makes_one_job(jobs: JobStore, database: Database) -> None:
    def press(photo: str = "AgAC", user_id: int = 1001) -> Awaitable[tuple[Job, bool] | None]:
        return jobs.add(user_id, user_id, action(), [photo], at_once=9)

    with handling(700):
        first = await press()
    with handling(701):
        second = await press()
    assert first is not None
    assert second == (first[0], False)
    for others in (await press("other"), await press(user_id=1002)):
        assert others is not None
        assert others[1]
    await database.pool.execute("UPDATE bot_jobs SET created_at = created_at - interval '4 seconds'")
    later = await press()
    assert later is not None
    assert later[1], "meant, not slipped"


async def test_without_an_update_every_job_is_new(jobs: JobStore) -> None:
    one, other = await add(jobs), await add(jobs, photo="other")
    assert one.idempotency_key != other.idempotency_key


async def test_the_way_of_a_job(jobs: JobStore) -> None:
    job = await add(jobs)
    job = await jobs.change(job, message_id=7)
    job = await jobs.change(job, sent={"prompt": "a room", "image_urls": ["http://127.0.0.1/a"]})
    assert (job.state, job.message_id) == ("new", 7)
    job = await jobs.change(job, task_id="abc")
    assert job.state == "running"
    assert job.sent is not None
    done = await jobs.end(job, "done", result=JobResult(credits=Decimal(4), seconds=2.5, file_id="AgAD"))
    assert (done.state, done.result) == ("done", JobResult(credits=Decimal(4), seconds=2.5, file_id="AgAD"))
    assert done.sent is None, "the links in it are needed no longer"
    assert done.ended_at is not None


async def test_what_has_ended_stays_as_it_is(jobs: JobStore) -> None:
    job = await jobs.end(await add(jobs), "cancelled", error="Called off.")
    assert await jobs.end(job, "done") == job
    assert await jobs.change(job, task_id="abc") == job


async def test_open_latest_and_earlier_jobs(jobs: JobStore) -> None:
    made = [await add(jobs, photo=str(number)) for number in range(4)]
    other = await add(jobs, 1002)
    await jobs.end(made[0], "done")
    await jobs.end(made[1], "failed")
    assert [job.id for job in await jobs.open(1001)] == [made[2].id, made[3].id]
    assert [job.id for job in await jobs.all_open()] == [made[2].id, made[3].id, other.id]
    assert [job.id for job in await jobs.history(1001, most=3)] == [made[3].id, made[2].id, made[1].id]
    assert [job.id for job in await jobs.history(1001, done=True)] == [made[0].id]
    latest = await jobs.latest(1001)
    assert latest is not None
    assert latest.id == made[0].id
    assert await jobs.latest(1002) is None
