"""`enlarger run` and `enlarger wait`: create a task, wait for it, and get its result."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from enlarger.cli.completers import complete_model
from enlarger.cli.help import Commands
from enlarger.cli.options import (
    PICTURES,
    ApiKey,
    BaseUrl,
    DataDir,
    Fields,
    InputJson,
    Json,
    Quiet,
    Strict,
    Target,
    TaskId,
    Timeout,
)
from enlarger.cli.output import Output
from enlarger.cli.runner import run_with_service
from enlarger.cli.streams import Piped
from enlarger.errors import (
    InputRefused,
    Interrupted,
    InvalidInput,
    Maintenance,
    NotFound,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
    TaskError,
    UnknownModel,
    WaitTimeout,
)

if TYPE_CHECKING:
    from enlarger.cli.progress import TaskProgress
    from enlarger.cli.session import Session
    from enlarger.client import TaskStatus

app: Commands = Commands()


@app.command(
    rich_help_panel=PICTURES,
    epilog="**Examples**\n\n"
    "`enlarger run google/nano-banana -i prompt='a quiet room' -o room.png`\n\n"
    "`enlarger run topaz/image-upscale -i image_url=@photo.jpg -i upscale_factor=2 -o photos/`\n\n"
    "`enlarger run google/nano-banana-edit -i image_urls=@a.jpg -i image_urls=@b.jpg -i prompt=@prompt.txt --json`\n\n"
    "`enlarger run google/nano-banana --input-json @room.json -o - > room.png`",
)
def run(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL",
            help="The model to run; `enlarger models` lists them.",
            show_default=False,
            autocompletion=complete_model,
        ),
    ],
    input: Fields = None,
    input_json: InputJson = None,
    strict: Strict = False,
    output: Target = None,
    callback: Annotated[str | None, typer.Option(metavar="URL", help="A URL to call when the task has ended.")] = None,
    idempotency_key: Annotated[
        str | None,
        typer.Option(
            metavar="KEY",
            help="At an Enlarger service, running the command again with this key creates no second task.",
        ),
    ] = None,
    wait: Annotated[
        bool, typer.Option(help="Wait for the result. With --no-wait, print the task's id and exit.")
    ] = True,
    timeout: Timeout = None,
    json: Json = False,
    quiet: Quiet = False,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
    data_dir: DataDir = None,
) -> None:
    """Create a task, wait for it, and print or download its result.

    Prints the URLs of the result; with -o, downloads it and prints the paths. Results of a service on this machine are
    always downloaded, by default into the current folder. The task's id is printed first: if the wait is interrupted,
    `enlarger wait TASK` resumes it at no extra cost.
    """
    if output is not None and not wait:
        raise InvalidInput(
            "--output",
            "With --no-wait there is no result yet for --output: leave one of them out,"
            " or save it later with `enlarger wait TASK -o FILE`.",
        )
    if timeout is not None and not wait:
        raise InvalidInput(
            "--timeout",
            "With --no-wait there is no wait for --timeout to limit: leave one of them out,"
            " or give it to `enlarger wait TASK --timeout SECONDS` later.",
        )
    work = partial(
        run_task,
        model=model,
        assignments=input or [],
        document=input_json,
        strict=strict,
        target=output,
        callback_url=callback,
        idempotency_key=idempotency_key,
        deadline=timeout,
        wait=wait,
    )
    run_with_service(work, json=json, quiet=quiet, base_url=base_url, api_key=api_key, data_dir=data_dir, creates=True)


@app.command(
    rich_help_panel=PICTURES, epilog="**Example**\n\n`enlarger wait 5f488be792eafad4b066e21e5bc472c7 -o image.png`"
)
def wait(
    task: TaskId,
    output: Target = None,
    timeout: Timeout = None,
    json: Json = False,
    quiet: Quiet = False,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
    data_dir: DataDir = None,
) -> None:
    """Wait for an existing task, and print or download its result."""
    work = partial(wait_for_task, task_id=task, target=output, deadline=timeout)
    run_with_service(work, json=json, quiet=quiet, base_url=base_url, api_key=api_key, data_dir=data_dir)


async def run_task(
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
    """Create a task; then wait for it and print or download its result."""
    from enlarger.cli.assignments import check_input, form_of, read_input
    from enlarger.cli.progress import TaskProgress
    from enlarger.cli.results import check_target, conclude, default_target, print_task
    from enlarger.cli.task_document import new_task, task_document

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
                with _already_created(task_id):
                    status = await _follow(session, task_id, progress, model=model, deadline=deadline)
    if wait:
        with _already_created(task_id):
            await conclude(session, output, status, target or default_target(session), warnings=notes)
        return
    print_task(output, [task_id], task_document(new_task(task_id, model, input), warnings=notes))
    if session.own:
        output.hint(f"The task starts when a service runs again: [bold]enlarger wait {escape(task_id)}[/] starts one.")


@contextmanager
def _already_created(task_id: str) -> Iterator[None]:
    """Raise TaskError for what another try may mend: the same command would create, and pay for, a second task."""
    try:
        yield
    except (RateLimited, ServiceUnavailable, Maintenance) as error:
        again = f"The task was created: get its result with: enlarger wait {task_id} -o FILE"
        raise TaskError(error.message, code=error.code, task_id=task_id, remedy=again) from error


async def wait_for_task(
    session: Session, output: Output, *, task_id: str, target: str | None, deadline: float | None
) -> None:
    """Wait for an existing task, and print or download its result."""
    from enlarger.cli.progress import TaskProgress
    from enlarger.cli.results import check_target, conclude, default_target

    if target:
        check_target(target, output)
    first = await session.call(lambda client: client.get_task_status(task_id))
    with TaskProgress(output.hints, _known(first.model)) as progress:
        status = await _follow(session, task_id, progress, model=first.model, deadline=deadline)
    await conclude(session, output, status, target or default_target(session))


async def _submit(
    session: Session, model: str, input: dict[str, Any], *, callback_url: str | None, idempotency_key: str
) -> str:
    import asyncio

    from enlarger.client import KieApiClient
    from enlarger.client.advice import concerns_input

    submit = partial(
        KieApiClient.submit, model=model, input=input, callback_url=callback_url, idempotency_key=idempotency_key
    )
    try:
        return (await session.call(submit)).id
    except InputRefused as error:
        if error.remedy is None and concerns_input(error) and _known(model):
            error.remedy = f"`enlarger models show {model}` lists the fields of the model."
        raise
    except asyncio.CancelledError:
        raise Interrupted(
            "Interrupted before the service responded: the task may have been created. An Enlarger service creates"
            f" no second one for the same command with --idempotency-key {idempotency_key}."
        ) from None


async def _follow(
    session: Session, task_id: str, progress: TaskProgress, *, model: str | None, deadline: float | None
) -> TaskStatus:
    """Wait for a task to end. If the wait fails, the error has the task's id and the command that resumes it."""
    import asyncio

    resume = f"enlarger wait {task_id}"
    try:
        return await session.follow(task_id, model=model, deadline=deadline, on_progress=progress)
    except asyncio.CancelledError:
        raise Interrupted(f"Interrupted. The task continues; resume the wait with: {resume}", task_id=task_id) from None
    except WaitTimeout as error:
        raise WaitTimeout(
            error.message, task_id=task_id, remedy=f"It continues; resume the wait with: {resume}"
        ) from error
    except ServiceError as error:
        error.task_id = task_id
        if not isinstance(error, NotFound):
            error.remedy = " ".join(filter(None, (error.remedy, f"The task continues; resume the wait with: {resume}")))
        raise


def _known(model: str | None) -> str | None:
    """The model's id, if the catalogue knows it."""
    from enlarger.catalog import get_model

    try:
        return get_model(model).id if model else None
    except UnknownModel:
        return None
