"""`enlarger deliveries` and `enlarger resend`: what became of a task's callback."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

import msgspec

from enlarger.cli.output import Output, say_time
from enlarger.cli.session import Session
from enlarger.client import KieApiClient
from enlarger.protocol.records import CallbackTry, Deliveries


async def show(session: Session, output: Output, *, task_id: str) -> None:
    """Print how a task's callback stands, and every try."""
    found = await session.call(partial(KieApiClient.deliveries, task_id=task_id))
    facts = [
        ("task", found.task_id),
        ("to", found.to or ""),
        ("state", found.state.replace("_", " ")),
        ("next try", "" if found.next_try is None else _say_time(found.next_try)),
        *((f"try {one.number}", _say_try(one)) for one in found.tries),
    ]
    output.facts([(name, value) for name, value in facts if value], [found.state], _to_data(found))


async def resend(session: Session, output: Output, *, task_ids: Sequence[str]) -> None:
    """Have the callbacks of tasks sent again."""
    found = [await session.call(partial(KieApiClient.resend, task_id=task_id)) for task_id in task_ids]
    output.lines([f"{one.task_id} {one.state}" for one in found], [_to_data(one) for one in found])
    if session.own:
        output.hint("They are sent when a service runs again: [bold]enlarger up[/] starts one.")


def _to_data(found: Deliveries) -> object:
    return msgspec.to_builtins(found)


def _say_try(one: CallbackTry) -> str:
    return f"{_say_time(one.at)}  {one.answer}{'' if one.ok else ' (not taken)'}, {one.duration / 1000:.1f} s"


def _say_time(milliseconds: int) -> str:
    return say_time(datetime.fromtimestamp(milliseconds / 1000, UTC))
