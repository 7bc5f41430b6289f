"""`enlarger engines`: what can enlarge pictures on this machine, how fast it is, and which engine is chosen."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from enlarger.cli.exit_codes import OK
from enlarger.cli.help import Commands
from enlarger.cli.options import SERVICE, DataDir, Json, Quiet, make_output
from enlarger.cli.output import Output, make_table
from enlarger.cli.runner import local_packages
from enlarger.cli.signals import run

if TYPE_CHECKING:
    from enlarger.engines.choosing import Measurement

app: Commands = Commands(
    name="engines",
    help="Engines of this machine: speed, accuracy, and which one is used.",
    no_args_is_help=False,
    rich_help_panel=SERVICE,
)


class Row(msgspec.Struct, frozen=True, rename="camel"):
    """An engine and a network; numbers are None until they have been measured."""

    network: str
    engine: str
    device: str | None
    precision: str
    megapixels_per_second: float | None
    decibels: float | None
    chosen: bool
    why_not: str | None


@app.callback(invoke_without_command=True, epilog="**Example**\n\n`enlarger engines`")
def list_engines(context: typer.Context, json: Json = False, quiet: Quiet = False, data_dir: DataDir = None) -> None:
    """List the engines with the speed measured for each network, in megapixels of output a second."""
    if context.invoked_subcommand is None:
        output = make_output(json=json, quiet=quiet)
        raise typer.Exit(run(partial(_show, output, data_dir, measure=())))


@app.command(epilog="**Examples**\n\n`enlarger engines measure`\n\n`enlarger engines measure real-esrgan-fast`")
def measure(
    network: Annotated[
        str | None, typer.Argument(metavar="[NETWORK]", help="Only this network.", show_default=False)
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Measure the engines again, such as after other work has slowed this machine down. It takes some seconds."""
    with local_packages():
        from enlarger.engines.networks import NETWORKS, network_spec

        names = [network_spec(network).name] if network else list(NETWORKS)
    output = make_output(json=json, quiet=quiet)
    raise typer.Exit(run(partial(_show, output, data_dir, measure=names)))


async def _show(output: Output, data_dir: Path | None, *, measure: list[str] | tuple[()]) -> int:
    import asyncio

    with local_packages():
        from enlarger.engines.choosing import Choices
        from enlarger.engines.networks import NETWORKS
        from enlarger.infra.data_directory import DataDirectory
        from enlarger.settings import load_settings

        settings = load_settings(data_dir=data_dir)
        choices = Choices(DataDirectory(settings.data_dir).cache, settings.weights_dir)
    with output.hints.status("measuring") as status:
        for name in measure:
            told = partial(_tell, status, name)
            await asyncio.to_thread(choices.measure, NETWORKS[name], told)
    rows = [row for spec in NETWORKS.values() for row in _rows(spec.name, choices.known(spec), settings.engine)]
    output.table(rows, _table(rows))
    return OK
