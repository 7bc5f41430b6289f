"""Access to the pages for administrators, and how they are rendered."""

from __future__ import annotations

from typing import Any

from litestar import Response
from litestar.exceptions import NotFoundException

from enlarger.console.access import ROOT, identify, visitor_of
from enlarger.console.rendering import render, translator_of
from enlarger.server.bodies import AnyConnection, AnyRequest
from enlarger.server.dependencies import Service
from enlarger.tasks.accounts import Caller

OPERATE = f"{ROOT}/operate"


async def identify_admin(connection: AnyConnection, service: Service) -> Caller:
    """Return the administrator whose session it is; for anybody else there is nothing here.

    Raises ApiKeyRejected without a session, and NotFoundException for one that is not an administrator's.
    """
    caller = await identify(connection, service)
    if not visitor_of(connection).admin:
        raise NotFoundException
    return caller


def render_page(
    request: AnyRequest, service: Service, page: str, /, *, status: int = 200, **values: Any
) -> Response[str]:
    """Render one of the administrators' pages, the template `page`."""
    tr = translator_of(request, service)
    pages = [
        ("providers", OPERATE, tr("Providers")),
        ("queue", f"{OPERATE}/queue", tr("Queue")),
        ("orphans", f"{OPERATE}/orphans", tr("Orphans")),
        ("accounts", f"{OPERATE}/accounts", tr("Accounts")),
        ("usage", f"{OPERATE}/usage", tr("Usage")),
        ("system", f"{OPERATE}/system", tr("System")),
    ]
    return render(
        request,
        service,
        f"operate/{page}.html",
        status=status,
        visitor=visitor_of(request),
        pages=pages,
        operate=OPERATE,
        **values,
    )
