"""Finding out what became of a task: when it is time, at once when something is announced, and not for ever."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from enlarger.catalog import get_model
from enlarger.errors import AcceptanceUnknown, DatabaseUnavailable, ResultGone, RouteUnfit
from enlarger.providers import Accepted, Order, Submission, WireRequest
from enlarger.settings import Limits, Rate
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.orphans import OrphanStore
from enlarger.tasks.records import Attempt
from enlarger.worker.schedule import Schedule, ScheduleConfig
from tests.waiting import until
from tests.worker.hosted import MINUTE, Floor, Scripted, failed, silent, succeeded

MODEL = get_model("google/nano-banana")


@pytest.fixture
async def accepted(floor: Floor) -> Attempt:
    """A task that KIE has, as `kie-1`."""
    return await floor.submit()


@pytest.fixture
async def unknown(floor: Floor) -> Attempt:
    """A task that KIE may have, which cannot list what it has."""
    floor.kie.answers = [AcceptanceUnknown("the answer was lost")]
    return await floor.submit()


@pytest.fixture
async def listed(floor: Floor) -> Attempt:
    """A task that Replicate may have, which can."""
    floor.router.health["kie"].adopt("suspended", "no credits", 600)
    floor.replicate.answers = [AcceptanceUnknown("the answer was lost")]
    return await floor.submit()


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


# What it says


async def test_a_success_is_collected(floor: Floor, accepted: Attempt) -> None:
    await floor.drain()
    ended = datetime.now(UTC) - timedelta(seconds=2)
    floor.kie.says = succeeded("kie-1", "https://kie.example/a.png", cost=Decimal("0.02"), ended_at=ended)
    found = await floor.poll(accepted)
    assert (found.state, found.polls, found.finished_at) == ("accepted", 1, ended)
    assert found.expires_at == ended + timedelta(hours=1)
    assert found.report is not None
    assert found.report["outputs"] == ["https://kie.example/a.png"]
    assert await floor.queue() == {"collect"}
    assert await floor.poll_in(accepted) is None
    assert (await floor.task(accepted)).state == "generating", "not before it is stored"


async def test_a_providers_clock_that_is_ahead_changes_nothing(floor: Floor, accepted: Attempt) -> None:
    floor.kie.says = succeeded("kie-1", "a", ended_at=datetime.now(UTC) + timedelta(days=1))
    found = await floor.poll(accepted)
    assert found.finished_at is not None
    assert found.finished_at <= datetime.now(UTC)


async def test_a_failure_sends_the_task_to_the_next_provider(floor: Floor, accepted: Attempt) -> None:
    floor.kie.says = failed("kie-1", "overloaded", code="500")
    found = await floor.poll(accepted)
    assert (found.state, found.error, found.error_code) == ("failed", "overloaded", "500")
    assert found.dollars == 0
    await floor.dispatcher()(accepted.task_id)
    assert [one.provider for one in await floor.of_task(accepted)] == ["kie", "replicate"]
    assert len(floor.kie.orders) == len(floor.replicate.orders) == 1


async def test_a_failure_of_all_is_the_tasks(floor: Floor, accepted: Attempt) -> None:
    floor.kie.says = failed("kie-1", "overloaded", code="500")
    await floor.poll(accepted)
    await floor.dispatcher()(accepted.task_id)
    floor.replicate.says = failed("replicate-1", "broken", code="501")
    await floor.poll((await floor.of_task(accepted))[-1])
    assert await floor.dispatcher()(accepted.task_id) is None
    ended = await floor.task(accepted)
    assert (ended.fail_code, ended.fail_message) == ("501", "kie: overloaded; replicate: broken")


async def test_a_failure_for_the_inputs_sake_ends_the_task(floor: Floor, accepted: Attempt) -> None:
    floor.kie.says = failed("kie-1", "not allowed", code="422", faulty_input=True)
    await floor.poll(accepted)
    ended = await floor.task(accepted)
    assert (ended.state, ended.fail_code, ended.fail_message) == ("fail", "422", "not allowed")
    assert floor.replicate.orders == []


async def test_a_provider_that_does_not_say_why_it_failed(floor: Floor, accepted: Attempt) -> None:
    floor.kie.says = failed("kie-1", "", faulty_input=True)
    await floor.poll(accepted)
    assert (await floor.task(accepted)).fail_message == "kie failed and does not say why."


async def test_silence_is_no_news_and_shows_why(floor: Floor, accepted: Attempt) -> None:
    floor.kie.says = silent("KIE does not answer")
    found = await floor.poll(accepted)
    assert (found.state, found.error) == ("accepted", "KIE does not answer")
    assert 1 < (await floor.poll_in(accepted) or 0) < 66
    floor.kie.says = None
    assert (await floor.poll(accepted)).error is None


async def test_silence_counts_against_the_providers_health(floor: Floor, accepted: Attempt) -> None:
    floor.kie.says = silent()
    for _ in range(5):
        await floor.poll(accepted)
    assert floor.router.health["kie"].state == "open"


async def test_what_a_provider_no_longer_knows_is_waited_for_to_its_deadline(floor: Floor, accepted: Attempt) -> None:
    floor.kie.says = ResultGone("KIE does not know the task any longer.")
    for _ in range(3):
        assert (await floor.poll(accepted)).state == "accepted"
    await floor.overdue(accepted)
    found = await floor.poll(accepted)
    assert (found.state, found.abandoned_at is not None) == ("unknown", True)
    ended = await floor.task(accepted)
    assert (ended.state, ended.fail_code) == ("fail", "408")
    assert floor.replicate.orders == [], "it may have been paid for"


async def test_a_task_at_a_provider_whose_key_was_taken_away_is_waited_for_to_its_deadline(
    floor: Floor, accepted: Attempt
) -> None:
    del floor.providers["kie"]

    async def polled() -> bool:
        return (await floor.attempt(accepted)).polls > 0

    async def ended() -> bool:
        return (await floor.task(accepted)).state == "fail"

    async with floor.polling():
        await floor.database.pool.execute("UPDATE attempts SET next_poll_at = now()")
        await until(polled)
        assert "kie is no longer set up: set its key again" in str((await floor.attempt(accepted)).error)
        assert (await floor.task(accepted)).state == "generating"
        await floor.overdue(accepted)
        await until(ended)
    assert "kie is no longer set up" in str((await floor.task(accepted)).fail_message)
    assert floor.kie.polls == []
    assert floor.replicate.orders == [], "it may have been paid for"


async def test_an_error_that_nobody_expected_is_no_news(floor: Floor, accepted: Attempt) -> None:
    floor.kie.says = RuntimeError("a fault of ours")
    assert (await floor.poll(accepted)).state == "accepted"
    assert await floor.poll_in(accepted) == pytest.approx(60, abs=25)


# Announcements


async def test_a_signed_webhook_ends_the_wait_without_a_question(floor: Floor, accepted: Attempt) -> None:
    floor.kie.verified = succeeded("kie-1", "a")
    await floor.announce(accepted)
    found = await floor.poll(accepted)
    assert found.report is not None
    assert (floor.kie.polls, found.polls, found.webhook) == ([], 0, None)


async def test_a_webhook_without_a_signature_is_only_a_reason_to_ask(floor: Floor, accepted: Attempt) -> None:
    await floor.announce(accepted, "another-task")
    assert (await floor.poll(accepted)).state == "accepted"
    assert floor.kie.polls == ["kie-1"]
    assert 1 < (await floor.poll_in(accepted) or 0) < 66
    floor.kie.says = succeeded("kie-1", "a")
    await floor.announce(accepted)
    assert (await floor.poll(accepted)).report is not None


async def test_a_signed_webhook_that_tells_no_end_is_no_end(floor: Floor, accepted: Attempt) -> None:
    floor.kie.verified = None
    await floor.announce(accepted)
    floor.kie.says = failed("kie-1", "broken", faulty_input=True)
    assert (await floor.poll(accepted)).state == "failed", "it was asked"


async def test_a_webhook_tells_whom_to_ask_for(floor: Floor, unknown: Attempt) -> None:
    await floor.announce(unknown, "theirs")
    found = await floor.poll(unknown)
    assert (found.state, found.provider_task_id, found.error) == ("accepted", "theirs", None)
    assert floor.kie.polls == ["theirs"]
    assert (await floor.task(unknown)).progress == 30


async def test_what_a_webhook_names_is_not_forgotten_while_the_provider_is_silent(
    floor: Floor, unknown: Attempt
) -> None:
    await floor.announce(unknown, "theirs")
    floor.kie.says = silent()
    assert (await floor.poll(unknown)).state == "unknown"
    assert 1 < (await floor.poll_in(unknown) or 0) < 66
    floor.kie.says = succeeded("theirs", "a")
    found = await floor.poll(unknown)
    assert (found.provider_task_id, found.report is not None) == ("theirs", True)


async def test_a_made_up_id_is_nobodys(floor: Floor, unknown: Attempt) -> None:
    floor.kie.says = ResultGone("KIE does not know the task.")
    await floor.announce(unknown, "made up")
    for _ in range(3):
        found = await floor.poll(unknown)
        assert (found.state, found.provider_task_id) == ("unknown", None)
    assert (await floor.task(unknown)).state == "generating"


async def test_an_id_that_is_another_attempts_is_not_taken(floor: Floor, accepted: Attempt) -> None:
    floor.kie.answers = [AcceptanceUnknown("lost")]
    other = await floor.submit()
    await floor.announce(other, "kie-1")
    found = await floor.poll(other)
    assert (found.state, found.provider_task_id) == ("unknown", None)
    assert (await floor.attempt(accepted)).provider_task_id == "kie-1"


async def test_an_end_that_is_announced_before_the_submission_is_answered(floor: Floor) -> None:
    task = await floor.make()
    floor.kie.verified = succeeded("theirs", "a")

    async def announced(order: Order) -> Accepted:
        (attempt,) = await floor.of_task(task)
        await floor.announce(attempt)
        assert (await floor.poll(attempt)).report is not None
        return Accepted("theirs")

    floor.kie.on_submit = announced
    await floor.dispatcher()(task.id)
    (attempt,) = await floor.of_task(task)
    assert (attempt.state, attempt.provider_task_id) == ("accepted", "theirs")
    assert attempt.report is not None


async def test_nobody_looks_for_what_is_still_on_its_way(floor: Floor) -> None:
    """A list without it would prove nothing yet."""
    floor.router.health["kie"].adopt("suspended", "no credits", 600)
    task = await floor.make()

    async def announced(order: Order) -> Accepted:
        attempt = (await floor.of_task(task))[-1]
        await floor.announce(attempt)
        assert (await floor.poll(attempt)).state == "submitting"
        return Accepted("theirs")

    floor.replicate.on_submit = announced
    await floor.dispatcher()(task.id)
    assert (await floor.of_task(task))[-1].provider_task_id == "theirs"
    assert floor.replicate.searched == []


# Fate unknown


async def test_what_is_in_the_providers_list_was_accepted(floor: Floor, listed: Attempt) -> None:
    await floor.submit()
    floor.replicate.finds = Accepted("theirs")
    found = await floor.poll(listed)
    assert (found.state, found.provider_task_id) == ("accepted", "theirs")
    assert floor.replicate.searched == [frozenset({"replicate-2"})], "those of others do not count"
    assert floor.replicate.polls == ["theirs"]


async def test_what_is_not_in_the_providers_list_is_free_to_go_elsewhere(floor: Floor, listed: Attempt) -> None:
    await floor.drain()
    floor.replicate.finds = None
    found = await floor.poll(listed)
    assert (found.state, found.final) == ("failed", False)
    assert found.dollars == 0
    assert found.error == "replicate does not have it: the answer was lost"
    assert await floor.queue() == {"dispatch"}
    await floor.dispatcher()(listed.task_id)
    assert len(floor.replicate.orders) == 2


async def test_a_list_that_cannot_be_had_proves_nothing(floor: Floor, listed: Attempt) -> None:
    floor.replicate.finds = silent()
    assert (await floor.poll(listed)).state == "unknown"
    assert len(floor.replicate.orders) == 1


async def test_without_a_list_the_fate_stays_unknown_until_it_is_told(floor: Floor, unknown: Attempt) -> None:
    found = await floor.poll(unknown)
    assert (found.state, found.error) == ("unknown", "the answer was lost")
    assert floor.kie.polls == []
    assert floor.kie.searched == []
    assert 1 < (await floor.poll_in(unknown) or 0) < 66


@pytest.mark.parametrize("resubmit", [False, True])
async def test_in_the_end_policy_decides(floor: Floor, unknown: Attempt, resubmit: bool) -> None:
    await floor.overdue(unknown)
    found = await floor.poll(unknown, resubmit=resubmit)
    assert (found.state, found.dollars) == ("unknown", Decimal("0.02"))
    assert found.abandoned_at is not None
    task = await floor.task(unknown)
    if resubmit:
        assert task.state == "generating"
        await floor.dispatcher()(task.id)
        assert len(floor.kie.orders) == 2
    else:
        assert (task.state, task.fail_code) == ("fail", "408")
        assert "it was not sent again, because it may have been paid for" in (task.fail_message or "")
        assert len(floor.kie.orders) == 1


async def test_a_task_is_not_submitted_a_third_time(floor: Floor, unknown: Attempt) -> None:
    await floor.overdue(unknown)
    await floor.poll(unknown, resubmit=True)
    floor.kie.answers = [AcceptanceUnknown("lost again")]
    await floor.dispatcher()(unknown.task_id)
    second = (await floor.of_task(unknown))[-1]
    await floor.overdue(second)
    await floor.poll(second, resubmit=True)
    assert (await floor.task(unknown)).state == "fail"
    await floor.dispatcher()(unknown.task_id)
    assert len(floor.kie.orders) == 2


async def test_what_a_provider_surely_has_is_not_submitted_again(floor: Floor, accepted: Attempt) -> None:
    await floor.overdue(accepted)
    await floor.poll(accepted, resubmit=True)
    task = await floor.task(accepted)
    assert (task.state, task.fail_code) == ("fail", "408")
    assert "has not finished the task in its time" in (task.fail_message or "")


async def test_what_is_found_at_the_deadline_and_still_at_work_is_given_up_at_once(
    floor: Floor, listed: Attempt
) -> None:
    await floor.overdue(listed)
    floor.replicate.finds = Accepted("theirs")
    found = await floor.poll(listed, resubmit=True)
    assert (found.state, found.provider_task_id) == ("accepted", "theirs")
    assert found.abandoned_at is not None
    assert (await floor.task(listed)).state == "fail", "it surely has the task, which is not sent again"


async def test_an_end_that_is_found_at_the_deadline_counts(floor: Floor, accepted: Attempt) -> None:
    await floor.overdue(accepted)
    floor.kie.says = succeeded("kie-1", "a")
    found = await floor.poll(accepted)
    assert (found.abandoned_at, found.report is not None) == (None, True)


async def test_the_last_look_is_at_the_deadline(floor: Floor, unknown: Attempt) -> None:
    statement = "UPDATE attempts SET started_at = now() - interval '9 min', deadline_at = now() + interval '7 s'"
    await floor.database.pool.execute(statement)
    await floor.poll(unknown)
    assert await floor.poll_in(unknown) == pytest.approx(7, abs=0.5)


# When nobody waits any longer


async def test_a_late_success_is_the_tasks_while_it_is_open(floor: Floor, unknown: Attempt) -> None:
    await floor.overdue(unknown)
    await floor.poll(unknown, resubmit=True)
    await floor.dispatcher()(unknown.task_id)
    floor.kie.verified = succeeded("theirs", "a")
    await floor.announce(unknown)
    assert (await floor.poll(unknown)).report is not None
    assert "collect" in await floor.queue()


async def test_what_a_failure_may_have_cost_stays_counted(floor: Floor, accepted: Attempt) -> None:
    floor.kie.says = failed("kie-1", "canceled", cost=None)
    assert (await floor.poll(accepted)).dollars == accepted.dollars > 0


async def test_what_a_provider_says_is_stored_without_what_postgres_does_not_store(
    floor: Floor, accepted: Attempt
) -> None:
    floor.kie.says = failed("kie-1", "over\0loaded")
    assert (await floor.poll(accepted)).error == "overloaded"


async def test_what_was_given_up_is_called_off_and_looked_at_rarely(floor: Floor, accepted: Attempt) -> None:
    await floor.overdue(accepted)
    await floor.poll(accepted)
    assert await floor.poll_in(accepted) == pytest.approx(600, abs=60)
    await floor.poll(accepted)
    assert floor.kie.cancelled == ["kie-1"]
    assert await floor.poll_in(accepted) == pytest.approx(600, abs=60)


async def test_a_cancelled_task_is_called_off_at_the_provider(floor: Floor, accepted: Attempt) -> None:
    await floor.service.tasks.cancel(DEFAULT, accepted.task_id)
    floor.kie.says = failed("kie-1", "cancelled")
    found = await floor.poll(accepted)
    assert floor.kie.cancelled == ["kie-1"]
    assert found.state == "failed"
    assert found.dollars == 0
    assert (await floor.task(accepted)).fail_code == "cancelled"
    assert floor.replicate.orders == []


async def test_a_provider_that_cannot_be_told_is_asked_all_the_same(
    floor: Floor, accepted: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def deaf(provider_task_id: str) -> None:
        raise silent()

    monkeypatch.setattr(floor.kie, "cancel", deaf)
    await floor.service.tasks.cancel(DEFAULT, accepted.task_id)
    floor.kie.says = succeeded("kie-1", "a")
    assert (await floor.poll(accepted)).report is not None


async def test_after_a_day_nobody_looks_any_more_and_it_stays_counted(floor: Floor, accepted: Attempt) -> None:
    await floor.overdue(accepted)
    await floor.poll(accepted)
    floor.kie.says = silent("KIE does not answer")
    await floor.let_pass(accepted, timedelta(hours=23))
    await floor.poll(accepted)
    assert await floor.poll_in(accepted) is not None
    await floor.let_pass(accepted, timedelta(hours=2))
    found = await floor.poll(accepted)
    assert (found.state, found.error, found.dollars) == ("unknown", "KIE does not answer", Decimal("0.02"))
    assert await floor.poll_in(accepted) is None
    assert [one.id for one in await OrphanStore(floor.database).newest(most=10)] == [accepted.id]


# Pollers


async def test_pollers_look_when_it_is_time_and_when_it_rings(floor: Floor, accepted: Attempt) -> None:
    async with floor.polling(2):

        async def polled() -> bool:
            return len(floor.kie.polls) == 1

        async def ended() -> bool:
            return (await floor.attempt(accepted)).report is not None

        await floor.database.pool.execute("UPDATE attempts SET next_poll_at = now()")
        await until(polled)
        floor.kie.verified = succeeded("kie-1", "a")
        await floor.announce(accepted)
        await until(ended)
    assert floor.kie.polls == ["kie-1"]


async def test_a_look_whose_worker_died_comes_back(floor: Floor, accepted: Attempt) -> None:
    await floor.database.pool.execute("UPDATE attempts SET next_poll_at = now()")
    ((taken,), _) = await floor.attempts.due("kie", most=10, lease=MINUTE)
    assert taken.attempt.id == accepted.id
    assert await floor.poll_in(accepted) == pytest.approx(60, abs=25)
    floor.kie.says = succeeded("kie-1", "a")
    assert (await floor.poll(accepted)).report is not None
    await floor.poller().poll(taken)  # and the dead one awakes
    assert (await floor.attempt(accepted)).polls == 1


async def test_a_look_that_cannot_be_written_comes_back(
    floor: Floor, accepted: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any, **__: Any) -> None:
        raise DatabaseUnavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(floor.attempts, "polled", away)
        await floor.poll(accepted)
    assert await floor.poll_in(accepted) == pytest.approx(60, abs=25)


class Counting(Scripted):
    """Notes when it is asked."""

    def __init__(self) -> None:
        super().__init__("kie")
        self.times: list[float] = []

    async def poll(self, submission: Any) -> Any:
        self.times.append(time.monotonic())
        return await super().poll(submission)


async def test_two_pollers_together_keep_a_providers_pace(floor: Floor) -> None:
    provider = floor.providers["kie"] = floor.kie = Counting()
    floor.limits["kie"] = Limits(100, None, Rate(4, 0.4))
    for _ in range(12):
        await floor.submit()
    await floor.database.pool.execute("UPDATE attempts SET next_poll_at = now()")

    async def all_looked() -> bool:
        return len(provider.times) == 12

    async with floor.polling(2):
        await until(all_looked)
    times = sorted(provider.times)
    # Counted where the place was given, asked a moment later: only what is far too soon is told apart.
    assert all(later - earlier > 0.2 for earlier, later in zip(times, times[4:], strict=False))


async def test_what_was_sent_is_asked_for_in_the_words_of_that_time(
    floor: Floor, listed: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The catalogue is upgraded between a submission and the question whether it arrived."""
    assert listed.request is not None
    searched: list[WireRequest] = []

    async def find(submission: Submission, *, taken: frozenset[str]) -> Accepted:
        searched.append(submission.request)
        return Accepted("theirs")

    def prepare(*_: object) -> WireRequest:
        raise RouteUnfit("the route has gone")

    monkeypatch.setattr(floor.replicate, "find", find)
    monkeypatch.setattr(floor.replicate, "prepare", prepare)
    await floor.poll(listed)
    assert [msgspec.to_builtins(one) for one in searched] == [listed.request]


