"""`enlarger run`, `status`, `wait`, `download`, `list`, `cancel`: tasks from a terminal."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

from rich.markup import escape
from rich.table import Table

from enlarger.catalog import get_model
from enlarger.cli.assignments import check_input, form_of, read_input
from enlarger.cli.exit_codes import OK, exit_code
from enlarger.cli.made import read_made, say_made
from enlarger.cli.output import Output, Style, plain, say_time
from enlarger.cli.progress import TaskProgress
from enlarger.cli.results import HERE, check_target, conclude, default_target, print_task, save, say_data, say_failure
from enlarger.cli.session import Session, Where, open_any_session
from enlarger.cli.signals import run as run_stoppable
from enlarger.cli.streams import Piped
from enlarger.cli.task_document import new_task, task_document
from enlarger.client import KieApiClient, TaskStatus
from enlarger.errors import (
    EnlargerError,
    InputRefused,
    Interrupted,
    NotFound,
    NotSupported,
    ServiceError,
    UnknownModel,
    WaitTimeout,
)
from enlarger.protocol.codes import CANCELLED
from enlarger.protocol.inline import is_url
from enlarger.protocol.records import AttemptRecord

_LONGEST_PAGE = 100
"""Tasks that a service lists at once."""

Work = Callable[[Session], Coroutine[Any, Any, None]]


def carry_out(work: Work, where: Where, output: Output, *, creates: bool = False) -> int:
    """Do `work` with a service; returns the exit code. Every error of ours becomes words.

    Work that creates nothing needs a data directory that is there, where a service is started for it.
    """
    try:
        return run_stoppable(partial(_carry_out, work, where, output, creates=creates))
    except KeyboardInterrupt:
        error: EnlargerError = Interrupted("Interrupted.")
    except EnlargerError as raised:
        error = raised
    output.error(error)
    return exit_code(error)


async def run(
    session: Session,
    output: Output,
    *,
    model: str,
    assignments: Sequence[str],
    document: str | None = None,
    strict: bool = False,
    target: str | None,
    callback_url: str | None,
    idempotency_key: str | None,
    deadline: float | None,
    wait: bool,
) -> None:
    """Make a task; then wait for it and print, or download, its result."""
    with Piped() as piped:
        input = read_input(assignments, document, form=form_of(model), piped=piped)
        model, notes = check_input(model, input, strict=strict)
        for note in notes:
            output.caution(note)
        if target:
            check_target(target, output)
        with TaskProgress(output.hints, _known(model)) as progress:
            key = idempotency_key or uuid.uuid4().hex
            task_id = await _submit(session, model, input, callback_url=callback_url, idempotency_key=key)
            if wait:
                output.hint(f"task {escape(task_id)}")
                progress.wait()
                status = await _follow(session, task_id, progress, model=model, deadline=deadline)
    if wait:
        await conclude(session, output, status, target or default_target(session), warnings=notes)
        return
    print_task(output, [task_id], task_document(new_task(task_id, model), warnings=notes))
    if session.own:
        output.hint(f"The task starts when a service runs again: [bold]enlarger wait {escape(task_id)}[/] starts one.")


async def wait(session: Session, output: Output, *, task_id: str, target: str | None, deadline: float | None) -> None:
    """Wait for a task that was made before, and print or download its result."""
    if target:
        check_target(target, output)
    first = await session.call(lambda client: client.get_task_status(task_id))
    with TaskProgress(output.hints, _known(first.model)) as progress:
        status = await _follow(session, task_id, progress, model=first.model, deadline=deadline)
    await conclude(session, output, status, target or default_target(session))


async def show(session: Session, output: Output, *, task_id: str) -> None:
    """Print a task's status."""
    status = await session.call(lambda client: client.get_task_status(task_id))
    attempts = await _attempts(session, task_id)
    facts = _facts(status) + [(f"attempt {number}", _say_attempt(one)) for number, one in enumerate(attempts, 1)]
    output.facts(facts, [status.state], task_document(status, attempts=attempts, record=status.raw))
    if session.own and status.urls:
        output.hint(f"The result is available only while a service runs: [bold]enlarger download {escape(task_id)}[/]")


async def download(session: Session, output: Output, *, source: str, target: str | None) -> None:
    """Download the result of a task, or the file at a URL."""
    if target:
        check_target(target, output)
    if is_url(source):
        await save(session, output, source, target or HERE, {"urls": [source]})
        return
    status = await session.call(lambda client: client.get_task_status(source))
    status.raise_failure()
    if not status.succeeded:
        raise NotFound(
            f"Task {source} is {status.state!r}: it has no result yet.", remedy=f"Wait for it: enlarger wait {source}"
        )
    await conclude(session, output, status, target or HERE)


async def list_tasks(
    session: Session,
    output: Output,
    *,
    state: str | None,
    model: str | None,
    limit: int | None,
    after: str | None = None,
) -> None:
    """Print the newest tasks, or those after `after`; `limit` of them, or all. With `--quiet` each page at once."""
    tasks: list[TaskStatus] = []
    with output.hints.status("listing") as status:
        while True:
            size = _LONGEST_PAGE if limit is None else min(_LONGEST_PAGE, limit - len(tasks))
            list_page = partial(KieApiClient.list_tasks, state=state, model=model, limit=size, after=after)
            page = await session.call(list_page)
            tasks += page
            status.update(f"listing: {len(tasks)}")
            after = page.next
            if output.style is Style.QUIET:
                output.lines([task.task_id for task in page], None)
            if after is None or len(tasks) == limit:
                break
    if output.style is not Style.QUIET:
        _print_tasks(output, tasks)
    if after is not None:
        output.hint(f"There are more: [bold]enlarger list --after {escape(after)}[/], or --all.")


