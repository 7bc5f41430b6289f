"""The commands about providers, budgets and orphans, as they are typed. What they do is in `providers`."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from enlarger.cli.completion import PROVIDERS, one_of
from enlarger.cli.help import Commands
from enlarger.cli.options import SERVICE, DataDir, Json, Quiet, carry_out_here, make_output

app: Commands = Commands()
providers: Commands = Commands(no_args_is_help=False)
budgets: Commands = Commands(no_args_is_help=True)


@providers.callback(invoke_without_command=True, epilog="**Example**\n\n`enlarger providers`")
def list_providers(context: typer.Context, json: Json = False, quiet: Quiet = False, data_dir: DataDir = None) -> None:
    """List the providers: whether they are set up, their status, activity and cost."""
    if context.invoked_subcommand is None:
        from enlarger.cli.providers import list_providers as work

        output = make_output(json=json, quiet=quiet)
        carry_out_here(partial(work, output=output, data_dir=data_dir), output, data_dir)


@providers.command(epilog="**Examples**\n\n`enlarger providers check`\n\n`enlarger providers check kie`")
def check(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]", autocompletion=one_of(*PROVIDERS), help="Only this provider.", show_default=False
        ),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Check now, at no cost, whether the providers would accept tasks; exit with code 1 if one would not.

    A provider that was out of credits or access and has recovered gets tasks again at once.
    """
    from enlarger.cli.providers import check_providers

    output = make_output(json=json, quiet=quiet)
    carry_out_here(partial(check_providers, output=output, name=name, data_dir=data_dir), output, data_dir)


@budgets.command(name="list", epilog="**Example**\n\n`enlarger budgets list`")
def list_budgets(json: Json = False, quiet: Quiet = False, data_dir: DataDir = None) -> None:
    """List what may be spent at providers and for accounts, and what was spent."""
    from enlarger.cli.providers import list_budgets as work

    output = make_output(json=json, quiet=quiet)
    carry_out_here(partial(work, output=output), output, data_dir)


@budgets.command(
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
    """Set how many dollars may be spent; a limit that is not given stays as it is."""
    from enlarger.cli.providers import set_budget as work

    output = make_output(json=json, quiet=quiet)
    carry_out_here(partial(work, output=output, kind=kind, name=name, day=day, month=month), output, data_dir)


@app.command(rich_help_panel=SERVICE, epilog="**Example**\n\n`enlarger orphans`")
def orphans(
    limit: Annotated[int, typer.Option(min=1, max=1000, metavar="N", help="How many to list.")] = 50,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """List results that came too late for their tasks, and attempts that may have been paid for without a result."""
    from enlarger.cli.providers import list_orphans

    output = make_output(json=json, quiet=quiet)
    carry_out_here(partial(list_orphans, output=output, most=limit), output, data_dir)
