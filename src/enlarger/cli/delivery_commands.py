"""The commands about callbacks, as they are typed. What they do is in `deliveries`."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from enlarger.cli.help import Commands
from enlarger.cli.options import PICTURES, ApiKey, BaseUrl, DataDir, Json, Quiet, carry_out_there, make_output

app: Commands = Commands()


@app.command(rich_help_panel=PICTURES, epilog="**Example**\n\n`enlarger deliveries 5f488be792eafad4b066e21e5bc472c7`")
def deliveries(
    task: Annotated[str, typer.Argument(metavar="TASK", help="The task's id.", show_default=False)],
    json: Json = False,
    quiet: Quiet = False,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
    data_dir: DataDir = None,
) -> None:
    """Show every attempt to deliver a task's callback, and when the next one is due, at an Enlarger service."""
    from enlarger.cli.deliveries import show

    said = make_output(json=json, quiet=quiet)
    carry_out_there(partial(show, output=said, task_id=task), said, base_url, api_key, data_dir)


@app.command(rich_help_panel=PICTURES, epilog="**Example**\n\n`enlarger resend 5f488be792eafad4b066e21e5bc472c7`")
def resend(
    tasks: Annotated[list[str], typer.Argument(metavar="TASK", help="The tasks' ids.", show_default=False)],
    json: Json = False,
    quiet: Quiet = False,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
    data_dir: DataDir = None,
) -> None:
    """Send the callbacks of ended tasks again, also delivered and abandoned ones, at an Enlarger service."""
    from enlarger.cli.deliveries import resend as work

    said = make_output(json=json, quiet=quiet)
    carry_out_there(partial(work, output=said, task_ids=tasks), said, base_url, api_key, data_dir)
