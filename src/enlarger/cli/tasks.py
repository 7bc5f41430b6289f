"""`enlarger run`, `status`, `wait`, `download`, `list`, `cancel`: tasks from a terminal."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from enlarger.catalog import get_model
from enlarger.cli.assignments import read_assignments
from enlarger.cli.exit_codes import INTERRUPTED, OK, exit_code
from enlarger.cli.output import Output
from enlarger.cli.progress import TaskProgress
from enlarger.cli.session import Session, Where, open_any_session
from enlarger.client import KieApiClient, TaskStatus
from enlarger.errors import EnlargerError, NotFound, UnknownModel, WaitTimeout
from enlarger.protocol.inline import is_url

Work = Callable[[Session], Coroutine[Any, Any, None]]


def carry_out(work: Work, where: Where, output: Output) -> int:
    """Do `work` with a service; returns the exit code. Every error of ours becomes words."""
    try:
        return asyncio.run(_carry_out(work, where))
    except KeyboardInterrupt:
        output.hint("Interrupted.")
        return INTERRUPTED
    except EnlargerError as error:
        output.error(error)
        return exit_code(error)


async def run(
    session: Session,
    output: Output,
    *,
    model: str,
    assignments: Sequence[str],
    target: Path | None,
    callback_url: str | None,
    idempotency_key: str | None,
    deadline: float | None,
    wait: bool,
) -> None:
    """Make a task; then wait for it and print, or download, its result."""
    input = read_assignments(assignments)
    key = idempotency_key or uuid.uuid4().hex
    submit = partial(KieApiClient.submit, model=model, input=input, callback_url=callback_url, idempotency_key=key)
    with TaskProgress(output.hints, _known(model)) as progress:
        task_id = (await session.call(submit)).id
        progress.wait()
        output.hint(f"task {task_id}")
        if not wait:
            output.lines([task_id], {"taskId": task_id})
            return
        status = await _follow(session, output, task_id, progress, model=model, deadline=deadline)
    await _conclude(session, output, status, target or _default_target(session))


async def wait(session: Session, output: Output, *, task_id: str, target: Path | None, deadline: float | None) -> None:
    """Wait for a task that was made before, and print or download its result."""
    first = await session.call(lambda client: client.get_task_status(task_id))
    with TaskProgress(output.hints, _known(first.model)) as progress:
        status = await _follow(session, output, task_id, progress, model=first.model, deadline=deadline)
    await _conclude(session, output, status, target or _default_target(session))


async def show(session: Session, output: Output, *, task_id: str) -> None:
    """Print what a task is and how it stands."""
    status = await session.call(lambda client: client.get_task_status(task_id))
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in _facts(status):
        table.add_row(f"[bold]{name}[/]", escape(value))
    output.table(table, [status.state], status.raw)


async def download(session: Session, output: Output, *, source: str, target: Path | None) -> None:
    """Download the result of a task, or the file at a URL."""
    if is_url(source):
        await _save(session, output, source, target or Path(), {"url": source})
        return
    status = await session.call(lambda client: client.get_task_status(source))
    status.raise_failure()
    if not status.succeeded:
        raise NotFound(
            f"Task {source} is {status.state!r}: it has no result yet.", remedy=f"Wait for it: enlarger wait {source}"
        )
    await _conclude(session, output, status, target or Path())


async def list_tasks(session: Session, output: Output, *, state: str | None, model: str | None, limit: int) -> None:
    """Print the newest tasks."""
    tasks = await session.call(lambda client: client.list_tasks(state=state, model=model, limit=limit))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("task", "model", "state", "created", "credits"):
        table.add_column(column, no_wrap=True)
    for task in tasks:
        created = task.created_at.astimezone().strftime("%Y-%m-%d %H:%M:%S") if task.created_at else ""
        credits = "" if task.credits is None else f"{task.credits:g}"
        table.add_row(task.task_id, task.model or "", _colour(task), created, credits)
    output.table(table, [task.task_id for task in tasks], [task.raw for task in tasks])


async def cancel(session: Session, output: Output, *, task_ids: Sequence[str]) -> None:
    """Call tasks off."""
    statuses = [await session.call(partial(KieApiClient.cancel, task_id=task_id)) for task_id in task_ids]
    output.lines(
        [f"{status.task_id} {status.fail_code or status.state}" for status in statuses],
        [status.raw for status in statuses],
    )


async def _carry_out(work: Work, where: Where) -> int:
    async with open_any_session(where) as session:
        await work(session)
    return OK


async def _follow(
    session: Session,
    output: Output,
    task_id: str,
    progress: TaskProgress,
    *,
    model: str | None,
    deadline: float | None,
) -> TaskStatus:
    """Wait for a task's end; whatever ends the wait before, the task's id and how to go on are told."""
    go_on = f"enlarger wait {task_id}"
    try:
        return await session.follow(task_id, model=model, deadline=deadline, on_progress=progress)
    except asyncio.CancelledError:
        output.hint(f"The task goes on; take the wait up again with: [bold]{go_on}[/]")
        raise
    except WaitTimeout as error:
        raise WaitTimeout(error.message, task_id=task_id, remedy=f"It goes on; wait on with: {go_on}") from error


async def _conclude(session: Session, output: Output, status: TaskStatus, target: Path | None) -> None:
    """Print a task's result, or download it. Raises TaskFailed."""
    status.raise_failure()
    data: dict[str, Any] = {
        "taskId": status.task_id,
        "state": status.state,
        "model": status.model,
        "urls": list(status.urls),
    }
    data |= {"data": status.data} if status.data is not None else {}
    data |= {"credits": status.credits, "seconds": status.seconds}
    if target is None or not status.urls:
        lines = list(status.urls) or [str(status.data)]
        output.lines(lines, data)
    else:
        await _save(session, output, status, target, data)
    output.hint(_say_cost(status))


