"""`enlarger accounts`: who may use your own service, and with which credits and limits."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from enlarger.cli.exit_codes import ERROR, OK
from enlarger.cli.help import Commands, SignedCommand
from enlarger.cli.options import SERVICE, DataDir, Json, Quiet
from enlarger.cli.output import Output, make_table
from enlarger.cli.runner import run_with_database
from enlarger.cli.streams import already_done
from enlarger.errors import InvalidInput

if TYPE_CHECKING:
    from enlarger.infra.database import Database
    from enlarger.tasks.accounts import Account
    from enlarger.tasks.limits import OwnLimits

Given = Mapping[str, str]
"""The values of options, by the options' names."""

app: Commands = Commands(
    name="accounts",
    help="Manage the accounts of your own service: credits, weights and limits.",
    no_args_is_help=True,
    rich_help_panel=SERVICE,
)
_CREATES, _QUERIES = 20, 10
"""The hosted service's limits."""
_CREATES_HELP = "Tasks that it may create in 10 seconds; 0 is no limit."
_QUERIES_HELP = "recordInfo requests per second and key; 0 is no limit."
_FIELDS = {
    "--weight": "weight",
    "--open-tasks": "open_limit",
    "--megapixels": "megapixel_limit",
    "--engine-seconds": "engine_limit",
}
"""The options' fields in `OwnLimits`."""

Weight = Annotated[
    str | None, typer.Option(metavar="N", help="How many turns it gets for each turn of an account with weight 1.")
]
OpenTasks = Annotated[
    str | None,
    typer.Option(
        metavar="N|default", help="Most open tasks; 0 is no limit, default is that of ENLARGER_ACCOUNT_OPEN_TASKS."
    ),
]
Megapixels = Annotated[
    str | None,
    typer.Option(
        metavar="N|default",
        help="Most megapixels of images in open tasks for this machine's engine; 0 is no limit, default is that of"
        " ENLARGER_ACCOUNT_OPEN_MEGAPIXELS.",
    ),
]
EngineSeconds = Annotated[
    str | None,
    typer.Option(
        metavar="N|default",
        help="Most seconds of this machine's engine per day (UTC); 0 is no limit, default is that of"
        " ENLARGER_ACCOUNT_ENGINE_SECONDS.",
    ),
]
AccountName = Annotated[str, typer.Argument(metavar="NAME", help="The account's name.", show_default=False)]


@app.command(
    epilog="**Examples**\n\n`enlarger accounts add shop --credits 5000`\n\n`enlarger accounts add bot --unlimited`"
)
def add(
    name: AccountName,
    credits: Annotated[
        str | None, typer.Option(metavar="N", help="The initial balance in credits.", show_default="0")
    ] = None,
    unlimited: Annotated[bool, typer.Option("--unlimited", help="Keep no balance and charge nothing.")] = False,
    creates: Annotated[int, typer.Option(min=0, metavar="N", help=_CREATES_HELP)] = _CREATES,
    queries: Annotated[int, typer.Option(min=0, metavar="N", help=_QUERIES_HELP)] = _QUERIES,
    weight: Weight = None,
    open_tasks: OpenTasks = None,
    megapixels: Megapixels = None,
    engine_seconds: EngineSeconds = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Create an account, with tasks, files and credits that no other account sees.

    It has weight 1 and the service's default limits, unless options say otherwise.
    """
    if unlimited and credits is not None:
        raise InvalidInput("--credits", "With --unlimited there is no balance for --credits: leave one of them out.")
    work = partial(
        _add_account,
        name=name,
        credits=None if unlimited else credits or "0",
        create_limit=creates or None,
        query_limit=queries or None,
        given=_given(weight, open_tasks, megapixels, engine_seconds),
    )
    run_with_database(work, json=json, quiet=quiet, data_dir=data_dir)


@app.command(
    name="set",
    epilog="**Examples**\n\n`enlarger accounts set shop --weight 3 --open-tasks 200`\n\n"
    "`enlarger accounts set shop --engine-seconds default`",
)
def set_limits(
    name: AccountName,
    creates: Annotated[int | None, typer.Option(min=0, metavar="N", help=_CREATES_HELP)] = None,
    queries: Annotated[int | None, typer.Option(min=0, metavar="N", help=_QUERIES_HELP)] = None,
    weight: Weight = None,
    open_tasks: OpenTasks = None,
    megapixels: Megapixels = None,
    engine_seconds: EngineSeconds = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Change an account's weight and limits. Those that are not given are kept."""
    given = _given(weight, open_tasks, megapixels, engine_seconds)
    if not given and creates is None and queries is None:
        raise InvalidInput("NAME", "There is nothing to set: give an option, such as --open-tasks 200.")
    work = partial(_set_limits, name=name, creates=creates, queries=queries, given=given)
    run_with_database(work, json=json, quiet=quiet, data_dir=data_dir)


@app.command(name="list", epilog="**Example**\n\n`enlarger accounts list`")
def list_accounts(json: Json = False, quiet: Quiet = False, data_dir: DataDir = None) -> None:
    """List the accounts with their balances, limits, keys and open tasks."""
    run_with_database(_list_accounts, json=json, quiet=quiet, data_dir=data_dir)


@app.command(
    name="top-up",
    cls=SignedCommand,
    epilog="**Examples**\n\n`enlarger accounts top-up shop 1000 --note 'invoice 17'`\n\n"
    "`enlarger accounts top-up shop -50 --note 'booked twice'`",
)
def top_up(
    name: AccountName,
    credits: Annotated[
        str, typer.Argument(metavar="CREDITS", help="How many credits to add; a negative number takes credits away.")
    ],
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="A note for the ledger.")] = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Add credits to an account, and print its balance."""
    run_with_database(
        partial(_top_up, name=name, credits=credits, note=note), json=json, quiet=quiet, data_dir=data_dir
    )


@app.command(epilog="**Example**\n\n`enlarger accounts check`")
def check(json: Json = False, quiet: Quiet = False, data_dir: DataDir = None) -> None:
    """Check that every balance is the sum of its ledger; exit with code 1 if one is not."""
    run_with_database(_check_accounts, json=json, quiet=quiet, data_dir=data_dir)


async def _add_account(
    database: Database,
    output: Output,
    *,
    name: str,
    credits: str | None,
    create_limit: int | None,
    query_limit: int | None,
    given: Given,
) -> int:
    """Create an account."""
    from enlarger.tasks.accounts import AccountStore
    from enlarger.tasks.fields import check_account_name, parse_credits

    check_account_name("NAME", name)
    balance = None if credits is None else parse_credits("--credits", credits)
    await AccountStore(database).add(
        name, credits=balance, create_limit=create_limit, query_limit=query_limit, own=_read(given)
    )
    output.lines([name], {"account": name, "balance": balance})
    output.hint(f"Give it a key: [bold]enlarger keys create {escape(name)}[/]")
    return OK


async def _set_limits(
    database: Database, output: Output, *, name: str, creates: int | None, queries: int | None, given: Given
) -> int:
    """Set some of an account's limits."""
    import msgspec

    from enlarger.tasks.accounts import AccountStore

    changes = _read(given)
    if creates is not None:
        changes = msgspec.structs.replace(changes, create_limit=creates or None)
    if queries is not None:
        changes = msgspec.structs.replace(changes, query_limit=queries or None)
    accounts = AccountStore(database)
    await accounts.set_limits(name, changes)
    account = await accounts.find(name)
    with already_done(f"The limits of {name} are set."):
        output.lines([name], account)
    return OK


