"""Caps in dollars hold under any concurrency, and the sums are what the attempts say."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enlarger.errors import BudgetReached, InvalidInput
from enlarger.infra.database import Connection, Database, open_database
from enlarger.tasks.accounts import AccountStore
from enlarger.tasks.budgets import BudgetStore, Kind, Overcharge, say_dollars, set_aside, settle
from tests.databases import transaction

_CENT = Decimal("0.01")

Run = Callable[[Callable[[Database], Awaitable[None]]], None]


async def begin(database: Database, provider: str, account: str, dollars: Decimal) -> int:
    """Set aside and write an attempt down, as it is done for a submission; returns the attempt's id."""
    task_id = secrets.token_hex(16)

    async def work(connection: Connection) -> int:
        await connection.execute(
            "INSERT INTO tasks (id, account_id, model, input, base_url, request_sha256)"
            " VALUES ($1, $2, 'm', '{}', '', '') ON CONFLICT DO NOTHING",
            task_id,
            account,
        )
        await set_aside(connection, provider=provider, account_id=account, dollars=dollars)
        attempt_id: int = await connection.fetchval(
            "INSERT INTO attempts (task_id, epoch, provider, dollars) VALUES ($1, 1, $2, $3) RETURNING id",
            task_id,
            provider,
            dollars,
        )
        return attempt_id

    return await database.run(work)


async def end(database: Database, attempt_id: int, dollars: Decimal) -> None:
    async def work(connection: Connection) -> None:
        await settle(connection, attempt_id=attempt_id, dollars=dollars)

    await database.run(work)


async def sums(database: Database) -> dict[tuple[str, str, str], Decimal]:
    rows = await database.pool.fetch("SELECT kind, name, period, dollars FROM spending WHERE dollars <> 0")
    return {(row["kind"], row["name"], row["period"]): row["dollars"] for row in rows}


async def what_attempts_say(database: Database) -> dict[tuple[str, str, str], Decimal]:
    """The sums, from the attempts one by one."""
    said: dict[tuple[str, str, str], Decimal] = {}
    for row in await database.pool.fetch(
        "SELECT provider, account_id, dollars, started_at FROM attempts JOIN tasks ON tasks.id = task_id"
    ):
        at = row["started_at"].astimezone(UTC)
        for kind, name in (("provider", row["provider"]), ("account", row["account_id"])):
            for period in (f"{at:%Y-%m-%d}", f"{at:%Y-%m}"):
                said[kind, name, period] = said.get((kind, name, period), Decimal(0)) + row["dollars"]
    return {key: dollars for key, dollars in said.items() if dollars}


@pytest.fixture
def budgets(database: Database) -> BudgetStore:
    return BudgetStore(database)


@pytest.fixture
async def shop(database: Database) -> str:
    await AccountStore(database).add("shop", credits=None, create_limit=None, query_limit=None)
    return "shop"


@pytest.mark.parametrize("kind", ["provider", "account"])
@pytest.mark.parametrize("span", ["day", "month"])
async def test_of_200_at_once_as_many_are_sent_as_there_is_room_for(
    database_url: str, database: Database, budgets: BudgetStore, shop: str, kind: Any, span: str
) -> None:
    await budgets.set(kind, "kie" if kind == "provider" else shop, **{span: 17 * _CENT})
    async with open_database(database_url, connections=20) as wide:
        outcomes = await asyncio.gather(*(begin(wide, "kie", shop, _CENT) for _ in range(200)), return_exceptions=True)
    assert sum(isinstance(outcome, int) for outcome in outcomes) == 17
    assert {type(outcome) for outcome in outcomes} == {int, BudgetReached}
    assert set((await sums(database)).values()) == {17 * _CENT}
    assert await sums(database) == await what_attempts_say(database)
    assert await database.pool.fetchval("SELECT count(*) FROM tasks") == 17


async def test_a_refusal_names_whose_cap_it_is_and_keeps_nothing(
    database: Database, budgets: BudgetStore, shop: str
) -> None:
    await budgets.set("provider", "kie", day=Decimal("0.5"), month=Decimal(100))
    await budgets.set("account", shop, month=Decimal("0.9"))
    await begin(database, "kie", shop, Decimal("0.38"))
    before = await sums(database)
    with pytest.raises(BudgetReached) as caught:
        await begin(database, "kie", shop, Decimal("0.2"))
    assert str(caught.value) == (
        "The provider kie may spend $0.50 in a day (UTC), of which $0.12 are left, and the task may cost $0.20:"
        " `enlarger budgets set provider kie --day DOLLARS` allows more."
    )
    await begin(database, "replicate", shop, Decimal("0.2"))
    with pytest.raises(BudgetReached, match=r"account shop may spend \$0.90 in a month.*\$0.32 are left"):
        await begin(database, "replicate", shop, Decimal("0.4"))
    assert await sums(database) != before
    assert await sums(database) == await what_attempts_say(database)


