"""Runs the work of a command with a service or its database, and ends the command with the exit code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from enlarger.cli.exit_codes import OK, exit_code
from enlarger.cli.options import make_output
from enlarger.cli.output import Output
from enlarger.cli.packages import needed_for
from enlarger.cli.signals import run
from enlarger.errors import EnlargerError, Interrupted

if TYPE_CHECKING:
    from enlarger.cli.session import Session, Where
    from enlarger.infra.database import Database


def run_with_service(
    work: Callable[[Session, Output], Coroutine[Any, Any, int | None]],
    *,
    json: bool,
    quiet: bool,
    base_url: str | None,
    api_key: str | None,
    data_dir: Path | None,
    creates: bool = False,
) -> NoReturn:
    """Run `work`, which may return an exit code, with the service that the options name or find, or with a new one.

    Without `creates`, a service is started only on a data directory that exists already.
    """
    from enlarger.cli.session import Where

    output = make_output(json=json, quiet=quiet)
    where = Where(base_url, api_key, data_dir)
    try:
        code = run(partial(_with_service, work, where, output, creates=creates))
    except KeyboardInterrupt:
        code = _fail(output, Interrupted("Interrupted."))
    except EnlargerError as error:
        code = _fail(output, error)
    raise typer.Exit(code)


def run_with_database(
    work: Callable[[Database, Output], Awaitable[int]],
    *,
    json: bool,
    quiet: bool,
    data_dir: Path | None,
    creates: bool = False,
) -> NoReturn:
    """Run `work` with the database of your own service, whether the service is running or not.

    With `creates`, the data directory of the settings is created if it does not exist, for commands that are run before
    a service is first started. A different one that is named on the command line may be mistyped, and is never created.
    """
    with needed_for("A service of your own"):
        from enlarger.all_settings import load_settings
        from enlarger.cli.database import open_service_database

    output = make_output(json=json, quiet=quiet)

    async def with_database() -> int:
        settings = load_settings(data_dir=data_dir)
        may_create = creates and (data_dir is None or data_dir == load_settings().data_dir)
        async with open_service_database(settings, creates=may_create) as database:
            return await work(database, output)

    run_alone(with_database, output)


def run_alone(work: Callable[[], Coroutine[Any, Any, int]], output: Output) -> NoReturn:
    """Run `work`, which opens what it needs by itself, and end the command with the exit code that it returns."""
    try:
        code = run(work)
    except EnlargerError as error:
        code = _fail(output, error)
    raise typer.Exit(code)


async def _with_service(
    work: Callable[[Session, Output], Coroutine[Any, Any, int | None]], where: Where, output: Output, *, creates: bool
) -> int:
    from enlarger.cli.session import open_any_session

    def announce_start() -> None:
        output.hint("[dim]starting a service on this machine[/]")

    async with open_any_session(where, announce_start, creates=creates) as session:
        return await work(session, output) or OK


def _fail(output: Output, error: EnlargerError) -> int:
    output.error(error)
    return exit_code(error)
