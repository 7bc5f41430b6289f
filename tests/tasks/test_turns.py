"""In which order tasks of different accounts are begun, against a real Postgres and its queue."""

from __future__ import annotations

import asyncio
import math
import uuid
from datetime import timedelta
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.types import QueueEntrypoint, QueueManagerId
from pgqueuer.ports.repository import EntrypointExecutionParameter

from enlarger.infra.database import Database, open_database
from enlarger.tasks.accounts import AccountStore
from enlarger.tasks.attempts import AttemptStore
from enlarger.tasks.entrypoints import DISPATCH, ENGINE, ENGINE_LONG
from enlarger.tasks.limits import OwnLimits
from enlarger.tasks.records import Task
from enlarger.tasks.store import TaskStore
from tests.new_task import new_task
from tests.tasks.many import fill
from tests.tasks.plans import plan_nodes

_ROUNDS = 4
_ALL_WAIT = """
    UPDATE tasks SET state = 'waiting', progress = 0, result = NULL, fail_code = NULL, fail_message = NULL,
                     completed_at = NULL, turn = extract(epoch FROM created_at)::bigint
"""


class Service:
    """A service with one engine, which does one task after the other."""

    def __init__(self, database: Database) -> None:
        self.tasks = TaskStore(database)
        self.attempts = AttemptStore(database)
        self._accounts = AccountStore(database)
        self._queries = Queries(AsyncpgPoolDriver(database.pool))
        self._known: set[str] = set()

    async def order(self, account: str, times: int, *, weight: float | None = None) -> None:
        """An account makes so many tasks; with a weight, that is set first."""
        if account not in self._known:
            await self._accounts.register_key(account, account_id=account, source="tests")
            self._known.add(account)
        if weight is not None:
            await self._accounts.set_limits(account, OwnLimits(weight=weight))
        caller = await self._accounts.authenticate(account)
        for _ in range(times):
            local: dict[str, Any] = {"model": "real-esrgan/fast", "input": {"image_url": "http://a"}}
            await self.tasks.create(new_task(account_id=account, request_sha256=b"request", **local), caller)

    async def dispatch(self) -> None:
        """Hand every task to the engine."""
        while (task_id := await self._next(DISPATCH)) is not None:
            claim = await self.attempts.claim_for_dispatch(task_id)
            assert claim is not None
            await self.attempts.hand_to_engine(claim.task)

    async def claim(self) -> Task:
        """The next task that is dispatched."""
        task_id = await self._next(DISPATCH)
        claim = await self.attempts.claim_for_dispatch(task_id or "")
        assert claim is not None
        return claim.task

    async def sort(self) -> None:
        """Find every task of the engine to be long."""
        while (task_id := await self._next(ENGINE)) is not None:
            claim = await self.tasks.claim(task_id, "local")
            assert claim is not None
            await self.tasks.move_to_long_lane(claim)

    async def begin(self, *, passed_on: bool = False, lane: str = ENGINE) -> Task:
        """The engine's next task, which is done at once, or is left to another provider."""
        task = await self.tasks.claim(await self._next(lane) or "", "local")
        assert task is not None
        await self.tasks.start_generating(task)
        end = self.tasks.pass_on if passed_on else self.tasks.fail
        await end(task, "501", "It is done with.")
        return task

    async def accounts(self, times: int, *, lane: str = ENGINE) -> str:
        """Whose tasks the next ones are, a letter each."""
        return "".join([(await self.begin(lane=lane)).account_id[0] for _ in range(times)])

    async def _next(self, entrypoint: str) -> str | None:
        rows = await self._queries.dequeue(
            batch_size=1,
            entrypoints={QueueEntrypoint(entrypoint): EntrypointExecutionParameter(0)},
            queue_manager_id=QueueManagerId(uuid.uuid4()),
            global_concurrency_limit=None,
            heartbeat_timeout=timedelta(minutes=5),
        )
        for row in rows:
            await self._queries.log_jobs([(row, "successful", None)])
            return (row.payload or b"").decode()
        return None


@pytest.fixture
def service(database: Database) -> Service:
    return Service(database)


async def test_one_task_does_not_wait_for_another_accounts_many(service: Service) -> None:
    await service.order("many", 300)
    await service.dispatch()
    assert await service.accounts(40) == "m" * 40
    await service.order("one", 1)
    await service.dispatch()
    assert "o" in await service.accounts(3)


async def test_accounts_that_have_tasks_waiting_take_turns(service: Service) -> None:
    await service.order("a", 30)
    await service.order("b", 30)
    await service.order("c", 5)
    await service.dispatch()
    said = await service.accounts(15)
    assert sorted(said) == ["a"] * 5 + ["b"] * 5 + ["c"] * 5
    assert sorted(await service.accounts(10)) == ["a"] * 5 + ["b"] * 5


async def test_whoever_was_served_before_is_not_put_back(service: Service) -> None:
    await service.order("a", 40)
    await service.dispatch()
    await service.accounts(40)
    await service.order("b", 20)
    await service.order("a", 3)
    await service.dispatch()
    assert (await service.accounts(6)).count("a") == 3


