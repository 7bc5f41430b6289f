"""`enlarger orphans`: results that came too late, and attempts that may have been paid for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from enlarger.cli.exit_codes import OK
from enlarger.cli.help import Commands
from enlarger.cli.options import SERVICE, DataDir, Json, Quiet
from enlarger.cli.output import Output, Style, format_time
from enlarger.cli.runner import run_with_database

if TYPE_CHECKING:
    from enlarger.infra.database import Database
    from enlarger.tasks.orphans import Orphan

app: Commands = Commands()


@app.command(rich_help_panel=SERVICE, epilog="**Example**\n\n`enlarger orphans`")
def orphans(
    limit: Annotated[int, typer.Option(min=1, max=1000, metavar="N", help="How many to list.")] = 50,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """List results that arrived too late for their tasks, and attempts that may have been paid for in vain."""
    run_with_database(partial(_list_orphans, most=limit), json=json, quiet=quiet, data_dir=data_dir)


async def _list_orphans(database: Database, output: Output, *, most: int) -> int:
    """Print late results, and attempts that may have been paid for."""
    from enlarger.infra.links import Links
    from enlarger.tasks.accounts import LINKS, AccountStore
    from enlarger.tasks.orphans import OrphanStore

    orphans = await OrphanStore(database).newest(most=most)
    links = Links(await AccountStore(database).shared_secret(LINKS))
    urls = {
        orphan.id: [orphan.base_url + links.make(file.id, file.name, file.expires_at) for file in orphan.files]
        for orphan in orphans
    }
    if output.style is Style.HUMAN:
        for number, orphan in enumerate(orphans):
            output.lines([""] if number else [], None)
            output.facts(_facts(orphan, urls[orphan.id]), [], None)
        if not orphans:
            output.hint("None: every paid result reached its task.")
        return OK
    data = [{**msgspec.structs.asdict(orphan), "files": urls[orphan.id]} for orphan in orphans]
    lines = [f"{orphan.task_id} {orphan.provider} {orphan.provider_task_id or '-'}" for orphan in orphans]
    output.lines(lines, data)
    return OK


def _facts(orphan: Orphan, urls: Sequence[str]) -> list[tuple[str, str]]:
    from enlarger.tasks.budgets import say_dollars

    facts: Mapping[str, str | None] = {
        "task": f"{orphan.task_id}  {orphan.model}, account {orphan.account_id}",
        "provider": f"{orphan.provider}, its task {orphan.provider_task_id or 'is not known'}",
        "state": "came too late" if orphan.state == "succeeded" else "unknown: it may have been paid for",
        "why": orphan.error,
        "dollars": say_dollars(orphan.dollars),
        "sent": format_time(orphan.started_at),
        "given up": format_time(orphan.abandoned_at),
        "came": format_time(orphan.ended_at) if orphan.ended_at else None,
    }
    return [*((name, value) for name, value in facts.items() if value), *(("file", url) for url in urls)]
