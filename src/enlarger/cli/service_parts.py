"""The parts of a service, put together in this process: all of it, or this process's share of it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from enlarger.all_settings import Settings
from enlarger.atomic_files import write_once
from enlarger.cli.processes import connections_of
from enlarger.cli.service_process import database_url_of
from enlarger.console import console_pages
from enlarger.errors import ConfigurationError, DataDirectoryError
from enlarger.infra.data_directory import DataDirectory
from enlarger.infra.database import open_database
from enlarger.infra.migrations import migrate
from enlarger.infra.safe_http import Allowed
from enlarger.infra.storage import Storage
from enlarger.mcp_server.mount import agent_tools
from enlarger.monitoring.exposition import Exposition
from enlarger.monitoring.siblings import Siblings
from enlarger.server import Service, create_app
from enlarger.server import serve as listen
from enlarger.server.metrics import exposition_of, serving_metrics
from enlarger.tasks.accounts import AccountStore, make_key
from enlarger.worker import Worker, WorkerConfig

_EMBEDDED = "embedded"


async def _at_once() -> None:
    """Wait for nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A process's share of a service that several processes run; by default it runs the service alone."""

    number: int = 1
    """Counted from 1. The first process runs this machine's engine, which uses every core for one picture."""
    of: int = 1
    listener: socket.socket | None = None
    """Where this process accepts connections to the API."""
    metrics_listener: socket.socket | None = None
    siblings: Siblings | None = None
    gate: Callable[[], Awaitable[None]] = _at_once
    """Called when this process is prepared; returns when all are, which then accept requests and tasks."""


ALONE = Share()


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
    with data.hold():
        async with database_url_of(settings, data) as url:
            await migrate(url)
            async with both(settings, url, config=config) as running:
                data.announce(running.url, running.api_key)
                yield running


@asynccontextmanager
async def both(
    settings: Settings, database_url: str, share: Share = ALONE, *, config: WorkerConfig | None = None
) -> AsyncIterator[Running]:
    """The API and a worker around a block, with a database that is up to date; `config` is the worker's."""
    data = DataDirectory(settings.data_dir)
    storage = Storage(settings.storage_url or str(data.files))
    with data.workspace() as work:
        async with open_database(database_url, connections=connections_of("up", share.of)) as database:
            service = await Service.open(settings, database, storage, processes=share.of)
            key = await _default_key(settings, data, service.accounts, only=settings.database_url is None)
            working = Worker(
                database,
                storage,
                settings,
                allowed=service.allowed,
                work=work,
                cache=data.cache,
                engine=share.number == 1,
                config=config,
            )
            metrics = exposition_of(settings, database, storage, siblings=share.siblings)
            await share.gate()
            async with (
                _showing(settings, metrics, share) as address,
                _listening(service, metrics, share) as url,
                _working(working),
            ):
                yield Running(url=url, api_key=key, service=service, metrics=address)


@asynccontextmanager
async def api(settings: Settings, database_url: str, share: Share = ALONE) -> AsyncIterator[Running]:
    """The API around a block, with a database that is up to date."""
    data = DataDirectory(settings.data_dir)
    storage = Storage(settings.storage_url or str(data.files))
    async with open_database(database_url, connections=connections_of("serve", share.of)) as database:
        service = await Service.open(settings, database, storage, processes=share.of)
        key = await _default_key(settings, data, service.accounts, only=False)
        metrics = exposition_of(settings, database, storage, siblings=share.siblings)
        await share.gate()
        async with _showing(settings, metrics, share) as address, _listening(service, metrics, share) as url:
            yield Running(url=url, api_key=key, service=service, metrics=address)


@asynccontextmanager
async def worker(settings: Settings, database_url: str, share: Share = ALONE) -> AsyncIterator[str | None]:
    """A worker around a block, with a database that is up to date; yields the address of its metrics."""
    data = DataDirectory(settings.data_dir)
    storage = Storage(settings.storage_url or str(data.files))
    with data.workspace() as work:
        async with open_database(database_url, connections=connections_of("worker", share.of)) as database:
            allowed = Allowed.parse(settings.allow_private, data.listeners)
            working = Worker(
                database,
                storage,
                settings,
                allowed=allowed,
                work=work,
                cache=data.cache,
                engine=share.number == 1,
            )
            metrics = exposition_of(settings, database, storage, siblings=share.siblings)
            await share.gate()
            async with _showing(settings, metrics, share) as address, _working(working):
                yield address


def _listening(service: Service, metrics: Exposition, share: Share) -> AbstractAsyncContextManager[str]:
    """Serve the API, the console and the tools for agents around a block; yields their address."""
    settings = service.settings
    app = create_app(service, pages=console_pages(), mounts=[agent_tools(settings)], exposition=metrics)
    return listen(app, host=settings.host, port=settings.port, trusted=service.trusted_proxies, listener=share.listener)


@asynccontextmanager
async def _showing(settings: Settings, metrics: Exposition, share: Share) -> AsyncIterator[str | None]:
    """Serve the metrics around a block; yields their own address, if they have one."""
    async with metrics.answering(), serving_metrics(settings, metrics, listener=share.metrics_listener) as address:
        yield address


@asynccontextmanager
async def _working(worker: Worker) -> AsyncIterator[None]:
    """A worker around a block; when it fails, so does the block."""
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run())
        try:
            yield
        finally:
            worker.stop()


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
