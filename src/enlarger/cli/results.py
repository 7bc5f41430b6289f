"""The output of results: prints URLs and paths, saves files, or writes them to stdout."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.markup import escape

from enlarger.cli.output import Output, Style, plain
from enlarger.cli.result_origin import describe_origin, from_sandbox, read_origin
from enlarger.cli.session import Session
from enlarger.cli.streams import StdoutUnwritable, already_done, check_stdout, copy_to, is_sink, is_stdout
from enlarger.cli.task_document import task_document
from enlarger.client import TaskStatus
from enlarger.errors import InvalidInput, StorageError, TaskError
from enlarger.protocol.codes import CANCELLED

HERE = "."


async def conclude(
    session: Session, output: Output, status: TaskStatus, target: str | None, *, warnings: Sequence[str] = ()
) -> None:
    """Print a task's result, or save it at `target`. Raises TaskFailed."""
    status.raise_failure()
    data = task_document(status, files=[], warnings=list(warnings))
    if target is None or not status.urls:
        print_task(output, list(status.urls) or [format_data(status)], data)
    else:
        await save(session, output, status, target, data)
    output.hint(_format_summary(status))
    if (made := read_origin(status)) and made.note:
        output.hint(escape(plain(made.note)))


def print_task(output: Output, lines: list[str], data: dict[str, Any]) -> None:
    """Print a task's result. If that fails, the error says how to get it again."""
    try:
        output.lines(lines, data)
    except StdoutUnwritable as error:
        task_id = data["taskId"]
        again = f"Get the result again: enlarger wait {task_id}"
        raise TaskError(str(error), task_id=task_id, remedy=again) from None


async def save(session: Session, output: Output, source: TaskStatus | str, target: str, data: dict[str, Any]) -> None:
    """Save a task's result, or the file at a URL, and print its path, unless it went to stdout."""
    try:
        if is_sink(target):
            await _pour(session, source, target)
            names = [target]
        else:
            names = [str(path) for path in await session.call(lambda client: client.download(source, target))]
    except (OSError, StorageError, InvalidInput) as error:
        if isinstance(error, BrokenPipeError):
            raise
        if isinstance(source, str):
            raise _unwritable(target, error) from None
        again = f"Download the result again: enlarger download {source.task_id} -o FILE"
        raise TaskError(str(_unwritable(target, error)), task_id=source.task_id, remedy=again) from None
    if is_stdout(target):
        return
    with already_done(f"The result was saved: {', '.join(names)}."):
        output.lines(names, data | {"files": names})


async def _pour(session: Session, source: TaskStatus | str, target: str) -> None:
    """Download a whole result first, then write it to stdout, a FIFO or a device."""
    if isinstance(source, TaskStatus) and len(source.urls) > 1:
        raise InvalidInput("--output", f"There are {len(source.urls)} files, and {target} takes one: name a folder.")
    with tempfile.TemporaryDirectory(prefix="enlarger-") as folder:
        (path,) = await session.call(lambda client: client.download(source, f"{folder}/"))
        copy_to(target, path)


def check_target(target: str, output: Output) -> None:
    """Raise what is wrong with a place for a result, before anything is requested."""
    if is_stdout(target):
        check_stdout("--output", target)
        if output.style is Style.JSON:
            raise InvalidInput(
                "--json", f"With --output {target} the result is on stdout, so there is no room for --json."
            )
        return
    path = Path(target)
    path = Path(os.path.realpath(path)) if path.is_symlink() else path
    folder = path if path.is_dir() or target.endswith(("/", "\\")) else path.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        raise StorageError(f"{target} cannot be written: {folder} is not a folder.")
    if path.exists() and not path.is_dir():
        if not os.access(path, os.W_OK):
            raise StorageError(f"{target} cannot be written: you have no write permission for it.")
    elif not os.access(folder, os.W_OK | os.X_OK):
        raise StorageError(f"{target} cannot be written: the folder {folder.absolute()} is not writable.")


def _unwritable(target: str, error: OSError | StorageError | InvalidInput) -> StorageError | InvalidInput:
    if isinstance(error, StorageError | InvalidInput):
        return error
    return StorageError(f"{target} cannot be written: {error.strerror or error}.")


def default_target(session: Session) -> str | None:
    """Where results go without -o. A service that ends with the command takes its URLs with it, so files are saved."""
    return HERE if session.local else None


def format_data(status: TaskStatus) -> str:
    """The result of a model that makes no files; empty without one."""
    return "" if status.data is None else str(status.data)


def describe_failure(status: TaskStatus) -> str:
    """Why a task failed, as a sentence with its code."""
    code = "" if status.fail_code in (None, CANCELLED) else f" (code {status.fail_code})"
    default = "It was cancelled" if status.fail_code == CANCELLED else "The service gave no reason"
    return f"{(status.fail_message or default).rstrip('.')}{code}."


def _format_summary(status: TaskStatus) -> str:
    """A task's duration, cost and origin, in Rich markup."""
    made = read_origin(status)
    facts = (
        f"task {status.task_id}",
        None if status.seconds is None else f"{status.seconds:g} s",
        None if status.credits is None else f"{status.credits:g} credits",
        None if made is None else describe_origin(made),
    )
    line = escape(plain(", ".join(filter(None, facts))))
    return f"[yellow]{line}[/]" if from_sandbox(status) else line
