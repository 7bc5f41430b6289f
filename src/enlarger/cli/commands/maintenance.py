"""`enlarger maintenance`: stop and resume accepting new tasks."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from enlarger.cli.exit_codes import OK
from enlarger.cli.help import Commands
from enlarger.cli.options import SERVICE, DataDir, Json, Quiet
from enlarger.cli.output import Output, plain
from enlarger.cli.runner import run_with_database
from enlarger.cli.streams import read_argument

if TYPE_CHECKING:
    from enlarger.infra.database import Database
    from enlarger.tasks.maintenance import Maintenance

app: Commands = Commands(
    name="maintenance",
    no_args_is_help=False,
    rich_help_panel=SERVICE,
)


@app.callback(invoke_without_command=True, epilog="**Example**\n\n`enlarger maintenance`")
def show_maintenance(
    context: typer.Context, json: Json = False, quiet: Quiet = False, data_dir: DataDir = None
) -> None:
    """Show whether new tasks are accepted, and stop or resume accepting them."""
    if context.invoked_subcommand is None:
        run_with_database(_show_maintenance, json=json, quiet=quiet, data_dir=data_dir)


@app.command(
    epilog="**Examples**\n\n`enlarger maintenance on --minutes 30`\n\n"
    "`enlarger maintenance on --message 'New disks: back at noon.'`"
)
def on(
    minutes: Annotated[
        float | None,
        typer.Option(
            min=0.1, metavar="MINUTES", help="How long it will take; apps are asked to retry then (Retry-After)."
        ),
    ] = None,
    message: Annotated[
        str | None, typer.Option(metavar="TEXT|@FILE", help="The message that apps get; '' removes it.")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Stop accepting new tasks, until `enlarger maintenance off`. Run again, it changes only the options given.

    From now on, createTask answers with code 455 and Retry-After. Earlier tasks continue, and can be read.
    """
    said = read_argument(message) if message is not None else None
    work = partial(_begin_maintenance, message=said, minutes=minutes)
    run_with_database(work, json=json, quiet=quiet, data_dir=data_dir)


@app.command(epilog="**Example**\n\n`enlarger maintenance off`")
def off(json: Json = False, quiet: Quiet = False, data_dir: DataDir = None) -> None:
    """Resume accepting new tasks."""
    run_with_database(_end_maintenance, json=json, quiet=quiet, data_dir=data_dir)


async def _begin_maintenance(database: Database, output: Output, *, message: str | None, minutes: float | None) -> int:
    """Stop accepting new tasks, or change the message and duration."""
    from enlarger.tasks.maintenance import MaintenanceStore

    store = MaintenanceStore(database)
    before = await store.find()
    begun = await store.begin(message=message, seconds=None if minutes is None else minutes * 60)
    output.lines(["on"], _state(begun))
    if before is not None:
        output.hint("It was on already; options that were not given are unchanged.")
        if before.message not in (None, begun.message):
            output.hint(f"The previous message was: {escape(plain(before.message))}")
    if begun.message:
        output.hint(f"Apps get the message: {escape(plain(begun.message))}")
    output.hint("createTask answers 455 until [bold]enlarger maintenance off[/]. Earlier tasks continue.")
    return OK


async def _end_maintenance(database: Database, output: Output) -> int:
    """Resume accepting new tasks."""
    from enlarger.tasks.maintenance import MaintenanceStore

    was_on = await MaintenanceStore(database).end()
    output.lines(["off"], _state(None))
    if not was_on:
        output.hint("It was off already.")
    return OK


async def _show_maintenance(database: Database, output: Output) -> int:
    """Print whether new tasks are accepted."""
    from enlarger.tasks.maintenance import MaintenanceStore

    found = await MaintenanceStore(database).find()
    output.lines(["off" if found is None else "on"], _state(found))
    return OK


def _state(found: Maintenance | None) -> dict[str, Any]:
    if found is None:
        return {"maintenance": False}
    return {"maintenance": True, "since": found.began_at, "message": found.message, "retryAfter": found.retry_after}
