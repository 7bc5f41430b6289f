"""Is the service alive, and can it do its work?"""

from __future__ import annotations

import asyncpg
from litestar import Response, get, head
from litestar.di import NamedDependency

from enlarger import __version__
from enlarger.errors import StorageError
from enlarger.protocol.records import Envelope, Wire
from enlarger.server.openapi import answers, unavailable
from enlarger.server.replies import Reply, success
from enlarger.server.service import Service

_UNAVAILABLE = 503


class Who(Wire, frozen=True):
    """What a service says of itself."""

    name: str
    version: str
    docs: str


@get("/", summary="What this is", tags=["Service"], security=[{}], responses=answers(Envelope[Who], "Its name."))
async def root() -> Reply:
    """What this is."""
    return success(Who(name="Enlarger", version=__version__, docs="/docs"))


@head("/", include_in_schema=False)
async def head_root() -> Response[None]:
    """Some clients look whether anything answers."""
    return Response(None)


@get("/healthz", summary="Does it answer?", tags=["Service"], security=[{}])
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@get("/readyz", summary="Can it do its work?", tags=["Service"], security=[{}], responses=unavailable(dict[str, str]))
async def readyz(service: NamedDependency[Service]) -> Response[dict[str, str]]:
    """The database and the storage answer, too; HTTP 503 when one of them does not."""
    checks = {"database": "ok", "storage": "ok"}
    try:
        await service.database.pool.fetchval("SELECT 1", timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        checks["database"] = type(error).__name__
    try:
        await service.storage.check()
    except StorageError as error:
        checks["storage"] = str(error)
    ready = all(value == "ok" for value in checks.values())
    return Response({"status": "ok" if ready else "unavailable", **checks}, status_code=200 if ready else _UNAVAILABLE)
