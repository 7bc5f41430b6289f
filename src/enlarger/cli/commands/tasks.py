"""`enlarger status`, `download`, `list` and `cancel`: existing tasks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from enlarger.cli.completers import STATES, complete_model, one_of
from enlarger.cli.help import Commands
from enlarger.cli.options import PICTURES, ApiKey, BaseUrl, DataDir, Json, Quiet, Target, TaskId, TaskIds
from enlarger.cli.output import Output, Style, format_time, make_table, plain
from enlarger.cli.runner import run_with_service
from enlarger.errors import InvalidInput, NotFound, NotSupported
from enlarger.protocol.codes import CANCELLED
from enlarger.protocol.inline import is_url

if TYPE_CHECKING:
    from enlarger.cli.session import Session
    from enlarger.client import TaskStatus
    from enlarger.protocol.records import AttemptRecord

app: Commands = Commands()


@app.command(rich_help_panel=PICTURES, epilog="**Example**\n\n`enlarger status 5f488be792eafad4b066e21e5bc472c7`")
def status(
    task: TaskId,
    json: Json = False,
    quiet: Quiet = False,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
    data_dir: DataDir = None,
) -> None:
    """Show a task's status: in one word with --quiet, as the whole record with --json."""
    run_with_service(
        partial(show_task, task_id=task), json=json, quiet=quiet, base_url=base_url, api_key=api_key, data_dir=data_dir
    )


@app.command(
    rich_help_panel=PICTURES,
    epilog="**Examples**\n\n`enlarger download 5f488be792eafad4b066e21e5bc472c7 -o images/`\n\n"
    "`enlarger download https://…/1.png`",
)
def download(
    source: Annotated[
        str, typer.Argument(metavar="TASK|URL", help="A task's id, or a file's URL.", show_default=False)
    ],
    output: Target = None,
    json: Json = False,
    quiet: Quiet = False,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
    data_dir: DataDir = None,
) -> None:
    """Download a task's result into the current folder or to -o, and print the paths."""
    work = partial(download_result, source=source, target=output)
    run_with_service(work, json=json, quiet=quiet, base_url=base_url, api_key=api_key, data_dir=data_dir)


@app.command(
    rich_help_panel=PICTURES,
    name="list",
    epilog="**Examples**\n\n`enlarger list --state fail --limit 5`\n\n`enlarger list --all --json`\n\n"
    "The hosted service cannot list tasks.",
)
def list_command(
    state: Annotated[
        str | None,
        typer.Option(
            metavar="STATE",
            autocompletion=one_of(*STATES),
            help="Only tasks in this state: waiting, queuing, generating, success or fail.",
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="MODEL", help="Only tasks of this model.", autocompletion=complete_model)
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="How many tasks to list.", show_default="20")
    ] = None,
    all: Annotated[bool, typer.Option("--all", help="List all tasks.")] = False,
    after: Annotated[
        str | None,
        typer.Option(metavar="TASK", help="Start after this task, such as the last one of the previous list."),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
    data_dir: DataDir = None,
) -> None:
    """List the newest tasks of an Enlarger service, or with --quiet only their ids."""
    if all and limit is not None:
        raise InvalidInput("--limit", "With --all there is no --limit: leave one of them out.")
    most = None if all else limit or 20
    work = partial(list_tasks, state=state, model=model, limit=most, after=after)
    run_with_service(work, json=json, quiet=quiet, base_url=base_url, api_key=api_key, data_dir=data_dir)


@app.command(
    rich_help_panel=PICTURES,
    epilog="**Example**\n\n`enlarger cancel 5f488be792eafad4b066e21e5bc472c7`\n\n"
    "The hosted service cannot cancel tasks.",
)
def cancel(
    tasks: TaskIds,
    json: Json = False,
    quiet: Quiet = False,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
    data_dir: DataDir = None,
) -> None:
    """Cancel tasks of an Enlarger service. Tasks that have ended are left as they are."""
    run_with_service(
        partial(cancel_tasks, task_ids=tasks),
        json=json,
        quiet=quiet,
        base_url=base_url,
        api_key=api_key,
        data_dir=data_dir,
    )


async def show_task(session: Session, output: Output, *, task_id: str) -> None:
    """Print a task's status."""
    from enlarger.cli.task_document import task_document

    status = await session.call(lambda client: client.get_task_status(task_id))
    attempts = await _attempts(session, task_id)
    facts = _facts(status) + [(f"attempt {number}", _format_attempt(one)) for number, one in enumerate(attempts, 1)]
    output.facts(facts, [status.state], task_document(status, attempts=attempts, record=status.raw))
    if session.own and status.urls:
        output.hint(f"The result is available only while a service runs: [bold]enlarger download {escape(task_id)}[/]")


