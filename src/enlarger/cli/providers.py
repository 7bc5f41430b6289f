"""`enlarger providers`, `budgets` and `orphans`: status, activity and cost of providers, and what came too late."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal

import msgspec
from rich.table import Table
from rich.text import Text

from enlarger.catalog.routing import PROVIDERS
from enlarger.cli.exit_codes import ERROR, OK
from enlarger.cli.output import Output, Style, plain, say_time
from enlarger.errors import ConfigurationError, InvalidInput, ProviderError
from enlarger.infra.clock import machine_time
from enlarger.infra.data_directory import DataDirectory
from enlarger.infra.database import Database
from enlarger.infra.links import Links
from enlarger.infra.safe_http import Allowed
from enlarger.providers import Provider
from enlarger.providers.routing import routing_of
from enlarger.providers.setup import open_providers
from enlarger.settings import load_settings
from enlarger.tasks.accounts import AccountStore
from enlarger.tasks.budgets import Budget, BudgetStore, Kind, Overcharge, say_dollars
from enlarger.tasks.orphans import Orphan, OrphanStore
from enlarger.tasks.provider_states import ProviderStates, Work

_HOUR = 3600.0
_CHECK_SECONDS = 30.0
_MOST_DOLLARS = Decimal(100_000)
_STEP = Decimal("0.000001")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to know of a provider."""

    provider: str
    configured: bool
    missing: str | None
    """What to do where it is not set up."""
    state: Literal["ok", "throttled", "open", "suspended"]
    reason: str | None
    until: datetime | None
    """When it may be asked again, or is asked whether it is well."""
    last_hour: Work
    budget: Budget


