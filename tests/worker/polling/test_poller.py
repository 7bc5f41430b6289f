"""Pollers at work: in time, once, in a provider's pace, and with the request that was sent."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import msgspec
import pytest

from enlarger.errors import DatabaseUnavailable, RouteUnfit
from enlarger.providers import Accepted, Submission, WireRequest
from enlarger.settings import Limits, Rate
from enlarger.tasks.records import Attempt
from tests.waiting import until
from tests.worker.hosted import MINUTE, Floor, Scripted, silent, succeeded


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
    floor.limits["kie"] = Limits(100, None, Rate(4, 2.0))
    for _ in range(12):
        await floor.submit()
    await floor.database.pool.execute("UPDATE attempts SET next_poll_at = now()")

    async def all_looked() -> bool:
        return len(provider.times) >= 12  # the first ones are polled again soon

    async with floor.polling(2):
        await until(all_looked)
    # Counted where the place was given, asked a moment later, which may be long on a busy machine.
    assert max(provider.times) - min(provider.times) > 2, "the last four are asked for four seconds after the first"


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
