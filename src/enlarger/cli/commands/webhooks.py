"""`enlarger webhooks`: receive callbacks during development, and the keys that sign them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from enlarger.cli.exit_codes import OK
from enlarger.cli.help import Commands
from enlarger.cli.options import SERVICE, DataDir, Json, JsonLines, Quiet, make_output
from enlarger.cli.output import Output
from enlarger.cli.packages import needed_for
from enlarger.cli.runner import run_with_database

if TYPE_CHECKING:
    from enlarger.infra.database import Database

app: Commands = Commands(
    name="webhooks",
    help="Receive callbacks during development, and manage the keys that sign them.",
    no_args_is_help=True,
    rich_help_panel=SERVICE,
)


@app.command(
    epilog="**Examples**\n\n`enlarger webhooks listen --port 9000`\n\n"
    "`enlarger webhooks listen --forward-to http://localhost:3000/callback --key $WEBHOOK_KEY`"
)
def listen(
    forward_to: Annotated[str | None, typer.Option(metavar="URL", help="Forward every callback to this app.")] = None,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65_535, metavar="PORT", help="The port to listen on; 0 picks a free one.")
    ] = 0,
    key: Annotated[
        str | None,
        typer.Option(
            metavar="KEY", envvar="KIE_WEBHOOK_KEY", help="Accept only callbacks that are signed with this key."
        ),
    ] = None,
    json: JsonLines = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Receive callbacks during development: see what arrives, whether it is signed, and what your app answers.

    Prints the address to use as callBackUrl, then a line for every callback, until Ctrl-C or SIGTERM. Your app's
    answer, including a redirect, is passed on to the service, so a callback that the app could not process is sent
    again. It listens on this machine only: a service on another machine needs --host 0.0.0.0 or a tunnel.
    """
    from enlarger.cli.callback_server import listen as work

    work(make_output(json=json, quiet=quiet), host=host, port=port, forward_to=forward_to, key=key, data_dir=data_dir)


@app.command(epilog="**Examples**\n\n`enlarger webhooks key`\n\n`enlarger webhooks key --rotate`")
def key(
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Make a new key; callbacks are signed with the previous one as well.")
    ] = False,
    drop_former: Annotated[
        bool, typer.Option("--drop-former", help="Sign with the newest key only, once your apps have it.")
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Print or change the keys that your own service signs callbacks with, the newest first."""
    if rotate and drop_former:
        raise typer.BadParameter("--rotate and --drop-former exclude each other: apps need the new key in between.")
    if not (rotate or drop_former) and (keys := _configured_keys(data_dir)):
        _print(make_output(json=json, quiet=quiet), keys)
        return
    work = partial(_keys, data_dir=data_dir, rotate=rotate, drop_former=drop_former)
    run_with_database(work, json=json, quiet=quiet, data_dir=data_dir)


def _configured_keys(data_dir: Path | None) -> list[str]:
    """The keys in ENLARGER_WEBHOOK_KEY, which need no database."""
    with needed_for("A service of your own"):
        from enlarger.all_settings import load_settings
        from enlarger.tasks.webhook_keys import set_keys
    return set_keys(load_settings(data_dir=data_dir))


async def _keys(database: Database, output: Output, *, data_dir: Path | None, rotate: bool, drop_former: bool) -> int:
    """Change the keys if asked to, and print those that are valid now."""
    from enlarger.all_settings import load_settings
    from enlarger.tasks import webhook_keys
    from enlarger.tasks.accounts import AccountStore

    settings, accounts = load_settings(data_dir=data_dir), AccountStore(database)
    if rotate:
        await webhook_keys.rotate(settings, accounts)
    if drop_former:
        await webhook_keys.drop_former(settings, accounts)
    _print(output, await webhook_keys.webhook_keys(settings, accounts))
    if rotate or drop_former:
        output.hint("Restart the service and its workers to sign with these keys.")
    return OK


def _print(output: Output, keys: list[str]) -> None:
    output.lines(keys, {"keys": keys})
    output.hint("Keep it secret: anyone who has it can forge callbacks of this service.")
