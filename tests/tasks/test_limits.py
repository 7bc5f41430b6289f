"""What an account may have open and use of the engine, counted exactly however many ask at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from enlarger.errors import InvalidInput, RequestLimitReached
from enlarger.infra.database import Database, open_database
from enlarger.tasks.accounts import AccountStore, Caller, Caps
from enlarger.tasks.limits import AccountLimits, OwnLimits
from enlarger.tasks.records import ResultFile, Task, TaskResult
from enlarger.tasks.store import TaskStore
from tests.tasks.many import fill
from tests.tasks.plans import plan_nodes
from tests.tasks.test_store import _MADE, new, stored

_SHOP = "shop"
_MEGAPIXEL = 1_000_000


class Shop:
    """An account with limits, and what a test does with it."""

    def __init__(self, database: Database, limits: AccountLimits | None = None) -> None:
        self.database = database
        self.accounts = AccountStore(database)
        self.tasks = TaskStore(database, limits)

    async def open(self, *, credits: Decimal | None = None, **own: Any) -> Caller:
        limits = OwnLimits(**own)
        await self.accounts.add(_SHOP, credits=credits, create_limit=None, query_limit=None, own=limits)
        key, _ = await self.accounts.make_key(_SHOP, name=None, caps=Caps())
        return await self.accounts.authenticate(key)

    async def create(self, caller: Caller, *, megapixels: float | None = None, **changes: Any) -> Task:
        """Make a task; with megapixels it is for the engine."""
        if megapixels is not None:
            changes |= {"for_engine": True, "pixels": int(megapixels * _MEGAPIXEL)}
        wanted = new(account_id=caller.account_id, key_sha256=caller.key_sha256, **changes)
        task, _ = await self.tasks.create(wanted, caller)
        return task

    async def run(self, task: Task, seconds: float = 1.0) -> None:
        """Let the engine carry a task out, in so many seconds."""
        claim = await self.tasks.claim(task.id, "local")
        assert claim is not None
        file = stored(claim)
        made = msgspec.structs.replace(_MADE, seconds=seconds)
        result = TaskResult(files=(ResultFile(id=file.id, name=file.name, expires_at=file.expires_at),), made=made)
        await self.tasks.start_generating(claim)
        await self.tasks.succeed(claim, result, [file])

    async def used(self) -> float:
        account = await self.accounts.find(_SHOP)
        assert account is not None
        return account.engine_used


@pytest.fixture
def shop(database: Database) -> Shop:
    return Shop(database)


@pytest.fixture
async def processes(database_url: str) -> AsyncIterator[list[Shop]]:
    """As if several processes served the same account, each with connections of its own."""
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(open_database(database_url, connections=4)) for _ in range(3)]
        yield [Shop(one) for one in opened]


async def test_one_task_more_than_may_be_open_is_refused_until_one_has_ended(shop: Shop) -> None:
    caller = await shop.open(open_limit=2)
    first, _ = [await shop.create(caller) for _ in range(2)]
    says = r"limit of open tasks \(2 of 2\): wait .*, or ask the operator"
    with pytest.raises(RequestLimitReached, match=says) as caught:
        await shop.create(caller)
    assert caught.value.code == 429
    assert caught.value.retry_after > 0
    await shop.tasks.cancel(_SHOP, first.id)
    await shop.create(caller)


async def test_many_requests_at_once_never_make_one_task_too_many(processes: list[Shop]) -> None:
    caller = await processes[0].open(open_limit=7, credits=Decimal(1000))
    made = await asyncio.gather(
        *(shop.create(caller, credits_reserved=Decimal(10)) for shop in processes for _ in range(12)),
        return_exceptions=True,
    )
    assert Counter(type(one) for one in made) == {Task: 7, RequestLimitReached: 29}
    account = await processes[0].accounts.find(_SHOP)
    assert account is not None
    assert (account.open_tasks, account.balance) == (7, Decimal(930)), "what was refused has cost nothing"


async def test_many_requests_at_once_never_exceed_the_megapixels(processes: list[Shop]) -> None:
    caller = await processes[0].open(megapixel_limit=10)
    made = await asyncio.gather(
        *(shop.create(caller, megapixels=3) for shop in processes for _ in range(8)), return_exceptions=True
    )
    assert Counter(type(one) for one in made) == {Task: 3, RequestLimitReached: 21}


async def test_tasks_that_end_meanwhile_make_room_and_no_more(processes: list[Shop]) -> None:
    caller = await processes[0].open(open_limit=3)
    most = 0

    async def busy(shop: Shop) -> None:
        nonlocal most
        for _ in range(15):
            try:
                task = await shop.create(caller)
            except RequestLimitReached:
                continue
            account = await shop.accounts.find(_SHOP)
            assert account is not None
            most = max(most, account.open_tasks)
            await shop.tasks.cancel(_SHOP, task.id)

    await asyncio.gather(*(busy(shop) for shop in processes for _ in range(3)))
    assert 1 <= most <= 3


async def test_several_tasks_of_one_request_are_made_together_or_not_at_all(shop: Shop) -> None:
    caller = await shop.open(open_limit=3)
    await shop.create(caller)
    with pytest.raises(RequestLimitReached):
        await shop.tasks.create_all([new(account_id=_SHOP) for _ in range(3)], caller)
    assert len(await shop.tasks.create_all([new(account_id=_SHOP) for _ in range(2)], caller)) == 2


async def test_a_request_that_is_sent_again_is_not_refused(shop: Shop) -> None:
    caller = await shop.open(open_limit=1)
    first = await shop.create(caller, idempotency_key="once")
    assert (await shop.create(caller, idempotency_key="once")).id == first.id
    assert (await shop.create(caller, id=first.id, idempotency_key="once")).id == first.id
    with pytest.raises(RequestLimitReached):
        await shop.create(caller, idempotency_key="another")


async def test_files_inside_a_request_are_not_stored_for_a_task_that_would_be_refused(shop: Shop) -> None:
    caller = await shop.open(open_limit=1)
    await shop.create(caller)
    with pytest.raises(RequestLimitReached):
        await shop.tasks.admit([new(account_id=_SHOP)], caller)


async def test_megapixels_are_those_of_open_tasks_for_the_engine(shop: Shop) -> None:
    caller = await shop.open(megapixel_limit=10)
    first = await shop.create(caller, megapixels=6)
    await shop.create(caller)  # for a hosted provider
    with pytest.raises(RequestLimitReached, match=r"have 6 megapixels, this one has 4\.5, .* may have 10: wait"):
        await shop.create(caller, megapixels=4.5)
    await shop.create(caller, megapixels=4)
    await shop.run(first)
    await shop.create(caller, megapixels=6)


async def test_a_picture_larger_than_the_limit_is_let_in_alone(shop: Shop) -> None:
    caller = await shop.open(megapixel_limit=10)
    await shop.create(caller, megapixels=50)
    with pytest.raises(RequestLimitReached):
        await shop.create(caller, megapixels=0.1)


async def test_the_engine_is_used_until_its_seconds_of_the_day_are_over(shop: Shop) -> None:
    caller = await shop.open(engine_limit=10)
    for seconds in (4.5, 5.0, 3.0):
        await shop.run(await shop.create(caller, megapixels=1), seconds)
    assert await shop.used() == pytest.approx(12.5)
    says = r"engine seconds in a day \(12 of 10\): wait until midnight UTC, or ask"
    with pytest.raises(RequestLimitReached, match=says) as caught:
        await shop.create(caller, megapixels=1)
    assert 0 < caught.value.retry_after <= 24 * 3600
    await shop.create(caller)  # a hosted provider's
    await shop.database.pool.execute("UPDATE accounts SET engine_day = engine_day - interval '1 day'")
    assert await shop.used() == 0
    await shop.create(caller, megapixels=1)


async def test_what_fails_or_is_cancelled_has_used_the_engine_and_what_is_given_back_has_not(shop: Shop) -> None:
    caller = await shop.open()
    used = []
    for end in ("fail", "cancel", "pass on", "release"):
        task = await shop.create(caller)
        claim = await shop.tasks.claim(task.id, "local")
        assert claim is not None
        await shop.database.pool.execute("UPDATE attempts SET started_at = started_at - interval '100 seconds'")
        match end:
            case "fail":
                await shop.tasks.fail(claim, "501", "It cannot be done.")
            case "cancel":
                await shop.tasks.cancel(_SHOP, task.id)
            case "pass on":
                await shop.tasks.pass_on(claim, "501", "Another one can.")
            case _:
                await shop.tasks.release(claim)
        used.append(int(await shop.used() // 100))
    assert used == [1, 2, 3, 3]


async def test_an_end_that_is_written_twice_is_counted_once(shop: Shop) -> None:
    caller = await shop.open()
    claim = await shop.tasks.claim((await shop.create(caller)).id, "local")
    assert claim is not None
    await shop.database.pool.execute("UPDATE attempts SET started_at = started_at - interval '100 seconds'")
    for _ in range(2):
        await shop.tasks.fail(claim, "501", "It cannot be done.")
    assert 100 <= await shop.used() < 200


async def test_an_accounts_own_limit_replaces_the_services_and_zero_removes_it(database: Database) -> None:
    shop = Shop(database, AccountLimits(open_tasks=1))
    caller = await shop.open()
    await shop.create(caller)
    with pytest.raises(RequestLimitReached, match="1 of 1"):
        await shop.create(caller)
    for limit, more in ((3, 2), (0, 5)):
        await shop.accounts.set_limits(_SHOP, OwnLimits(open_limit=limit))
        account = msgspec.structs.replace(caller, open_limit=limit)
        for _ in range(more):
            await shop.create(account)


async def test_setting_one_limit_leaves_the_others(shop: Shop) -> None:
    await shop.open(open_limit=5, engine_limit=0, weight=2.0)
    await shop.accounts.set_limits(_SHOP, OwnLimits(engine_limit=None, create_limit=7))
    account = await shop.accounts.find(_SHOP)
    assert account is not None
    assert (account.open_limit, account.engine_limit, account.weight) == (5, None, 2.0)
    assert (account.create_limit, account.query_limit) == (7, None)
    with pytest.raises(InvalidInput, match="There is no account 'nobody'"):
        await shop.accounts.set_limits("nobody", OwnLimits(weight=2.0))


async def test_an_account_without_limits_is_neither_locked_nor_counted(shop: Shop, database_url: str) -> None:
    caller = await shop.open()
    async with (
        open_database(database_url, connections=1) as other,
        other.pool.acquire() as connection,
        connection.transaction(),
    ):
        await connection.execute("SELECT FROM accounts WHERE id = $1 FOR NO KEY UPDATE", _SHOP)
        await shop.create(caller, megapixels=1)


async def test_open_tasks_are_counted_by_index(shop: Shop) -> None:
    caller = await shop.open()
    async with shop.database.pool.acquire() as connection:
        await fill(connection, tasks=20_000)
        await shop.create(caller)
        await connection.execute("ANALYZE tasks")
        nodes = await plan_nodes(connection, "SELECT count(*) FROM open_tasks WHERE account_id = $1", _SHOP)
    assert not [node for node in nodes if node["Node Type"] == "Seq Scan"]
