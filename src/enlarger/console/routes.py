"""The console's routes: its pages, and the API's own handlers again, for its scripts to call with the session."""

from __future__ import annotations

from litestar import Router
from litestar.di import Provide
from litestar.types import ControllerRouterHandler

from enlarger.console import archive, bulk, compare, sign_in, studio, task_page, tasks, thumbnails
from enlarger.console import models as catalogue
from enlarger.console.access import ROOT, identify, identify_for_task
from enlarger.console.assets import ASSETS, asset
from enlarger.console.operate import operate_pages
from enlarger.console.problems import HANDLERS, show_nothing
from enlarger.server import deliveries, events, jobs, models, uploads
from enlarger.server import tasks as api_tasks
from enlarger.server.access import AUTHENTICATE
from enlarger.server.pages import Pages

_PUBLIC = frozenset({sign_in.SIGN_IN, ASSETS + "/{digest}/{name}"})


def console_pages() -> Pages:
    """The console, for `create_app`."""
    maker = thumbnails.ThumbnailMaker()
    pages = Router(
        "/",
        route_handlers=[
            sign_in.sign_out,
            studio.show_studio,
            studio.show_form,
            studio.renew_form,
            studio.show_code,
            archive.download_results,
            tasks.list_tasks,
            bulk.confirm,
            bulk.act,
            thumbnails.show_thumbnail,
            compare.show_comparison,
            compare.show_comparison_form,
            compare.show_results,
            compare.show_card,
            catalogue.show_models,
            catalogue.show_engines,
            catalogue.show_model,
            show_nothing,
        ],
        dependencies={"thumbnails": Provide(lambda: maker, sync_to_thread=False)},
        exception_handlers={**HANDLERS},
        opt={AUTHENTICATE: identify},
        include_in_schema=False,
    )
    task_pages = Router(
        "/",
        route_handlers=[task_page.show_task, tasks.show_card],
        exception_handlers={**HANDLERS},
        opt={AUTHENTICATE: identify_for_task},
        include_in_schema=False,
    )
    calls = Router(
        f"{ROOT}/api",
        route_handlers=[
            jobs.create_task,
            models.quote_task,
            uploads.stream_upload,
        ],
        opt={AUTHENTICATE: identify},
        include_in_schema=False,
    )
    task_calls = Router(
        f"{ROOT}/api",
        route_handlers=[events.follow_task, api_tasks.cancel_task, deliveries.send_again],
        opt={AUTHENTICATE: identify_for_task},
        include_in_schema=False,
    )
    routes: list[ControllerRouterHandler] = [
        asset,
        sign_in.show_sign_in,
        sign_in.sign_in,
        pages,
        task_pages,
        operate_pages(),
        calls,
        task_calls,
    ]
    return Pages(routes=routes, public=_PUBLIC, home=f"{ROOT}/")
