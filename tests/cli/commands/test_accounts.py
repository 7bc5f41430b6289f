"""`enlarger accounts`: weights and limits, on a real database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from typer.testing import CliRunner, Result

from enlarger.cli.app import app
from enlarger.infra.database import Database
from enlarger.tasks.accounts import Account, AccountStore

Enlarger = Callable[..., Awaitable[Result]]


@pytest.fixture
def enlarger(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Enlarger:
    """Runs a command against the test's database, on a wide terminal without colours."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")

    async def start(*arguments: str) -> Result:
        return await asyncio.to_thread(lambda: CliRunner().invoke(app, list(arguments)))

    return start


async def find(database: Database) -> Account:
    account = await AccountStore(database).find("shop")
    assert account is not None
    return account


async def test_an_account_is_made_and_changed_with_a_weight_and_limits(enlarger: Enlarger, database: Database) -> None:
    made = await enlarger("accounts", "add", "shop", "--weight", "2.5", "--open-tasks", "20", "--engine-seconds", "0")
    assert made.exit_code == 0, made.output
    account = await find(database)
    assert (account.weight, account.open_limit, account.megapixel_limit, account.engine_limit) == (2.5, 20, None, 0)
    changed = await enlarger(
        "accounts", "set", "shop", "--megapixels", "300", "--open-tasks", "default", "--creates", "0"
    )
    assert changed.exit_code == 0, changed.output
    account = await find(database)
    assert (account.weight, account.open_limit, account.megapixel_limit, account.engine_limit) == (2.5, None, 300, 0)
    assert (account.create_limit, account.query_limit) == (None, 10)


async def test_the_list_shows_weights_and_limits(enlarger: Enlarger) -> None:
    await enlarger("accounts", "add", "shop", "--weight", "3", "--open-tasks", "20", "--engine-seconds", "0")
    [shop] = json.loads((await enlarger("accounts", "list", "--json")).stdout)
    assert (shop["weight"], shop["open_limit"], shop["megapixel_limit"], shop["engine_limit"]) == (3.0, 20, None, 0)
    listed = (await enlarger("accounts", "list")).stdout
    assert "20 open tasks, unlimited engine seconds" in listed


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--weight", "0"], "--weight '0' is not a weight: give a number from 0.01 to 100"),
        (["--weight", "nan"], "--weight 'nan' is not a weight"),
        (["--open-tasks", "-1"], "--open-tasks '-1' is not a limit: give a whole number up to a million, 0 for no"),
        (["--megapixels", "1.5"], "--megapixels '1.5' is not a limit"),
        ([], "There is nothing to set: give an option"),
    ],
)
async def test_a_wrong_value_is_refused_with_its_remedy(
    enlarger: Enlarger, database: Database, options: list[str], says: str
) -> None:
    await enlarger("accounts", "add", "shop")
    refused = await enlarger("accounts", "set", "shop", *options)
    assert refused.exit_code != 0
    assert says in " ".join(f"{refused.output} {refused.exception}".split())
    assert (await find(database)).weight == 1


async def test_an_unknown_account_is_named(enlarger: Enlarger) -> None:
    refused = await enlarger("accounts", "set", "nobody", "--weight", "2")
    assert refused.exit_code != 0
    assert "There is no account 'nobody'" in refused.output
