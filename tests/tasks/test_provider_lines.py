"""Tasks that wait for a provider that is full, against a real Postgres and its queue."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from enlarger.errors import StaleClaim
from enlarger.infra.database import Database
from enlarger.settings import Limits, Rate
from enlarger.tasks.accounts import AccountStore
from enlarger.tasks.provider_lines import ProviderLines
from enlarger.tasks.records import Attempt, Task
from enlarger.tasks.sql import sql
from enlarger.tasks.submissions import Waiting
from tests.tasks.many import fill
from tests.tasks.plans import plan_nodes
from tests.tasks.world import World

ONE = Limits(1)


class Shop(World):
    """Accounts with tasks for one provider, which a worker dispatches."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.lines = ProviderLines(database)
        self.running: list[Attempt] = []

    async def order(self, account: str, times: int) -> list[Task]:
        await AccountStore(self.database).register_key(account, account_id=account, source="tests")
        return [await self.create(account_id=account) for _ in range(times)]

    async def dispatch(self, limits: Limits = ONE) -> list[Attempt]:
        """Do everything in the queue, the earliest turns first; the attempts that begin."""
        begun = []
        query = "DELETE FROM pgqueuer WHERE id = $1"
        while row := await self.database.pool.fetchrow("SELECT * FROM pgqueuer ORDER BY priority DESC, id LIMIT 1"):
            assert row["entrypoint"] == "dispatch"
            claim = await self.attempts.claim_for_dispatch(row["payload"].decode())
            assert claim is not None
            outcome = await self.try_begin(claim.task, limits=limits)
            if isinstance(outcome, Attempt):
                begun.append(outcome)
            await self.database.pool.execute(query, row["id"])
        self.running += begun
        return begun

    async def serve(self, times: int, limits: Limits = ONE) -> str:
        """End what the provider has and let others come, so many times; whose tasks they are, a letter each."""
        accounts = ""
        for _ in range(times):
            for attempt in self.running:
                await self.attempts.failed(attempt, "no", code="501", ends_task=True)
            self.running.clear()
            assert await self.lines.call("kie", limits)
            for attempt in await self.dispatch(limits):
                accounts += await self.account_of(attempt.task_id)
        return accounts

    async def account_of(self, task_id: str) -> str:
        account: str = await self.database.pool.fetchval("SELECT account_id FROM tasks WHERE id = $1", task_id)
        return account[0]

    async def line_of(self, task_id: str) -> str | None:
        provider: str | None = await self.database.pool.fetchval("SELECT waits_for FROM tasks WHERE id = $1", task_id)
        return provider

    async def waiting(self) -> list[str]:
        rows = await self.database.pool.fetch("SELECT id FROM waiting_tasks WHERE waits_for = 'kie' ORDER BY turn")
        return [row["id"] for row in rows]


@pytest.fixture
async def shop(database: Database) -> Shop:
    await AccountStore(database).register_key("key", source="tests")
    return Shop(database)


async def test_a_task_that_waits_leaves_the_queue_until_it_is_called(shop: Shop) -> None:
    await shop.order("a", 2)
    (begun,) = await shop.dispatch()
    (waiting,) = await shop.waiting()
    assert await shop.queue() == []
    assert await shop.lines.call("kie", ONE)
    assert await shop.queue() == [], "the provider is still full"
    await shop.attempts.refused(begun, "busy", code="429", final=True)
    assert await shop.lines.call("kie", ONE)
    assert await shop.queue() == ["dispatch"]
    (attempt,) = await shop.dispatch()
    assert attempt.task_id == waiting
    assert await shop.waiting() == []
    assert not await shop.lines.call("kie", ONE)


async def test_one_task_does_not_wait_for_another_accounts_many(shop: Shop) -> None:
    await shop.order("many", 60)
    await shop.dispatch()
    assert await shop.serve(10) == "m" * 10
    await shop.order("one", 1)
    assert await shop.dispatch() == []
    assert "o" in await shop.serve(3)


async def test_accounts_take_turns_at_a_provider_that_is_full(shop: Shop) -> None:
    await shop.order("a", 20)
    await shop.order("b", 20)
    await shop.dispatch()
    assert sorted(await shop.serve(10)) == ["a"] * 5 + ["b"] * 5


async def test_a_newcomer_does_not_overtake_those_who_wait(shop: Shop) -> None:
    await shop.order("a", 3)
    (begun,) = await shop.dispatch()
    first, _ = await shop.waiting()
    await shop.attempts.refused(begun, "busy", code="429", final=True)
    await shop.order("a", 1)
    assert await shop.dispatch() == [], "there is a place, for the first who waits"
    await shop.lines.call("kie", ONE)
    (attempt,) = await shop.dispatch()
    assert attempt.task_id == first


async def test_no_more_are_called_than_there_are_places(shop: Shop) -> None:
    await shop.order("a", 30)
    await shop.dispatch()
    await asyncio.gather(*(shop.lines.call("kie", Limits(5)) for _ in range(8)))
    called = len(await shop.queue())
    assert 4 <= called <= 30
    await shop.lines.call("kie", Limits(5))
    assert len(await shop.queue()) == called, "places are kept for those who were called"
    assert len(await shop.dispatch(Limits(5))) == 4
    assert len(await shop.waiting()) == 25


