"""The ledger's last guard: whatever was wrong with a price, nobody gets a task for nothing, or credits for a task."""

from __future__ import annotations

from decimal import Decimal

import pytest

from enlarger.errors import InvalidInput
from enlarger.infra.database import Database
from enlarger.tasks.accounts import Caps
from tests.tasks.test_ledger import SHOP, Bench


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


@pytest.mark.parametrize("credits", ["-24", "-0.0001", "0"])
@pytest.mark.parametrize("capped", [False, True])
async def test_a_price_of_nothing_or_less_is_refused(bench: Bench, credits: str, capped: bool) -> None:
    caller = await bench.open(None if capped else "100", caps=Caps(total=Decimal(50)) if capped else None)
    with pytest.raises(InvalidInput, match=rf"its price comes to {credits} credits"):
        await bench.create(caller, credits)
    assert await bench.database.pool.fetchval("SELECT count(*) FROM tasks") == 0
    assert await bench.database.pool.fetchval("SELECT total_spent FROM api_keys WHERE account_id = $1", SHOP) == 0
    assert await bench.ledger.check() == []


async def test_a_free_model_costs_nothing_but_never_less(bench: Bench) -> None:
    caller = await bench.open()
    await bench.create(caller, "0", free=True)
    with pytest.raises(InvalidInput):
        await bench.create(caller, "-1", free=True)
    assert await bench.balance() == 100


async def test_a_cost_below_nothing_gives_back_no_more_than_was_reserved(bench: Bench) -> None:
    caller = await bench.open()
    task = await bench.create(caller)
    await bench.succeed(await bench.claim(task), "-5")
    assert await bench.balance() == 100
