"""Credits: reserved, settled and released so that no interleaving and no crash loses or makes one."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from ipaddress import ip_address, ip_network
from typing import Any

import asyncpg
import hypothesis
import pytest
from hypothesis import strategies as st

from enlarger.errors import ApiKeyRejected, BalanceTooLow, InvalidInput, RequestLimitReached, StaleClaim
from enlarger.infra.database import Database, open_database
from enlarger.tasks.accounts import AccountStore, Caller, Caps
from enlarger.tasks.ledger import Difference, Ledger, to_credits
from enlarger.tasks.records import ResultFile, Task, TaskResult
from enlarger.tasks.store import TaskStore
from tests.tasks.test_store import _MADE, new, stored

SHOP = "shop"


class Bench:
    """An account with credits, and what a test does with it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.accounts = AccountStore(database)
        self.ledger = Ledger(database)
        self.tasks = TaskStore(database)

    async def open(
        self, credits: str | None = "100", *, caps: Caps | None = None, creates: int | None = None
    ) -> Caller:
        amount = None if credits is None else Decimal(credits)
        await self.accounts.add(SHOP, credits=amount, create_limit=creates, query_limit=None)
        return await self.key(caps)

    async def key(self, caps: Caps | None = None) -> Caller:
        key, _ = await self.accounts.make_key(SHOP, name=None, caps=caps or Caps())
        return await self.accounts.authenticate(key)

    async def create(self, caller: Caller, credits: str = "10", **changes: Any) -> Task:
        wanted = new(
            account_id=caller.account_id,
            key_sha256=caller.key_sha256,
            credits_reserved=Decimal(credits),
            **changes,
        )
        task, _ = await self.tasks.create(wanted, caller)
        return task

    async def claim(self, task: Task) -> Task:
        claim = await self.tasks.claim(task.id, "local")
        assert claim is not None
        return claim

    async def succeed(self, claim: Task, cost: str) -> None:
        file = stored(claim)
        await self.tasks.start_generating(claim)
        result = TaskResult(files=(ResultFile(id=file.id, name=file.name, expires_at=file.expires_at),), made=_MADE)
        await self.tasks.succeed(claim, result, [file], cost=Decimal(cost))

    async def balance(self) -> Decimal:
        balance = await self.ledger.balance(SHOP)
        assert balance is not None
        assert await self.ledger.check() == []
        return balance

    async def lines(self, task: Task) -> list[tuple[str, Decimal]]:
        rows = await self.database.pool.fetch(
            "SELECT kind, credits FROM ledger WHERE task_id = $1 ORDER BY id", task.id
        )
        return [(row["kind"], row["credits"]) for row in rows]


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


async def test_a_task_that_succeeds_pays_its_cost_and_the_rest_is_given_back(bench: Bench) -> None:
    caller = await bench.open("100")
    task = await bench.create(caller, "20")
    assert await bench.balance() == 80
    await bench.succeed(await bench.claim(task), "12.5")
    assert await bench.balance() == Decimal("87.5")
    assert await bench.lines(task) == [("reserve", -20), ("settle", Decimal("7.5"))]
    assert (await bench.tasks.get(SHOP, task.id)).credits_consumed == Decimal("12.5")


async def test_a_task_that_fails_or_is_cancelled_costs_nothing(bench: Bench) -> None:
    caller = await bench.open("100")
    failing, cancelled = await bench.create(caller, "20"), await bench.create(caller, "30")
    await bench.tasks.fail(await bench.claim(failing), "501", "no")
    await bench.tasks.cancel(SHOP, cancelled.id)
    await bench.tasks.cancel(SHOP, cancelled.id)
    assert await bench.balance() == 100
    assert [kind for kind, _ in await bench.lines(failing) + await bench.lines(cancelled)] == ["reserve", "release"] * 2


async def test_a_task_pays_at_most_what_was_reserved(bench: Bench) -> None:
    task = await bench.create(await bench.open("100"), "20")
    await bench.succeed(await bench.claim(task), "500")
    assert await bench.balance() == 80


async def test_a_task_on_which_workers_die_is_released_in_the_end(bench: Bench) -> None:
    task = await bench.create(await bench.open("100"), "20")
    for _ in range(3):
        await bench.claim(task)
        assert await bench.balance() == 80
    assert await bench.tasks.claim(task.id, "local") is None
    assert await bench.balance() == 100