def _given(weight: str | None, open_tasks: str | None, megapixels: str | None, engine_seconds: str | None) -> Given:
    """The given options, by their names."""
    options = {
        "--weight": weight,
        "--open-tasks": open_tasks,
        "--megapixels": megapixels,
        "--engine-seconds": engine_seconds,
    }
    return {name: value for name, value in options.items() if value is not None}


def _read(given: Given) -> OwnLimits:
    """The weight and limits in the options. Raises InvalidInput."""
    import msgspec

    from enlarger.tasks.fields import parse_limit, parse_weight
    from enlarger.tasks.limits import OwnLimits

    values: dict[str, Any] = {
        _FIELDS[name]: (parse_weight if name == "--weight" else parse_limit)(name, text) for name, text in given.items()
    }
    return msgspec.convert(values, OwnLimits)


async def _list_accounts(database: Database, output: Output) -> int:
    """Print every account."""
    from enlarger.tasks.accounts import AccountStore
    from enlarger.tasks.ledger import say_credits

    accounts = await AccountStore(database).all()
    table = make_table(
        "account", "balance", "creates in 10 s", "queries in 1 s", "weight", "limits", "keys", "open tasks"
    )
    for account in accounts:
        table.add_row(
            account.id,
            "not limited" if account.balance is None else say_credits(account.balance),
            *("not limited" if limit is None else str(limit) for limit in (account.create_limit, account.query_limit)),
            f"{account.weight:g}",
            _say_limits(account),
            str(account.keys),
            str(account.open_tasks),
        )
    output.table(table, [account.id for account in accounts], accounts)
    return OK


def _say_limits(account: Account) -> str:
    """An account's own limits, in words."""
    limits = {
        "open tasks": account.open_limit,
        "megapixels": account.megapixel_limit,
        "engine seconds": account.engine_limit,
    }
    own = [f"{limit or 'unlimited'} {name}" for name, limit in limits.items() if limit is not None]
    return ", ".join(own) or "default"


async def _top_up(database: Database, output: Output, *, name: str, credits: str, note: str | None) -> int:
    """Add credits to an account, or take some away."""
    from enlarger.tasks.fields import MOST_CREDITS, parse_credits
    from enlarger.tasks.ledger import Ledger, say_credits

    amount = parse_credits("CREDITS", credits, least=-MOST_CREDITS)
    balance = await Ledger(database).top_up(name, amount, note=note)
    with already_done(f"The credits are booked: the balance of {name} is {say_credits(balance)}."):
        output.lines([say_credits(balance)], {"account": name, "balance": balance})
    return OK


async def _check_accounts(database: Database, output: Output) -> int:
    """Compare every balance with the ledger's sum."""
    from enlarger.tasks.ledger import Ledger

    differences = await Ledger(database).check()
    lines = [f"{found.account_id}: balance {found.balance}, ledger {found.ledger}" for found in differences]
    output.lines(lines or ["Every balance is its ledger's sum."], differences)
    return ERROR if differences else OK
