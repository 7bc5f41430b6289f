"""Assembles a service from its parts, and runs it in this process, whole or in part."""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from enlarger._version import __version__
from enlarger.all_settings import Settings
from enlarger.atomic_files import write_once
from enlarger.cli.event_loop import new_event_loop
from enlarger.cli.greeting import describe_providers, offered
from enlarger.cli.output import Output, Style
from enlarger.cli.signals import stop_signals
from enlarger.console import console_pages, example_picture, sign_in_url
from enlarger.errors import ConfigurationError, DataDirectoryError, StorageError
from enlarger.infra.data_directory import DataDirectory
from enlarger.infra.database import open_database
from enlarger.infra.logs import set_up_logs
from enlarger.infra.migrations import migrate, migrate_when_up
from enlarger.infra.postgres import EmbeddedPostgres
from enlarger.infra.safe_http import Allowed
from enlarger.infra.storage import Storage
from enlarger.infra.tracing import exporting
from enlarger.mcp_server.mount import agent_tools
from enlarger.server import Service, create_app
from enlarger.server import serve as listen
from enlarger.server.metrics import serving_metrics
from enlarger.server.upload_files import store_picture
from enlarger.tasks.accounts import DEFAULT, AccountStore, make_key
from enlarger.worker import Worker, WorkerConfig

_EMBEDDED = "embedded"

_log = structlog.get_logger("enlarger.cli")


@dataclass(frozen=True, slots=True)
class Running:
    """A service that answers."""

    url: str
    api_key: str
    service: Service
    metrics: str | None
    """The address of the metrics, if they have one of their own."""


@asynccontextmanager
async def whole_service(
    settings: Settings, *, migrate: Callable[[str], Awaitable[None]] = migrate, config: WorkerConfig | None = None
) -> AsyncIterator[Running]:
    """The database, the API and a worker in this process, around a block; `migrate` makes the database ready.

    `config` is the worker's.

    Raises DataDirectoryInUse when another process holds the data directory.
    """
    data = DataDirectory(settings.data_dir)
    with data.hold(), data.workspace() as work:
        async with _database_url(settings, data) as database_url:
            await migrate(database_url)
            async with open_database(database_url) as database:
                storage = Storage(settings.storage_url or str(data.files))
                service = await Service.open(settings, database, storage)
                key = await _default_key(settings, data, service.accounts, only=settings.database_url is None)
                working = Worker(
                    database, storage, settings, allowed=service.allowed, work=work, cache=data.cache, config=config
                )
                watched = serving_metrics(settings, database, storage)
                async with watched as metrics, _listening(service) as url, _working(working):
                    data.announce(url, key)
                    yield Running(url=url, api_key=key, service=service, metrics=metrics)


def _listening(service: Service) -> AbstractAsyncContextManager[str]:
    """Serve the API, the console and the tools for agents around a block; yields their address."""
    settings = service.settings
    app = create_app(service, pages=console_pages(), mounts=[agent_tools(settings)])
    return listen(app, host=settings.host, port=settings.port, trusted=service.trusted_proxies)


@asynccontextmanager
async def _working(worker: Worker) -> AsyncIterator[None]:
    """A worker around a block; when it fails, so does the block."""
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run())
        try:
            yield
        finally:
            worker.stop()


@asynccontextmanager
async def _database_url(settings: Settings, data: DataDirectory) -> AsyncIterator[str]:
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    async with EmbeddedPostgres(data.postgres).running() as url:
        yield url


def _shared(settings: Settings, command: str) -> tuple[str, Storage]:
    """The database's URL and the storage that the parts of a service share."""
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
    return settings.database_url.get_secret_value(), Storage(settings.storage_url)


async def _default_key(settings: Settings, data: DataDirectory, accounts: AccountStore, *, only: bool) -> str:
    """The default account's key: the one that is set, or else the one in the data directory, made if need be."""
    if settings.api_key is not None:
        key = settings.api_key.get_secret_value().strip()
        if not key:
            raise ConfigurationError("ENLARGER_API_KEY is empty: give a key, or leave it out to have one made.")
    else:
        try:
            key = write_once(data.key_file, make_key().encode() + b"\n", mode=0o600).decode().strip()
        except OSError as error:
            raise DataDirectoryError(f"The key in {data.key_file} cannot be read ({error.strerror}).") from error
    await accounts.register_key(key, source=_EMBEDDED, only=only)
    return key


# Commands


Command = Callable[[Settings, asyncio.Event, Output], Awaitable[None]]


def up(settings: Settings, output: Output) -> None:
    """`enlarger up`."""
    run(settings, output, _up)


def serve(settings: Settings, output: Output) -> None:
    """`enlarger serve`."""
    run(settings, output, _serve)


def worker(settings: Settings, output: Output) -> None:
    """`enlarger worker`."""
    run(settings, output, _work)


