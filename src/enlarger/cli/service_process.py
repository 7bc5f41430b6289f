"""Runs a service, or a process of one, until it is asked to stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import structlog

from enlarger.all_settings import Settings
from enlarger.cli.event_loop import new_event_loop
from enlarger.cli.output import Output
from enlarger.cli.signals import stop_signals
from enlarger.errors import ConfigurationError
from enlarger.infra.data_directory import DataDirectory
from enlarger.infra.logs import set_up_logs
from enlarger.infra.migrations import migrate_when_up
from enlarger.infra.postgres import EmbeddedPostgres
from enlarger.infra.tracing import exporting

Command = Callable[[Settings, asyncio.Event, Output], Awaitable[None]]

STOPPING = "Stopping: tasks in progress go back to the queue."
"""What is printed when a worker is asked to stop."""

_log = structlog.get_logger("enlarger.cli")


def run(
    settings: Settings, output: Output, command: Command, *, process: int | None = None, slow_stop: float = 30.0
) -> None:
    """Run a command until it is asked to stop by Ctrl-C, SIGTERM, or the closing of its terminal.

    `process` is the number of this process, which its log shows, where several run one service.

    A stop that takes more than `slow_stop` seconds is logged, with what it waits for. Raises KeyboardInterrupt when it
    is asked to stop before it is ready, like every other command that is interrupted, and ConfigurationError when
    traces are to be sent and OpenTelemetry's SDK is not installed.
    """
    set_up_logs(settings.log_level, process=process)

    async def until_stopped() -> bool:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()

        def ask() -> None:
            if stop.is_set():
                return
            stop.set()
            loop.call_later(slow_stop, _log_slow_stop, slow_stop)

        for request in stop_signals():
            loop.add_signal_handler(request, ask)
        early = False
        try:
            await command(settings, stop, output)
        except* StoppedEarly:
            early = True
        return early

    with exporting(settings.otlp_endpoint), asyncio.Runner(loop_factory=new_event_loop) as runner:
        early = runner.run(until_stopped())
    if early:
        raise KeyboardInterrupt


def _log_slow_stop(seconds: float) -> None:
    """Log what a slow stop is waiting for."""
    stays = [list(_places(task.get_coro())) for task in asyncio.all_tasks()]
    _log.warning("still_stopping", seconds=seconds, tasks=stays)


def _places(awaits: Any) -> Iterator[str]:
    """The frames of a suspended coroutine, outermost first."""
    while (frame := getattr(awaits, "cr_frame", None)) is not None:
        yield f"{frame.f_code.co_qualname}:{frame.f_lineno}"
        awaits = awaits.cr_await


class StoppedEarly(Exception):
    """The command was asked to stop before it was ready."""


def check_wanted(stop: asyncio.Event) -> None:
    """Raise StoppedEarly if the command, which is ready now, has been asked to stop already."""
    if stop.is_set():
        raise StoppedEarly


async def make_ready(settings: Settings, stop: asyncio.Event, output: Output, url: str) -> None:
    """Bring the database at `url` up to date; waits while Postgres is still starting, and prints that it does.

    Raises DatabaseUnavailable when it does not come in time, and what `run` takes for an end when `stop` is set.
    """
    migrating = asyncio.create_task(migrate_when_up(url, seconds=settings.database_wait, on_wait=output.say))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((migrating, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not migrating.done():
            raise StoppedEarly
        await migrating
    finally:
        for task in (migrating, stopping):
            task.cancel()
        await asyncio.gather(migrating, stopping, return_exceptions=True)


async def shared_database(settings: Settings, command: str, stop: asyncio.Event, output: Output) -> str:
    """The URL of the database that all parts of a service share, which is up to date then; makes the data directory.

    Raises ConfigurationError when it, or the storage, is not set.
    """
    if settings.database_url is None:
        raise ConfigurationError(
            f"`enlarger {command}` needs DATABASE_URL, the Postgres that all parts of a service share:"
            " set it, or run everything at once with `enlarger up`."
        )
    if settings.storage_url is None:
        raise ConfigurationError(
            f"`enlarger {command}` needs ENLARGER_STORAGE_URL, the folder or bucket that all parts of a service share:"
            " set it, or run everything at once with `enlarger up`."
        )
    url = settings.database_url.get_secret_value()
    DataDirectory(settings.data_dir).prepare()
    await make_ready(settings, stop, output, url)
    return url


@asynccontextmanager
async def database_url_of(settings: Settings, data: DataDirectory) -> AsyncIterator[str]:
    """The URL of the database at DATABASE_URL, or of an embedded one that runs around the block."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    async with EmbeddedPostgres(data.postgres).running() as url:
        yield url
