"""Sets a watch up: the service, the request and the signals that end it."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from rich.markup import escape

from enlarger.cli.exit_codes import OK, exit_code, known_error
from enlarger.cli.output import Output, plain
from enlarger.cli.own import find_network
from enlarger.cli.sandbox import refuse_sandbox
from enlarger.cli.session import Where, open_session
from enlarger.cli.signals import stop_signals
from enlarger.cli.upscale.bar import BatchBar
from enlarger.cli.upscale.batch import Batch
from enlarger.cli.upscale.copies import Copies
from enlarger.cli.upscale.job import Report
from enlarger.cli.upscale.journal import Journal
from enlarger.cli.upscale.ledger import Ledger
from enlarger.cli.upscale.measuring import announce_measuring
from enlarger.cli.upscale.request import (
    FileOptions,
    UpscaleRequest,
    check_output,
    check_request,
    find_model,
    is_dir,
    with_network,
)
from enlarger.cli.watch.wakeups import listening
from enlarger.cli.watch.watch import Watch
from enlarger.errors import InvalidInput


async def watch_until_stopped(
    folder: Path,
    request: UpscaleRequest,
    file_options: FileOptions,
    *,
    settle: float,
    poll: float | None,
    data_dir: Path | None,
    output: Output,
) -> int:
    """Watch a folder until Ctrl-C, SIGTERM or the closing of the terminal; returns the exit code."""
    stop = asyncio.Event()
    main = asyncio.current_task()
    assert main is not None

    def ask() -> None:
        if stop.is_set():
            main.cancel()  # asked for twice
        stop.set()

    if threading.current_thread() is threading.main_thread():
        for number in stop_signals():
            asyncio.get_running_loop().add_signal_handler(number, ask)
    try:
        await watch(folder, request, file_options, stop, settle=settle, poll=poll, data_dir=data_dir, output=output)
    except BaseExceptionGroup as group:
        error = known_error(group)
        if error is None:
            raise
        output.error(error)
        return exit_code(error)
    return OK


async def watch(
    folder: Path,
    request: UpscaleRequest,
    file_options: FileOptions,
    stop: asyncio.Event,
    *,
    settle: float,
    poll: float | None,
    data_dir: Path | None,
    output: Output,
) -> None:
    """Enlarge what appears in a folder until `stop` is set. Raises EnlargerError, also in a group of exceptions."""
    if not is_dir(folder):
        raise InvalidInput("FOLDER", f"{folder} is not a folder: name one that exists.")
    to = file_options.output
    if to is not None and to.exists() and not to.is_dir():
        raise InvalidInput("--to", f"--to {to} is a file: name a folder.")
    where = Where(data_dir=data_dir)
    model = find_model(request.model)
    if own := await find_network(model, where):
        request = with_network(request, scale=own.scale, digest=own.digest)
    check_output(file_options)
    request = check_request(request, model)
    async with open_session(where, output.warn) as session:
        if not request.allow_sandbox:
            await refuse_sandbox(session, model)
        await announce_measuring(session, where, model, output)
        copies, journal = Copies(session, keep=file_options.keep_copies), Journal(Ledger(data_dir).folder)

        def open_batch(ledger: Ledger) -> Batch:
            bar = BatchBar(output.hints)
            return Batch(session, model, request, Report(), bar, output, copies, ledger, journal=journal)

        watching = Watch(folder, request, file_options, open_batch, output, data_dir=data_dir, settle=settle)
        async with listening(folder, stop, recursive=file_options.recursive, poll=poll) as wakeups:
            output.hint(f"Watching {escape(plain(str(folder)))}; Ctrl-C ends it.")
            await watching.run(wakeups)
    output.hint(f"Stopped, after {watching.done} enlarged. Tasks in progress go on; the next start fetches them.")