async def test_what_was_not_spent_can_be_spent(database: Database, budgets: BudgetStore, shop: str) -> None:
    await budgets.set("provider", "kie", day=Decimal(1))
    refused = await begin(database, "kie", shop, Decimal(1))
    await end(database, refused, Decimal(0))
    cheaper = await begin(database, "kie", shop, Decimal(1))
    await end(database, cheaper, Decimal("0.25"))
    dearer = await begin(database, "kie", shop, Decimal("0.75"))
    await end(database, dearer, Decimal("0.80"))
    assert (await budgets.all())[0].today == Decimal("1.05")
    with pytest.raises(BudgetReached, match=r"\$0.00 are left"):
        await begin(database, "kie", shop, Decimal("0.01"))
    await begin(database, "kie", shop, Decimal(0))


async def test_settling_twice_or_at_once_is_settling_once(database: Database, shop: str) -> None:
    attempt = await begin(database, "kie", shop, Decimal("0.4"))
    odd = Decimal("0.1234567")  # more places than are kept
    await asyncio.gather(*(end(database, attempt, odd) for _ in range(20)))
    assert set((await sums(database)).values()) == {Decimal("0.123457")}
    await asyncio.gather(*(end(database, attempt, Decimal(number % 2) / 10) for number in range(20)))
    assert await sums(database) == await what_attempts_say(database)


@pytest.mark.parametrize(
    ("sent", "settled_in"),
    [
        (datetime(2026, 11, 21, 23, 59, 59, 999_000, UTC), ["2026-11", "2026-11-21"]),
        (datetime(2026, 11, 30, 23, 59, 59, 999_000, UTC), ["2026-11", "2026-11-30"]),
        (datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), ["2026-12", "2026-12-31"]),
        (datetime(2027, 1, 1, tzinfo=UTC), ["2027-01", "2027-01-01"]),
    ],
)
async def test_what_a_task_cost_counts_in_the_day_and_month_in_which_it_was_sent(
    database: Database, shop: str, sent: datetime, settled_in: list[str]
) -> None:
    attempt = await begin(database, "kie", shop, Decimal(0))
    await database.pool.execute("UPDATE attempts SET started_at = $2 WHERE id = $1", attempt, sent)
    async with transaction(database) as connection:
        await connection.execute("SET LOCAL timezone TO 'Pacific/Kiritimati'")
        await settle(connection, attempt_id=attempt, dollars=Decimal("0.3"))
    assert sorted({period for _, _, period in await sums(database)}) == settled_in
    assert await sums(database) == await what_attempts_say(database)


async def test_yesterday_and_last_month_do_not_count_against_today(
    database: Database, budgets: BudgetStore, shop: str
) -> None:
    await budgets.set("account", shop, day=Decimal(1), month=Decimal(10))
    now = await database.pool.fetchval("SELECT now()")
    yesterday = now.astimezone(UTC) - timedelta(days=1)
    last_month = now.astimezone(UTC).replace(day=1) - timedelta(days=1)
    await database.pool.executemany(
        "INSERT INTO spending VALUES ('account', 'shop', $1, 1000)",
        [(f"{yesterday:%Y-%m-%d}",), (f"{last_month:%Y-%m}",)],
    )
    await begin(database, "kie", shop, Decimal(1))
    with pytest.raises(BudgetReached, match="in a day"):
        await begin(database, "kie", shop, Decimal(1))


async def test_caps_are_set_one_by_one_and_taken_away(database: Database, budgets: BudgetStore, shop: str) -> None:
    await budgets.set("provider", "kie", day=Decimal(5), month=Decimal(100))
    await budgets.set("provider", "kie", day=Decimal(7))
    (kie,) = await budgets.all()
    assert (kie.day_cap, kie.month_cap, kie.today) == (Decimal(7), Decimal(100), Decimal(0))
    await budgets.set("provider", "kie", day="none")
    (kie,) = await budgets.all()
    assert (kie.day_cap, kie.month_cap) == (None, Decimal(100))
    await budgets.set("provider", "kie", month="none")
    assert await budgets.all() == []
    with pytest.raises(InvalidInput, match="no account 'nobody'"):
        await budgets.set("account", "nobody", day=Decimal(1))


