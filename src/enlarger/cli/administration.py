"""`enlarger accounts`, `keys` and `maintenance`: who may use a service of one's own, how much, and when."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal, InvalidOperation
from typing import Any

from rich.markup import escape
from rich.table import Table

from enlarger.cli.exit_codes import ERROR, OK, exit_code
from enlarger.cli.output import Output, plain
from enlarger.cli.signals import run
from enlarger.cli.streams import already_done
from enlarger.errors import DataDirectoryInUse, EnlargerError, InvalidInput
from enlarger.infra.addresses import Network, read_network
from enlarger.infra.data_directory import DataDirectory
from enlarger.infra.database import Database, open_database
from enlarger.infra.migrations import migrate
from enlarger.infra.postgres import EmbeddedPostgres
from enlarger.settings import Settings, load_settings
from enlarger.tasks.accounts import AccountStore, Caps, Key
from enlarger.tasks.ledger import Ledger, say_credits
from enlarger.tasks.maintenance import Maintenance, MaintenanceStore

Work = Callable[[Database], Awaitable[int]]

_NAME = re.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,62}", re.ASCII)
_MOST = Decimal(10) ** 11


def carry_out(work: Work, output: Output, **overrides: object) -> int:
    """Do `work` with the service's database; returns the exit code."""

    async def with_database() -> int:
        async with _database(load_settings(**overrides)) as database:
            return await work(database)

    try:
        return run(with_database)
    except EnlargerError as error:
        output.error(error)
        return exit_code(error)


async def add_account(
    database: Database,
    output: Output,
    *,
    name: str,
    credits: str | None,
    create_limit: int | None,
    query_limit: int | None,
) -> int:
    """Make an account."""
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            "NAME", f"{name!r} is not a valid account name: use up to 63 letters, digits, dots, dashes, @ and _."
        )
    balance = None if credits is None else _amount("--credits", credits)
    await AccountStore(database).add(name, credits=balance, create_limit=create_limit, query_limit=query_limit)
    output.lines([name], {"account": name, "balance": balance})
    output.hint(f"Give it a key: [bold]enlarger keys create {escape(name)}[/]")
    return OK


async def list_accounts(database: Database, output: Output) -> int:
    """Print every account."""
    accounts = await AccountStore(database).all()
    table = _table("account", "balance", "creates in 10 s", "queries in 1 s", "keys", "open tasks")
    for account in accounts:
        table.add_row(
            account.id,
            "not limited" if account.balance is None else say_credits(account.balance),
            *("not limited" if limit is None else str(limit) for limit in (account.create_limit, account.query_limit)),
            str(account.keys),
            str(account.open_tasks),
        )
    output.table(table, [account.id for account in accounts], accounts)
    return OK


async def top_up(database: Database, output: Output, *, name: str, credits: str, note: str | None) -> int:
    """Add credits to an account, or take some away."""
    amount = _amount("CREDITS", credits, least=-_MOST)
    balance = await Ledger(database).top_up(name, amount, note=note)
    with already_done(f"The credits are booked: the balance of {name} is {say_credits(balance)}."):
        output.lines([say_credits(balance)], {"account": name, "balance": balance})
    return OK


async def check_accounts(database: Database, output: Output) -> int:
    """Compare every balance with the ledger's sum."""
    differences = await Ledger(database).check()
    lines = [f"{found.account_id}: balance {found.balance}, ledger {found.ledger}" for found in differences]
    output.lines(lines or ["Every balance is its ledger's sum."], differences)
    return ERROR if differences else OK


async def create_key(
    database: Database,
    output: Output,
    *,
    account: str,
    name: str | None,
    per_hour: str | None,
    per_day: str | None,
    total: str | None,
    allow: Sequence[str],
) -> int:
    """Make a key, and print it this once."""
    caps = Caps(
        hour=None if per_hour is None else _amount("--per-hour", per_hour),
        day=None if per_day is None else _amount("--per-day", per_day),
        total=None if total is None else _amount("--total", total),
    )
    networks = [_network(entry) for entries in allow for entry in entries.split(",") if entry.strip()]
    key, key_id = await AccountStore(database).make_key(account, name=name, caps=caps, allow=networks)
    with already_done(_unseen(key_id)):
        output.lines([key], {"account": account, "id": key_id, "key": key})
    output.hint(f"The key is not shown again. Its id is {key_id}.")
    return OK


