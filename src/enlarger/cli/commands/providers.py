"""`enlarger providers`: status, activity and cost."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from enlarger.cli.completers import complete_provider
from enlarger.cli.dollars import check_provider, describe_overcharge
from enlarger.cli.exit_codes import ERROR, OK
from enlarger.cli.help import Commands
from enlarger.cli.options import SERVICE, DataDir, Json, Quiet
from enlarger.cli.output import Output, format_time, make_table, plain
from enlarger.cli.runner import run_with_database
from enlarger.errors import ConfigurationError, ProviderError

if TYPE_CHECKING:
    from enlarger.infra.database import Database
    from enlarger.providers import Provider
    from enlarger.tasks.provider_status import ProviderStatus

app: Commands = Commands(
    name="providers",
    no_args_is_help=False,
    rich_help_panel=SERVICE,
)

_CHECK_SECONDS = 30.0


@app.callback(invoke_without_command=True, epilog="**Example**\n\n`enlarger providers`")
def list_providers(context: typer.Context, json: Json = False, quiet: Quiet = False, data_dir: DataDir = None) -> None:
    """List the providers: whether they are set up, their status, activity and cost.

    The providers that are set up are reported by the running service. Without one, this command reads its own settings.
    """
    if context.invoked_subcommand is None:
        run_with_database(partial(_list_providers, data_dir=data_dir), json=json, quiet=quiet, data_dir=data_dir)


@app.command(epilog="**Examples**\n\n`enlarger providers check`\n\n`enlarger providers check kie`")
def check(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME", autocompletion=complete_provider, help="Only this provider.", show_default=False
        ),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Check now, at no cost, whether the providers would accept tasks; exit with code 1 if one would not.

    Uses the keys in this command's own settings. A provider that was suspended and has recovered gets tasks again
    immediately.
    """
    run_with_database(
        partial(_check_providers, name=name, data_dir=data_dir),
        json=json,
        quiet=quiet,
        data_dir=data_dir,
        creates=True,
    )