async def test_an_attempt_of_an_earlier_version_is_translated_once_more(floor: Floor, listed: Attempt) -> None:
    assert listed.request is not None
    await floor.database.pool.execute("UPDATE attempts SET sent = $1, request = NULL", listed.request["input"])
    floor.replicate.finds = Accepted("theirs")
    assert (await floor.poll(listed)).provider_task_id == "theirs"


async def test_an_attempt_of_an_earlier_version_without_a_route_stays_unknown(
    floor: Floor, listed: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing can be said of it, least of all that the provider does not have it: that would send it again."""

    def prepare(*_: object) -> WireRequest:
        raise RouteUnfit("the route has gone")

    await floor.database.pool.execute("UPDATE attempts SET sent = '{}', request = NULL")
    monkeypatch.setattr(floor.replicate, "prepare", prepare)
    assert (await floor.poll(listed)).state == "unknown"
    assert floor.replicate.searched == []


async def test_a_silent_provider_does_not_keep_another_waiting(
    floor: Floor, accepted: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, hanging = asyncio.Event(), asyncio.Event()

    async def hang(submission: Any) -> Any:
        asked.set()
        await hanging.wait()
        raise silent()

    monkeypatch.setattr(floor.kie, "poll", hang)
    floor.router.health["kie"].adopt("suspended", "no credits", 600)
    other = await floor.submit()
    await floor.database.pool.execute("UPDATE attempts SET next_poll_at = now()")

    async def polled() -> bool:
        return (await floor.attempt(other)).polls == 1

    async with floor.polling():
        await asked.wait()
        await until(polled)
        hanging.set()
