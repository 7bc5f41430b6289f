"""The commands about tasks, as they are typed. What they do is in `tasks`, imported only when one runs."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from enlarger.cli.completion import STATES, complete_model, one_of
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
    Target,
    Timeout,
    carry_out_there,
    make_output,
)
from enlarger.errors import InvalidInput

app: Commands = Commands()

TaskId = Annotated[str, typer.Argument(metavar="TASK", help="The task's id.", show_default=False)]


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
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse fields and models that the catalogue does not have.")
    ] = False,
    output: Target = None,
    callback: Annotated[str | None, typer.Option(metavar="URL", help="A URL to call when the task has ended.")] = None,
    idempotency_key: Annotated[
        str | None,
        typer.Option(
            metavar="KEY", help="Running the command again with this key makes no second task, at an Enlarger service."
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
    """Make a task, wait for it, and print or download its result.

    Prints the URLs of the result; with -o, downloads it and prints the paths. Results of a service on this machine are
    always downloaded, by default into the current folder. The task's id is printed first: if the wait is interrupted,
    `enlarger wait TASK` resumes it, and nothing is paid for twice.
    """
    from enlarger.cli import tasks

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
    said = make_output(json=json, quiet=quiet)
    work = partial(
        tasks.run,
        output=said,
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
    carry_out_there(work, said, base_url, api_key, data_dir, creates=True)


@app.command(rich_help_panel=PICTURES, epilog="**Example**\n\n`enlarger status 5f488be792eafad4b066e21e5bc472c7`")
def status(
    task: TaskId,
    json: Json = False,
    quiet: Quiet = False,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
    data_dir: DataDir = None,
) -> None:
    """Show a task's status; with --quiet in one word, with --json as the whole record."""
    from enlarger.cli import tasks

    said = make_output(json=json, quiet=quiet)
    carry_out_there(partial(tasks.show, output=said, task_id=task), said, base_url, api_key, data_dir)


@app.command(
    rich_help_panel=PICTURES, epilog="**Example**\n\n`enlarger wait 5f488be792eafad4b066e21e5bc472c7 -o picture.png`"
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
    from enlarger.cli import tasks

    said = make_output(json=json, quiet=quiet)
    work = partial(tasks.wait, output=said, task_id=task, target=output, deadline=timeout)
    carry_out_there(work, said, base_url, api_key, data_dir)


@app.command(
    rich_help_panel=PICTURES,
    epilog="**Examples**\n\n`enlarger download 5f488be792eafad4b066e21e5bc472c7 -o pictures/`\n\n"
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
    from enlarger.cli import tasks

    said = make_output(json=json, quiet=quiet)
    work = partial(tasks.download, output=said, source=source, target=output)
    carry_out_there(work, said, base_url, api_key, data_dir)


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
        str | None, typer.Option(metavar="TASK", help="Begin after this task, such as the last one listed before.")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
    data_dir: DataDir = None,
) -> None:
    """List the newest tasks of an Enlarger service; with --quiet only their ids."""
    from enlarger.cli import tasks

    if all and limit is not None:
        raise InvalidInput("--limit", "With --all there is no --limit: leave one of them out.")
    said = make_output(json=json, quiet=quiet)
    most = None if all else limit or 20
    work = partial(tasks.list_tasks, output=said, state=state, model=model, limit=most, after=after)
    carry_out_there(work, said, base_url, api_key, data_dir)


@app.command(
    rich_help_panel=PICTURES,
    epilog="**Example**\n\n`enlarger cancel 5f488be792eafad4b066e21e5bc472c7`\n\n"
    "The hosted service cannot cancel tasks.",
)
def cancel(
    tasks: Annotated[list[str], typer.Argument(metavar="TASK", help="The tasks' ids.", show_default=False)],
    json: Json = False,
    quiet: Quiet = False,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
    data_dir: DataDir = None,
) -> None:
    """Cancel tasks of an Enlarger service; those that have ended stay as they are."""
    from enlarger.cli.tasks import cancel as work

    said = make_output(json=json, quiet=quiet)
    carry_out_there(partial(work, output=said, task_ids=tasks), said, base_url, api_key, data_dir)


@app.command(
    rich_help_panel=PICTURES,
    epilog="**Examples**\n\n`enlarger upload photo.jpg`\n\n`enlarger upload https://example.com/photo.jpg`\n\n"
    "`enlarger upload - --name photo.jpg < photo.jpg`",
)
def upload(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|URL", help="Files, URLs for the service to fetch, or - for stdin.", show_default=False
        ),
    ],
    name: Annotated[str | None, typer.Option(metavar="NAME", help="The file's name at the service.")] = None,
    json: Json = False,
    quiet: Quiet = False,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
    data_dir: DataDir = None,
) -> None:
    """Upload files for the inputs of tasks, and print their URLs. Services keep uploads for some days."""
    from enlarger.cli.account import upload as upload_files

    said = make_output(json=json, quiet=quiet)
    work = partial(upload_files, output=said, sources=files, name=name)
    carry_out_there(work, said, base_url, api_key, data_dir, creates=True)


@app.command(rich_help_panel=PICTURES, epilog="**Example**\n\n`enlarger credits --json`")
def credits(
    json: Json = False,
    quiet: Quiet = False,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
    data_dir: DataDir = None,
) -> None:
    """Show the account's balance in credits."""
    from enlarger.cli.account import show_credits

    said = make_output(json=json, quiet=quiet)
    carry_out_there(partial(show_credits, output=said), said, base_url, api_key, data_dir)
