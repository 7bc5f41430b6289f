"""What keeps providers from being asked, as all processes know it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from enlarger.infra.database import Connection, Database
from enlarger.tasks.sql import sql

LONGEST_PAUSE = 600.0
"""Seconds between two questions whether a suspended provider is well again."""


WORKER_PREFIX = "enlarger worker "
"""The name of a worker's connection that listens begins so; the providers that are set up there follow."""
_UNUSED = ";"
"""Separates the providers that get tasks from those that get none."""


def worker_name(used: Iterable[str], unused: Iterable[str] = ()) -> str:
    """The name by which a worker's connection shows which providers are set up, and which of them get tasks.

    Postgres forgets it with the worker.
    """
    return f"{WORKER_PREFIX}{','.join(used)}{_UNUSED}{','.join(unused)}".removesuffix(_UNUSED)


def read_worker_name(name: str) -> tuple[list[str], list[str]]:
    """The providers that get tasks from the worker whose connection has this name, and those that get none."""
    used, _, unused = name.removeprefix(WORKER_PREFIX).partition(_UNUSED)
    return [one for one in used.split(",") if one], [one for one in unused.split(",") if one]


class ProviderState(msgspec.Struct, frozen=True, kw_only=True):
    """How a provider stands."""

    name: str
    state: Literal["ok", "throttled", "open", "suspended"]
    reason: str | None
    seconds: float | None
    """Until it may be asked again, or is asked whether it is well."""
    updated_at: datetime


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider has to do, and did lately."""

    name: str
    open: int = 0
    """Tasks."""
    submitted: int = 0
    accepted: int = 0
    failed: int = 0
    unknown: int = 0
    acceptance: Sequence[float] | None = None
    """Seconds from a submission to its answer: of the half that is faster, and of 95 in 100."""
    result: Sequence[float] | None = None
    """The same from a submission to the result."""


class ProviderStates:
    """The `provider_states` table. Its times are the database's, so that clocks of machines may differ."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[ProviderState]:
        """Every provider that ever was not ok."""

        async def work(connection: Connection) -> list[ProviderState]:
            return [ProviderState(**row) async for row in sql.read_provider_states(connection)]

        return await self._database.read(work)

    async def write(self, name: str, state: str, reason: str | None, seconds: float | None) -> datetime | None:
        """Tell how a provider stands; returns when that was, or None when what others know counts more."""

        async def work(connection: Connection) -> datetime | None:
            at: datetime | None = await sql.write_provider_state(
                connection, name=name, state=state, reason=reason, seconds=seconds
            )
            return at

        return await self._database.run(work)

    async def claim_probe(self, name: str) -> float | None:
        """Take it upon oneself to ask a provider that is open or suspended whether it is well.

        Returns the seconds until somebody else may, or None when it is not due, or another process does it.
        """

        async def work(connection: Connection) -> float | None:
            seconds: float | None = await sql.claim_probe(connection, name=name, most=LONGEST_PAUSE)
            return seconds

        return await self._database.run(work)

    async def at_workers(self) -> dict[str, bool] | None:
        """The providers that are set up at the workers that run, and whether they get tasks; None while none runs."""

        async def work(connection: Connection) -> list[str]:
            return [row["application_name"] async for row in sql.read_workers(connection, prefix=WORKER_PREFIX)]

        names = await self._database.read(work)
        told = [read_worker_name(name) for name in names]
        used = {one for named, _ in told for one in named}
        unused = {one for _, named in told for one in named}
        return {one: one in used for one in used | unused} if names else None

    async def work(self, *, seconds: float) -> list[Work]:
        """What the providers have to do, and what they did in the last `seconds`."""

        async def work(connection: Connection) -> list[Work]:
            return [Work(**row) async for row in sql.read_provider_work(connection, seconds=seconds)]

        return await self._database.read(work)
