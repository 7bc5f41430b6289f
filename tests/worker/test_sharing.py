"""Workers on several machines, of which not every one can do every task."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from enlarger.errors import BadOutput, EngineError, EngineUnavailable, SubmissionRefused
from enlarger.infra.fetch import Fetcher
from enlarger.infra.safe_http import Allowed
from enlarger.protocol.records import Made
from enlarger.providers import LocalOrder
from enlarger.providers.base import OnProgress
from enlarger.server import Service
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.records import Task
from enlarger.worker.announcer import Announcer
from enlarger.worker.engine import Engine
from enlarger.worker.outage import StorageWait
from enlarger.worker.sharing import Sharing
from enlarger.worker.sources import Sources
from tests.waiting import until
from tests.worker.conftest import MakeTask, Stand


class Broken(Stand):
    """An engine without its libraries."""

    async def probe(self) -> None:
        raise SubmissionRefused("The engine's libraries are not installed.", reason="down")


@dataclass
class Machine:
    """A worker's part that runs the engine."""

    provider: Stand
    announcer: Announcer
    carry_out: Callable[[str], Awaitable[timedelta | None]]

    def fail_with(self, error: EngineError) -> None:
        async def behave(order: LocalOrder, on_progress: OnProgress) -> None:
            raise error

        self.provider.behave = behave


Start = Callable[..., Awaitable[Machine]]


@pytest.fixture
def start(service: Service, tmp_path: Path) -> Start:
    """Starts a machine."""
    (tmp_path / "work").mkdir()
    stopping = asyncio.Event()

    async def begin(provider: Stand | None = None) -> Machine:
        provider = provider or Stand()
        announcer = Announcer(service.workers, provider, runs_engine=True)
        await announcer.announce()
        sharing = Sharing(service.workers, announcer.id, stopping, pause=0)
        engine = Engine(
            tasks=service.tasks,
            sources=Sources(service.tasks, service.files, service.storage, service.links, Fetcher(Allowed.parse(()))),
            storage=service.storage,
            runner=provider,
            work=tmp_path / "work",
            results_days=14,
            stopping=stopping,
            storage_wait=StorageWait(3600, service.database.now),
            sharing=sharing,
            observe=announcer.observe,
        )
        return Machine(provider, announcer, engine)

    return begin


async def queue(service: Service) -> list[str]:
    rows = await service.database.pool.fetch("SELECT entrypoint FROM pgqueuer WHERE entrypoint <> 'deliver'")
    return [row["entrypoint"] for row in rows]


@pytest.fixture
async def task(service: Service, make_task: MakeTask) -> Task:
    """A task that a worker has been woken for."""
    made = await make_task()
    await service.database.pool.execute("DELETE FROM pgqueuer")
    return made


async def test_what_one_machine_cannot_do_goes_to_another_one(service: Service, start: Start, task: Task) -> None:
    bare, complete = await start(), await start()
    bare.fail_with(EngineUnavailable("The weights are not here."))
    await bare.carry_out(task.id)
    current = await service.tasks.get(DEFAULT, task.id)
    assert (current.state, await queue(service)) == ("waiting", ["engine"])

    await bare.carry_out(task.id)  # woken again
    assert len(bare.provider.orders) == 1
    assert await queue(service) == ["engine"]

    await complete.carry_out(task.id)
    assert (await service.tasks.get(DEFAULT, task.id)).state == "success"
    attempts = await service.attempts.of_task(task.id)
    assert [(one.state, one.final) for one in attempts] == [("failed", False), ("succeeded", True)]


async def test_what_no_machine_can_do_fails_at_the_last_of_them(service: Service, start: Start, task: Task) -> None:
    machines = [await start() for _ in range(3)]
    for machine in machines:
        machine.fail_with(EngineUnavailable("The weights are not here."))
        await machine.carry_out(task.id)
    assert "dispatch" in await queue(service)
    assert [len(machine.provider.orders) for machine in machines] == [1, 1, 1]


async def test_a_machine_without_an_engine_leaves_all_tasks_to_those_with_one(
    service: Service, start: Start, task: Task
) -> None:
    broken, whole = await start(Broken()), await start()
    await broken.carry_out(task.id)
    assert (broken.provider.orders, await queue(service)) == ([], ["engine"])
    await service.workers.remove(whole.announcer.id)
    await broken.carry_out(task.id)
    assert len(broken.provider.orders) == 1


async def test_a_machine_that_is_gone_is_not_waited_for(service: Service, start: Start, task: Task) -> None:
    alone, gone = await start(), await start()
    await service.database.pool.execute(
        "UPDATE workers SET seen_at = now() - interval '1 minute' WHERE id = $1", gone.announcer.id
    )
    alone.fail_with(EngineUnavailable("The weights are not here."))
    await alone.carry_out(task.id)
    assert "dispatch" in await queue(service)


async def test_what_is_wrong_with_the_picture_is_not_tried_elsewhere(
    service: Service, start: Start, task: Task
) -> None:
    first, second = await start(), await start()
    first.fail_with(BadOutput("The result is black."))
    await first.carry_out(task.id)
    assert "dispatch" in await queue(service)
    assert second.provider.orders == []


async def test_a_worker_announces_its_engine_and_the_speed_of_its_pictures(
    service: Service, start: Start, task: Task
) -> None:
    machine = await start()
    (before,) = await service.workers.all(most=10)
    assert (before.engine, before.speed, before.problem, before.alive) == (None, None, None, True)
    await machine.carry_out(task.id)
    machine.announcer.observe(Made(provider="local", engine="stand-in", width=1000, height=1000, seconds=0.899936))
    await machine.announcer.announce()
    (after,) = await service.workers.all(most=10)
    assert after.engine == "stand-in"
    assert after.speed == pytest.approx(1.000064 / 0.999936)


async def test_a_worker_that_stops_is_no_longer_announced(service: Service) -> None:
    stopping = asyncio.Event()
    announcer = Announcer(service.workers, Broken(), runs_engine=True)
    announcing = asyncio.create_task(announcer.announce_all(stopping))
    await until(lambda: service.workers.all(most=10))
    (announced,) = await service.workers.all(most=10)
    assert announced.problem == "The engine's libraries are not installed."
    stopping.set()
    await announcing
    assert await service.workers.all(most=10) == []
