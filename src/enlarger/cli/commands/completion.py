"""`enlarger completion`: completion in a shell."""

from __future__ import annotations

from typing import Annotated

import typer

from enlarger.cli.completers import Shell, script_of
from enlarger.cli.help import Commands
from enlarger.cli.options import SETTINGS, Json, Quiet, make_output

app: Commands = Commands()


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
