"""The console's routes: its pages, and the API's own handlers again, for its scripts to call with the session."""

from __future__ import annotations

from litestar import Router
from litestar.types import ControllerRouterHandler

from enlarger.console import sign_in, studio, tasks
from enlarger.console.access import ROOT, identify
from enlarger.console.assets import ASSETS, asset
from enlarger.console.operate import operate_pages
from enlarger.errors import ApiKeyRejected
from enlarger.server import deliveries, events, jobs, models, uploads
from enlarger.server import tasks as api_tasks
from enlarger.server.access import AUTHENTICATE
from enlarger.server.pages import Pages

_PUBLIC = frozenset({sign_in.SIGN_IN, ASSETS + "/{digest}/{name}"})


def console_pages() -> Pages:
    """The console, for `create_app`."""
    pages = Router(
        "/",
        route_handlers=[
            sign_in.sign_out,
            studio.show_studio,
            studio.show_form,
            tasks.list_tasks,
            tasks.show_task,
            tasks.show_card,
        ],
        exception_handlers={ApiKeyRejected: sign_in.lead_to_sign_in},
        opt={AUTHENTICATE: identify},
        include_in_schema=False,
    )
    calls = Router(
        f"{ROOT}/api",
        route_handlers=[
            jobs.create_task,
            models.quote_task,
            uploads.stream_upload,
            events.follow_task,
            api_tasks.cancel_task,
            deliveries.send_again,
        ],
        opt={AUTHENTICATE: identify},
        include_in_schema=False,
    )
    routes: list[ControllerRouterHandler] = [
        asset,
        sign_in.show_sign_in,
        sign_in.sign_in,
        pages,
        operate_pages(),
        calls,
    ]
    return Pages(routes=routes, public=_PUBLIC, home=f"{ROOT}/")