async def test_a_worker_that_was_overtaken_settles_nothing(bench: Bench) -> None:
    task = await bench.create(await bench.open("100"), "20")
    lost, holding = await bench.claim(task), await bench.claim(task)
    for ends in (bench.succeed(lost, "20"), bench.tasks.fail(lost, "501", "no")):
        with pytest.raises(StaleClaim):
            await ends
    assert await bench.balance() == 80
    await bench.succeed(holding, "20")
    assert [kind for kind, _ in await bench.lines(task)] == ["reserve", "settle"]


async def test_who_cannot_afford_a_task_is_told_balance_and_price_and_no_task_is_made(bench: Bench) -> None:
    caller = await bench.open("12.5")
    with pytest.raises(BalanceTooLow, match=r"costs 20, the account has 12\.5"):
        await bench.create(caller, "20")
    assert await bench.balance() == Decimal("12.5")
    assert await bench.tasks.newest(SHOP, states=None, model=None, after=None, most=5) == []
    assert await bench.ledger.top_up(SHOP, Decimal(10), note="an invoice") == Decimal("22.5")
    notes = await bench.database.pool.fetch("SELECT note FROM ledger ORDER BY id")
    assert [row["note"] for row in notes] == ["opening", "an invoice"]
    await bench.create(caller, "20")


async def test_an_account_without_a_balance_is_not_limited(bench: Bench) -> None:
    caller = await bench.open(None)
    task = await bench.create(caller, "20")
    await bench.succeed(await bench.claim(task), "20")
    assert await bench.lines(task) == []
    with pytest.raises(InvalidInput, match="balance"):
        await bench.ledger.top_up(SHOP, Decimal(1))
    assert (await bench.ledger.balance(SHOP), await bench.ledger.balance("nobody")) == (None, None)


async def test_of_many_at_once_exactly_as_many_are_admitted_as_there_is_room_for(
    bench: Bench, database_url: str
) -> None:
    caller = await bench.open("171")
    async with several(database_url, 3) as benches:
        outcomes = await asyncio.gather(
            *(benches[number % 3].create(caller, "10") for number in range(500)), return_exceptions=True
        )
    assert sum(isinstance(outcome, Task) for outcome in outcomes) == 17
    assert sum(isinstance(outcome, BalanceTooLow) for outcome in outcomes) == 483
    assert await bench.balance() == 1


async def test_of_many_at_once_exactly_as_many_are_admitted_as_the_pace_allows(bench: Bench, database_url: str) -> None:
    caller = await bench.open("100000", creates=20)
    async with several(database_url, 3) as benches:
        outcomes = await asyncio.gather(
            *(benches[number % 3].create(caller) for number in range(60)), return_exceptions=True
        )
    assert sum(isinstance(outcome, Task) for outcome in outcomes) == 20
    refusals = [outcome for outcome in outcomes if isinstance(outcome, RequestLimitReached)]
    assert len(refusals) == 40
    assert all(0 < refusal.retry_after <= 10 for refusal in refusals)
    assert await bench.balance() == 100_000 - 200


async def test_a_refused_task_takes_no_place_in_the_pace(bench: Bench) -> None:
    caller = await bench.open("10", creates=2)
    for _ in range(5):
        with pytest.raises(BalanceTooLow):
            await bench.create(caller, "11")
    await bench.create(caller, "5")
    await bench.create(caller, "5")
    with pytest.raises(RequestLimitReached):
        await bench.create(caller, "5")


async def test_who_comes_too_often_is_told_how_often_they_may_and_when(bench: Bench, database: Database) -> None:
    await bench.accounts.add(SHOP, credits=None, create_limit=1, query_limit=2)
    caller = await bench.key()
    await bench.create(caller)
    for _ in range(2):
        await bench.ledger.admit_query(caller)
    await database.pool.execute(
        "UPDATE rate_limits SET times = ARRAY[now() + interval '1 hour', now() + interval '1 hour']"
    )
    for ask, said in (
        (bench.create(caller), "at most 1 new tasks in 10 seconds for this account"),
        (bench.ledger.admit_query(caller), "at most 2 queries in a second for this key"),
    ):
        with pytest.raises(RequestLimitReached, match=said) as refused:
            await ask
        assert 3000 < refused.value.retry_after <= 3610


