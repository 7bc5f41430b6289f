"""When a task is polled: from its model's usual duration and from what was learnt."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from enlarger.catalog import get_model
from enlarger.tasks.records import Attempt
from enlarger.worker.schedule import Schedule, ScheduleConfig
from tests.worker.hosted import Floor, succeeded

MODEL = get_model("google/nano-banana")


# Time


async def test_a_task_at_work_is_looked_at_ever_less_often(floor: Floor, accepted: Attempt) -> None:
    pauses = []
    for age in (30, 200, 590):
        statement = "UPDATE attempts SET accepted_at = now() - make_interval(secs => $1)"
        await floor.database.pool.execute(statement, float(age))
        await floor.poll(accepted)
        pauses.append(await floor.poll_in(accepted) or 0)
    assert pauses == sorted(pauses)
    assert all(1 < pause < 66 for pause in pauses)
    assert floor.kie.polls == ["kie-1"] * 3
    assert (await floor.attempt(accepted)).polls == 3
    assert (await floor.task(accepted)).progress == 30


def looks(schedule: Schedule, seconds: float) -> int:
    """How often a task that takes so long is asked for, each look being answered at once."""
    at, count = schedule.first("kie", MODEL).total_seconds(), 1
    while at < seconds:
        at, count = at + schedule.again(at).total_seconds(), count + 1
    return count


def test_a_task_of_25_seconds_is_looked_at_four_times_at_most_once_its_model_is_known() -> None:
    rng, schedule, counts = random.Random(7), Schedule(), []
    for _ in range(300):
        seconds = rng.uniform(24, 26)
        counts.append(looks(schedule, seconds))
        schedule.learn("kie", MODEL, seconds)
    assert max(counts[1:]) <= 4
    assert sum(counts) / len(counts) < 3.5
    assert counts[0] <= 5, "nothing has been learnt yet"


def test_what_was_learnt_of_a_model_is_not_taken_for_another() -> None:
    schedule = Schedule()
    other = get_model("topaz/image-upscale")
    before = schedule.first("replicate", MODEL), schedule.first("kie", other)
    schedule.learn("kie", MODEL, 100.0)
    assert schedule.first("kie", MODEL).total_seconds() == pytest.approx(90, abs=10)
    assert (schedule.first("replicate", MODEL), schedule.first("kie", other)) == before


def test_a_provider_whose_webhooks_arrive_is_first_asked_when_one_was_probably_lost() -> None:
    schedule = Schedule()
    firsts = []
    for announced in (True, True, True, True, False, False, False):
        schedule.learn("kie", MODEL, 40.0, announced=announced)
        firsts.append(schedule.first("kie", MODEL).total_seconds())
    assert firsts == [38, 38, 52, 52, 52, 52, 38], "by the latest five endings"
    assert schedule.first("replicate", MODEL) == Schedule().first("replicate", MODEL)


def test_a_schedule_keeps_to_its_configuration() -> None:
    config = ScheduleConfig(
        first_guess=0.5, earliest=3.0, shortest=1.0, longest=8.0, growth=0.5, late=20.0, late_growth=0.25
    )
    schedule = Schedule(config)
    assert schedule.first("kie", MODEL).total_seconds() == max(3.0, MODEL.duration.usual * 0.5)
    schedule.learn("kie", MODEL, 0.1)
    assert schedule.first("kie", MODEL).total_seconds() == 3.0
    for age, pause in ((0.0, 1.0), (10.0, 5.0), (100.0, 8.0)):
        assert schedule.again(age).total_seconds() == pytest.approx(pause, rel=0.11)
    assert (schedule.late().total_seconds(), schedule.late(400.0).total_seconds()) == (20.0, 100.0)


async def test_what_tasks_took_is_learnt(floor: Floor, accepted: Attempt) -> None:
    await floor.let_pass(accepted, timedelta(seconds=80))
    began = (await floor.attempt(accepted)).accepted_at
    assert began is not None
    floor.kie.says = succeeded("kie-1", "a", ended_at=began + timedelta(seconds=40))
    await floor.poll(accepted)
    assert floor.schedule.first("kie", MODEL).total_seconds() == pytest.approx(38, abs=2)
