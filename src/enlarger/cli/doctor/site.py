"""What the checks examine: the settings, the data directory, and the database that these name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from enlarger.errors import DataDirectoryInUse, PostgresError

if TYPE_CHECKING:
    import asyncpg

    from enlarger.all_settings import Settings
    from enlarger.infra.data_directory import DataDirectory
    from enlarger.infra.postgres import EmbeddedPostgres

_CONNECT_SECONDS = 10.0


class NoDatabase(Exception):
    """There is no database to examine, and a `reason` for it where there should be one."""

    def __init__(self, reason: Exception | None = None) -> None:
        super().__init__()
        self.reason = reason


class Site:
    """One service, or what there is of it. Everything is looked up when a check first asks for it."""

    def __init__(self, data_dir: Path | None = None) -> None:
        """`data_dir` comes from the command line."""
        self._data_dir = data_dir
        self._stack = AsyncExitStack()
        self._database: asyncio.Task[str] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._database is not None:
            await asyncio.gather(self._database, return_exceptions=True)
        await self._stack.aclose()

    @cached_property
    def _read(self) -> tuple[Settings, list[str]]:
        from enlarger.all_settings import settings_class
        from enlarger.settings import read_what_can_be

        return read_what_can_be(settings_class(), data_dir=self._data_dir)

    @property
    def settings(self) -> Settings:
        """The settings; one that is wrong has its default."""
        return self._read[0]

    @property
    def wrong_settings(self) -> list[str]:
        """What is wrong with each setting that is."""
        return self._read[1]

    @property
    def data(self) -> DataDirectory:
        """The data directory, which may not be there."""
        from enlarger.infra.data_directory import DataDirectory

        return DataDirectory(self.settings.data_dir)

    @property
    def cache(self) -> Path:
        """The data directory's folder for what can be made again, which may not be there."""
        return self.data.cache

    async def database_url(self) -> str:
        """The URL of the database. An embedded one that is not running is started, and stopped with the doctor.

        Raises NoDatabase where none has been made yet, and DataDirectoryError or PostgresError where it cannot run.
        """
        if self._database is None:
            self._database = asyncio.create_task(self._find_database())
        return await asyncio.shield(self._database)

    async def _find_database(self) -> str:
        from enlarger.infra.postgres import EmbeddedPostgres

        if self.settings.database_url is not None:
            return self.settings.database_url.get_secret_value()
        data = self.data
        if not (data.postgres / "PG_VERSION").exists():
            raise NoDatabase
        data.require()
        postgres = EmbeddedPostgres(data.postgres)
        try:
            self._stack.enter_context(data.hold())
        except DataDirectoryInUse:
            return postgres.url  # of the service that runs
        return await self._stack.enter_async_context(_started(postgres))

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection to the database. Raises NoDatabase where that cannot be had, for whatever reason."""
        import asyncpg

        from enlarger.infra.database import CANNOT_CONNECT

        try:
            url = await self.database_url()
            connection = await asyncpg.connect(url, timeout=_CONNECT_SECONDS, command_timeout=_CONNECT_SECONDS)
        except (PostgresError, *CANNOT_CONNECT) as error:
            raise NoDatabase(error) from error
        try:
            yield connection
        finally:
            connection.terminate()  # nothing was written, and a server that is silent would be waited for


@asynccontextmanager
async def _started(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """Run an embedded Postgres around a block; it is stopped also where its start was interrupted or has failed."""
    starting = asyncio.create_task(postgres.start())
    try:
        await asyncio.shield(starting)
        yield postgres.url
    finally:
        await asyncio.gather(starting, return_exceptions=True)
        await postgres.stop()
