"""Shows people what the API tells clients: why a page cannot be shown, as a page."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath
from litestar.types import ExceptionHandlersMap

from enlarger.console.access import ROOT, visitor_if_known
from enlarger.console.rendering import render
from enlarger.console.sign_in import lead_to_sign_in
from enlarger.errors import ApiKeyRejected, EnlargerError
from enlarger.server.bodies import AnyRequest
from enlarger.server.replies import on_http_error, on_known_error


@get(ROOT + "/{path:path}")
async def show_nothing(path: FromPath[str]) -> None:  # noqa: ARG001 - the route names it
    """Answer for addresses that are no page's. Raises NotFoundException."""
    raise NotFoundException


def show_problem(request: AnyRequest, error: EnlargerError | HTTPException) -> Response[Any]:
    """Return what is wrong with a request, as a page if a signed-in visitor's browser asks for one."""
    reply: Response[Any]
    reply = on_http_error(request, error) if isinstance(error, HTTPException) else on_known_error(request, error)
    visitor = visitor_if_known(request)
    if visitor is None or "text/html" not in request.headers.get("accept", ""):
        return reply
    said = reply.content["message"] if isinstance(reply.content, dict) else reply.content.message
    service = request.app.state.service
    return render(request, service, "problem.html", status=reply.status_code or 500, visitor=visitor, problem=said)


HANDLERS: ExceptionHandlersMap = {
    ApiKeyRejected: lead_to_sign_in,
    EnlargerError: show_problem,
    HTTPException: show_problem,
}
"""How the routes of pages answer errors."""