async def test_an_account_with_weight_three_gets_three_turns_for_one_of_another(service: Service) -> None:
    await service.order("heavy", 30, weight=3)
    await service.order("usual", 30)
    await service.dispatch()
    begun = await service.accounts(24)
    assert begun.count("h") == 18
    assert all(2 <= begun[at : at + 4].count("h") <= 4 for at in range(0, 24, 4)), "spread evenly, not at first"


async def test_an_account_with_a_low_weight_gets_fewer_turns_but_some(service: Service) -> None:
    await service.order("light", 10, weight=0.25)
    await service.order("usual", 40)
    await service.dispatch()
    assert (await service.accounts(20)).count("l") == 4


async def test_a_weight_that_changes_counts_from_the_next_task_on(service: Service) -> None:
    await service.order("a", 4)
    await service.order("b", 4)
    await service.order("a", 20, weight=4)
    await service.order("b", 20)
    await service.dispatch()
    assert (await service.accounts(8)).count("a") == 4
    assert (await service.accounts(20)).count("a") == 16


async def test_one_task_of_a_usual_account_does_not_wait_for_a_heavy_ones_many(service: Service) -> None:
    await service.order("heavy", 200, weight=10)
    await service.dispatch()
    await service.accounts(25)
    await service.order("one", 1)
    await service.dispatch()
    assert "o" in await service.accounts(11)


async def test_tasks_that_an_earlier_version_made_meanwhile_count_as_a_turn_each(
    service: Service, database: Database
) -> None:
    await service.order("old", 6)
    await database.pool.execute("UPDATE tasks SET turn_end = NULL")
    await service.order("old", 6)
    await service.order("usual", 12)
    await service.dispatch()
    assert (await service.accounts(12)).count("o") == 6


@hypothesis.settings(max_examples=12, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
@hypothesis.given(weights=st.lists(st.sampled_from([0.5, 1.0, 1.5, 2.0, 3.0, 7.0]), min_size=2, max_size=4))
def test_the_share_of_a_saturated_queue_is_proportional_to_the_weight(database_url: str, weights: list[float]) -> None:
    for weight, share in zip(weights, asyncio.run(_shares(database_url, weights)), strict=True):
        assert abs(share - _ROUNDS * weight) <= max(weight, 1) + 1, "it may be a turn ahead or behind"


async def _shares(database_url: str, weights: list[float]) -> list[int]:
    """How many tasks of each account are begun while all of them have tasks waiting."""
    async with open_database(database_url, connections=2) as database:
        await database.pool.execute("TRUNCATE tasks, pgqueuer CASCADE")
        service = Service(database)
        for number, weight in enumerate(weights):
            await service.order(f"{number}", math.ceil(2 * _ROUNDS * weight) + 2, weight=weight)
        await service.dispatch()
        begun = await service.accounts(round(_ROUNDS * sum(weights)))
        return [begun.count(f"{number}") for number in range(len(weights))]


async def test_an_accounts_own_tasks_are_begun_in_their_order(service: Service) -> None:
    await service.order("a", 10)
    await service.dispatch()
    made = [(await service.begin()).created_at for _ in range(10)]
    assert made == sorted(made)


async def test_long_tasks_of_two_accounts_take_turns_in_their_lane(service: Service) -> None:
    await service.order("a", 20)
    await service.order("b", 20)
    await service.dispatch()
    await service.sort()
    said = await service.accounts(10, lane=ENGINE_LONG)
    assert sorted(said) == ["a"] * 5 + ["b"] * 5


async def test_finding_tasks_to_be_long_begins_nobodys_turn(service: Service) -> None:
    await service.order("many", 100)
    await service.dispatch()
    await service.sort()
    await service.order("one", 1)
    await service.dispatch()
    await service.sort()
    assert "o" in await service.accounts(2, lane=ENGINE_LONG)


async def test_dispatching_takes_turns_as_well(service: Service) -> None:
    await service.order("many", 50)
    await service.order("one", 1)
    claims = [await service.claim() for _ in range(2)]
    assert sorted(claim.account_id for claim in claims) == ["many", "one"]


async def test_a_task_that_is_dispatched_again_keeps_its_turn(service: Service) -> None:
    await service.order("a", 20)
    first = await service.claim()
    await service.dispatch()
    begun = await service.begin(passed_on=True)
    assert begun.id != first.id, "nobody has handed that to the engine"
    await service.order("b", 20)
    assert (await service.claim()).id == begun.id


async def test_the_order_is_found_by_index_however_many_wait(database: Database) -> None:
    last = "SELECT max(turn) FROM tasks WHERE account_id = $1 AND state IN ('waiting', 'queuing')"
    query = f"""
        SELECT max(coalesce(turn_end, turn + 1)) FROM tasks
        WHERE account_id = $1 AND state IN ('waiting', 'queuing') AND turn = ({last})
    """
    async with database.pool.acquire() as connection:
        await fill(connection, tasks=20_000)
        await connection.execute(_ALL_WAIT)
        await connection.execute("ANALYZE tasks")
        nodes = await plan_nodes(connection, query, "default")
    assert {node.get("Index Name") for node in nodes} >= {"tasks_turns"}
    assert not [node for node in nodes if node["Node Type"] == "Seq Scan"]
