"""The database of your own service, for the commands that work on it directly."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from enlarger.all_settings import Settings
from enlarger.errors import DataDirectoryInUse
from enlarger.infra.data_directory import DataDirectory
from enlarger.infra.database import Database, open_database
from enlarger.infra.migrations import migrate
from enlarger.infra.postgres import EmbeddedPostgres


@asynccontextmanager
async def service_database_url(settings: Settings, *, creates: bool = False) -> AsyncIterator[str]:
    """The URL of the database at DATABASE_URL, or of the embedded one, whether a service runs on it or not.

    Raises DataDirectoryError if the data directory does not exist, unless `creates`: then it is made.
    """
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    data = DataDirectory(settings.data_dir)
    if not creates:
        data.require()
    postgres = EmbeddedPostgres(data.postgres)
    async with AsyncExitStack() as stack:
        try:
            stack.enter_context(data.hold())
        except DataDirectoryInUse:
            yield postgres.url  # of the service that runs
        else:
            yield await stack.enter_async_context(postgres.running())


@asynccontextmanager
async def held_database_url(settings: Settings) -> AsyncIterator[str]:
    """The same with the data directory held, and made if need be: no service runs on it meanwhile.

    Raises DataDirectoryInUse.
    """
    data = DataDirectory(settings.data_dir)
    with data.hold():
        if settings.database_url is not None:
            yield settings.database_url.get_secret_value()
            return
        async with EmbeddedPostgres(data.postgres).running() as url:
            yield url


@asynccontextmanager
async def open_service_database(settings: Settings, *, creates: bool = False) -> AsyncIterator[Database]:
    """The database of `service_database_url`, brought up to date."""
    async with service_database_url(settings, creates=creates) as url:
        await migrate(url)
        async with open_database(url, connections=2) as database:
            yield database