async def test_those_whom_the_rate_holds_back_are_called_when_it_allows_more(shop: Shop) -> None:
    limits = Limits(100, Rate(2, 3600.0))
    await shop.order("a", 5)
    assert len(await shop.dispatch(limits)) == 2
    assert await shop.lines.call("kie", limits)
    assert await shop.queue() == []
    await shop.database.pool.execute("UPDATE rate_limits SET times = ARRAY[times[1] - interval '2 hours', times[2]]")
    await shop.lines.call("kie", limits)
    assert len(await shop.dispatch(limits)) == 1
    assert len(await shop.waiting()) == 2


async def test_a_submission_that_does_not_begin_uses_up_nothing_of_the_rate(shop: Shop) -> None:
    limits = Limits(1, Rate(2, 3600.0))
    await shop.order("a", 4)
    assert len(await shop.dispatch(limits)) == 1
    assert await shop.database.pool.fetchval("SELECT cardinality(times) FROM rate_limits") == 1


async def test_whoever_was_called_and_never_began_is_called_again(shop: Shop) -> None:
    await shop.order("a", 2)
    (begun,) = await shop.dispatch()
    await shop.attempts.refused(begun, "busy", code="429", final=True)
    await shop.lines.call("kie", ONE)
    await shop.drain()
    await shop.lines.call("kie", ONE)
    assert await shop.queue() == []
    await shop.database.pool.execute("UPDATE tasks SET called_at = called_at - interval '1 minute'")
    await shop.lines.call("kie", ONE)
    assert await shop.queue() == ["dispatch"]


async def test_all_are_called_when_the_provider_takes_none(shop: Shop) -> None:
    await shop.order("a", 4)
    await shop.dispatch()
    assert await shop.lines.call_all("kie")
    assert len(await shop.queue()) == 3
    assert not await shop.lines.call_all("kie"), "once is enough"


async def test_a_task_that_was_cancelled_is_not_called(shop: Shop) -> None:
    _, waiting = await shop.order("a", 2)
    (begun,) = await shop.dispatch()
    await shop.tasks.cancel("a", waiting.id)
    await shop.attempts.refused(begun, "busy", code="429", final=True)
    assert not await shop.lines.call("kie", ONE)
    assert await shop.queue() == []


async def test_a_task_that_ends_while_it_waits_leaves_the_line(shop: Shop) -> None:
    _, waiting = await shop.order("a", 2)
    await shop.dispatch()
    await shop.tasks.cancel("a", waiting.id)
    assert await shop.line_of(waiting.id) is None


async def test_a_task_that_a_provider_has_failed_is_called_for_the_next(shop: Shop) -> None:
    await shop.order("a", 2)
    failed, other = await shop.dispatch(Limits(2))
    await shop.accept(failed)
    await shop.attempts.failed(failed, "no", code="500", ends_task=False)
    assert await shop.dispatch() == [], "the other task has the only place"
    assert await shop.line_of(failed.task_id) == "kie"
    assert await shop.waiting() == [failed.task_id], "it waits, although its app was told that it is generating"
    await shop.attempts.refused(other, "busy", code="429", final=True)
    assert await shop.lines.call("kie", ONE)
    (attempt,) = await shop.dispatch()
    assert attempt.task_id == failed.task_id
    assert await shop.line_of(failed.task_id) is None


async def test_a_claim_that_is_over_does_not_wait(shop: Shop) -> None:
    claim = (await shop.claim()).task
    await shop.claim(claim)
    with pytest.raises(StaleClaim):
        await shop.lines.join(claim, "kie")
    assert await shop.waiting() == []


async def test_a_task_that_waits_is_not_taken_for_forgotten(shop: Shop) -> None:
    await shop.order("a", 2)
    await shop.dispatch()
    await shop.database.pool.execute("UPDATE tasks SET updated_at = now() - interval '1 day'")
    (waiting,) = await shop.waiting()
    assert waiting not in await shop.tasks.wake_forgotten(older_than=timedelta(hours=1))


async def test_a_task_that_has_a_place_at_last_waits_no_longer(shop: Shop) -> None:
    first, second = [(await shop.claim()).task for _ in range(2)]
    await shop.begin(first, limits=ONE)
    assert isinstance(await shop.try_begin(second, limits=ONE), Waiting)
    await shop.begin((await shop.claim(second)).task, "replicate", limits=ONE)
    assert await shop.waiting() == []


async def test_the_first_and_the_called_are_found_by_index_however_many_wait(database: Database) -> None:
    async with database.pool.acquire() as connection:
        await fill(connection, tasks=20_000)
        await connection.execute(
            "UPDATE tasks SET state = 'waiting', progress = 0, result = NULL, fail_code = NULL, fail_message = NULL,"
            " completed_at = NULL, waits_for = 'kie', turn = extract(epoch FROM created_at)::bigint"
        )
        await connection.execute("ANALYZE tasks")
        reading = await plan_nodes(connection, sql.read_line.sql, "kie", 30.0, "kie", 1.0)
        calling = await plan_nodes(connection, sql.call_waiting_tasks.sql, "kie", 30.0, 5)
    assert "tasks_called" in {node.get("Index Name") for node in reading}
    assert "tasks_line" in {node.get("Index Name") for node in calling}
    assert not [node for node in calling if node["Node Type"] in ("Seq Scan", "Sort")]
