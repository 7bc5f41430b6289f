"""The application: routes, dependencies and error handlers put together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache

from litestar import Litestar
from litestar.config.cors import CORSConfig
from litestar.datastructures import MutableScopeHeaders
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.types import Message, Scope

from enlarger.errors import EnlargerError
from enlarger.monitoring.exposition import Exposition
from enlarger.protocol import extensions
from enlarger.protocol.prefer import PREFERENCE_APPLIED
from enlarger.server import (
    credit,
    deliveries,
    download_url,
    events,
    files,
    health,
    jobs,
    metrics,
    models,
    older,
    tasks,
    uploads,
    webhooks,
)
from enlarger.server.access import PUBLIC, authenticate_by, is_public
from enlarger.server.bodies import SMALL_BODY_BYTES, AnyConnection, AnyRequest, BodyLimits
from enlarger.server.dependencies import Service
from enlarger.server.mounts import Mount
from enlarger.server.openai.errors import on_unknown_path
from enlarger.server.openai.routes import openai_routes
from enlarger.server.openapi_document import openapi_assets, openapi_config, openapi_document
from enlarger.server.pages import Pages
from enlarger.server.replies import REPLAYED, on_known_error, on_unexpected_error
from enlarger.server.request_ids import NamesRequests
from enlarger.server.request_log import note
from enlarger.server.requests import changes_something
from enlarger.server.streams import CloseStreams
from enlarger.tasks.accounts import Caller

_CALLER = "enlarger_caller"
_EXPOSED = (
    *(extensions.HEADER, extensions.REQUEST_ID, extensions.TASK, REPLAYED, PREFERENCE_APPLIED),
    *("Accept-Ranges", "Content-Range", "ETag", "Location", "Retry-After"),
)
"""What pages of other origins may read of a reply, beside what every page may."""


def create_app(
    service: Service,
    *,
    pages: Pages | None = None,
    mounts: Sequence[Mount] = (),
    exposition: Exposition | None = None,
) -> Litestar:
    """The ASGI application over `service`; its lifespan is to be run, or streams of events only look every second, and
    there are no metrics.

    `pages` are web pages to serve beside the API, `mounts` what else is; `exposition` are the metrics to show, by
    default those of this process.
    """
    public = PUBLIC | (pages.public if pages else frozenset())

    @asynccontextmanager
    async def listening(app: Litestar) -> AsyncIterator[None]:
        app.state.exposition = exposition or metrics.exposition_of(service.settings, service.database, service.storage)
        async with service.listener.running():
            yield

    @cache
    def patient() -> Service:
        return service.for_changes()

    def service_for(connection: AnyConnection) -> Service:
        return patient() if changes_something(connection) else service

    async def require_key(connection: AnyConnection, handler: BaseRouteHandler) -> None:
        if not is_public(connection, public):
            identify = authenticate_by(handler)
            caller = await identify(connection, service_for(connection))
            connection.scope["state"][_CALLER] = caller
            note(connection, account_id=caller.account_id)

    async def choose_service(request: AnyRequest) -> Service:
        return service_for(request)

    async def name_caller(request: AnyRequest) -> Caller:
        caller: Caller = request.scope["state"][_CALLER]
        return caller

    app = NamesRequests(
        route_handlers=[
            jobs.create_task,
            jobs.record_info,
            tasks.submit_task,
            tasks.list_tasks,
            tasks.show_task,
            tasks.cancel_task,
            deliveries.show_deliveries,
            deliveries.send_again,
            events.follow_task,
            models.all_models,
            models.one_model,
            models.quote_task,
            uploads.stream_upload,
            uploads.base64_upload,
            uploads.url_upload,
            download_url.download_url,
            files.get_file,
            files.delete_file,
            credit.credit,
            webhooks.take_webhook,
            *older.older_routes(),
            openai_routes(),
            health.root,
            health.healthz,
            health.readyz,
            metrics.show_metrics,
            openapi_assets(),
            openapi_document,
            *(pages.routes if pages else ()),
            *(mount.route for mount in mounts),
        ],
        guards=[require_key],
        dependencies={"service": Provide(choose_service), "caller": Provide(name_caller)},
        exception_handlers={
            EnlargerError: on_known_error,
            HTTPException: on_unknown_path,
            Exception: on_unexpected_error,
        },
        # Pages may call it: it knows nobody by cookies, only by the key that a request carries.
        cors_config=CORSConfig(expose_headers=[*_EXPOSED]),
        before_send=[_name_extensions],
        lifespan=[listening, *(mount.lifespan for mount in mounts if mount.lifespan)],
        openapi_config=openapi_config(),
        middleware=[CloseStreams(), BodyLimits(lambda: service.bodies)],
        request_max_body_size=SMALL_BODY_BYTES,
        logging_config=None,
    )
    app.state.service = service
    app.state.home = pages.home if pages else None
    return app


async def _name_extensions(message: Message, _: Scope) -> None:
    """Every reply says what the service does beside the jobs API."""
    if message["type"] == "http.response.start":
        MutableScopeHeaders.from_message(message)[extensions.HEADER] = extensions.write_extensions()