async def list_keys(database: Database, output: Output, *, account: str | None) -> int:
    """Print the keys of an account, or of all, without the keys themselves."""
    keys = await AccountStore(database).keys(account)
    table = _table("id", "account", "ends in", "name", "caps (hour/day/all)", "spent", "from", "state")
    for key in keys:
        table.add_row(
            key.id,
            key.account_id,
            f"…{key.last4}",
            escape(key.name or ""),
            _say_caps(key),
            say_credits(key.total_spent),
            ", ".join(key.allow) or "anywhere",
            "revoked" if key.revoked_at else "valid",
        )
    output.table(table, [key.id for key in keys], keys)
    return OK


async def revoke_key(database: Database, output: Output, *, key_id: str) -> int:
    """Revoke a key."""
    await AccountStore(database).revoke(key_id)
    output.lines([key_id], {"id": key_id, "revoked": True})
    return OK


async def rotate_key(database: Database, output: Output, *, key_id: str, keep_old: bool) -> int:
    """Replace a key by a new one, and print it this once."""
    key, new_id = await AccountStore(database).rotate(key_id, keep_old=keep_old)
    with already_done(_unseen(new_id)):
        output.lines([key], {"id": new_id, "key": key, "replaces": key_id, "revoked": not keep_old})
    said = f"{key_id} is valid until [bold]enlarger keys revoke {key_id}[/]" if keep_old else f"{key_id} is revoked"
    output.hint(f"The key is not shown again. Its id is {new_id}; {said}.")
    return OK


async def begin_maintenance(database: Database, output: Output, *, message: str | None, minutes: float | None) -> int:
    """Close the service for new tasks, or change what apps are told."""
    store = MaintenanceStore(database)
    before = await store.find()
    begun = await store.begin(message=message, seconds=None if minutes is None else minutes * 60)
    output.lines(["on"], _state(begun))
    if before is not None:
        output.hint("It was on already; what was not given is unchanged.")
        if before.message not in (None, begun.message):
            output.hint(f"The message before was: {escape(plain(before.message))}")
    if begun.message:
        output.hint(f"Apps get the message: {escape(plain(begun.message))}")
    output.hint("createTask answers 455 until [bold]enlarger maintenance off[/]. Earlier tasks continue.")
    return OK


async def end_maintenance(database: Database, output: Output) -> int:
    """Take new tasks again."""
    was_on = await MaintenanceStore(database).end()
    output.lines(["off"], _state(None))
    if not was_on:
        output.hint("It was off already.")
    return OK


async def show_maintenance(database: Database, output: Output) -> int:
    """Print whether new tasks are taken."""
    found = await MaintenanceStore(database).find()
    output.lines(["off" if found is None else "on"], _state(found))
    return OK


def _state(found: Maintenance | None) -> dict[str, Any]:
    if found is None:
        return {"maintenance": False}
    return {"maintenance": True, "since": found.began_at, "message": found.message, "retryAfter": found.retry_after}


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Database]:
    """The database at DATABASE_URL, or the embedded one, whether a service runs on it or not."""
    async with AsyncExitStack() as stack:
        if settings.database_url is not None:
            url = settings.database_url.get_secret_value()
        else:
            data = DataDirectory(settings.data_dir)
            data.require()
            postgres = EmbeddedPostgres(data.postgres)
            try:
                stack.enter_context(data.hold())
            except DataDirectoryInUse:
                url = postgres.url  # of the service that runs
            else:
                url = await stack.enter_async_context(postgres.running())
        await migrate(url)
        yield await stack.enter_async_context(open_database(url, connections=2))


def _amount(name: str, text: str, *, least: Decimal = Decimal(0)) -> Decimal:
    try:
        amount = Decimal(text.strip())
        valid = amount.is_finite() and least <= amount <= _MOST and amount == round(amount, 4)
    except InvalidOperation:
        valid = False
    if not valid:
        raise InvalidInput(name, f"{name} {text!r} is not a number of credits: give one with at most 4 decimal places.")
    return amount


def _network(text: str) -> Network:
    try:
        return read_network(text)
    except ValueError:
        raise InvalidInput(
            "--allow", f"--allow {text!r} is not an address or network: write 203.0.113.7 or 203.0.113.0/24."
        ) from None


def _unseen(key_id: str) -> str:
    """What to do about a key that was made but could not be printed."""
    return f"The key was made, but it cannot be shown again: replace it with `enlarger keys rotate {key_id}`."


def _say_caps(key: Key) -> str:
    caps = [key.hour_cap, key.day_cap, key.total_cap]
    return "none" if caps == [None] * 3 else "/".join("-" if cap is None else say_credits(cap) for cap in caps)


def _table(*columns: str) -> Any:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
