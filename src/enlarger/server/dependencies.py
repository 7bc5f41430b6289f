"""What the handlers work with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from enlarger.all_settings import Settings
from enlarger.errors import ConfigurationError
from enlarger.infra.addresses import Network, read_network
from enlarger.infra.database import Database
from enlarger.infra.listener import Listener
from enlarger.infra.storage import Storage
from enlarger.providers.setup import limits_of
from enlarger.server.bodies import BodyBudget
from enlarger.server.openai_names import Names, read_names
from enlarger.server.readiness import Readiness
from enlarger.settings import Limits
from enlarger.tasks.estimates import Estimates
from enlarger.tasks.events import CHANNEL
from enlarger.wiring import Wiring

_READ_SECONDS = 1.5
"""How long a request that reads waits for a Postgres that does not answer: it is told within two seconds."""
_WRITE_SECONDS = 20.0
"""The same for a request that changes something; a restart of Postgres rarely takes longer."""
_MEGABYTE = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Service(Wiring):
    """The stores behind the API, the settings it answers by, and what it keeps while it runs."""

    readiness: Readiness
    listener: Listener
    """Wakes those who wait for a task's next event; the application runs it."""
    bodies: BodyBudget
    """What requests may be sending at a time."""
    estimates: Estimates
    """How long open tasks will still take."""
    limits: Mapping[str, Limits]
    """The limits of each provider."""
    openai_names: Names
    """The models behind names of OpenAI's."""
    trusted_proxies: tuple[Any, ...] = ()
    """Networks; what stands in front of the service there is believed about where requests come from."""
    heartbeat: float = 15.0
    """Seconds of silence after which a stream of events says that it is still there."""

    @classmethod
    async def open(cls, settings: Settings, database: Database, storage: Storage, *, processes: int = 1) -> Self:
        """Put it together; the database is up to date already. Raises ConfigurationError.

        The request bodies that may be in flight are divided equally among `processes`.
        """
        if settings.result_links == "storage" and not storage.signs:
            raise ConfigurationError(
                "ENLARGER_RESULT_LINKS=storage needs a bucket that signs links: set ENLARGER_STORAGE_URL to s3://…,"
                " gs://… or az://…, or leave ENLARGER_RESULT_LINKS out."
            )
        database = database.for_requests(read_seconds=_READ_SECONDS, write_seconds=_WRITE_SECONDS)
        return await cls.connect(
            settings,
            database,
            storage,
            readiness=Readiness(database, storage),
            listener=Listener(database, CHANNEL),
            estimates=Estimates(database),
            limits=limits_of(settings),
            bodies=BodyBudget(int(settings.bodies_mb * _MEGABYTE) // processes),
            openai_names=read_names(settings.openai_models),
            trusted_proxies=_networks(settings.trusted_proxies),
        )

    def for_changes(self) -> Self:
        """The service for requests that change something: their reads, too, wait while Postgres restarts."""
        return self.over(self.database.for_requests(read_seconds=_WRITE_SECONDS, write_seconds=_WRITE_SECONDS))


def _networks(entries: tuple[str, ...]) -> tuple[Network, ...]:
    try:
        return tuple(read_network(entry) for entry in entries)
    except ValueError as error:
        raise ConfigurationError(f"ENLARGER_TRUSTED_PROXIES: {error}; give addresses or networks.") from None
