"""`enlarger config`: show and change settings."""

from __future__ import annotations

from typing import Annotated

import typer

from enlarger.cli import settings_file
from enlarger.cli.completers import complete_setting
from enlarger.cli.help import Commands
from enlarger.cli.options import SETTINGS, Json, Quiet, make_output

app: Commands = Commands(
    name="config",
    no_args_is_help=False,
    rich_help_panel=SETTINGS,
)

Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        autocompletion=complete_setting,
        help="The setting, such as KIE_API_KEY, or api-key for short.",
        show_default=False,
    ),
]


@app.callback(invoke_without_command=True, epilog="**Examples**\n\n`enlarger config`\n\n`enlarger config --all`")
def show(
    context: typer.Context,
    all: Annotated[bool, typer.Option("--all", help="Also list the settings of a service that are not set.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show the settings that are set and where each comes from, or change them.

    Keys are shown by their last characters, and URLs without passwords and queries.
    """
    if context.invoked_subcommand is None:
        settings_file.show(make_output(json=json, quiet=quiet), everything=all)


@app.command(
    "set",
    epilog="**Examples**\n\n`enlarger config set api-key`\n\n`enlarger config set base-url https://…`\n\n"
    "`enlarger config set results-days 30`",
)
def set_command(
    name: Name,
    value: Annotated[
        str | None,
        typer.Argument(
            metavar="VALUE",
            help="The value. Without it, or with -, it is read from the terminal or stdin.",
            show_default=False,
        ),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Save a setting in your settings file, which nobody else can read.

    Every setting that `enlarger config --all` lists can be saved. The environment and `.env` take precedence over the
    file.
    """
    settings_file.store(make_output(json=json, quiet=quiet), name, value)


@app.command(epilog="**Example**\n\n`enlarger config unset base-url`")
def unset(name: Name, json: Json = False, quiet: Quiet = False) -> None:
    """Remove a setting from your settings file."""
    settings_file.remove(make_output(json=json, quiet=quiet), name)
