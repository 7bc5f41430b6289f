"""What the handlers work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from enlarger.infra.database import Database
from enlarger.infra.links import Links
from enlarger.infra.storage import Storage
from enlarger.settings import Settings
from enlarger.tasks.accounts import AccountStore
from enlarger.tasks.files import FileStore
from enlarger.tasks.store import TaskStore


@dataclass(frozen=True, slots=True)
class Service:
    """The stores behind the API, and the settings it answers by."""

    settings: Settings
    database: Database
    storage: Storage
    accounts: AccountStore
    tasks: TaskStore
    files: FileStore
    links: Links

    @classmethod
    async def open(cls, settings: Settings, database: Database, storage: Storage) -> Self:
        """Put the stores together; the database is up to date already."""
        accounts = AccountStore(database)
        return cls(
            settings=settings,
            database=database,
            storage=storage,
            accounts=accounts,
            tasks=TaskStore(database),
            files=FileStore(database),
            links=Links(await accounts.shared_secret("links")),
        )
