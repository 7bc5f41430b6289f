"""How long an open task will still take: by the line before it, and by what tasks took lately."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest

from enlarger.catalog.model import LOCAL
from enlarger.infra.database import Database
from enlarger.protocol.records import Estimate
from enlarger.settings import Limits, Rate
from enlarger.tasks.accounts import AccountStore
from enlarger.tasks.estimates import UNKNOWN, Estimates, Outlook
from enlarger.tasks.provider_states import ProviderStates, worker_name
from enlarger.tasks.records import Task
from tests.tasks.many import fill
from tests.tasks.plans import plan_nodes
from tests.tasks.world import World

_MODEL = "real-esrgan/fast"
_HOSTED = "google/nano-banana"
_USUAL = 30.0
"""The catalogue's duration of the hosted model, as the tests have it."""


class Desk(World):
    """Tasks in line, and what is said of them."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.most = 1000

    async def wait_for_engine(self, times: int = 1) -> list[Task]:
        """Tasks in the engine's line."""
        tasks = [await self.create(model=_MODEL) for _ in range(times)]
        for task in tasks:
            claim = await self.claim(task)
            await self.attempts.hand_to_engine(claim.task)
        await self.database.pool.execute("DELETE FROM pgqueuer WHERE entrypoint = 'dispatch'")
        return tasks

    async def find_long(self, *tasks: Task) -> None:
        """Tasks of the engine that are found to be long."""
        for task in tasks:
            claim = await self.tasks.claim(task.id, LOCAL)
            assert claim is not None
            await self.tasks.move_to_long_lane(claim)

    async def succeed_locally(self, *seconds: float, model: str = _MODEL) -> None:
        """As if the engine had carried tasks out in so many seconds."""
        for one in seconds:
            task = await self.create(model=model)
            claim = await self.tasks.claim(task.id, LOCAL)
            assert claim is not None
            await self.tasks.fail(claim, "501", "It only has to take its time.")
            await self._last(task, one, "local")
        await self.database.pool.execute("DELETE FROM pgqueuer WHERE entrypoint = 'dispatch'")

    async def succeed_hosted(self, *seconds: float) -> None:
        for one in seconds:
            attempt = await self.accept()
            await self.collect(await self.succeed(attempt, attempt.provider_task_id or ""))
            await self._last(await self.task(attempt), one, "kie")
        await self.drain()

    async def _last(self, task: Task, seconds: float, provider: str) -> None:
        await self.database.pool.execute(
            "UPDATE attempts SET state = 'succeeded', ended_at = started_at + make_interval(secs => $2)"
            " WHERE task_id = $1 AND provider = $3",
            task.id, seconds, provider,
        )  # fmt: skip

    async def estimate(
        self, task: Task, provider: str | None = LOCAL, limits: Limits | None = None, *, later: float = 0.0
    ) -> Estimate:
        outlook: Outlook = await Estimates(self.database, most=self.most).outlook()
        now = self.database.now() + timedelta(seconds=later)
        task = await self.tasks.get(task.account_id, task.id)
        return outlook.estimate(task, provider=provider, limits=limits or Limits(), usual=_USUAL, now=now)


@pytest.fixture
async def desk(database: Database) -> Desk:
    await AccountStore(database).register_key("key", source="tests")
    return Desk(database)


@pytest.fixture
async def worker(database_url: str) -> AsyncIterator[None]:
    """A worker with an engine is connected."""
    connection = await asyncpg.connect(database_url, server_settings={"application_name": worker_name([LOCAL, "kie"])})
    yield
    await connection.close()


@pytest.mark.usefixtures("worker")
async def test_a_task_waits_for_those_before_it_as_long_as_the_engine_takes_for_each(desk: Desk) -> None:
    await desk.succeed_locally(8, 10, 12)
    tasks = await desk.wait_for_engine(4)
    assert await desk.estimate(tasks[0]) == Estimate(starts_in=0, ends_in=10)
    assert await desk.estimate(tasks[3]) == Estimate(starts_in=30, ends_in=40)


