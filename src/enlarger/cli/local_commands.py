"""The commands that need no running service: `webhooks`, `config` and `completion`, as they are typed."""

from __future__ import annotations

from typing import Annotated

import typer

from enlarger.cli.completion import Shell, complete_setting, script_of
from enlarger.cli.help import Commands
from enlarger.cli.options import SETTINGS, DataDir, Json, Quiet, make_output
from enlarger.errors import ConfigurationError

app: Commands = Commands()
webhooks: Commands = Commands(no_args_is_help=True)
config: Commands = Commands(no_args_is_help=False)

Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        autocompletion=complete_setting,
        help="The setting: KIE_API_KEY, or api-key for short.",
        show_default=False,
    ),
]


@webhooks.command(
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
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document per line.")] = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Receive callbacks during development: see what arrives, whether it is signed, and what your app answers.

    Prints the address to use as callBackUrl, then a line for every callback.
    """
    from enlarger.cli.listen import listen as work

    work(make_output(json=json, quiet=quiet), host=host, port=port, forward_to=forward_to, key=key, data_dir=data_dir)


@webhooks.command(epilog="**Examples**\n\n`enlarger webhooks key`\n\n`enlarger webhooks key --rotate`")
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
    """Show the settings in effect, and where each comes from. Keys are shown by their last characters."""
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
        typer.Argument(
            help="The value; without it, or with -, it is read from the terminal or stdin.", show_default=False
        ),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Save a setting in your settings file, which nobody else can read."""
    from enlarger.cli import configuration

    configuration.store(make_output(json=json, quiet=quiet), name, value)


@config.command(epilog="**Example**\n\n`enlarger config unset base-url`")
def unset(name: Name, json: Json = False, quiet: Quiet = False) -> None:
    """Remove a setting from your settings file."""
    from enlarger.cli import configuration

    configuration.remove(make_output(json=json, quiet=quiet), name)


@app.command(
    rich_help_panel=SETTINGS,
    epilog="**Examples**\n\n`enlarger completion bash > ~/.local/share/bash-completion/completions/enlarger`\n\n"
    "`enlarger completion fish > ~/.config/fish/completions/enlarger.fish`\n\n"
    "`enlarger --install-completion` sets it up for the current shell.",
)
def completion(
    context: typer.Context,
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh, fish or powershell.", show_default=False)],
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Print the script that completes commands, options and models in a shell."""
    root = context.find_root()
    script = script_of(shell, lambda: root.command(prog_name=root.info_name))
    make_output(json=json, quiet=quiet).text(script, {"shell": shell, "script": script})
