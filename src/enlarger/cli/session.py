"""Finds a service to be the client of: the one that is named, one that runs on this machine, or one of our own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from enlarger.client import JobsClient
from enlarger.errors import ConfigurationError, DataDirectoryInUse, ServiceUnreachable

if TYPE_CHECKING:
    from enlarger.infra.data_directory import Holder

T = TypeVar("T")

_STARTING_SECONDS = 90.0
"""How long another process may take between holding the data directory and answering."""


class Session:
    """A client that stays usable when the service behind it changes.

    A service on this machine may be another command's own, which ends with that command. The tasks are in the
    database, so the next service, perhaps ours, goes on with them.
    """

    def __init__(self, connect: Callable[[AsyncExitStack], Awaitable[JobsClient]], stack: AsyncExitStack) -> None:
        self._connect = connect
        self._stack = stack
        self._client: JobsClient | None = None
        self._turn = asyncio.Lock()

    async def connect(self) -> None:
        """Find or start the service; otherwise the first call does."""
        await self._current(None)

    async def call(self, work: Callable[[JobsClient], Awaitable[T]]) -> T:
        """Do `work` with a client, once more with a new one when the service is gone."""
        client = await self._current(None)
        try:
            return await work(client)
        except ServiceUnreachable:
            return await work(await self._current(client))

    async def _current(self, broken: JobsClient | None) -> JobsClient:
        async with self._turn:
            if self._client is None or self._client is broken:
                self._client = await self._connect(self._stack)
            return self._client


@asynccontextmanager
async def open_session(data_dir: Path | None) -> AsyncIterator[Session]:
    """A session with the service at ENLARGER_BASE_URL, or else with one on this machine."""
    _read_dotenv()
    base_url = os.environ.get("ENLARGER_BASE_URL", "").strip()
    async with AsyncExitStack() as stack:
        session = Session(
            (lambda stack: _named(base_url, stack)) if base_url else (lambda stack: _local(data_dir, stack)), stack
        )
        await session.connect()
        yield session


async def _named(base_url: str, stack: AsyncExitStack) -> JobsClient:
    key = os.environ.get("ENLARGER_API_KEY", "").strip()
    if not key:
        raise ConfigurationError("ENLARGER_BASE_URL is set and ENLARGER_API_KEY is not: set it to your key there.")
    return await stack.enter_async_context(JobsClient(base_url, key))


async def _local(data_dir: Path | None, stack: AsyncExitStack) -> JobsClient:
    try:
        from enlarger.cli.service import whole_service
        from enlarger.infra.data_directory import DataDirectory
        from enlarger.infra.logs import set_up_logs
        from enlarger.settings import load_settings
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"Enlarging on this machine needs the package {error.name}: `pip install 'enlarger[all]'`,"
            " or set ENLARGER_BASE_URL to use a service that runs elsewhere."
        ) from error
    set_up_logs("error")
    settings = load_settings(data_dir=data_dir, host="127.0.0.1", port=0)
    data = DataDirectory(settings.data_dir)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _STARTING_SECONDS
    while True:
        if client := await _running(data.holder(), stack):
            return client
        try:
            running = await _run_beside(whole_service(settings), stack)
        except DataDirectoryInUse:
            # Another process starts, or stops, a service on it.
            if loop.time() > deadline:
                raise
            await asyncio.sleep(0.2)
        else:
            return await stack.enter_async_context(JobsClient(running.url, running.api_key))


async def _run_beside(service: AbstractAsyncContextManager[T], stack: AsyncExitStack) -> T:
    """Enter `service` in a task of its own, where it is left again when `stack` is closed."""
    started: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    ending = asyncio.Event()

    async def run() -> None:
        try:
            async with service as running:
                started.set_result(running)
                await ending.wait()
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    task = asyncio.create_task(run())

    async def end() -> None:
        ending.set()
        await task

    stack.push_async_callback(end)
    return await started


async def _running(holder: Holder | None, stack: AsyncExitStack) -> JobsClient | None:
    """A client of the service that holds the data directory, if it answers."""
    if holder is None or holder.url is None or holder.api_key is None:
        return None
    client = JobsClient(holder.url, holder.api_key)
    if not await client.is_there():
        return None
    return await stack.enter_async_context(client)


def _read_dotenv() -> None:
    """Take what a `.env` file sets, as the service does; the package for it comes with the service."""
    try:
        from dotenv import load_dotenv
    except ModuleNotFoundError:
        return
    load_dotenv(Path(".env"))
