"""Finds a service to be the client of: the one that is named, one that runs on this machine, or one of our own.

`docs/reference/cli.md` tells the rules.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import httpx2

from enlarger.cli.packages import needed_for
from enlarger.cli.remedies import HERE, Origin, explained
from enlarger.client import HOSTED_URL, KieApiClient, OnProgress, TaskStatus
from enlarger.errors import ConfigurationError, DataDirectoryInUse, ServiceUnreachable, SubmissionUnknown, WaitTimeout

if TYPE_CHECKING:
    from enlarger.all_settings import Settings
    from enlarger.infra.data_directory import DataDirectory

T = TypeVar("T")

_STARTING_SECONDS = 90.0
"""How long another process may take between holding the data directory and answering."""
_POLL_SECONDS = 0.5
"""Between two polls of a task of a service on this machine."""
_LOCAL_RETRIES = 1
"""A service on this machine that does not answer is gone: another one is found or started instead."""


@dataclass(frozen=True, slots=True)
class Where:
    """The options that choose a service."""

    base_url: str | None = None
    api_key: str | None = None
    data_dir: Path | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """A client, and whether the service behind it is this command's own."""

    client: KieApiClient
    own: bool = False


Connect = Callable[[AsyncExitStack], Awaitable[Connection]]


class Session:
    """A client that stays usable when the service behind it changes.

    A service on this machine may be another command's own, which ends with that command. The tasks are in the
    database, so the next service, perhaps ours, goes on with them.
    """

    def __init__(self, connect: Connect, stack: AsyncExitStack, *, local: bool, origin: Origin = HERE) -> None:
        self._connect = connect
        self._stack = stack
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()
        self._origin = origin
        self.local = local
        """Whether the service is one on this machine that comes and goes."""

    @property
    def own(self) -> bool:
        """Whether the service was started for this command, and ends with it."""
        return self._connection is not None and self._connection.own

    async def client(self) -> KieApiClient:
        """The client as it is now; finds or starts the service if that is still to be done."""
        return await self._current(None)

    async def call(self, work: Callable[[KieApiClient], Awaitable[T]]) -> T:
        """Do `work` with a client; once more with a new one when a service on this machine is gone.

        So `work` must be safe to be done twice, as creating with an idempotency key is: the next service has the same
        database.
        """
        client = await self._current(None)
        with explained(self._origin):
            try:
                return await work(client)
            except (ServiceUnreachable, SubmissionUnknown):
                if not self.local:
                    raise
                return await work(await self._current(client))

    async def follow(
        self,
        task_id: str,
        *,
        model: str | None = None,
        deadline: float | None = None,
        on_progress: OnProgress | None = None,
    ) -> TaskStatus:
        """Wait for a task's end. Raises WaitTimeout."""
        if not self.local:
            client = await self.client()
            with explained(self._origin):
                return await client.task(task_id, model=model).wait(deadline=deadline, on_progress=on_progress)
        loop = asyncio.get_running_loop()
        end = None if deadline is None else loop.time() + deadline
        while True:
            status = await self.call(lambda client: client.get_task_status(task_id))
            if on_progress is not None:
                on_progress(status)
            if status.ended:
                return status
            if end is not None and loop.time() >= end:
                raise WaitTimeout(
                    f"Task {task_id} is {status.state!r} after {deadline:g} s of waiting.", task_id=task_id
                )
            await asyncio.sleep(_POLL_SECONDS)

    async def _current(self, broken: KieApiClient | None) -> KieApiClient:
        async with self._turn:
            if self._connection is None or self._connection.client is broken:
                self._connection = await self._connect(self._stack)
            return self._connection.client


def _nothing() -> None:
    pass


