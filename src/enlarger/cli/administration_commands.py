"""The commands about accounts, keys and maintenance, as they are typed. What they do is in `administration`."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from enlarger.cli.options import DataDir, Json, Quiet, carry_out_here, make_output

accounts = typer.Typer(no_args_is_help=True)
keys = typer.Typer(no_args_is_help=True)
maintenance = typer.Typer(no_args_is_help=False)

_CREATES, _QUERIES = 20, 10
"""The hosted service's limits."""

AccountName = Annotated[str, typer.Argument(metavar="NAME", help="The account's name.", show_default=False)]


@accounts.command(
    epilog="**Examples**\n\n`enlarger accounts add shop --credits 5000`\n\n`enlarger accounts add bot --unlimited`"
)
def add(
    name: AccountName,
    credits: Annotated[str, typer.Option(metavar="N", help="What it has to begin with.")] = "0",
    unlimited: Annotated[bool, typer.Option("--unlimited", help="Without a balance: nothing is charged.")] = False,
    creates: Annotated[int, typer.Option(min=0, help="Tasks in 10 seconds; 0 is without limit.")] = _CREATES,
    queries: Annotated[
        int, typer.Option(min=0, help="recordInfo in a second and by key; 0 is without limit.")
    ] = _QUERIES,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Make an account: tasks, files and credits of its own, which no other account sees."""
    from enlarger.cli import administration

    output = make_output(json=json, quiet=quiet)
    work = partial(
        administration.add_account,
        output=output,
        name=name,
        credits=None if unlimited else credits,
        create_limit=creates or None,
        query_limit=queries or None,
    )
    carry_out_here(work, output, data_dir)


@accounts.command(name="list", epilog="**Example**\n\n`enlarger accounts list`")
def list_accounts(json: Json = False, quiet: Quiet = False, data_dir: DataDir = None) -> None:
    """List the accounts: balances, limits, keys, open tasks."""
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
    credits: Annotated[str, typer.Argument(metavar="CREDITS", help="How many; a negative number takes some away.")],
    note: Annotated[str | None, typer.Option(help="Why, for the ledger.")] = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Give an account credits, and print its balance."""
    from enlarger.cli import administration

    output = make_output(json=json, quiet=quiet)
    carry_out_here(
        partial(administration.top_up, output=output, name=name, credits=credits, note=note), output, data_dir
    )


@accounts.command(epilog="**Example**\n\n`enlarger accounts check`")
def check(json: Json = False, quiet: Quiet = False, data_dir: DataDir = None) -> None:
    """Prove that every balance is the sum of its ledger; exit code 1 when one is not."""
    from enlarger.cli import administration

    output = make_output(json=json, quiet=quiet)
    carry_out_here(partial(administration.check_accounts, output=output), output, data_dir)


@keys.command(
    epilog="**Examples**\n\n`enlarger keys create shop --name website --per-day 500`\n\n"
    "`enlarger keys create shop --allow 203.0.113.0/24`"
)
def create(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Whose key it is.", show_default=False)],
    name: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    per_hour: Annotated[str | None, typer.Option(metavar="CREDITS", help="The most in an hour (UTC).")] = None,
    per_day: Annotated[str | None, typer.Option(metavar="CREDITS", help="The most in a day (UTC).")] = None,
    total: Annotated[str | None, typer.Option(metavar="CREDITS", help="The most in all.")] = None,
    allow: Annotated[
        list[str] | None, typer.Option(metavar="ADDRESS", help="Only from this address or network; may be repeated.")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Make a key and print it, this once: it is kept as a hash."""
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
    account: Annotated[str | None, typer.Argument(metavar="[ACCOUNT]", help="Only this account's.")] = None,
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
    key: Annotated[str, typer.Argument(metavar="ID", help="The key's id, not the key.", show_default=False)],
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Revoke a key, at once."""
    from enlarger.cli import administration

    output = make_output(json=json, quiet=quiet)
    carry_out_here(partial(administration.revoke_key, output=output, key_id=key), output, data_dir)


@keys.command(
    epilog="**Examples**\n\n`enlarger keys rotate 3f9a12bc77d0`\n\n`enlarger keys rotate 3f9a12bc77d0 --keep-old`"
)
def rotate(
    key: Annotated[str, typer.Argument(metavar="ID", help="The key's id, not the key.", show_default=False)],
    keep_old: Annotated[
        bool, typer.Option("--keep-old", help="Let the old key in as well, until it is revoked.")
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Replace a key by a new one with its name, addresses, caps and what it has spent; print it, this once."""
    from enlarger.cli import administration

    output = make_output(json=json, quiet=quiet)
    work = partial(administration.rotate_key, output=output, key_id=key, keep_old=keep_old)
    carry_out_here(work, output, data_dir)


@maintenance.callback(invoke_without_command=True, epilog="**Example**\n\n`enlarger maintenance`")
def show_maintenance(
    context: typer.Context, json: Json = False, quiet: Quiet = False, data_dir: DataDir = None
) -> None:
    """Close the service for new tasks, and open it again; without a command, show which it is."""
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
        float | None, typer.Option(min=0.1, help="How long it will take: apps are told to come back then.")
    ] = None,
    message: Annotated[str | None, typer.Option(help="What apps are told, in your words.")] = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Answer createTask with 455 and Retry-After, at once and in all processes, until `enlarger maintenance off`.

    Earlier tasks go on, and are read as ever.
    """
    from enlarger.cli import administration

    output = make_output(json=json, quiet=quiet)
    work = partial(administration.begin_maintenance, output=output, message=message, minutes=minutes)
    carry_out_here(work, output, data_dir)


@maintenance.command(epilog="**Example**\n\n`enlarger maintenance off`")
def off(json: Json = False, quiet: Quiet = False, data_dir: DataDir = None) -> None:
    """Take new tasks again."""
    from enlarger.cli import administration

    output = make_output(json=json, quiet=quiet)
    carry_out_here(partial(administration.end_maintenance, output=output), output, data_dir)