async def test_a_pace_is_kept_as_long_as_it_counts(bench: Bench, database: Database) -> None:
    caller = await bench.open(None, creates=1)
    await bench.create(caller)
    await bench.ledger.trim(key_days=30)
    with pytest.raises(RequestLimitReached):
        await bench.create(caller)
    await database.pool.execute("UPDATE rate_limits SET times = ARRAY[now() - interval '2 hours']")
    await bench.ledger.trim(key_days=30)
    assert await database.pool.fetchval("SELECT count(*) FROM rate_limits") == 0


async def test_queries_are_counted_for_each_key(bench: Bench) -> None:
    await bench.accounts.add(SHOP, credits=None, create_limit=None, query_limit=10)
    one, other = await bench.key(), await bench.key()
    outcomes = await asyncio.gather(*(bench.ledger.admit_query(one) for _ in range(25)), return_exceptions=True)
    assert sum(isinstance(outcome, RequestLimitReached) for outcome in outcomes) == 15
    await bench.ledger.admit_query(other)


async def test_a_balance_given_meanwhile_gets_back_only_what_it_has_paid(bench: Bench, database: Database) -> None:
    caller = await bench.open(None, caps=Caps(total=Decimal(100)))
    ends = [await bench.create(caller, "20") for _ in range(3)]
    await database.pool.execute("UPDATE accounts SET balance = 0")
    await bench.ledger.top_up(SHOP, Decimal(50))
    await bench.succeed(await bench.claim(ends[0]), "5")
    await bench.tasks.fail(await bench.claim(ends[1]), "501", "no")
    await bench.tasks.cancel(SHOP, ends[2].id)
    assert await bench.balance() == 50


async def test_one_key_many_times_over_several_connections_makes_one_task_and_one_charge(
    bench: Bench, database_url: str
) -> None:
    caller = await bench.open("100")
    async with several(database_url, 3) as benches:
        tasks = await asyncio.gather(
            *(benches[number % 3].create(caller, "10", idempotency_key="once") for number in range(1000))
        )
    assert len({task.id for task in tasks}) == 1
    assert await bench.balance() == 90


async def test_the_ledger_cannot_be_changed(bench: Bench, database: Database) -> None:
    await bench.open("100")
    for statement in ("UPDATE ledger SET credits = 1000", "DELETE FROM ledger"):
        with pytest.raises(asyncpg.RaiseError, match="append-only"):
            await database.pool.execute(statement)
    await database.pool.execute("UPDATE accounts SET balance = balance + 1")
    [difference] = await bench.ledger.check()
    assert difference == Difference(SHOP, Decimal(101), Decimal(100))


async def test_a_key_may_be_bound_to_addresses(bench: Bench) -> None:
    await bench.accounts.add(SHOP, credits=None, create_limit=None, query_limit=None)
    networks = [ip_network("10.1.0.0/16"), ip_network("2001:db8::/32")]
    key, key_id = await bench.accounts.make_key(SHOP, name="shop", caps=Caps(), allow=networks)
    for address in ("10.1.2.3", "2001:db8::1"):
        assert (await bench.accounts.authenticate(key, ip_address(address))).account_id == SHOP
    for elsewhere in (ip_address("10.2.0.1"), ip_address("::1"), None):
        with pytest.raises(ApiKeyRejected, match="address"):
            await bench.accounts.authenticate(key, elsewhere)
    [listed] = await bench.accounts.keys(SHOP)
    assert (listed.id, listed.last4, listed.name) == (key_id, key[-4:], "shop")
    assert key not in repr(listed)
    await bench.accounts.revoke(key_id)
    with pytest.raises(ApiKeyRejected, match="not known"):
        await bench.accounts.authenticate(key, ip_address("10.1.2.3"))
    with pytest.raises(InvalidInput, match="keys list"):
        await bench.accounts.revoke("0" * 12)


async def test_accounts_are_made_once(bench: Bench) -> None:
    await bench.open("5")
    with pytest.raises(InvalidInput, match="already"):
        await bench.open("5")
    with pytest.raises(InvalidInput, match="no account"):
        await bench.accounts.make_key("nobody", name=None, caps=Caps())
    [shop] = await bench.accounts.all()
    assert (shop.id, shop.balance, shop.keys) == (SHOP, Decimal(5), 1)