@asynccontextmanager
async def open_session(where: Where, on_note: Callable[[str], None] = lambda _: None) -> AsyncIterator[Session]:
    """A session with the service that is named, or else with one on this machine, started if need be.

    One that is started has a database and a storage of its own, whatever DATABASE_URL says, which is often another
    app's; `on_note` then gets a sentence about it.
    """

    def about_to_start(settings: Settings) -> Settings:
        if settings.database_url is None:
            return settings
        on_note(
            f"DATABASE_URL is not used: no service was found, so this command uses the database in {settings.data_dir}."
        )
        return settings.model_copy(update={"database_url": None, "storage_url": None})

    async with AsyncExitStack() as stack:
        session = _named(where, stack) or _local(where.data_dir, stack, about_to_start)
        await session.client()
        yield session


@asynccontextmanager
async def open_any_session(
    where: Where, on_start: Callable[[], None] = _nothing, *, creates: bool = True
) -> AsyncIterator[Session]:
    """The same, with the hosted service before one that would have to be started, if there is a key for it.

    Nothing is started before the session is used; `on_start` is called when that is about to happen. On a database
    that is shared, by DATABASE_URL, none is started at all: using the session raises ConfigurationError. Nor is one on
    a data directory that does not exist, unless the command `creates` something: that raises DataDirectoryError.
    """
    async with AsyncExitStack() as stack:
        key = _variable("KIE_API_KEY")
        session = _named(where, stack)
        if session is None and key and await _found_here(where.data_dir) is None:
            session = _to(Origin(HOSTED_URL, "", "KIE_API_KEY"), key, stack)

        def about_to_start(settings: Settings) -> Settings:
            from enlarger.infra.data_directory import DataDirectory  # not without the packages for a service

            _leave_shared_database_alone(settings)
            if not creates:
                DataDirectory(settings.data_dir).require()
            on_start()
            return settings

        yield session or _local(where.data_dir, stack, about_to_start)


@asynccontextmanager
async def find_client(where: Where) -> AsyncIterator[KieApiClient | None]:
    """A client of the Enlarger service that is named or runs on this machine, if there is one; none is started."""
    async with AsyncExitStack() as stack:
        if (session := _named(where, stack)) is not None:
            client = await session.client()
            yield client if client.options.base_url != HOSTED_URL else None
        elif (found := await _found_here(where.data_dir)) is not None:
            yield await _local_client(*found, stack)
        else:
            yield None


def _named(where: Where, stack: AsyncExitStack) -> Session | None:
    """The service that options or the environment name. Raises ConfigurationError when its key is missing."""
    option = ("--api-key", where.api_key)
    for address, url, keys in (
        ("--base-url", where.base_url, (option, _setting("KIE_API_KEY"), _setting("ENLARGER_API_KEY"))),
        (*_setting("KIE_BASE_URL"), (option, _setting("KIE_API_KEY"))),
        (*_setting("ENLARGER_BASE_URL"), (option, _setting("ENLARGER_API_KEY"))),
        ("", HOSTED_URL if where.api_key else None, (option,)),
    ):
        if not url:
            continue
        key_name, key = next(((name, key) for name, key in keys if key), ("", None))
        if not key:
            other = "--api-key" if address == "--base-url" else address.replace("BASE_URL", "API_KEY")
            raise ConfigurationError(f"{address} is set and {other} is not: set it to your key there.")
        own_uploads = address in ("--base-url", "ENLARGER_BASE_URL")
        return _to(Origin(url, address, key_name), key, stack, own_uploads=own_uploads)
    return None


def _setting(name: str) -> tuple[str, str]:
    return name, _variable(name)


def _variable(name: str) -> str:
    return os.environ.get(name, "").strip()


def _to(origin: Origin, key: str, stack: AsyncExitStack, *, own_uploads: bool = False) -> Session:
    """A session with the service of `origin`; with `own_uploads` KIE_UPLOAD_URL is another service's."""
    upload_url = origin.url if own_uploads and not origin.is_hosted else None

    async def connect(stack: AsyncExitStack) -> Connection:
        return Connection(await stack.enter_async_context(KieApiClient(key, origin.url, upload_url=upload_url)))

    return Session(connect, stack, local=False, origin=origin)


