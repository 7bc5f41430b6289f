"""`/metrics` for Prometheus: of the service for administrators, and on a port of its own for whoever reaches it."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.status_codes import HTTP_403_FORBIDDEN

from enlarger.all_settings import Settings
from enlarger.infra.database import Database
from enlarger.infra.sockets import METRICS_NAMED_BY
from enlarger.infra.storage import Storage
from enlarger.monitoring.exposition import Exposition
from enlarger.monitoring.siblings import Siblings
from enlarger.server.bodies import AnyRequest
from enlarger.server.listen import serve
from enlarger.tasks.accounts import Caller
from enlarger.translatable import sentence

PATH = "/metrics"


def exposition_of(
    settings: Settings, database: Database, storage: Storage, *, siblings: Siblings | None = None
) -> Exposition:
    """The metrics of a process that works with these, and of its siblings."""
    folders = {"data": settings.data_dir}
    if storage.folder is not None:
        folders["storage"] = storage.folder
    return Exposition(database, folders, siblings=siblings)


@get(PATH, include_in_schema=False)
async def show_metrics(request: AnyRequest, caller: NamedDependency[Caller]) -> Response[bytes]:
    """The metrics, for an administrator's key: they tell of all accounts."""
    if not caller.admin:
        raise HTTPException(
            sentence("The metrics are for administrators: use an administrator's key."),
            status_code=HTTP_403_FORBIDDEN,
        )
    return await _answer(request)


@asynccontextmanager
async def serving_metrics(
    settings: Settings, exposition: Exposition, *, listener: socket.socket | None = None
) -> AsyncIterator[str | None]:
    """Serve the metrics on ENLARGER_METRICS_PORT around a block; yields their address, None when no port is set.

    Nobody is asked for a key there. `listener` is a socket of `SharedPort`, for one of several processes. Raises
    ConfigurationError when the port is taken.
    """
    if settings.metrics_port is None:
        yield None
        return
    app = Litestar([_show], openapi_config=None, logging_config=None)
    app.state.exposition = exposition
    where: dict[str, Any] = {"host": settings.metrics_host, "port": settings.metrics_port, "named_by": METRICS_NAMED_BY}
    async with serve(app, **where, listener=listener) as url:
        yield url + PATH


@get(PATH)
async def _show(request: AnyRequest) -> Response[bytes]:
    return await _answer(request)


async def _answer(request: AnyRequest) -> Response[bytes]:
    exposition: Exposition = request.app.state.exposition
    content, content_type = await exposition.write(request.headers.get("accept", ""))
    return Response(content, headers={"Content-Type": content_type, "Cache-Control": "no-store"})
