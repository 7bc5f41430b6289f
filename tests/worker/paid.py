"""Tasks of an account that pays for them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from enlarger.tasks.accounts import DEFAULT, Caller
from enlarger.tasks.records import Attempt
from tests.new_task import new_task
from tests.worker.hosted import Floor


async def submit_paid(floor: Floor, reserved: str, **changes: Any) -> Attempt:
    await floor.database.pool.execute("UPDATE accounts SET balance = 0 WHERE id = $1", DEFAULT)
    await floor.service.ledger.top_up(DEFAULT, Decimal(100), note="test")
    key = await floor.database.pool.fetchval("SELECT sha256 FROM api_keys LIMIT 1")
    values = {"id": "0" * 32, "credits_reserved": Decimal(reserved), **changes}
    caller = Caller(account_id=DEFAULT, key_sha256=key, has_balance=True)
    task, _ = await floor.service.tasks.create(new_task(**values), caller)
    await floor.dispatcher()(task.id)
    return (await floor.of_task(task))[-1]


async def balance(floor: Floor) -> Decimal:
    found: Decimal = await floor.database.pool.fetchval("SELECT balance FROM accounts WHERE id = $1", DEFAULT)
    return found
