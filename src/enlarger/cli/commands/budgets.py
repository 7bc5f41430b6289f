"""`enlarger budgets`: how many dollars may be spent at providers and for accounts."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from enlarger.cli.completers import one_of
from enlarger.cli.dollars import check_provider, describe_overcharge
from enlarger.cli.exit_codes import OK
from enlarger.cli.help import Commands
from enlarger.cli.options import SERVICE, DataDir, Json, Quiet
from enlarger.cli.output import Output, make_table
from enlarger.cli.runner import run_with_database
from enlarger.errors import InvalidInput

if TYPE_CHECKING:
    from enlarger.infra.database import Database
    from enlarger.tasks.budgets import Kind

app: Commands = Commands(
    name="budgets",
    help="Show and limit the dollars spent at providers and for accounts.",
    no_args_is_help=True,
    rich_help_panel=SERVICE,
)

_MOST_DOLLARS = Decimal(100_000)
_STEP = Decimal("0.000001")


@app.command(name="list", epilog="**Example**\n\n`enlarger budgets list`")
def list_budgets(json: Json = False, quiet: Quiet = False, data_dir: DataDir = None) -> None:
    """List the limits for providers and accounts, and what was spent."""
    run_with_database(_list_budgets, json=json, quiet=quiet, data_dir=data_dir)


@app.command(
    name="set",
    epilog="**Examples**\n\n`enlarger budgets set provider kie --day 5 --month 100`\n\n"
    "`enlarger budgets set account shop --day none`",
)
def set_budget(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="provider|account",
            autocompletion=one_of("provider", "account"),
            help="Whose budget it is.",
            show_default=False,
        ),
    ],
    name: Annotated[str, typer.Argument(metavar="NAME", help="The provider's or account's name.", show_default=False)],
    day: Annotated[
        str | None,
        typer.Option(metavar="DOLLARS", help="How much may be spent in a day (UTC); none removes the limit."),
    ] = None,
    month: Annotated[
        str | None,
        typer.Option(metavar="DOLLARS", help="How much may be spent in a month (UTC); none removes the limit."),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Limit the dollars that may be spent at a provider or for an account. A limit that is not given is kept."""
    run_with_database(
        partial(_set_budget, kind=kind, name=name, day=day, month=month),
        json=json,
        quiet=quiet,
        data_dir=data_dir,
        creates=True,
    )


async def _list_budgets(database: Database, output: Output) -> int:
    """Print the limits and what was spent."""
    from enlarger.tasks.budgets import BudgetStore, say_dollars

    budgets = await BudgetStore(database).all()
    table = make_table("whose", "name")
    for column in ("today", "a day", "this month", "a month"):
        table.add_column(column, justify="right")
    for budget in budgets:
        table.add_row(
            budget.kind,
            budget.name,
            f"${say_dollars(budget.today)}",
            _format_cap(budget.day_cap),
            f"${say_dollars(budget.this_month)}",
            _format_cap(budget.month_cap),
        )
    output.table(table, [f"{budget.kind} {budget.name}" for budget in budgets], budgets)
    for one in await BudgetStore(database).overcharges():
        output.warn(describe_overcharge(one))
    if not budgets:
        output.hint(
            "No limits are set, and nothing was spent: [bold]enlarger budgets set provider kie --day 5[/] sets one."
        )
    return OK


async def _set_budget(
    database: Database, output: Output, *, kind: str, name: str, day: str | None, month: str | None
) -> int:
    """Set the given limits."""
    from enlarger.tasks.budgets import BudgetStore

    if kind not in ("provider", "account"):
        raise InvalidInput("KIND", f"{kind!r} has no budget: write provider or account.")
    whose: Kind = "provider" if kind == "provider" else "account"
    if whose == "provider":
        check_provider(name)
    if day is None and month is None:
        raise InvalidInput("--day", "There is nothing to set: give --day or --month, in dollars, or none.")
    budget = await BudgetStore(database).set(
        whose, name, day=_parse_dollars("--day", day), month=_parse_dollars("--month", month)
    )
    caps = f"{_format_cap(budget.day_cap)} a day, {_format_cap(budget.month_cap)} a month"
    output.lines([f"{kind} {name}: {caps}"], budget)
    return OK


def _format_cap(cap: Decimal | None) -> str:
    from enlarger.tasks.budgets import say_dollars

    return "no limit" if cap is None else f"${say_dollars(cap)}"


def _parse_dollars(option: str, text: str | None) -> Decimal | Literal["none"] | None:
    if text is None:
        return None
    if text.strip().casefold() == "none":
        return "none"
    try:
        amount = Decimal(text.strip().removeprefix("$"))
        valid = amount.is_finite() and 0 <= amount < _MOST_DOLLARS and amount == amount.quantize(_STEP)
    except InvalidOperation:
        valid = False
    if not valid:
        raise InvalidInput(
            option,
            f"{option} {text!r} is not a number of dollars: give one below {_MOST_DOLLARS:,}, such as 5, or none.",
        )
    return amount