@pytest.mark.usefixtures("worker")
async def test_an_engine_at_work_is_taken_to_be_halfway_through(desk: Desk) -> None:
    await desk.succeed_locally(10)
    first, second, third = await desk.wait_for_engine(3)
    await desk.tasks.claim(first.id, LOCAL)
    await desk.database.pool.execute("DELETE FROM pgqueuer WHERE dedupe_key = 'engine:' || $1", first.id)
    assert await desk.estimate(second) == Estimate(starts_in=5, ends_in=15)
    assert await desk.estimate(third) == Estimate(starts_in=15, ends_in=25)


async def test_several_engines_share_the_line(desk: Desk, database_url: str) -> None:
    await desk.succeed_locally(10)
    tasks = await desk.wait_for_engine(6)
    names = {"application_name": worker_name([LOCAL])}
    workers = [await asyncpg.connect(database_url, server_settings=names) for _ in range(2)]
    assert (await desk.estimate(tasks[1])).starts_in == 0
    assert (await desk.estimate(tasks[4])).starts_in == 20
    for one in workers:
        await one.close()


@pytest.mark.usefixtures("worker")
async def test_a_task_that_came_since_the_line_was_read_stands_where_its_turn_puts_it(desk: Desk) -> None:
    await desk.succeed_locally(10)
    await desk.wait_for_engine(5)
    assert (await desk.estimate(await desk.create(model=_MODEL))).starts_in == 50


@pytest.mark.usefixtures("worker")
async def test_what_a_running_task_has_left_is_told_by_its_progress_or_its_models_usual_time(desk: Desk) -> None:
    await desk.succeed_locally(10)
    [task] = await desk.wait_for_engine()
    claim = await desk.tasks.claim(task.id, LOCAL)
    assert claim is not None
    started = await desk.estimate(task)
    assert started.starts_in == 0
    assert started.ends_in is not None
    assert started.ends_in <= 10
    assert (await desk.estimate(task, later=1000)).ends_in is None, "it takes longer than usual: nobody knows"
    await desk.tasks.start_generating(claim)
    await desk.tasks.report_progress(claim, 25)
    left = (await desk.estimate(task, later=1000)).ends_in
    assert left is not None
    assert left >= 3000, "a quarter has taken 1000 seconds"


async def test_nothing_is_said_while_no_engine_is_connected(desk: Desk) -> None:
    await desk.succeed_locally(10)
    [task] = await desk.wait_for_engine()
    assert await desk.estimate(task) == UNKNOWN


@pytest.mark.usefixtures("worker")
async def test_nothing_is_said_before_anything_has_ended_here(desk: Desk) -> None:
    first, second = await desk.wait_for_engine(2)
    assert await desk.estimate(first) == Estimate(starts_in=0, ends_in=None)
    assert await desk.estimate(second) == UNKNOWN


@pytest.mark.usefixtures("worker")
async def test_only_the_first_tasks_in_line_are_looked_at(desk: Desk) -> None:
    await desk.succeed_locally(10)
    tasks = await desk.wait_for_engine(5)
    desk.most = 3
    assert (await desk.estimate(tasks[2])).starts_in == 20
    assert await desk.estimate(tasks[3]) == UNKNOWN


@pytest.mark.usefixtures("worker")
async def test_the_models_own_time_counts_and_the_mean_of_all_for_one_that_has_none(desk: Desk) -> None:
    await desk.succeed_locally(2, 2, 2)
    await desk.succeed_locally(20, model="real-esrgan/x4plus")
    first, second = await desk.wait_for_engine(2)
    assert await desk.estimate(first) == Estimate(starts_in=0, ends_in=2)
    assert await desk.estimate(second) == Estimate(starts_in=7, ends_in=9)
    other = await desk.create(model="span/x4")
    assert await desk.estimate(other) == Estimate(starts_in=13, ends_in=20)


@pytest.mark.usefixtures("worker")
async def test_a_short_task_waits_for_no_long_one_and_a_long_one_for_those_in_its_lane(desk: Desk) -> None:
    await desk.succeed_locally(10)
    await desk.succeed_locally(100, 200, model="real-esrgan/x4plus")
    first, second, third = await desk.wait_for_engine(3)
    await desk.find_long(first, second)
    assert await desk.estimate(first) == Estimate(starts_in=0, ends_in=150)
    assert await desk.estimate(second) == Estimate(starts_in=150, ends_in=300)
    assert await desk.estimate(third) == Estimate(starts_in=0, ends_in=10)


