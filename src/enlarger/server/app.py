"""The application: routes, dependencies and error handlers put together."""

from __future__ import annotations

from litestar import Litestar
from litestar.config.cors import CORSConfig
from litestar.di import Provide
from litestar.exceptions import HTTPException

from enlarger.errors import EnlargerError
from enlarger.server import files, health, jobs, models, uploads
from enlarger.server.openapi import openapi_assets, openapi_config
from enlarger.server.replies import on_http_error, on_known_error, on_unexpected_error
from enlarger.server.service import Service

_ROOM_FOR_FORM = 1_000_000
_BASE64_GROWTH = 4 / 3


def create_app(service: Service) -> Litestar:
    """The ASGI application over `service`, which the caller opens and closes."""
    app = Litestar(
        route_handlers=[
            jobs.create_task,
            jobs.record_info,
            jobs.cancel_task,
            models.all_models,
            models.one_model,
            models.quote_task,
            uploads.stream_upload,
            files.get_file,
            health.root,
            health.head_root,
            health.healthz,
            health.readyz,
            openapi_assets(),
        ],
        dependencies={"service": Provide(lambda: service, sync_to_thread=False)},
        exception_handlers={
            EnlargerError: on_known_error,
            HTTPException: on_http_error,
            Exception: on_unexpected_error,
        },
        # Pages may call it: it knows nobody by cookies, only by the key that a request carries.
        cors_config=CORSConfig(expose_headers=["Idempotent-Replayed"]),
        openapi_config=openapi_config(),
        request_max_body_size=int(uploads.MAX_UPLOAD_BYTES * _BASE64_GROWTH) + _ROOM_FOR_FORM,
        logging_config=None,
    )
    app.state.service = service
    return app