async def list_providers(database: Database, output: Output, *, data_dir: Path | None) -> int:
    """Print every provider: whether it is set up, how it is, what it does and costs."""
    running = await ProviderStates(database).at_workers()
    if running is None:
        settings = load_settings(data_dir=data_dir)
        routing_of(settings)  # what is wrong with the routes is told here, too
        lacking: Mapping[str, str] = {name: str(why) for name, why in settings.lacking.items()}
    else:
        lacking = dict.fromkeys(set(PROVIDERS) - running, "not set up in the service that is running")
    rows = await _rows(database, lacking)
    table = _table()
    for name in ("provider", "state"):
        table.add_column(name, no_wrap=True)
    for name in ("open", "sent", "taken", "failed", "unknown", "answer", "result", "today", "month"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        work, budget = row.last_hour, row.budget
        counts = (work.open, work.submitted, work.accepted, work.failed, work.unknown)
        table.add_row(
            row.provider,
            row.state if row.configured else "not set up",
            *(str(count) if count else "-" for count in counts),
            _say_seconds(work.acceptance),
            _say_seconds(work.result),
            _say_spent(budget.today, budget.day_cap),
            _say_spent(budget.this_month, budget.month_cap),
        )
    notes = [note for row in rows if (note := _note(row))]
    notes += [_say_overcharge(one) for one in await BudgetStore(database).overcharges()]
    if running is None:
        notes.append("No service is running: whether they are set up was read from this command's own settings.")
    table.caption = Text("\n".join(["", *notes])) if notes else None
    lines = [f"{row.provider} {row.state if row.configured else 'not-set-up'}" for row in rows]
    output.table(table, lines, rows)
    output.hint(
        "[dim]sent to unknown: in the last hour; answer, result: seconds until then, of half and of 95 % of them;"
        "\ntoday, month: dollars (UTC), and the cap. `enlarger providers check` asks each provider now.[/]"
    )
    return OK


async def check_providers(database: Database, output: Output, *, name: str | None, data_dir: Path | None) -> int:
    """Ask providers now whether they would take tasks; one that was suspended and is well is given tasks again."""
    settings = load_settings(data_dir=data_dir)
    if name is not None:
        _check_name(name)
        if name in settings.lacking:
            raise ConfigurationError(f"{name} is {settings.lacking[name]}.")
    allowed, cache = Allowed.parse(settings.allow_private), DataDirectory(settings.data_dir).cache
    providers = open_providers(settings, allowed, cache, machine_time)
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
    running = await states.at_workers() or set()
    missing = {
        one: "set up in the service that is running; run this command with that service's settings to ask it"
        if one in running
        else str(why)
        for one, why in settings.lacking.items()
        if name is None and one != "sandbox"
    }
    lines = [f"{one}: {why or 'well'}" for one, why in answers.items()]
    data = [{"provider": one, "configured": True, "well": why is None, "reason": why} for one, why in answers.items()]
    data += [{"provider": one, "configured": False, "well": None, "reason": why} for one, why in missing.items()]
    output.lines(lines + [f"{one}: {why}" for one, why in missing.items()], data)
    return OK if not any(answers.values()) else ERROR


async def list_budgets(database: Database, output: Output) -> int:
    """Print what may be spent, and what was."""
    budgets = await BudgetStore(database).all()
    table = _table("whose", "name")
    for column in ("today", "a day", "this month", "a month"):
        table.add_column(column, justify="right")
    for budget in budgets:
        table.add_row(
            budget.kind,
            budget.name,
            f"${say_dollars(budget.today)}",
            _say_cap(budget.day_cap),
            f"${say_dollars(budget.this_month)}",
            _say_cap(budget.month_cap),
        )
    output.table(table, [f"{budget.kind} {budget.name}" for budget in budgets], budgets)
    for one in await BudgetStore(database).overcharges():
        output.warn(_say_overcharge(one))
    if not budgets:
        output.hint(
            "Nothing is limited, and nothing was spent: [bold]enlarger budgets set provider kie --day 5[/] sets a cap."
        )
    return OK


async def set_budget(
    database: Database, output: Output, *, kind: str, name: str, day: str | None, month: str | None
) -> int:
    """Set the caps that are given."""
    if kind not in ("provider", "account"):
        raise InvalidInput("KIND", f"{kind!r} has no budget: write provider or account.")
    whose: Kind = "provider" if kind == "provider" else "account"
    if whose == "provider":
        _check_name(name)
    if day is None and month is None:
        raise InvalidInput("--day", "There is nothing to set: give --day or --month, in dollars, or none.")
    budget = await BudgetStore(database).set(whose, name, day=_dollars("--day", day), month=_dollars("--month", month))
    caps = f"{_say_cap(budget.day_cap)} a day, {_say_cap(budget.month_cap)} a month"
    output.lines([f"{kind} {name}: {caps}"], budget)
    return OK


async def list_orphans(database: Database, output: Output, *, most: int) -> int:
    """Print what came too late, or may yet have been paid for."""
    orphans = await OrphanStore(database).newest(most=most)
    links = Links(await AccountStore(database).shared_secret("links"))
    urls = {
        orphan.id: [orphan.base_url + links.make(file.id, file.name, file.expires_at) for file in orphan.files]
        for orphan in orphans
    }
    if output.style is Style.HUMAN:
        for number, orphan in enumerate(orphans):
            output.lines([""] if number else [], None)
            output.facts(_facts(orphan, urls[orphan.id]), [], None)
        if not orphans:
            output.hint("There are none: everything that was paid for reached its task.")
        return OK
    data = [{**msgspec.structs.asdict(orphan), "files": urls[orphan.id]} for orphan in orphans]
    lines = [f"{orphan.task_id} {orphan.provider} {orphan.provider_task_id or '-'}" for orphan in orphans]
    output.lines(lines, data)
    return OK


async def _rows(database: Database, lacking: Mapping[str, str]) -> list[Row]:
    states = {state.name: state for state in await ProviderStates(database).all()}
    work = {one.name: one for one in await ProviderStates(database).work(seconds=_HOUR)}
    budgets = {one.name: one for one in await BudgetStore(database).all() if one.kind == "provider"}
    rows = []
    for name in PROVIDERS:
        if name == "sandbox" and name in lacking and name not in work:
            continue
        state = states.get(name)
        well = state is None or state.state == "ok" or (state.state == "throttled" and not state.seconds)
        rows.append(
            Row(
                provider=name,
                configured=name not in lacking,
                missing=lacking.get(name),
                state="ok" if state is None or well else state.state,
                reason=None if state is None or well else state.reason,
                until=None if state is None or well else datetime.now(UTC) + timedelta(seconds=state.seconds or 0),
                last_hour=work.get(name) or Work(name=name),
                budget=budgets.get(name) or Budget(kind="provider", name=name, day_cap=None, month_cap=None),
            )
        )
    return rows


async def _probe(provider: Provider) -> str | None:
    """What is wrong with a provider; None when it is well."""
    begun = time.monotonic()
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            await provider.probe()
    except ProviderError as error:
        return str(error)
    except TimeoutError:
        return f"it has not answered for {time.monotonic() - begun:.0f} seconds: try again later."
    return None


def _check_name(name: str) -> None:
    if name not in PROVIDERS:
        raise InvalidInput("NAME", f"{name!r} is not a provider: choose one of {', '.join(PROVIDERS)}.")


def _note(row: Row) -> str | None:
    """Why a provider gets no tasks, and until when."""
    if row.missing is not None:
        return f"{row.provider}: {row.missing}."
    if row.state == "ok" or row.until is None:
        return None
    when = "may be asked again" if row.state == "throttled" else "is asked whether it is well"
    reason = plain(row.reason or "for an unknown reason").rstrip(".")
    return f"{row.provider} is {row.state}: {reason}. It {when} at {say_time(row.until).split()[1]}."


def _say_overcharge(one: Overcharge) -> str:
    tasks = "1 task" if one.tasks == 1 else f"{one.tasks} tasks"
    return (
        f"{one.provider} has charged ${say_dollars(one.dollars)} more this month than was reserved, for {tasks};"
        " the budgets have counted it."
    )


def _say_seconds(times: Sequence[float] | None) -> str:
    return "-" if not times else "/".join(f"{one:.1f}" if one < 9.95 else f"{one:.0f}" for one in times)


def _say_spent(spent: Decimal, cap: Decimal | None) -> str:
    text = f"{spent:.2f}"
    return text if cap is None else f"{text} of {cap.normalize():f}"


def _say_cap(cap: Decimal | None) -> str:
    return "no limit" if cap is None else f"${say_dollars(cap)}"


def _dollars(option: str, text: str | None) -> Decimal | Literal["none"] | None:
    if text is None:
        return None
    if text.strip().casefold() == "none":
        return "none"
    try:
        amount = Decimal(text.strip().removeprefix("$"))
        valid = amount.is_finite() and 0 <= amount < _MOST_DOLLARS and amount == amount.quantize(_STEP)
    except InvalidOperation:
        valid = False
    if not valid:
        raise InvalidInput(
            option,
            f"{option} {text!r} is not a number of dollars: give one below {_MOST_DOLLARS:,}, such as 5, or none.",
        )
    return amount


def _facts(orphan: Orphan, urls: Sequence[str]) -> list[tuple[str, str]]:
    facts: Mapping[str, str | None] = {
        "task": f"{orphan.task_id}  {orphan.model}, account {orphan.account_id}",
        "provider": f"{orphan.provider}, its task {orphan.provider_task_id or 'is not known'}",
        "state": "came too late" if orphan.state == "succeeded" else "unknown: it may have been paid for",
        "why": orphan.error,
        "dollars": say_dollars(orphan.dollars),
        "sent": say_time(orphan.started_at),
        "given up": say_time(orphan.abandoned_at),
        "came": say_time(orphan.ended_at) if orphan.ended_at else None,
    }
    return [*((name, value) for name, value in facts.items() if value), *(("file", url) for url in urls)]


def _table(*columns: str) -> Any:
    table = Table(box=None, pad_edge=False, header_style="bold", caption_justify="left", caption_style="")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
