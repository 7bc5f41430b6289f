"""Assembles the parts of a process, for the API and the worker alike: stores, links, routing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from enlarger.all_settings import Settings
from enlarger.infra.callback_hosts import CallbackHosts
from enlarger.infra.data_directory import DataDirectory
from enlarger.infra.database import Database
from enlarger.infra.links import Links
from enlarger.infra.safe_http import Allowed
from enlarger.infra.storage import Storage
from enlarger.infra.webhook_urls import WebhookUrls
from enlarger.providers.routing import Routing, routing_of
from enlarger.providers.spec import Surroundings
from enlarger.tasks.accounts import LINKS, WEBHOOK_URLS, AccountStore
from enlarger.tasks.attempts import AttemptStore
from enlarger.tasks.deliveries import DeliveryStore
from enlarger.tasks.events import EventStore
from enlarger.tasks.files import FileStore
from enlarger.tasks.ledger import Ledger
from enlarger.tasks.limits import default_limits
from enlarger.tasks.listings import TaskListings
from enlarger.tasks.maintenance import MaintenanceStore
from enlarger.tasks.orphans import OrphanStore
from enlarger.tasks.provider_lines import ProviderLines
from enlarger.tasks.provider_states import ProviderStates
from enlarger.tasks.queue_state import QueueState
from enlarger.tasks.rate_limits import RateLimiter
from enlarger.tasks.sessions import SessionStore
from enlarger.tasks.store import TaskStore
from enlarger.tasks.usage import UsageStore
from enlarger.tasks.workers import WorkerStore


@dataclass(frozen=True, kw_only=True)
class _Stores:
    """A database and all stores that use it."""

    database: Database
    accounts: AccountStore
    ledger: Ledger
    listings: TaskListings
    """Tasks for people to look through."""
    tasks: TaskStore
    attempts: AttemptStore
    deliveries: DeliveryStore
    events: EventStore
    files: FileStore
    maintenance: MaintenanceStore
    """Whether new tasks are taken."""
    provider_states: ProviderStates
    queue_state: QueueState
    """What waits, and who is at work."""
    orphans: OrphanStore
    provider_lines: ProviderLines
    """Tasks that wait for a hosted provider."""
    usage: UsageStore
    rate_limiter: RateLimiter
    sessions: SessionStore
    """Sign-ins to the console."""
    workers: WorkerStore
    """The running workers and their engines."""


def _stores(database: Database, settings: Settings) -> _Stores:
    return _Stores(
        database=database,
        accounts=AccountStore(database),
        ledger=Ledger(database),
        listings=TaskListings(database),
        tasks=TaskStore(database, default_limits(settings)),
        attempts=AttemptStore(database),
        deliveries=DeliveryStore(database),
        events=EventStore(database),
        files=FileStore(database),
        maintenance=MaintenanceStore(database),
        provider_states=ProviderStates(database),
        queue_state=QueueState(database),
        orphans=OrphanStore(database),
        provider_lines=ProviderLines(database),
        usage=UsageStore(database),
        rate_limiter=RateLimiter(database),
        sessions=SessionStore(database),
        workers=WorkerStore(database),
    )


@dataclass(frozen=True, kw_only=True)
class Wiring(_Stores):
    """What a process works with, whether it serves the API or is a worker."""

    settings: Settings
    storage: Storage
    links: Links
    webhook_urls: WebhookUrls
    routing: Routing
    """Who runs what."""
    allowed: Allowed
    """The addresses that are not public, and that this process may connect to all the same."""
    callback_hosts: CallbackHosts
    """Which hosts callbacks may be sent to."""

    @classmethod
    async def connect(
        cls, settings: Settings, database: Database, storage: Storage, *, allowed: Allowed | None = None, **own: Any
    ) -> Self:
        """Put everything together; the database is up to date already. Raises ConfigurationError.

        `allowed` is what the settings allow if it is not given; `own` are the fields of a subclass.
        """
        stores = _stores(database, settings)
        return cls(
            settings=settings,
            **vars(stores),
            storage=storage,
            links=Links(await stores.accounts.shared_secret(LINKS), database.now),
            webhook_urls=WebhookUrls(await stores.accounts.shared_secret(WEBHOOK_URLS), settings.public_url),
            routing=routing_of(settings),
            allowed=allowed or Allowed.parse(settings.allow_private, DataDirectory(settings.data_dir).listeners),
            callback_hosts=CallbackHosts(settings.callback_allow, settings.callback_deny),
            **own,
        )

    def over(self, database: Database) -> Self:
        """The same with all stores over another database, such as one with other time limits."""
        return replace(self, **vars(_stores(database, self.settings)))

    def surroundings(self, cache: Path) -> Surroundings:
        """What providers are opened with. `cache` is a folder for what can be made again."""
        return Surroundings(allowed=self.allowed, cache=cache, now=self.database.now)