async def test_idempotency_keys_are_kept_for_thirty_days(bench: Bench, database: Database) -> None:
    caller = await bench.open("100")
    first = await bench.create(caller, "10", idempotency_key="once")
    await bench.ledger.trim(key_days=30)
    assert (await bench.create(caller, "10", idempotency_key="once")).id == first.id
    await database.pool.execute("UPDATE tasks SET created_at = created_at - interval '31 days'")
    await bench.ledger.trim(key_days=30)
    assert (await bench.create(caller, "10", idempotency_key="once")).id != first.id


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (None, "0"),
        (10, "10"),
        (0.1 + 0.2, "0.3"),
        (1.23456, "1.2346"),
        (1.23454, "1.2345"),
        (1.23445, "1.2345"),  # a half goes up, also to an odd digit
        (1.23455, "1.2346"),
        (0.00005, "0.0001"),
        (0.00004999, "0"),
        (-5, "-5"),
    ],
)
def test_amounts_are_kept_to_the_ten_thousandth(given: float | None, kept: str) -> None:
    assert to_credits(given) == Decimal(kept)


_STEPS = st.lists(
    st.tuples(st.sampled_from(["create", "claim", "succeed", "fail", "cancel", "release", "crash"]), st.integers(0, 7)),
    min_size=1,
    max_size=40,
)


@hypothesis.given(steps=_STEPS, at_once=st.integers(1, 4))
@hypothesis.settings(max_examples=60, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
def test_no_interleaving_and_no_crash_breaks_the_sum(
    database_url: str, steps: list[tuple[str, int]], at_once: int
) -> None:
    """Creates, claims, ends and connections that are cut in mid-transaction, several at once, in any order."""
    asyncio.run(_interleave(database_url, steps, at_once))


async def _interleave(database_url: str, steps: list[tuple[str, int]], at_once: int) -> None:
    async with open_database(database_url, connections=6) as database:
        bench = Bench(database)
        account = f"shop-{secrets.token_hex(4)}"
        await bench.accounts.add(account, credits=Decimal(50), create_limit=None, query_limit=None)
        key, _ = await bench.accounts.make_key(account, name=None, caps=Caps(total=Decimal(45)))
        caller = await bench.accounts.authenticate(key)
        ids = [secrets.token_hex(16) for _ in range(8)]
        claims: dict[str, Task] = {}

        async def step(kind: str, number: int) -> None:
            task_id, credits = ids[number], Decimal(number + 3)
            claim = claims.get(task_id)
            match kind:
                case "create":
                    wanted = new(id=task_id, account_id=account, key_sha256=caller.key_sha256, credits_reserved=credits)
                    await bench.tasks.create(wanted, caller)
                case "claim":
                    if found := await bench.tasks.claim(task_id, "local"):
                        claims[task_id] = found
                case "succeed" if claim:
                    await bench.succeed(claim, str(credits / 2))
                case "fail" if claim:
                    await bench.tasks.fail(claim, "501", "no")
                case "release" if claim:
                    await bench.tasks.release(claim)
                case "cancel":
                    await bench.tasks.cancel(account, task_id)
                case "crash":
                    await _cut(database)

        for start in range(0, len(steps), at_once):
            await asyncio.gather(*(step(*one) for one in steps[start : start + at_once]), return_exceptions=True)
            differences = [found for found in await bench.ledger.check() if found.account_id == account]
            assert differences == []
        # What is open is reserved, what has ended costs what it consumed, and nothing else is gone.
        rows = await database.pool.fetch("SELECT * FROM tasks WHERE account_id = $1", account)
        held = sum((row["credits_reserved"] for row in rows if row["completed_at"] is None), Decimal(0))
        paid = sum((row["credits_consumed"] for row in rows), Decimal(0))
        assert await bench.ledger.balance(account) == 50 - held - paid
        spent = await database.pool.fetchval("SELECT total_spent FROM api_keys WHERE account_id = $1", account)
        assert spent == held + paid
        assert all(row["credits_consumed"] == 0 for row in rows if row["state"] != "success")


async def _cut(database: Database) -> None:
    """Postgres throws every other connection of ours out, wherever it is."""
    async with database.pool.acquire() as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


@asynccontextmanager
async def several(database_url: str, count: int) -> AsyncIterator[list[Bench]]:
    """As many services on one database."""
    async with AsyncExitStack() as stack:
        yield [Bench(await stack.enter_async_context(open_database(database_url, connections=5))) for _ in range(count)]
