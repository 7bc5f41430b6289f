"""`enlarger engines`: what can enlarge pictures on this machine, how fast it is, and which engine is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from enlarger.errors import InvalidInput

if TYPE_CHECKING:
    from rich.table import Table

    from enlarger.engines.spec import NetworkSpec
    from enlarger.providers.local.inventory import EngineRow

app: Commands = Commands(
    name="engines",
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
    """List the engines that can enlarge images on this machine, and which one is chosen for each network.

    Each has its device, precision, speed (megapixels of output per second) and accuracy (decibels from 32-bit floats).
    Networks whose weights are not on this machine are left out; networks with the same layers, such as waifu2x's
    levels, are one.
    """
    if context.invoked_subcommand is None:
        output = make_output(json=json, quiet=quiet)
        raise typer.Exit(run(partial(_show, output, data_dir)))


@app.command(epilog="**Examples**\n\n`enlarger engines measure`\n\n`enlarger engines measure real-esrgan-fast`")
def measure(
    network: Annotated[
        str | None,
        typer.Argument(
            metavar="NETWORK", help="Only this network.", show_default="all whose weights are on this machine"
        ),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Measure the engines again, for example because other work slowed the machine down.

    It takes about ten seconds for each network. Without this command, a network is measured when it is first used, and
    again when the CPU, a GPU, its driver or a library changes.
    """
    output = make_output(json=json, quiet=quiet)
    raise typer.Exit(run(partial(_show, output, data_dir, measure=[network] if network else None)))


async def _show(output: Output, data_dir: Path | None, *, measure: Sequence[str] | None = ()) -> int:
    import asyncio

    with needed_for("The engine of this machine", extra="local"):
        from enlarger.engines.networks import NETWORKS
    with needed_for("A service of your own"):
        from enlarger.providers.local.inventory import choices_of, engine_rows, networks_here, own_networks
        from enlarger.providers.local.settings import LocalSettings
        from enlarger.settings import read_settings

    settings = read_settings(LocalSettings, data_dir=data_dir)
    choices = choices_of(settings)
    here = networks_here(settings, choices)
    known = {**own_networks(settings), **NETWORKS}
    named = [_find(known, name) for name in measure or ()]
    to_measure = here if measure is None else [NETWORKS.get(spec.measured_as, spec) for spec in named]
    with output.hints.status("measuring") as status:
        for network in to_measure:

            def tell(engine: str, name: str = network.name) -> None:
                status.update(f"measuring {name}: {engine}")

            await asyncio.to_thread(choices.measure, network, tell)
    found = engine_rows(settings, choices, here)
    absent = {one.engine: one.why_not for one in found if one.absent}
    rows = [_row(one) for one in found]
    unmeasured = [spec.name for spec in here if not choices.known(spec)]
    shown = [row for row in rows if row.engine not in absent and row.network not in unmeasured]
    output.table(_make_table(shown, unmeasured), [row.engine for row in rows if row.chosen], rows)
    for engine, why_not in absent.items():
        output.hint(f"{engine} cannot be used here: {why_not}.")
    if unmeasured:
        output.hint("Engines are measured once, when a network is first used; `enlarger engines measure` does it now.")
    return OK


def _find(networks: Mapping[str, NetworkSpec], name: str) -> NetworkSpec:
    if name not in networks:
        names = ", ".join(networks)
        raise InvalidInput("NETWORK", f"There is no network {name[:80]!r}: choose one of {names}.")
    return networks[name]


def _make_table(rows: Sequence[Row], unmeasured: Sequence[str]) -> Table:
    """Build the table of these rows, and of networks that have not been measured."""
    table = make_table("network", "engine", "device", "precision", "MP/s", "dB", "")
    for row in rows:
        speed = "-" if row.megapixels_per_second is None else f"{row.megapixels_per_second:.3g}"
        decibels = "-" if row.decibels is None else f"{row.decibels:.0f}"
        note = "[green]chosen[/]" if row.chosen else escape(plain(row.why_not or ""))
        table.add_row(row.network, row.engine, row.device or "-", row.precision, speed, decibels, note)
    for network in unmeasured:
        table.add_row(network, *("-" * 5), "not measured yet")
    return table


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