def _print_tasks(output: Output, tasks: Sequence[TaskStatus]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    columns = ["task", "model", "state", "created", "credits"]
    if any(task.failed for task in tasks):
        columns.append("reason")
    for column in columns:
        table.add_column(column, no_wrap=column in ("task", "state"), overflow="fold")
    for task in tasks:
        created = say_time(task.created_at) if task.created_at else ""
        credits = "" if task.credits is None else f"{task.credits:g}"
        reason = [escape(plain(say_failure(task) if task.failed else ""))] * (len(columns) == 6)
        table.add_row(task.task_id, escape(plain(task.model or "")), _colour(task), created, credits, *reason)
    output.table(table, [], [task_document(task) for task in tasks])


async def cancel(session: Session, output: Output, *, task_ids: Sequence[str]) -> None:
    """Cancel tasks, and say which credits are kept."""
    statuses = [await session.call(partial(KieApiClient.cancel, task_id=task_id)) for task_id in task_ids]
    words = _say_cancelled if output.style is Style.HUMAN else _cancelled_state
    output.lines([f"{one.task_id} {words(one)}" for one in statuses], [task_document(one) for one in statuses])
    kept = [status for status in statuses if status.fail_code == CANCELLED and status.credits]
    for status in kept:
        output.hint(f"{escape(status.task_id)}: {status.credits:g} credits are kept.")
    if kept:
        output.hint("A hosted provider was, or may have been, paid; if it turns out that it was not, they come back.")


def _cancelled_state(status: TaskStatus) -> str:
    return CANCELLED if status.fail_code == CANCELLED else status.state


def _say_cancelled(status: TaskStatus) -> str:
    """What became of a task that was to be cancelled."""
    if status.fail_code == CANCELLED:
        return "is cancelled."
    if status.failed:
        return f"cannot be cancelled, because it has failed: {say_failure(status)}"
    if status.ended:
        return "cannot be cancelled, because it has succeeded."
    return f"is not cancelled: it is still {status.state!r}. Run the command again later."


async def _carry_out(work: Work, where: Where, output: Output, *, creates: bool) -> int:
    def say_start() -> None:
        output.hint("[dim]starting a service on this machine[/]")

    async with open_any_session(where, say_start, creates=creates) as session:
        await work(session)
    return OK


async def _submit(
    session: Session, model: str, input: dict[str, Any], *, callback_url: str | None, idempotency_key: str
) -> str:
    submit = partial(
        KieApiClient.submit, model=model, input=input, callback_url=callback_url, idempotency_key=idempotency_key
    )
    try:
        return (await session.call(submit)).id
    except InputRefused as error:
        if error.remedy is None and _known(model):
            error.remedy = f"`enlarger models show {model}` says what the model takes."
        raise
    except asyncio.CancelledError:
        raise Interrupted(
            "Interrupted before the service had answered: the task may have been made. An Enlarger service makes"
            f" no second one for the same command with --idempotency-key {idempotency_key}."
        ) from None


async def _follow(
    session: Session, task_id: str, progress: TaskProgress, *, model: str | None, deadline: float | None
) -> TaskStatus:
    """Wait for a task's end; whatever ends the wait before, the task's id and how to go on are told."""
    go_on = f"enlarger wait {task_id}"
    try:
        return await session.follow(task_id, model=model, deadline=deadline, on_progress=progress)
    except asyncio.CancelledError:
        raise Interrupted(f"Interrupted. The task is not lost; wait on with: {go_on}", task_id=task_id) from None
    except WaitTimeout as error:
        raise WaitTimeout(error.message, task_id=task_id, remedy=f"It goes on; wait on with: {go_on}") from error
    except ServiceError as error:
        error.task_id = task_id
        if not isinstance(error, NotFound):
            error.remedy = " ".join(filter(None, (error.remedy, f"The task is not lost; wait on with: {go_on}")))
        raise


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
        ("created", status.created_at and say_time(status.created_at)),
        ("took", None if status.seconds is None or not status.ended else f"{status.seconds:g} s"),
        ("credits", None if status.credits is None or not status.ended else f"{status.credits:g}"),
        ("failed", say_failure(status) if status.failed else None),
        *(("result", url) for url in status.urls),
        ("result", say_data(status)),
        ("made by", say_made(made) if (made := read_made(status)) else None),
    ]
    return [(name, str(value)) for name, value in facts if value]


async def _attempts(session: Session, task_id: str) -> list[AttemptRecord]:
    """What our service tells of a task's providers; the hosted one tells nothing."""
    try:
        return await session.call(partial(KieApiClient.attempts, task_id=task_id))
    except NotSupported:
        return []


def _say_attempt(attempt: AttemptRecord) -> str:
    reason = f": {attempt.reason}" if attempt.reason else ""
    return f"{attempt.provider} {attempt.state}{', abandoned' if attempt.abandoned else ''}{reason}"


def _colour(status: TaskStatus) -> str:
    colour = {"success": "green", "fail": "red"}.get(status.state, "yellow")
    return f"[{colour}]{escape(plain(status.state))}[/]"
