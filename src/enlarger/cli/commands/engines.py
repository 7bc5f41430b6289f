"""`enlarger engines`: what can enlarge pictures on this machine, how fast it is, and which engine is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.markup import escape

from enlarger.cli.exit_codes import OK
from enlarger.cli.help import Commands
from enlarger.cli.options import SERVICE, DataDir, Json, Quiet, make_output
from enlarger.cli.output import Output, make_table, plain
from enlarger.cli.packages import needed_for
from enlarger.cli.signals import run

if TYPE_CHECKING:
    from enlarger.providers.local.inventory import EngineRow

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
    """List the engines with the speed measured for each network, in megapixels of output a second.

    Networks whose weights have not been fetched yet are left out; of those that have the same layers, such as waifu2x's
    levels, there is one.
    """
    if context.invoked_subcommand is None:
        output = make_output(json=json, quiet=quiet)
        raise typer.Exit(run(partial(_show, output, data_dir)))


@app.command(epilog="**Examples**\n\n`enlarger engines measure`\n\n`enlarger engines measure real-esrgan-fast`")
def measure(
    network: Annotated[
        str | None, typer.Argument(metavar="[NETWORK]", help="Only this network.", show_default=False)
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Measure the engines again, for example because other work slowed the machine down.

    It takes about ten seconds for each network; by default it measures all whose weights are on this machine.
    """
    output = make_output(json=json, quiet=quiet)
    raise typer.Exit(run(partial(_show, output, data_dir, measure=[network] if network else None)))


async def _show(output: Output, data_dir: Path | None, *, measure: Sequence[str] | None = ()) -> int:
    import asyncio

    with needed_for("The engine of this machine", extra="local"):
        from enlarger.engines.networks import network_spec
    with needed_for("A service of your own"):
        from enlarger.providers.local.inventory import choices_of, engine_rows, networks_here, own_networks
        from enlarger.providers.local.settings import LocalSettings
        from enlarger.settings import read_settings

    settings = read_settings(LocalSettings, data_dir=data_dir)
    choices = choices_of(settings)
    here = networks_here(settings, choices)
    own = own_networks(settings)
    to_measure = (
        here if measure is None else [own.get(name) or network_spec(network_spec(name).measured_as) for name in measure]
    )
    with output.hints.status("measuring") as status:
        for network in to_measure:

            def tell(engine: str, name: str = network.name) -> None:
                status.update(f"measuring {name}: {engine}")

            await asyncio.to_thread(choices.measure, network, tell)
    rows = [_row(one) for one in engine_rows(settings, choices, here)]
    table = make_table("network", "engine", "device", "precision", "MP/s", "dB", "")
    for row in rows:
        speed = "-" if row.megapixels_per_second is None else f"{row.megapixels_per_second:.3g}"
        decibels = "-" if row.decibels is None else f"{row.decibels:.0f}"
        note = "[green]chosen[/]" if row.chosen else escape(plain(row.why_not or ""))
        table.add_row(row.network, row.engine, row.device or "-", row.precision, speed, decibels, note)
    output.table(table, [row.engine for row in rows if row.chosen], rows)
    if any(not choices.known(spec) for spec in here):
        output.hint("Engines are measured once, when a network is first used; `enlarger engines measure` does it now.")
    return OK


def _row(one: EngineRow) -> Row:
    return Row(
        network=one.network,
        engine=one.engine,
        device=one.device,
        precision=one.precision,
        megapixels_per_second=one.megapixels_per_second,
        decibels=one.decibels,
        chosen=one.chosen,
        why_not=None if one.why_not is None else str(one.why_not),
    )
