"""`enlarger keys`: the API keys of your own service."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from enlarger.cli.exit_codes import OK
from enlarger.cli.help import Commands
from enlarger.cli.options import SERVICE, DataDir, Json, Quiet
from enlarger.cli.output import Output, make_table
from enlarger.cli.runner import run_with_database
from enlarger.cli.streams import already_done

if TYPE_CHECKING:
    from enlarger.infra.database import Database
    from enlarger.tasks.accounts import Key

app: Commands = Commands(
    name="keys", help="Manage the API keys of your own service.", no_args_is_help=True, rich_help_panel=SERVICE
)

KeyId = Annotated[str, typer.Argument(metavar="ID", help="The key's id, not the key itself.", show_default=False)]


@app.command(
    epilog="**Examples**\n\n`enlarger keys create shop --name website --per-day 500`\n\n"
    "`enlarger keys create shop --allow 203.0.113.0/24`\n\n`enlarger keys create default --name operators --admin`"
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
        typer.Option(
            metavar="ADDRESS", help="Accept the key only from this address or network; may be given several times."
        ),
    ] = None,
    admin: Annotated[
        bool,
        typer.Option("--admin", help="Allow the key to administer the whole service in the console."),
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Create a key and print it. It cannot be shown again, because only a hash of it is stored."""
    work = partial(
        _create_key,
        account=account,
        name=name,
        per_hour=per_hour,
        per_day=per_day,
        total=total,
        allow=allow or [],
        admin=admin,
    )
    run_with_database(work, json=json, quiet=quiet, data_dir=data_dir)


@app.command(name="list", epilog="**Example**\n\n`enlarger keys list shop`")
def list_keys(
    account: Annotated[str | None, typer.Argument(metavar="ACCOUNT", help="Only keys of this account.")] = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """List keys by their ids and last four characters."""
    run_with_database(partial(_list_keys, account=account), json=json, quiet=quiet, data_dir=data_dir)


@app.command(epilog="**Example**\n\n`enlarger keys revoke 3f9a12bc77d0`")
def revoke(
    key: KeyId,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Revoke a key immediately."""
    run_with_database(partial(_revoke_key, key_id=key), json=json, quiet=quiet, data_dir=data_dir)


@app.command(
    epilog="**Examples**\n\n`enlarger keys rotate 3f9a12bc77d0`\n\n`enlarger keys rotate 3f9a12bc77d0 --keep-old`"
)
def rotate(
    key: KeyId,
    keep_old: Annotated[bool, typer.Option("--keep-old", help="Keep the old key valid until it is revoked.")] = False,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Replace a key with a new one and print it. Its name, addresses, caps and spending are kept."""
    work = partial(_rotate_key, key_id=key, keep_old=keep_old)
    run_with_database(work, json=json, quiet=quiet, data_dir=data_dir)


async def _create_key(
    database: Database,
    output: Output,
    *,
    account: str,
    name: str | None,
    per_hour: str | None,
    per_day: str | None,
    total: str | None,
    allow: Sequence[str],
    admin: bool,
) -> int:
    """Create a key, and print it once."""
    from enlarger.tasks.accounts import AccountStore, Caps
    from enlarger.tasks.fields import parse_credits, parse_networks

    caps = Caps(
        hour=None if per_hour is None else parse_credits("--per-hour", per_hour),
        day=None if per_day is None else parse_credits("--per-day", per_day),
        total=None if total is None else parse_credits("--total", total),
    )
    networks = [network for entries in allow for network in parse_networks("--allow", entries)]
    key, key_id = await AccountStore(database).make_key(account, name=name, caps=caps, allow=networks, admin=admin)
    with already_done(_unseen(key_id)):
        output.lines([key], {"account": account, "id": key_id, "key": key})
    output.hint(f"The key is not shown again. Its id is {key_id}.")
    return OK


async def _list_keys(database: Database, output: Output, *, account: str | None) -> int:
    """Print the keys of an account, or of all, without the keys themselves."""
    from enlarger.tasks.accounts import AccountStore
    from enlarger.tasks.ledger import say_credits

    keys = await AccountStore(database).keys(account)
    table = make_table("id", "account", "ends in", "name", "caps (hour/day/all)", "spent", "from", "state")
    for key in keys:
        table.add_row(
            key.id,
            key.account_id,
            f"…{key.last4}",
            escape(key.name or ""),
            _format_caps(key),
            say_credits(key.total_spent),
            ", ".join(key.allow) or "anywhere",
            "revoked" if key.revoked_at else "admin" if key.admin else "valid",
        )
    output.table(table, [key.id for key in keys], keys)
    return OK


async def _revoke_key(database: Database, output: Output, *, key_id: str) -> int:
    """Revoke a key."""
    from enlarger.tasks.accounts import AccountStore

    await AccountStore(database).revoke(key_id)
    output.lines([key_id], {"id": key_id, "revoked": True})
    return OK


async def _rotate_key(database: Database, output: Output, *, key_id: str, keep_old: bool) -> int:
    """Replace a key with a new one, and print it once."""
    from enlarger.tasks.accounts import AccountStore

    key, new_id = await AccountStore(database).rotate(key_id, keep_old=keep_old)
    with already_done(_unseen(new_id)):
        output.lines([key], {"id": new_id, "key": key, "replaces": key_id, "revoked": not keep_old})
    said = f"{key_id} is valid until [bold]enlarger keys revoke {key_id}[/]" if keep_old else f"{key_id} is revoked"
    output.hint(f"The key is not shown again. Its id is {new_id}; {said}.")
    return OK


def _unseen(key_id: str) -> str:
    """The remedy for a key that was created but could not be printed."""
    return f"The key was created but cannot be shown again: replace it with `enlarger keys rotate {key_id}`."


def _format_caps(key: Key) -> str:
    from enlarger.tasks.ledger import say_credits

    caps = [key.hour_cap, key.day_cap, key.total_cap]
    return "none" if caps == [None] * 3 else "/".join("-" if cap is None else say_credits(cap) for cap in caps)