async def download_result(session: Session, output: Output, *, source: str, target: str | None) -> None:
    """Download the result of a task, or the file at a URL."""
    from enlarger.cli.results import HERE, check_target, conclude, save

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
    from enlarger.client import KieApiClient
    from enlarger.protocol.records import LONGEST_PAGE

    tasks: list[TaskStatus] = []
    with output.hints.status("listing") as status:
        while True:
            size = LONGEST_PAGE if limit is None else min(LONGEST_PAGE, limit - len(tasks))
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
    from enlarger.cli.results import describe_failure
    from enlarger.cli.task_document import task_document

    table = make_table()
    columns = ["task", "model", "state", "created", "credits"]
    with_reasons = any(task.failed for task in tasks)
    for column in [*columns, "reason"] if with_reasons else columns:
        table.add_column(column, no_wrap=column in ("task", "state"), overflow="fold")
    for task in tasks:
        created = format_time(task.created_at) if task.created_at else ""
        credits = "" if task.credits is None else f"{task.credits:g}"
        row = [task.task_id, escape(plain(task.model or "")), _colour(task), created, credits]
        if with_reasons:
            row.append(escape(plain(describe_failure(task))) if task.failed else "")
        table.add_row(*row)
    output.table(table, [], [task_document(task) for task in tasks])


async def cancel_tasks(session: Session, output: Output, *, task_ids: Sequence[str]) -> int:
    """Cancel tasks, and print which credits are kept; returns the exit code."""
    from enlarger.cli.several import do_each
    from enlarger.cli.task_document import task_document
    from enlarger.client import KieApiClient

    describe = _describe_cancellation if output.style is Style.HUMAN else _cancelled_state
    cancelled = await do_each(
        task_ids,
        lambda task_id: session.call(partial(KieApiClient.cancel, task_id=task_id)),
        output,
        key="taskId",
        line=lambda task_id, status: f"{task_id} {describe(status)}",
        document=task_document,
    )
    kept = [status for status in cancelled.done if status.fail_code == CANCELLED and status.credits]
    for status in kept:
        output.hint(f"{escape(status.task_id)}: {status.credits:g} credits are kept.")
    if kept:
        output.hint("A hosted provider was, or may have been, paid; the credits are refunded if it was not.")
    return cancelled.code


def _cancelled_state(status: TaskStatus) -> str:
    return CANCELLED if status.fail_code == CANCELLED else status.state


def _describe_cancellation(status: TaskStatus) -> str:
    """The outcome of a request to cancel a task."""
    from enlarger.cli.results import describe_failure

    if status.fail_code == CANCELLED:
        return "is cancelled."
    if status.failed:
        return f"cannot be cancelled, because it has failed: {describe_failure(status)}"
    if status.ended:
        return "cannot be cancelled, because it has succeeded."
    return f"is not cancelled: it is still {status.state!r}. Run the command again later."


def _facts(status: TaskStatus) -> list[tuple[str, str]]:
    """A task's details for the human style."""
    from enlarger.cli.result_origin import describe_origin, read_origin
    from enlarger.cli.results import describe_failure, format_data

    facts: list[tuple[str, Any]] = [
        ("task", status.task_id),
        ("model", status.model),
        ("state", status.state),
        ("progress", None if status.progress is None or status.ended else f"{status.progress}%"),
        ("created", status.created_at and format_time(status.created_at)),
        ("took", None if status.seconds is None or not status.ended else f"{status.seconds:g} s"),
        ("credits", None if status.credits is None or not status.ended else f"{status.credits:g}"),
        ("failed", describe_failure(status) if status.failed else None),
        *(("result", url) for url in status.urls),
        ("result", format_data(status)),
        ("made by", describe_origin(made) if (made := read_origin(status)) else None),
    ]
    return [(name, str(value)) for name, value in facts if value]


async def _attempts(session: Session, task_id: str) -> list[AttemptRecord]:
    """A task's attempts at providers, as an Enlarger service reports them; the hosted service does not."""
    from enlarger.client import KieApiClient

    try:
        return await session.call(partial(KieApiClient.attempts, task_id=task_id))
    except NotSupported:
        return []


def _format_attempt(attempt: AttemptRecord) -> str:
    reason = f": {attempt.reason}" if attempt.reason else ""
    return f"{attempt.provider} {attempt.state}{', abandoned' if attempt.abandoned else ''}{reason}"


def _colour(status: TaskStatus) -> str:
    colour = {"success": "green", "fail": "red"}.get(status.state, "yellow")
    return f"[{colour}]{escape(plain(status.state))}[/]"
