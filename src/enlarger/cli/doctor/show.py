"""The doctor's findings, for people and for programs."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from enlarger.cli.doctor.check import Check, Outcome, examine
from enlarger.cli.doctor.finding import Status
from enlarger.cli.doctor.site import Site
from enlarger.cli.exit_codes import ERROR, OK
from enlarger.cli.output import Output, Style, plain

_STYLES = {Status.OK: "green", Status.WARNING: "yellow", Status.FAILED: "bold red", Status.SKIPPED: "dim"}
_AWAITED = 3
"""How many checks are named of those that are still awaited."""


async def diagnose(checks: Sequence[Check], site: Site, output: Output) -> int:
    """Run the checks and print what they find, each as soon as those before it are done; returns the exit code."""
    width = max(len(check.name) for check in checks)
    outcomes: list[Outcome] = []
    spinner = Spinner("dots", _describe([check.name for check in checks]))
    # What goes elsewhere than to the terminal must not be drawn into it.
    with Live(spinner, console=output.hints, transient=True, redirect_stdout=sys.stdout.isatty()):
        async with site:
            async for outcome, awaited in examine(checks, site):
                outcomes.append(outcome)
                spinner.update(text=_describe(awaited))
                if output.style is not Style.JSON:
                    _show(outcome, width, output)
    counts = Counter(outcome.status for outcome in outcomes)
    verdict = Status.FAILED if counts[Status.FAILED] else Status.WARNING if counts[Status.WARNING] else Status.OK
    if output.style is Style.JSON:
        output.json(_document(verdict, outcomes))
    output.hint(", ".join(f"{counts[one]} {one}" for one in Status if counts[one]))
    return ERROR if verdict is Status.FAILED else OK


def _describe(awaited: Sequence[str]) -> str:
    """Name some of the checks that are still awaited."""
    return f"examining {', '.join(awaited[:_AWAITED])}{', …' if len(awaited) > _AWAITED else ''}"


def _show(outcome: Outcome, width: int, output: Output) -> None:
    if output.style is Style.QUIET:
        output.item(f"{outcome.status} {outcome.name}: {outcome.found}")
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=max(map(len, Status)))
    table.add_column(width=width)
    table.add_column(overflow="fold")
    found = Text(plain(outcome.found))
    if outcome.remedy is not None:
        found.append(f"\n→ {plain(outcome.remedy)}", style="" if outcome.status is not Status.SKIPPED else "dim")
    table.add_row(Text(outcome.status, style=_STYLES[outcome.status]), escape(outcome.name), found)
    output.draw(table)


def _document(verdict: Status, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {"status": verdict, "checks": outcomes}