async def _save(session: Session, output: Output, source: TaskStatus | str, target: Path, data: dict[str, Any]) -> None:
    paths = await session.call(lambda client: client.download(source, target))
    output.lines([str(path) for path in paths], data | {"files": [str(path) for path in paths]})


def _default_target(session: Session) -> Path | None:
    """Where results go that nobody named a place for: links into a service that ends with the command are no use."""
    return Path() if session.local else None


def _known(model: str | None) -> str | None:
    """The model's id, if the catalogue knows it."""
    try:
        return get_model(model).id if model else None
    except UnknownModel:
        return None


def _facts(status: TaskStatus) -> list[tuple[str, str]]:
    """What is known of a task, for people."""
    facts: list[tuple[str, Any]] = [
        ("task", status.task_id),
        ("model", status.model),
        ("state", status.state),
        ("progress", None if status.progress is None or status.ended else f"{status.progress}%"),
        ("created", status.created_at and status.created_at.astimezone().strftime("%Y-%m-%d %H:%M:%S")),
        ("took", None if status.seconds is None or not status.ended else f"{status.seconds:g} s"),
        ("credits", None if status.credits is None or not status.ended else f"{status.credits:g}"),
        ("failed", " ".join(filter(None, (status.fail_code, status.fail_message))) or None),
        *(("result", url) for url in status.urls),
        ("result", None if status.data is None else str(status.data)),
    ]
    return [(name, str(value)) for name, value in facts if value]


def _say_cost(status: TaskStatus) -> str:
    took = "" if status.seconds is None else f", {status.seconds:g} s"
    cost = "" if status.credits is None else f", {status.credits:g} credits"
    return f"task {status.task_id}{took}{cost}"


def _colour(status: TaskStatus) -> str:
    colour = {"success": "green", "fail": "red"}.get(status.state, "yellow")
    return f"[{colour}]{escape(status.fail_code or status.state if status.failed else status.state)}[/]"