def _leave_shared_database_alone(settings: Settings) -> None:
    """Raise ConfigurationError when a service that is started here would work on a database that others use."""
    if settings.database_url is not None:
        raise ConfigurationError(
            "DATABASE_URL is set and no service was found on this machine's data directory. None is started for one"
            " command on a database of your own, because it would migrate it and work on its tasks. Name the service:"
            " set ENLARGER_BASE_URL and ENLARGER_API_KEY (or KIE_BASE_URL and KIE_API_KEY), or give --base-url and"
            " --api-key; or start one with `enlarger up`."
        )


def _local(data_dir: Path | None, stack: AsyncExitStack, on_start: Callable[[Settings], Settings]) -> Session:
    return Session(lambda stack: _find_or_start(data_dir, stack, on_start), stack, local=True)


async def _find_or_start(
    data_dir: Path | None, stack: AsyncExitStack, on_start: Callable[[Settings], Settings]
) -> Connection:
    elsewhere = ", or set KIE_BASE_URL and KIE_API_KEY to use one that runs elsewhere"
    with needed_for("A service on this machine", otherwise=elsewhere):
        from enlarger.all_settings import load_settings
        from enlarger.cli.service_parts import whole_service
        from enlarger.infra.data_directory import DataDirectory
        from enlarger.infra.logs import set_up_logs
    set_up_logs("error")
    settings = load_settings(data_dir=data_dir, host="127.0.0.1", port=0)
    data = DataDirectory(settings.data_dir)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _STARTING_SECONDS
    while True:
        if found := await _running(data):
            return Connection(await _local_client(*found, stack))
        if data.holder() is not None and settings.database_url is not None and loop.time() <= deadline:
            # It may not be up yet, or be gone in a moment; then `on_start` decides.
            await asyncio.sleep(0.2)
            continue
        if data.holder() is None or settings.database_url is not None:
            settings = on_start(settings)
        try:
            running = await run_beside(whole_service(settings), stack)
        except DataDirectoryInUse:
            # Another process starts, or stops, a service on it.
            if loop.time() > deadline:
                raise
            await asyncio.sleep(0.2)
        else:
            return Connection(await _local_client(running.url, running.api_key, stack), own=True)


async def run_beside(service: AbstractAsyncContextManager[T], stack: AsyncExitStack) -> T:
    """Enter `service` in a task of its own, where it is left again when `stack` is closed."""
    started: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    ending = asyncio.Event()

    async def run() -> None:
        try:
            async with service as running:
                if not started.done():  # the waiter may have been interrupted
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


async def _found_here(data_dir: Path | None) -> tuple[str, str] | None:
    """The address and the key of the service that runs on this machine's data directory, if there is one."""
    try:
        from enlarger.all_settings import load_settings
        from enlarger.infra.data_directory import DataDirectory
    except ModuleNotFoundError:
        return None
    return await _running(DataDirectory(load_settings(data_dir=data_dir).data_dir))


async def _running(data: DataDirectory) -> tuple[str, str] | None:
    """The address and the key of the service that holds the data directory, if it answers."""
    holder = data.holder()
    if holder is None or holder.url is None or holder.api_key is None:
        return None
    async with httpx2.AsyncClient(trust_env=False, timeout=5) as http:
        try:
            alive = (await http.get(f"{holder.url}/healthz")).is_success
        except httpx2.HTTPError:
            alive = False
    return (holder.url, holder.api_key) if alive else None


async def _local_client(url: str, key: str, stack: AsyncExitStack) -> KieApiClient:
    """A client of a service on this machine, whatever KIE_UPLOAD_URL and KIE_PROXY say of the hosted one."""
    http = await stack.enter_async_context(httpx2.AsyncClient(trust_env=False))
    return KieApiClient(key, url, upload_url=url, max_retries=_LOCAL_RETRIES, http_client=http)
