"""What the handlers work with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self, TypedDict

from enlarger.errors import ConfigurationError
from enlarger.infra.addresses import Network, read_network
from enlarger.infra.callback_hosts import CallbackHosts
from enlarger.infra.data_directory import DataDirectory
from enlarger.infra.database import Database
from enlarger.infra.links import Links
from enlarger.infra.listener import Listener
from enlarger.infra.safe_http import Allowed
from enlarger.infra.storage import Storage
from enlarger.infra.webhook_urls import WebhookUrls
from enlarger.providers.routing import Routing, routing_of
from enlarger.server.bodies import BodyBudget
from enlarger.server.readiness import Readiness
from enlarger.settings import Settings
from enlarger.tasks.accounts import WEBHOOK_URLS, AccountStore
from enlarger.tasks.attempts import AttemptStore
from enlarger.tasks.deliveries import DeliveryStore
from enlarger.tasks.events import CHANNEL, EventStore
from enlarger.tasks.files import FileStore
from enlarger.tasks.ledger import Ledger
from enlarger.tasks.maintenance import MaintenanceStore
from enlarger.tasks.store import TaskStore

_READ_SECONDS = 1.5
"""How long a request that reads waits for a Postgres that does not answer: it is told within two seconds."""
_WRITE_SECONDS = 20.0
"""The same for a request that changes something; a restart of Postgres rarely takes longer."""
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Service:
    """The stores behind the API, and the settings it answers by."""

    settings: Settings
    database: Database
    storage: Storage
    accounts: AccountStore
    ledger: Ledger
    tasks: TaskStore
    attempts: AttemptStore
    deliveries: DeliveryStore
    events: EventStore
    files: FileStore
    links: Links
    webhook_urls: WebhookUrls
    readiness: Readiness
    routing: Routing
    """Who runs what."""
    maintenance: MaintenanceStore
    """Whether new tasks are taken."""
    listener: Listener
    """Wakes those who wait for a task's next event; the application runs it."""
    allowed: Allowed
    """Which addresses this process may connect to for its apps."""
    callback_hosts: CallbackHosts
    """Which hosts it may send callbacks to."""
    bodies: BodyBudget
    """What requests may be sending at a time."""
    trusted_proxies: tuple[Any, ...] = ()
    """Networks; what stands in front of the service there is believed about where requests come from."""
    heartbeat: float = 15.0
    """Seconds of silence after which a stream of events says that it is still there."""

    @classmethod
    async def open(cls, settings: Settings, database: Database, storage: Storage) -> Self:
        """Put the stores together; the database is up to date already. Raises ConfigurationError."""
        if settings.result_links == "storage" and not storage.signs:
            raise ConfigurationError(
                "ENLARGER_RESULT_LINKS=storage needs a bucket that signs links: set ENLARGER_STORAGE_URL to s3://…,"
                " gs://… or az://…, or leave ENLARGER_RESULT_LINKS out."
            )
        database = database.for_requests(read_seconds=_READ_SECONDS, write_seconds=_WRITE_SECONDS)
        accounts = AccountStore(database)
        return cls(
            settings=settings,
            **_stores(database),
            storage=storage,
            links=Links(await accounts.shared_secret("links"), database.now),
            webhook_urls=WebhookUrls(await accounts.shared_secret(WEBHOOK_URLS), settings.public_url),
            readiness=Readiness(database, storage),
            routing=routing_of(settings),
            listener=Listener(database, CHANNEL),
            allowed=Allowed.parse(settings.allow_private, DataDirectory(settings.data_dir).listeners),
            callback_hosts=CallbackHosts(settings.callback_allow, settings.callback_deny),
            bodies=BodyBudget(int(settings.bodies_mb * _MEGABYTE)),
            trusted_proxies=_networks(settings.trusted_proxies),
        )

    def for_changes(self) -> Self:
        """The service for requests that change something: their reads, too, wait while Postgres restarts."""
        database = self.database.for_requests(read_seconds=_WRITE_SECONDS, write_seconds=_WRITE_SECONDS)
        return replace(self, **_stores(database))


class _Stores(TypedDict):
    """A database and all stores that use it, by the names of the service's fields."""

    database: Database
    accounts: AccountStore
    ledger: Ledger
    tasks: TaskStore
    attempts: AttemptStore
    deliveries: DeliveryStore
    events: EventStore
    files: FileStore
    maintenance: MaintenanceStore


def _stores(database: Database) -> _Stores:
    return _Stores(
        database=database,
        accounts=AccountStore(database),
        ledger=Ledger(database),
        tasks=TaskStore(database),
        attempts=AttemptStore(database),
        deliveries=DeliveryStore(database),
        events=EventStore(database),
        files=FileStore(database),
        maintenance=MaintenanceStore(database),
    )


def _networks(entries: tuple[str, ...]) -> tuple[Network, ...]:
    try:
        return tuple(read_network(entry) for entry in entries)
    except ValueError as error:
        raise ConfigurationError(f"ENLARGER_TRUSTED_PROXIES: {error}; give addresses or networks.") from None
