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
from enlarger.errors import InvalidInput

if TYPE_CHECKING:
    from rich.table import Table

    from enlarger.engines.record import Measurement

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
        from enlarger.engines.choosing import Choices
        from enlarger.engines.networks import NETWORKS
        from enlarger.engines.resources import available_memory
    with needed_for("A service of your own"):
        from enlarger.catalog.own import own_models
        from enlarger.infra.data_directory import DataDirectory
        from enlarger.providers.local.settings import LocalSettings
        from enlarger.settings import read_settings

    settings = read_settings(LocalSettings, data_dir=data_dir)
    memory = settings.engine_bytes(available_memory())
    choices = Choices(DataDirectory(settings.data_dir).cache, settings.weights_folders)
    folder = settings.models_folder
    own = {name: one.spec(folder) for name, one in own_models(folder).items()}
    specs = [spec for spec in (*NETWORKS.values(), *own.values()) if spec.measured_as == spec.name]
    here = [spec for spec in specs if choices.has_weights(spec)]
    if measure is not None and (unknown := set(measure) - {*NETWORKS, *own}):
        names = ", ".join((*own, *NETWORKS))
        raise InvalidInput("NETWORK", f"There is no network {unknown.pop()[:80]!r}: choose one of {names}.")
    to_measure = (
        here if measure is None else [own.get(name) or NETWORKS[NETWORKS[name].measured_as] for name in measure]
    )
    with output.hints.status("measuring") as status:
        for network in to_measure:

            def tell(engine: str, name: str = network.name) -> None:
                status.update(f"measuring {name}: {engine}")

            await asyncio.to_thread(choices.measure, network, tell)
    rows = []
    for spec in here:
        measured = choices.known(spec)
        best = next(iter(choices.order(measured, spec, memory)), None)
        chosen = settings.engine or (best.backend if best else None)
        fastest = (best.megapixels if best else None) or 0.0
        rows += [_row(spec.name, one, chosen, fastest) for one in measured or choices.unmeasured()]
    absent = {one.backend: one.why_not for one in choices.unmeasured() if not one.device}
    unmeasured = [spec.name for spec in here if not choices.known(spec)]
    shown = [row for row in rows if row.engine not in absent and row.network not in unmeasured]
    output.table(_make_table(shown, unmeasured), [row.engine for row in rows if row.chosen], rows)
    for engine, why_not in absent.items():
        output.hint(f"{engine} cannot be used here: {why_not}.")
    if unmeasured:
        output.hint("Engines are measured once, when a network is first used; `enlarger engines measure` does it now.")
    return OK


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


def _row(network: str, one: Measurement, chosen: str | None, fastest: float) -> Row:
    """Build a row. `fastest` is the speed, in MP/s, of the engine that is fastest on large pictures."""
    from enlarger.engines.backends import BACKENDS

    if BACKENDS[one.backend].for_drafts:
        not_chosen = "for drafts, when it is asked for"
    elif (one.megapixels or 0.0) > fastest:
        not_chosen = "another one is faster on large pictures, where this one needs smaller tiles to fit in memory"
    else:
        not_chosen = "another one is faster"
    return Row(
        network=network,
        engine=one.backend,
        device=one.device or None,
        precision=one.precision,
        megapixels_per_second=one.megapixels,
        decibels=one.decibels,
        chosen=one.backend == chosen,
        why_not=one.why_not or (None if one.backend == chosen else not_chosen),
    )
