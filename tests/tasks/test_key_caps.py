"""Caps of keys: what is spent is counted in the hour, the day and the whole life in which it was spent."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from enlarger.errors import KeyCapReached
from enlarger.infra.database import Database
from enlarger.tasks.accounts import Caps
from enlarger.tasks.records import Task
from tests.tasks.test_ledger import SHOP, Bench, bench, several

__all__ = ["bench"]  # a fixture


@pytest.mark.parametrize("span", ["hour", "day", "total"])
async def test_a_keys_cap_holds_and_what_fails_is_taken_back(bench: Bench, span: str) -> None:
    capped = await bench.open("100", caps=Caps(**{span: Decimal(25)}))
    free = await bench.key()
    tasks = [await bench.create(capped, "10"), await bench.create(capped, "10")]
    with pytest.raises(KeyCapReached, match="reached its limit of credits: the task costs 10"):
        await bench.create(capped, "10")
    assert await bench.balance() == 80
    await bench.create(free, "10")
    await bench.tasks.fail(await bench.claim(tasks[0]), "501", "no")
    await bench.create(capped, "10")
    await bench.succeed(await bench.claim(tasks[1]), "4")
    await bench.create(capped, "10")
    with pytest.raises(KeyCapReached):
        await bench.create(capped, "2")


async def test_a_keys_cap_holds_at_once(bench: Bench, database_url: str) -> None:
    caller = await bench.open(None, caps=Caps(total=Decimal(70)))
    async with several(database_url, 2) as benches:
        outcomes = await asyncio.gather(
            *(benches[number % 2].create(caller, "10") for number in range(50)), return_exceptions=True
        )
    assert sum(isinstance(outcome, Task) for outcome in outcomes) == 7
    assert sum(isinstance(outcome, KeyCapReached) for outcome in outcomes) == 43


@pytest.mark.parametrize("span", ["hour", "day"])
async def test_a_span_that_is_over_no_longer_counts(bench: Bench, database: Database, span: str) -> None:
    caller = await bench.open("100", caps=Caps(**{span: Decimal(20)}))
    task = await bench.create(caller, "15")
    await database.pool.execute(f"UPDATE api_keys SET {span} = {span} - interval '1 {span}'")
    await bench.create(caller, "10")
    await bench.create(caller, "10")  # the new span has begun at 0
    await database.pool.execute(
        f"UPDATE tasks SET created_at = created_at - interval '1 {span}' WHERE id = $1", task.id
    )
    await bench.tasks.cancel(SHOP, task.id)  # what is taken back belongs to the span before
    with pytest.raises(KeyCapReached):
        await bench.create(caller, "1")
