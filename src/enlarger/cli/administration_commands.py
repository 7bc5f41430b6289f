"""The commands about accounts, keys and maintenance, as they are typed. What they do is in `administration`."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from enlarger.cli.help import Commands
from enlarger.cli.options import DataDir, Json, Quiet, carry_out_here, make_output
from enlarger.errors import InvalidInput

accounts: Commands = Commands(no_args_is_help=True)
keys: Commands = Commands(no_args_is_help=True)
maintenance: Commands = Commands(no_args_is_help=False)

_CREATES, _QUERIES = 20, 10
"""The hosted service's limits."""

AccountName = Annotated[str, typer.Argument(metavar="NAME", help="The account's name.", show_default=False)]
KeyId = Annotated[str, typer.Argument(metavar="ID", help="The key's id, not the key itself.", show_default=False)]


@accounts.command(
    epilog="**Examples**\n\n`enlarger accounts add shop --credits 5000`\n\n`enlarger accounts add bot --unlimited`"
)
def add(
    name: AccountName,
    credits: Annotated[
        str | None, typer.Option(metavar="N", help="The initial balance in credits.", show_default="0")
    ] = None,
    unlimited: Annotated[bool, typer.Option("--unlimited", help="Keep no balance and charge nothing.")] = False,
    creates: Annotated[
        int, typer.Option(min=0, metavar="N", help="Tasks that may be made in 10 seconds; 0 means no limit.")
    ] = _CREATES,
    queries: Annotated[
        int, typer.Option(min=0, metavar="N", help="recordInfo requests per second and key; 0 means no limit.")
    ] = _QUERIES,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Create an account, with tasks, files and credits that no other account sees."""
    from enlarger.cli import administration

    if unlimited and credits is not None:
        raise InvalidInput("--credits", "With --unlimited there is no balance for --credits: leave one of them out.")
    output = make_output(json=json, quiet=quiet)
    work = partial(
        administration.add_account,
        output=output,
        name=name,
        credits=None if unlimited else credits or "0",
        create_limit=creates or None,
        query_limit=queries or None,
    )
    carry_out_here(work, output, data_dir)


@accounts.command(name="list", epilog="**Example**\n\n`enlarger accounts list`")
def list_accounts(json: Json = False, quiet: Quiet = False, data_dir: DataDir = None) -> None:
    """List the accounts with their balances, limits, keys and open tasks."""
    from enlarger.cli import administration

    output = make_output(json=json, quiet=quiet)
    carry_out_here(partial(administration.list_accounts, output=output), output, data_dir)


@accounts.command(
    name="top-up",
    epilog="**Examples**\n\n`enlarger accounts top-up shop 1000 --note 'invoice 17'`\n\n"
    "`enlarger accounts top-up shop -- -50`",
)
def top_up(
    name: AccountName,
    credits: Annotated[
        str, typer.Argument(metavar="CREDITS", help="How many credits to add; a negative number takes some away.")
    ],
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="A note for the ledger.")] = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Add credits to an account, and print its balance."""
    from enlarger.cli import administration

    output = make_output(json=json, quiet=quiet)
    carry_out_here(
        partial(administration.top_up, output=output, name=name, credits=credits, note=note), output, data_dir
    )


@accounts.command(epilog="**Example**\n\n`enlarger accounts check`")
def check(json: Json = False, quiet: Quiet = False, data_dir: DataDir = None) -> None:
    """Check that every balance is the sum of its ledger; exit with code 1 if one is not."""
    from enlarger.cli import administration

    output = make_output(json=json, quiet=quiet)
    carry_out_here(partial(administration.check_accounts, output=output), output, data_dir)


@keys.command(
    epilog="**Examples**\n\n`enlarger keys create shop --name website --per-day 500`\n\n"
    "`enlarger keys create shop --allow 203.0.113.0/24`"
)
def create(
    account: Annotated[
        str, typer.Argument(metavar="ACCOUNT", help="The account that the key is for.", show_default=False)
    ],
    name: Annotated[str | None, typer.Option(metavar="TEXT", help="What the key is for.")] = None,
    per_hour: Annotated[
        str | None, typer.Option(metavar="CREDITS", help="How many credits it may spend in an hour (UTC).")
    ] = None,
    per_day: Annotated[
        str | None, typer.Option(metavar="CREDITS", help="How many credits it may spend in a day (UTC).")
    ] = None,
    total: Annotated[
        str | None, typer.Option(metavar="CREDITS", help="How many credits it may spend in total.")
    ] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS", help="Accept the key only from this address or network; may be repeated."),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Create a key and print it. It cannot be shown again: only a hash of it is kept."""
    from enlarger.cli import administration

    output = make_output(json=json, quiet=quiet)
    work = partial(
        administration.create_key,
        output=output,
        account=account,
        name=name,
        per_hour=per_hour,
        per_day=per_day,
        total=total,
        allow=allow or [],
    )
    carry_out_here(work, output, data_dir)


@keys.command(name="list", epilog="**Example**\n\n`enlarger keys list shop`")
def list_keys(
    account: Annotated[str | None, typer.Argument(metavar="[ACCOUNT]", help="Only keys of this account.")] = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """List keys by their ids and last four characters."""
    from enlarger.cli import administration

    output = make_output(json=json, quiet=quiet)
    carry_out_here(partial(administration.list_keys, output=output, account=account), output, data_dir)


@keys.command(epilog="**Example**\n\n`enlarger keys revoke 3f9a12bc77d0`")
def revoke(
    key: KeyId,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Revoke a key immediately."""
    from enlarger.cli import administration

    output = make_output(json=json, quiet=quiet)
    carry_out_here(partial(administration.revoke_key, output=output, key_id=key), output, data_dir)


@keys.command(
    epilog="**Examples**\n\n`enlarger keys rotate 3f9a12bc77d0`\n\n`enlarger keys rotate 3f9a12bc77d0 --keep-old`"
)
def rotate(
    key: KeyId,
    keep_old: Annotated[bool, typer.Option("--keep-old", help="Keep the old key valid until it is revoked.")] = False,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Replace a key with a new one and print it. Name, addresses, caps and spending carry over."""
    from enlarger.cli import administration

    output = make_output(json=json, quiet=quiet)
    work = partial(administration.rotate_key, output=output, key_id=key, keep_old=keep_old)
    carry_out_here(work, output, data_dir)


@maintenance.callback(invoke_without_command=True, epilog="**Example**\n\n`enlarger maintenance`")
def show_maintenance(
    context: typer.Context, json: Json = False, quiet: Quiet = False, data_dir: DataDir = None
) -> None:
    """Stop and resume accepting new tasks; without a command, show whether they are accepted."""
    if context.invoked_subcommand is None:
        from enlarger.cli import administration

        output = make_output(json=json, quiet=quiet)
        carry_out_here(partial(administration.show_maintenance, output=output), output, data_dir)


@maintenance.command(
    epilog="**Examples**\n\n`enlarger maintenance on --minutes 30`\n\n"
    "`enlarger maintenance on --message 'New disks: back at noon.'`"
)
def on(
    minutes: Annotated[
        float | None,
        typer.Option(min=0.1, metavar="MINUTES", help="How long it will take; apps are told to come back then."),
    ] = None,
    message: Annotated[
        str | None, typer.Option(metavar="TEXT|@FILE", help="The message that apps get; '' removes it.")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Stop accepting new tasks, until `enlarger maintenance off`. Given again, it changes only what is given.

    All processes answer createTask with 455 and Retry-After from now on. Earlier tasks continue, and can be read.
    """
    from enlarger.cli import administration
    from enlarger.cli.streams import read_argument

    output = make_output(json=json, quiet=quiet)
    said = read_argument(message) if message is not None else None
    work = partial(administration.begin_maintenance, output=output, message=said, minutes=minutes)
    carry_out_here(work, output, data_dir)


@maintenance.command(epilog="**Example**\n\n`enlarger maintenance off`")
def off(json: Json = False, quiet: Quiet = False, data_dir: DataDir = None) -> None:
    """Resume accepting new tasks."""
    from enlarger.cli import administration

    output = make_output(json=json, quiet=quiet)
    carry_out_here(partial(administration.end_maintenance, output=output), output, data_dir)
