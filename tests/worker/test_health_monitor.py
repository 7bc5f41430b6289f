"""Providers' health, shared among workers through a real Postgres."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import cast

import pytest

from enlarger.errors import AcceptanceUnknown, DatabaseUnavailable, ProviderSilent, SubmissionRefused
from enlarger.infra.database import Database
from enlarger.providers import Provider
from enlarger.providers.router import Router
from enlarger.providers.routing import read_routing
from enlarger.tasks.provider_states import ProviderStates
from enlarger.worker.health_monitor import HealthMonitor


class Kie:
    """A provider that is only asked how it is."""

    name = "kie"

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.probes = 0

    async def probe(self) -> None:
        self.probes += 1
        if self.error is not None:
            raise self.error


class Worker(SimpleNamespace):
    router: Router
    watch: HealthMonitor

    async def round(self) -> None:
        await self.watch.once()
        await self.watch.wait_for_probes()

    def starts(self) -> bool:
        return self.router.start("kie")


@pytest.fixture
def kie() -> Kie:
    return Kie()


@pytest.fixture
def states(database: Database) -> ProviderStates:
    return ProviderStates(database)


@pytest.fixture
def worker(kie: Kie, states: ProviderStates) -> Callable[[], Worker]:
    def make() -> Worker:
        router = Router({"kie": cast("Provider", kie)}, read_routing(""))
        return Worker(router=router, watch=HealthMonitor(router, states))

    return make


@pytest.fixture
def time_passes(database: Database) -> Callable[[], Awaitable[None]]:
    """Everything is due."""

    async def pass_() -> None:
        await database.pool.execute(
            "UPDATE provider_states SET updated_at = updated_at - (until - now()), until = now() WHERE until > now()"
        )

    return pass_


_NO_CREDITS = SubmissionRefused("kie has no credits left: top it up", reason="credits", code=402)


async def test_what_one_worker_learns_all_know_and_a_new_one_too(worker: Callable[[], Worker]) -> None:
    one, other = worker(), worker()
    one.router.note("kie", _NO_CREDITS)
    await one.round()
    await other.round()
    for each in (one, other):
        assert not each.starts()
        assert each.router.health["kie"].reason == str(_NO_CREDITS)
    later = worker()
    await later.round()
    assert not later.starts()


async def test_one_worker_asks_when_it_is_due_and_all_go_on_when_it_is_well(
    worker: Callable[[], Worker], kie: Kie, database: Database, time_passes: Callable[[], Awaitable[None]]
) -> None:
    pause = "SELECT round(extract(epoch FROM until - updated_at))::int FROM provider_states"
    workers = [worker() for _ in range(4)]
    kie.error = _NO_CREDITS
    workers[0].router.note("kie", _NO_CREDITS)
    pauses = []
    for number in range(1, 8):
        for each in workers:
            await each.round()
        assert kie.probes == number - 1
        pauses.append(await database.pool.fetchval(pause))
        await time_passes()
        await asyncio.gather(*(each.round() for each in workers))
        assert kie.probes == number
        assert {each.starts() for each in workers} == {False}
    assert pauses == [30, 60, 120, 240, 480, 600, 600]
    kie.error = None
    await time_passes()
    await asyncio.gather(*(each.round() for each in workers))
    assert kie.probes == 8
    for each in workers:
        await each.round()
    assert {each.starts() for each in workers} == {True}


async def test_of_a_broken_provider_one_task_in_all_workers_tries_whether_it_works(
    worker: Callable[[], Worker], kie: Kie, time_passes: Callable[[], Awaitable[None]]
) -> None:
    workers = [worker() for _ in range(3)]
    for _ in range(3):
        workers[0].router.note("kie", AcceptanceUnknown("cut off"))

    async def who_starts() -> list[Worker]:
        for each in workers:
            await each.round()
        return [each for each in workers for _ in range(2) if each.starts()]

    assert await who_starts() == []
    kie.error = ProviderSilent("no answer")
    await time_passes()
    assert await who_starts() == []
    assert kie.probes == 1
    kie.error = None
    await time_passes()
    (tries,) = await who_starts()
    tries.router.note("kie", AcceptanceUnknown("cut off again"))
    assert await who_starts() == []
    await time_passes()
    (tries,) = await who_starts()
    tries.router.note("kie", None)
    for each in workers:
        await each.round()
    assert len(await who_starts()) == 6


async def test_what_is_out_is_not_made_better_by_who_knows_less(
    worker: Callable[[], Worker], states: ProviderStates
) -> None:
    one, other = worker(), worker()
    one.router.note("kie", _NO_CREDITS)
    other.router.note("kie", SubmissionRefused("busy", reason="busy", retry_after=5))
    await one.round()
    await other.round()
    assert [state.state for state in await states.all()] == ["suspended"]
    assert other.router.health["kie"].state == "suspended"
    assert not other.router.health["kie"].unannounced


async def test_news_is_told_at_once_and_the_watch_ends_when_it_shall(
    worker: Callable[[], Worker], states: ProviderStates
) -> None:
    one, stopping = worker(), asyncio.Event()
    watch = asyncio.create_task(one.watch.run(stopping))
    one.router.note("kie", _NO_CREDITS)
    while not await states.all():
        await asyncio.sleep(0)
    stopping.set()
    await watch
    one.router.health["kie"].recover()
    await one.watch.run(stopping)
    assert [state.state for state in await states.all()] == ["ok"]


async def test_without_a_database_what_is_known_is_kept_to_be_told(
    worker: Callable[[], Worker], states: ProviderStates, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*_: object) -> None:
        raise DatabaseUnavailable("gone")

    one = worker()
    one.router.note("kie", _NO_CREDITS)
    with monkeypatch.context() as patched:
        patched.setattr(states, "write", gone)
        await one.watch.once()
    assert not one.starts()
    await one.round()
    assert [state.state for state in await states.all()] == ["suspended"]


async def test_a_shorter_rest_does_not_end_a_longer_one(states: ProviderStates) -> None:
    for seconds in (600, 5, 60):
        await states.write("kie", "throttled", "busy", seconds)
    [state] = await states.all()
    assert state.seconds is not None
    assert 500 < state.seconds <= 600
    await states.write("kie", "throttled", "busy", 900)
    [state] = await states.all()
    assert state.seconds is not None
    assert 800 < state.seconds <= 900
    await states.write("kie", "ok", None, None)
    [state] = await states.all()
    assert (state.state, state.seconds) == ("ok", 0)
