"""`enlarger upload`: files for the inputs of tasks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from enlarger.cli.help import Commands
from enlarger.cli.options import PICTURES, ApiKey, BaseUrl, DataDir, Json, Quiet
from enlarger.cli.output import Output, plain
from enlarger.cli.runner import run_with_service
from enlarger.cli.streams import Piped, is_piped
from enlarger.errors import InvalidInput
from enlarger.protocol.inline import is_url

if TYPE_CHECKING:
    from enlarger.cli.session import Session
    from enlarger.client import UploadedFile

app: Commands = Commands()


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
    work = partial(_upload_files, sources=files, name=name)
    run_with_service(work, json=json, quiet=quiet, base_url=base_url, api_key=api_key, data_dir=data_dir, creates=True)


async def _upload_files(session: Session, output: Output, *, sources: Sequence[str], name: str | None) -> int:
    """Upload files, or have the service fetch URLs; prints the URL of each, and returns the exit code."""
    from enlarger.cli.several import do_each
    from enlarger.client import KieApiClient

    if name is not None and len(sources) > 1:
        raise InvalidInput("--name", "--name is for one file: upload them one by one, or leave it out.")
    with Piped() as piped:

        async def upload(source: str) -> UploadedFile:
            if not (is_url(source) or is_piped(source) or Path(source).is_file()):
                raise InvalidInput("FILE", f"There is no file {source}.")
            file = piped.file(source) if is_piped(source) else source
            with output.hints.status(f"uploading {escape(plain(source))}"):
                return await session.call(partial(KieApiClient.upload, source=file, name=name))

        uploaded = await do_each(
            sources, upload, output, key="source", line=lambda _, file: file.url, document=lambda file: file.raw
        )
    return uploaded.code
