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
async def open_service_database(settings: Settings, *, creates: bool = False) -> AsyncIterator[Database]:
    """The database at DATABASE_URL, or the embedded one, whether a service runs on it or not.

    Raises DataDirectoryError if the data directory does not exist, unless `creates`: then it is made.
    """
    async with AsyncExitStack() as stack:
        if settings.database_url is not None:
            url = settings.database_url.get_secret_value()
        else:
            data = DataDirectory(settings.data_dir)
            if not creates:
                data.require()
            postgres = EmbeddedPostgres(data.postgres)
            try:
                stack.enter_context(data.hold())
            except DataDirectoryInUse:
                url = postgres.url  # of the service that runs
            else:
                url = await stack.enter_async_context(postgres.running())
        await migrate(url)
        yield await stack.enter_async_context(open_database(url, connections=2))
