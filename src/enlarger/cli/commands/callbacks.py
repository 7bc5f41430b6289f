"""`enlarger deliveries` and `enlarger resend`: the delivery of a task's callback."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from enlarger.cli.help import Commands
from enlarger.cli.options import PICTURES, ApiKey, BaseUrl, DataDir, Json, Quiet, TaskId, TaskIds
from enlarger.cli.output import Output, format_time
from enlarger.cli.runner import run_with_service

if TYPE_CHECKING:
    from enlarger.cli.session import Session
    from enlarger.protocol.records import CallbackTry

app: Commands = Commands()


@app.command(rich_help_panel=PICTURES, epilog="**Example**\n\n`enlarger deliveries 5f488be792eafad4b066e21e5bc472c7`")
def deliveries(
    task: TaskId,
    json: Json = False,
    quiet: Quiet = False,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
    data_dir: DataDir = None,
) -> None:
    """Show every attempt of an Enlarger service to deliver a task's callback, and when the next one is due."""
    run_with_service(
        partial(_show, task_id=task), json=json, quiet=quiet, base_url=base_url, api_key=api_key, data_dir=data_dir
    )


@app.command(rich_help_panel=PICTURES, epilog="**Example**\n\n`enlarger resend 5f488be792eafad4b066e21e5bc472c7`")
def resend(
    tasks: TaskIds,
    json: Json = False,
    quiet: Quiet = False,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
    data_dir: DataDir = None,
) -> None:
    """Have an Enlarger service send the callbacks of ended tasks again, delivered or not."""
    run_with_service(
        partial(_resend, task_ids=tasks), json=json, quiet=quiet, base_url=base_url, api_key=api_key, data_dir=data_dir
    )


async def _show(session: Session, output: Output, *, task_id: str) -> None:
    """Print the status of a task's callback, and every attempt."""
    from enlarger.client import KieApiClient

    found = await session.call(partial(KieApiClient.deliveries, task_id=task_id))
    facts = [
        ("task", found.task_id),
        ("to", found.to or ""),
        ("state", found.state.replace("_", " ")),
        ("next attempt", "" if found.next_try is None else _format_time(found.next_try)),
        *((f"attempt {one.number}", _format_try(one)) for one in found.tries),
    ]
    output.facts([(name, value) for name, value in facts if value], [found.state], msgspec.to_builtins(found))


async def _resend(session: Session, output: Output, *, task_ids: Sequence[str]) -> int:
    """Have the callbacks of tasks sent again; returns the exit code."""
    from enlarger.cli.several import do_each
    from enlarger.client import KieApiClient

    resent = await do_each(
        task_ids,
        lambda task_id: session.call(partial(KieApiClient.resend, task_id=task_id)),
        output,
        key="taskId",
        line=lambda task_id, found: f"{task_id} {found.state}",
        document=msgspec.to_builtins,
    )
    if session.own and resent.done:
        output.hint("They will be sent when a service runs again: [bold]enlarger up[/] starts one.")
    return resent.code


def _format_try(one: CallbackTry) -> str:
    return f"{_format_time(one.at)}  {one.answer}{'' if one.ok else ' (rejected)'}, {one.duration / 1000:.1f} s"


def _format_time(milliseconds: int) -> str:
    return format_time(datetime.fromtimestamp(milliseconds / 1000, UTC))