@pytest.mark.usefixtures("worker")
async def test_a_task_that_will_be_long_by_its_models_usual_time_has_both_lanes_before_it(desk: Desk) -> None:
    await desk.succeed_locally(10)
    await desk.succeed_locally(100, 200, model="real-esrgan/x4plus")
    long, short = await desk.wait_for_engine(2)
    await desk.find_long(long)
    assert short.id in (await Estimates(desk.database).outlook()).engine.places
    slow = await desk.create(model="real-esrgan/x4plus")
    assert await desk.estimate(slow) == Estimate(starts_in=160, ends_in=310)


@pytest.mark.usefixtures("worker")
async def test_a_long_task_at_work_keeps_no_short_one_waiting(desk: Desk) -> None:
    await desk.succeed_locally(10)
    await desk.succeed_locally(100, model="real-esrgan/x4plus")
    running, long, short = await desk.wait_for_engine(3)
    await desk.find_long(running, long)
    await desk.tasks.claim(running.id, LOCAL)
    await desk.database.pool.execute(
        "UPDATE pgqueuer SET status = 'picked' WHERE dedupe_key = 'engine_long:' || $1", running.id
    )
    assert (await desk.estimate(short)).starts_in == 0
    assert (await desk.estimate(long)).starts_in == 50


async def test_a_hosted_task_takes_what_its_model_took_there_or_what_the_catalogue_says(desk: Desk) -> None:
    attempt = await desk.accept()
    left = (await desk.estimate(await desk.task(attempt), "kie")).ends_in
    assert left is not None
    assert 0 < left <= _USUAL
    await desk.succeed_hosted(100, 300, 200)
    assert await desk.estimate(await desk.create(), "kie") == Estimate(starts_in=0, ends_in=200)


async def test_a_task_waits_while_its_provider_has_as_many_as_it_may_have(desk: Desk) -> None:
    await desk.succeed_hosted(20)
    for _ in range(2):
        await desk.accept()
    await desk.drain()
    tasks = [await desk.create() for _ in range(5)]
    limits = Limits(concurrency=4)
    found = [(await desk.estimate(task, "kie", limits)).starts_in for task in tasks]
    assert found == [0, 0, 5, 10, 15]


async def test_a_task_waits_for_the_rate_at_which_its_provider_gets_tasks(desk: Desk) -> None:
    tasks = [await desk.create() for _ in range(5)]
    limits = Limits(creates=Rate(2, 10.0))
    assert [(await desk.estimate(task, "kie", limits)).starts_in for task in tasks] == [0, 0, 10, 10, 20]


async def test_nothing_is_said_of_a_provider_that_gets_no_tasks_or_of_none(desk: Desk) -> None:
    task = await desk.create()
    assert await desk.estimate(task, None) == UNKNOWN
    await ProviderStates(desk.database).write("kie", "suspended", "No credits.", 60.0)
    assert await desk.estimate(task, "kie") == UNKNOWN


async def test_those_who_ask_at_the_same_time_share_one_reading(desk: Desk) -> None:
    kept = Estimates(desk.database, seconds=math.inf)
    assert await kept.outlook() is not await Estimates(desk.database).outlook()
    assert await kept.outlook() is await kept.outlook()


async def test_what_is_read_is_found_by_index(desk: Desk) -> None:
    line = """
        SELECT id FROM pgqueuer WHERE entrypoint = 'engine_long' AND status = 'queued' AND execute_after <= now()
        ORDER BY priority DESC, id LIMIT 1000
    """
    latest = "SELECT task_id, state FROM attempts ORDER BY id DESC LIMIT 1000"
    async with desk.database.pool.acquire() as connection:
        await fill(connection, tasks=5_000)
        await connection.execute(
            "INSERT INTO pgqueuer (priority, entrypoint, payload, execute_after, status)"
            " SELECT -number % 100, 'engine_long', 'x', now(), 'queued' FROM generate_series(1, 20000) AS number"
        )
        await connection.execute(
            "INSERT INTO attempts (task_id, epoch, provider, state) SELECT id, 1, 'local', 'failed' FROM tasks"
        )
        await connection.execute("ANALYZE")
        nodes = [node for query in (line, latest) for node in await plan_nodes(connection, query)]
    assert not [node for node in nodes if node["Node Type"] in ("Seq Scan", "Sort")]
