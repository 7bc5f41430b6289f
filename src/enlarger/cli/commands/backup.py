"""`enlarger backup`, `restore` and `move`: a whole installation, out of a service, into one, and to another place."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import typer

from enlarger.cli.help import Commands
from enlarger.cli.options import SERVICE, DataDir, Json, Quiet, make_output
from enlarger.cli.packages import needed_for
from enlarger.cli.runner import run_alone
from enlarger.cli.streams import read_argument

app: Commands = Commands()

_PLACE = "a folder, a file ending in .tar, or a bucket as s3://, gs:// or az://"


@app.command(
    rich_help_panel=SERVICE,
    epilog="**Examples**\n\n`enlarger backup /mnt/backups/enlarger`\n\n`enlarger backup enlarger.tar`\n\n"
    "`enlarger backup s3://my-backups/enlarger`",
)
def backup(
    destination: Annotated[
        str, typer.Argument(metavar="DESTINATION", help=f"Where to write it: {_PLACE}.", show_default=False)
    ],
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Back up the database and the stored files, also while the service is running.

    A folder or bucket that holds an earlier backup gets only the files that are new, and is up to date afterwards.
    The backup contains secrets: keep it like the service itself.
    """
    _run(_module("installation").back_up, json=json, quiet=quiet, data_dir=data_dir, destination=destination)


@app.command(
    rich_help_panel=SERVICE,
    epilog="**Examples**\n\n`enlarger restore /mnt/backups/enlarger`\n\n"
    "`DATABASE_URL=postgresql://… enlarger restore s3://my-backups/enlarger --waiting fail`",
)
def restore(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help=f"The backup: {_PLACE}.", show_default=False)],
    waiting: Annotated[
        Literal["run", "fail"] | None,
        typer.Option(
            metavar="run|fail",
            help="What to do with tasks that were waiting: run, if the old service did nothing after the backup; or"
            " fail, if it may have paid for them since. Needed only if there are such tasks.",
        ),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Restore a backup into an empty database and storage.

    Restores to the database at DATABASE_URL, or in the data directory, and to the storage at ENLARGER_STORAGE_URL. The
    backup is verified first. Stop the old service before you start the new one: both would poll the same tasks and send
    the same callbacks.
    """
    _run(_module("installation").restore, json=json, quiet=quiet, data_dir=data_dir, source=source, waiting=waiting)


@app.command(
    rich_help_panel=SERVICE,
    epilog="**Examples**\n\n`enlarger move --to-database @database-url.txt --to-storage s3://my-images`\n\n"
    "`enlarger move --to-database embedded`",
)
def move(
    to_database: Annotated[
        str | None,
        typer.Option(
            metavar="URL|@FILE|embedded",
            help="The new, empty database. Other users of this machine can see a URL here, but not in a file.",
        ),
    ] = None,
    to_storage: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER|URL", help="The new, empty storage: a folder, or a bucket as s3://, gs://, az://."
        ),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
) -> None:
    """Move the service's data to another database, another storage, or both, while the service is stopped.

    Afterwards it prints which settings to change. The old database is locked, so that no service starts on it by
    mistake. The old files are kept.
    """
    url = read_argument(to_database).strip() if to_database is not None else None
    _run(_module("moving").move, json=json, quiet=quiet, data_dir=data_dir, to_database=url, to_storage=to_storage)


def _run(work: Any, *, json: bool, quiet: bool, data_dir: Path | None, **arguments: Any) -> NoReturn:
    """Run what one of the commands does."""
    from enlarger.all_settings import load_settings

    output = make_output(json=json, quiet=quiet)

    async def with_settings() -> int:
        code: int = await work(load_settings(data_dir=data_dir), output, **arguments)
        return code

    run_alone(with_settings, output)


def _module(name: str) -> Any:
    """The module that does the work. Raises ConfigurationError when the packages for it are not installed."""
    with needed_for("A service of your own"):
        return import_module(f"enlarger.cli.{name}")