async def _list_providers(database: Database, output: Output, *, data_dir: Path | None) -> int:
    """Print the status, activity and cost of every provider."""
    from enlarger.all_settings import load_settings
    from enlarger.providers.registry import specs
    from enlarger.providers.routing import at_workers, routing_of
    from enlarger.tasks.budgets import BudgetStore
    from enlarger.tasks.provider_states import ProviderStates
    from enlarger.tasks.provider_status import read_status

    running = await ProviderStates(database).at_workers()
    if running is None:
        routing = routing_of(load_settings(data_dir=data_dir))
        unconfigured, unused = routing.unconfigured, routing.all_unused()
    else:
        unconfigured, unused = at_workers(running)
    shown = {spec.name: not spec.simulates for spec in specs()}
    rows = await read_status(database, shown, unconfigured, unused)
    table = make_table()
    for name in ("provider", "state"):
        table.add_column(name, no_wrap=True)
    for name in ("open", "sent", "taken", "failed", "unknown", "answer", "result", "today", "month"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        work, budget = row.last_hour, row.budget
        counts = (work.open, work.submitted, work.accepted, work.failed, work.unknown)
        table.add_row(
            row.provider,
            _state(row).replace("-", " "),
            *(str(count) if count else "-" for count in counts),
            _format_seconds(work.acceptance),
            _format_seconds(work.result),
            _format_spent(budget.today, budget.day_cap),
            _format_spent(budget.this_month, budget.month_cap),
        )
    notes = [note for row in rows if (note := _note(row))]
    notes += [describe_overcharge(one) for one in await BudgetStore(database).overcharges()]
    if running is None:
        notes.append("No service is running: which providers are set up was read from this command's own settings.")
    table.caption = Text("\n".join(["", *notes])) if notes else None
    lines = [f"{row.provider} {_state(row)}" for row in rows]
    output.table(table, lines, rows)
    output.hint(
        "[dim]sent, taken, failed, unknown: in the last hour; answer, result: seconds, median/95th percentile;"
        "\ntoday, month: dollars (UTC), and the cap. `enlarger providers check` probes each provider now.[/]"
    )
    return OK


async def _check_providers(database: Database, output: Output, *, name: str | None, data_dir: Path | None) -> int:
    """Probe providers now; one that was suspended and has recovered gets tasks again."""
    import asyncio

    from enlarger.all_settings import load_settings
    from enlarger.infra.clock import machine_time
    from enlarger.infra.data_directory import DataDirectory
    from enlarger.infra.safe_http import Allowed
    from enlarger.providers.registry import spec_of
    from enlarger.providers.routing import at_workers, routing_of
    from enlarger.providers.setup import open_providers, unconfigured_of
    from enlarger.providers.spec import Surroundings
    from enlarger.tasks.provider_states import ProviderStates

    settings = load_settings(data_dir=data_dir)
    unconfigured = unconfigured_of(settings)
    if name is not None:
        check_provider(name)
        if name in unconfigured:
            raise ConfigurationError(f"{name} is {unconfigured[name]}.")
    allowed, cache = Allowed.parse(settings.allow_private), DataDirectory(settings.data_dir).cache
    providers = open_providers(settings, Surroundings(allowed=allowed, cache=cache, now=machine_time))
    try:
        chosen = [provider for provider in providers.values() if name in (None, provider.name)]
        answers = dict(zip([one.name for one in chosen], await asyncio.gather(*map(_probe, chosen)), strict=True))
    finally:
        for provider in providers.values():
            await provider.close()
    states = ProviderStates(database)
    for state in await states.all():
        if state.state == "suspended" and answers.get(state.name, "not asked") is None:
            await states.write(state.name, "ok", None, None)
    running = await states.at_workers()
    missing = {
        one: "set up in the service that is running; run this command with that service's settings to check it"
        if one in (running or {})
        else str(why)
        for one, why in unconfigured.items()
        if name is None and (one in (running or {}) or not spec_of(one).simulates)
    }
    unused: Mapping[str, str | None]
    if running is None:
        routing = routing_of(settings)
        unused = {one: routing.unused(one) for one in answers}
    else:
        absent = dict.fromkeys(answers.keys() - running, "it is not set up in the service that is running")
        unused = absent | at_workers(running)[1]
    notes = {one: f", but it gets no tasks: {why}" for one, why in unused.items() if why}
    lines = [f"{one}: {why or 'ok'}{'' if why else notes.get(one, '')}" for one, why in answers.items()]
    data = [
        {"provider": one, "configured": True, "well": why is None, "reason": why, "unused": unused.get(one)}
        for one, why in answers.items()
    ]
    data += [
        {"provider": one, "configured": False, "well": None, "reason": why, "unused": None}
        for one, why in missing.items()
    ]
    output.lines(lines + [f"{one}: {why}" for one, why in missing.items()], data)
    return OK if not any(answers.values()) else ERROR


async def _probe(provider: Provider) -> str | None:
    """Why a provider cannot accept tasks; None if it can."""
    import asyncio

    begun = time.monotonic()
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            await provider.probe()
    except ProviderError as error:
        return str(error)
    except TimeoutError:
        return f"it has not responded for {time.monotonic() - begun:.0f} seconds: try again later."
    return None


def _state(row: ProviderStatus) -> str:
    """How a provider stands, in one word."""
    if not row.configured:
        return "not-set-up"
    return "unused" if row.unused else row.state


def _note(row: ProviderStatus) -> str | None:
    """Why a provider gets no tasks, and until when."""
    if row.missing is not None:
        return f"{row.provider}: {row.missing}."
    if row.unused is not None:
        return f"{row.provider} gets no tasks: {row.unused}."
    if row.state == "ok" or row.until is None:
        return None
    when = "gets tasks again" if row.state == "throttled" else "is probed again"
    reason = plain(row.reason or "for an unknown reason").rstrip(".")
    return f"{row.provider} is {row.state}: {reason}. It {when} at {format_time(row.until).split()[1]}."


def _format_seconds(times: Sequence[float] | None) -> str:
    return "-" if not times else "/".join(f"{one:.1f}" if one < 9.95 else f"{one:.0f}" for one in times)


def _format_spent(spent: Decimal, cap: Decimal | None) -> str:
    text = f"{spent:.2f}"
    return text if cap is None else f"{text} of {cap.normalize():f}"
