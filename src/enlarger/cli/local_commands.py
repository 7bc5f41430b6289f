"""The commands that need no service to be running: `webhooks` and `config`, as they are typed."""

from __future__ import annotations

from typing import Annotated

import typer

from enlarger.cli.options import DataDir, Json, Quiet, make_output
from enlarger.errors import ConfigurationError

webhooks = typer.Typer(no_args_is_help=True)
config = typer.Typer(no_args_is_help=False)

Name = Annotated[str, typer.Argument(metavar="NAME", help="KIE_API_KEY, or api-key for short.", show_default=False)]


@webhooks.command(
    epilog="**Examples**\n\n`enlarger webhooks listen --port 9000`\n\n"
    "`enlarger webhooks listen --forward-to http://localhost:3000/callback --key $WEBHOOK_KEY`"
)
def listen(
    forward_to: Annotated[str | None, typer.Option(metavar="URL", help="Hand every callback on to this app.")] = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port; 0 for any free one.")] = 0,
    key: Annotated[
        str | None,
        typer.Option(metavar="KEY", envvar="KIE_WEBHOOK_KEY", help="Take only what is signed with this key."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON document on each line.")] = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Receive callbacks while you develop: see what comes, whether it is signed, and what your app answers.

    Prints the address to give as callBackUrl, then a line for every callback.
    """
    from enlarger.cli.listen import listen as work

    work(make_output(json=json, quiet=quiet), host=host, port=port, forward_to=forward_to, key=key, data_dir=data_dir)


@webhooks.command(epilog="**Examples**\n\n`enlarger webhooks key`\n\n`enlarger webhooks key --rotate`")
def key(
    rotate: Annotated[bool, typer.Option("--rotate", help="Make a new key; the one before it signs as well.")] = False,
    drop_former: Annotated[
        bool, typer.Option("--drop-former", help="Sign with the newest key alone, once your apps have it.")
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Print or change what a service of your own signs callbacks with; of two keys the first is the newer one."""
    try:
        from enlarger.cli.webhook_key import change_key, show_key
        from enlarger.tasks import webhook_keys
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"A service of your own needs the package {error.name}: `pip install 'enlarger[all]'`."
        ) from error
    output = make_output(json=json, quiet=quiet)
    if rotate and drop_former:
        raise typer.BadParameter("--rotate and --drop-former exclude each other: apps need the new key in between.")
    if rotate or drop_former:
        change = webhook_keys.rotate if rotate else webhook_keys.drop_former
        raise typer.Exit(change_key(output, data_dir, change=change))
    raise typer.Exit(show_key(output, data_dir))


@config.callback(invoke_without_command=True, epilog="**Example**\n\n`enlarger config set api-key`")
def show(context: typer.Context, json: Json = False, quiet: Quiet = False) -> None:
    """Show what the commands go by, and where each setting comes from. Keys are shown by their last characters."""
    if context.invoked_subcommand is None:
        from enlarger.cli import configuration

        configuration.show(make_output(json=json, quiet=quiet))


@config.command(
    "set", epilog="**Examples**\n\n`enlarger config set api-key`\n\n`enlarger config set base-url https://…`"
)
def set_command(
    name: Name,
    value: Annotated[
        str | None,
        typer.Argument(help="Without it you are asked; or give it on stdin.", show_default=False),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Keep a setting in a file of yours, which nobody else can read."""
    from enlarger.cli import configuration

    configuration.store(make_output(json=json, quiet=quiet), name, value)


@config.command(epilog="**Example**\n\n`enlarger config unset base-url`")
def unset(name: Name, json: Json = False, quiet: Quiet = False) -> None:
    """Take a setting out of your file."""
    from enlarger.cli import configuration

    configuration.remove(make_output(json=json, quiet=quiet), name)