def run(settings: Settings, output: Output, command: Command, *, slow_stop: float = 30.0) -> None:
    """Run a command until it is asked to stop by Ctrl-C, SIGTERM, or the closing of its terminal.

    A stop that takes more than `slow_stop` seconds is logged, with what it waits for. Raises KeyboardInterrupt when it
    is asked to stop before it is ready, like every other command that is interrupted, and ConfigurationError when
    traces are to be sent and OpenTelemetry's SDK is not installed.
    """
    set_up_logs(settings.log_level)

    async def until_stopped() -> bool:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()

        def ask() -> None:
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


async def _up(settings: Settings, stop: asyncio.Event, output: Output) -> None:
    async with whole_service(settings, migrate=partial(make_ready, settings, stop, output)) as running:
        check_wanted(stop)
        await _greet(settings, running, output)
        await stop.wait()
        output.say("Stopping: tasks in progress go back to the queue.")


async def _serve(settings: Settings, stop: asyncio.Event, output: Output) -> None:
    data = DataDirectory(settings.data_dir)
    database_url, storage = _shared(settings, "serve")
    data.prepare()
    await make_ready(settings, stop, output, database_url)
    async with open_database(database_url) as database:
        service = await Service.open(settings, database, storage)
        key = await _default_key(settings, data, service.accounts, only=False)
        async with serving_metrics(settings, database, storage) as metrics, _listening(service) as url:
            check_wanted(stop)
            output.say(f"The API answers at {url}; its key is {_where_key(settings, data)}.")
            output.say(f"The console: {await sign_in_url(service, url, key)}")
            _print_metrics(metrics, output)
            _print_providers(settings, output)
            facts = {"url": url, "docs": f"{url}/docs", "metrics": metrics}
            _print_data(output, [url], facts | offered(settings))
            await stop.wait()


async def _work(settings: Settings, stop: asyncio.Event, output: Output) -> None:
    data = DataDirectory(settings.data_dir)
    database_url, storage = _shared(settings, "worker")
    data.prepare()
    await make_ready(settings, stop, output, database_url)
    with data.workspace() as work:
        async with open_database(database_url) as database:
            allowed = Allowed.parse(settings.allow_private, data.listeners)
            working = Worker(database, storage, settings, allowed=allowed, work=work, cache=data.cache)
            async with serving_metrics(settings, database, storage) as metrics, _working(working):
                check_wanted(stop)
                output.say("The worker is waiting for tasks.")
                _print_metrics(metrics, output)
                _print_providers(settings, output)
                _print_data(output, [], {"metrics": metrics, **offered(settings)})
                await stop.wait()
                output.say("Stopping: tasks in progress go back to the queue.")


async def _greet(settings: Settings, running: Running, output: Output) -> None:
    """Print the service's addresses and key, and a command that can be copied to try it."""
    example = example_picture()
    try:
        stored = await store_picture(running.service, DEFAULT, example, name="example.jpg")
        link = running.url + running.service.links.make(stored.id, stored.name, stored.expires_at)
    except StorageError as error:
        output.say(f"The storage does not work; tasks are refused until it does. {error}")
        link = "https://example.com/photo.jpg"
    body = json.dumps({"model": "real-esrgan/fast", "input": {"image_url": link, "upscale_factor": "4"}})
    header = shlex.quote(f"Authorization: Bearer {running.api_key}")
    output.say(f"Enlarger {__version__} is up. Stop it with Ctrl-C.")
    output.say("")
    output.say(f"  open  {await sign_in_url(running.service, running.url, running.api_key)}")
    output.say(f"  API   {running.url}")
    output.say(f"  key   {running.api_key}")
    output.say(f"  docs  {running.url}/docs")
    output.say(f"  data  {settings.data_dir}")
    if running.metrics is not None:
        output.say(f"  metrics  {running.metrics}")
    _print_providers(settings, output)
    if not running.service.allowed.loopback:
        output.say(
            "  URLs of this machine are not reached. To use pictures and callbacks on it during development, start with"
        )
        output.say(
            "        ENLARGER_ALLOW_PRIVATE=127.0.0.0/8,::1, or receive callbacks with `enlarger webhooks listen`."
        )
    output.say("")
    output.say("Create a task, then query its record with the taskId from the answer:")
    output.say("")
    output.say(f"  curl -s {running.url}/api/v1/jobs/createTask -H {header} -d {shlex.quote(body)}")
    output.say(f"  curl -s '{running.url}/api/v1/jobs/recordInfo?taskId=TASK_ID' -H {header}")
    output.say("")
    facts = {"url": running.url, "apiKey": running.api_key, "docs": f"{running.url}/docs", "metrics": running.metrics}
    _print_data(output, [running.url], facts | {"dataDir": str(settings.data_dir), **offered(settings)})


def _print_providers(settings: Settings, output: Output) -> None:
    for line in describe_providers(settings):
        output.say(line)


def _print_metrics(address: str | None, output: Output) -> None:
    if address is not None:
        output.say(f"The metrics: {address}")


def _print_data(output: Output, lines: list[str], data: dict[str, Any]) -> None:
    """Print the data of a service that is ready: lines with `--quiet`, a document with `--json`."""
    if output.style is not Style.HUMAN:
        output.lines(lines, data)


def _where_key(settings: Settings, data: DataDirectory) -> str:
    return "the one in ENLARGER_API_KEY" if settings.api_key else f"in {data.key_file}"