def test_dollars_are_said_with_cents_at_least() -> None:
    said = [say_dollars(Decimal(text)) for text in ("0", "5.000000", "100", "0.1", "0.0125", "1E+3")]
    assert said == ["0.00", "5.00", "100.00", "0.10", "0.0125", "1000.00"]


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["begin", "end", "end"]),
        st.sampled_from(["kie", "replicate"]),
        st.sampled_from(["shop", "studio"]),
        st.integers(0, 60),
    ),
    min_size=1,
    max_size=25,
)


@pytest.fixture(scope="module")
def in_fresh_database(postgres: str, template_database: str) -> Iterator[Run]:
    """Runs something with an empty database; for a test that hypothesis runs many times."""
    parts = urlsplit(postgres)
    admin, url = (urlunsplit(parts._replace(path=path)) for path in ("/postgres", "/budgets"))

    async def administer(*statements: str) -> None:
        connection = await asyncpg.connect(admin)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def emptied(work: Callable[[Database], Awaitable[None]]) -> None:
        async with open_database(url, connections=4) as database:
            await database.pool.execute("TRUNCATE accounts, budgets, spending CASCADE")
            for account in ("shop", "studio"):
                await AccountStore(database).add(account, credits=None, create_limit=None, query_limit=None)
            await work(database)

    asyncio.run(administer(f'CREATE DATABASE budgets TEMPLATE "{template_database}"'))
    yield lambda work: asyncio.run(emptied(work))
    asyncio.run(administer("DROP DATABASE budgets WITH (FORCE)"))


@settings(max_examples=15)
@given(steps=_STEPS, cap=st.integers(1, 200))
def test_whatever_happens_the_sums_are_what_the_attempts_say_and_no_cap_is_passed_by_what_is_set_aside(
    in_fresh_database: Run, steps: list[tuple[str, str, str, int]], cap: int
) -> None:
    async def work(database: Database) -> None:
        await BudgetStore(database).set("provider", "kie", day=cap * _CENT)
        attempts: list[tuple[int, Decimal]] = []

        async def step(kind: str, provider: str, account: str, cents: int) -> None:
            if kind == "begin":
                try:
                    attempts.append((await begin(database, provider, account, cents * _CENT), cents * _CENT))
                except BudgetReached:
                    assert provider == "kie"
            elif attempts:
                attempt, most = attempts.pop(cents % len(attempts))
                await asyncio.gather(*(end(database, attempt, min(cents * _CENT, most)) for _ in range(2)))

        for start in range(0, len(steps), 4):
            await asyncio.gather(*(step(*one) for one in steps[start : start + 4]))
        found = await sums(database)
        assert found == await what_attempts_say(database)
        assert sum(dollars for (_, name, period), dollars in found.items() if name == "kie" and len(period) == 10) <= (
            cap * _CENT
        )

    in_fresh_database(work)


@pytest.mark.parametrize("kind", ["provider", "account"])
@pytest.mark.parametrize("span", ["day", "month"])
async def test_a_price_that_nobody_knows_is_refused_where_dollars_are_limited(
    database: Database, budgets: BudgetStore, shop: str, kind: Kind, span: str
) -> None:
    async def aside(provider: str, dollars: Decimal | None) -> None:
        async with transaction(database) as connection:
            await set_aside(connection, provider=provider, account_id=shop, dollars=dollars)

    await aside("kie", None)
    name = "kie" if kind == "provider" else shop
    await budgets.set(kind, name, **{span: Decimal(1000)})
    with pytest.raises(BudgetReached, match=f"The dollars of the {kind} {name} are limited, and no price"):
        await aside("kie", None)
    await aside("kie", Decimal("0.01"))
    await budgets.set(kind, name, day="none", month="none")
    await aside("kie", None)


async def test_what_was_charged_beyond_the_reservation_is_told(
    database: Database, budgets: BudgetStore, shop: str
) -> None:
    assert await budgets.overcharges() == []
    for reserved, cost in (("1", "1.25"), ("0", "0.5"), ("1", "0.5"), ("1", "1")):
        attempt = await begin(database, "kie", shop, Decimal(reserved))
        await database.pool.execute("UPDATE attempts SET reserved = dollars WHERE id = $1", attempt)
        await end(database, attempt, Decimal(cost))
    assert await budgets.overcharges() == [Overcharge(provider="kie", tasks=2, dollars=Decimal("0.75"))]
    [kie] = [one for one in await budgets.all() if one.name == "kie"]
    assert kie.today == Decimal("3.25")
